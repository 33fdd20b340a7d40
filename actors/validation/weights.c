/* weights: fitted by tests/tools/fit_confidence; see confidence.h. */
#include "confidence.h"

/* clang-format off */
const weight_t confidence_weights[] = {
    {"", -23.9887, 1.0000},
    {"balance", 1.0955, 0.9542},
    {"cell", 0.6579, 0.9287},
    {"clean", 1.7002, 0.9984},
    {"complete", 0.7876, 0.9234},
    {"covered", 2.4450, 0.9805},
    {"day_from", 0.0031, 0.9790},
    {"day_read", 2.3554, 0.9033},
    {"digital", 0.1196, 0.1818},
    {"edges", 1.3315, 0.9723},
    {"end_from", 3.7491, 0.7831},
    {"few_blocks", 0.6937, 0.0055},
    {"has_end", -1.7466, 0.9375},
    {"has_start", 0.1714, 0.9703},
    {"heading_read", 1.7390, 0.8728},
    {"joined", 1.1403, 0.8241},
    {"known", 1.4054, 0.9582},
    {"margin", 1.4628, 0.8586},
    {"notes_split", -0.1673, 0.0316},
    {"odd_length", -1.0614, 0.0014},
    {"outside_hours", -0.9524, 0.0039},
    {"overlaps", -1.0356, 0.0290},
    {"read", 1.8589, 0.9331},
    {"read_mean", 2.1286, 0.9357},
    {"same_edges", 1.9142, 0.8525},
    {"same_slots", -0.3701, 0.8459},
    {"short_name", -1.8766, 0.0461},
    {"start_from", 3.2430, 0.8660},
    {"table", 2.7003, 0.9061},
};
/* clang-format on */
const size_t confidence_weights_count = sizeof confidence_weights / sizeof *confidence_weights;

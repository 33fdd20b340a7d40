/* weights: fitted by tests/tools/fit_confidence; see confidence.h. */
#include "confidence.h"

/* clang-format off */
const weight_t confidence_weights[] = {
    {"", -19.7140, 1.0000},
    {"balance", 0.2838, 0.9534},
    {"cell", 1.4651, 0.9319},
    {"complete", 0.6136, 0.9245},
    {"day_from", -0.0264, 0.9772},
    {"day_read", 2.4080, 0.8983},
    {"digital", 0.0406, 0.1819},
    {"edges", 0.7652, 0.9713},
    {"end_from", 3.5088, 0.7831},
    {"few_blocks", 0.4784, 0.0061},
    {"has_end", -0.4031, 0.9377},
    {"has_start", 1.4632, 0.9724},
    {"heading_read", 1.5474, 0.8712},
    {"known", 1.4962, 0.9559},
    {"margin", 0.9469, 0.8718},
    {"notes_split", -0.4009, 0.0342},
    {"odd_length", -0.9692, 0.0015},
    {"outside_hours", -1.3444, 0.0041},
    {"overlaps", -1.0976, 0.0318},
    {"read", 1.9604, 0.9312},
    {"read_mean", 2.1942, 0.9340},
    {"same_slots", 1.1511, 0.8382},
    {"start_from", 2.2074, 0.8678},
    {"table", 3.3425, 0.9039},
};
/* clang-format on */
const size_t confidence_weights_count = sizeof confidence_weights / sizeof *confidence_weights;

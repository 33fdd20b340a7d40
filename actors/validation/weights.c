/* weights: fitted by tests/tools/fit_confidence; see confidence.h. */
#include "confidence.h"

/* clang-format off */
const weight_t confidence_weights[] = {
    {"", -17.7909, 1.0000},
    {"balance", 1.1739, 0.9518},
    {"cell", 0.0914, 0.9377},
    {"complete", 1.0899, 0.9249},
    {"day_from", 0.7985, 0.9816},
    {"day_read", 2.8201, 0.8939},
    {"digital", 1.3858, 0.1669},
    {"edges", 0.3809, 0.9775},
    {"end_from", 1.7959, 0.7952},
    {"few_blocks", 0.0000, 0.0000},
    {"has_end", 0.9524, 0.9394},
    {"has_start", 1.7534, 0.9723},
    {"heading_read", 1.2036, 0.8582},
    {"known", 1.6101, 0.9150},
    {"margin", -0.4825, 0.8665},
    {"notes_split", -0.7754, 0.0451},
    {"odd_length", -1.6050, 0.0049},
    {"outside_hours", -1.9272, 0.0046},
    {"overlaps", -1.4418, 0.0324},
    {"read", 1.9807, 0.9303},
    {"read_mean", 1.6956, 0.9343},
    {"same_slots", 0.8535, 0.8263},
    {"start_from", 1.6923, 0.8645},
    {"table", 3.3113, 0.9202},
};
/* clang-format on */
const size_t confidence_weights_count = sizeof confidence_weights / sizeof *confidence_weights;

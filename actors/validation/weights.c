/* weights: fitted by tests/tools/fit_confidence; see confidence.h. */
#include "confidence.h"

/* clang-format off */
const weight_t confidence_weights[] = {
    {"", -19.8008, 1.0000},
    {"balance", 0.6259, 0.9539},
    {"cell", 0.6411, 0.9310},
    {"clean", 1.5780, 0.9982},
    {"complete", 0.5561, 0.9340},
    {"covered", -0.2263, 0.9706},
    {"day_from", -0.1445, 0.9783},
    {"day_read", 2.5243, 0.9026},
    {"digital", 1.8439, 0.1818},
    {"edges", -0.2493, 0.9666},
    {"end_from", 2.6849, 0.7985},
    {"few_blocks", -0.4129, 0.0074},
    {"has_end", -0.2985, 0.9461},
    {"has_start", 1.6195, 0.9724},
    {"heading_read", 2.2839, 0.8732},
    {"joined", 0.3733, 0.8217},
    {"known", 0.9660, 0.9524},
    {"margin", 0.4313, 0.8337},
    {"notes_split", -0.6678, 0.0371},
    {"odd_length", -1.2420, 0.0015},
    {"outside_hours", -0.8704, 0.0049},
    {"overlaps", -1.0286, 0.0283},
    {"read", 2.2285, 0.9325},
    {"read_mean", 2.6454, 0.9356},
    {"same_edges", 1.7414, 0.8421},
    {"same_slots", -0.4869, 0.8284},
    {"short_name", -2.2237, 0.0448},
    {"start_from", 2.4406, 0.8730},
    {"table", 3.4879, 0.9077},
};
/* clang-format on */
const size_t confidence_weights_count = sizeof confidence_weights / sizeof *confidence_weights;

/* weights: fitted by tests/tools/fit_confidence; see confidence.h. */
#include "confidence.h"

/* clang-format off */
const weight_t confidence_weights[] = {
    {"", -18.1997, 1.0000},
    {"balance", 0.7826, 0.9552},
    {"cell", 1.1479, 0.9304},
    {"clean", 1.4714, 0.9981},
    {"complete", -0.6920, 0.9475},
    {"covered", 0.7333, 0.9634},
    {"day_from", 1.5525, 0.9895},
    {"day_read", 2.4076, 0.9136},
    {"digital", 1.4755, 0.2098},
    {"edges", 0.7685, 0.9691},
    {"end_from", 4.0537, 0.8137},
    {"few_blocks", -0.9214, 0.0067},
    {"has_end", -1.0734, 0.9566},
    {"has_start", 0.2372, 0.9804},
    {"heading_read", 3.4401, 0.8735},
    {"joined", -0.1456, 0.8256},
    {"known", 0.0493, 0.9547},
    {"margin", 0.6264, 0.8300},
    {"notes_split", -0.5040, 0.0347},
    {"odd_length", -1.5904, 0.0019},
    {"outside_hours", -1.9601, 0.0048},
    {"overlaps", -1.5223, 0.0219},
    {"read", 2.4529, 0.9312},
    {"read_mean", 1.8611, 0.9348},
    {"same_edges", 0.4217, 0.8550},
    {"same_slots", 0.3199, 0.8378},
    {"short_name", -2.0084, 0.0489},
    {"start_from", 2.3949, 0.8794},
    {"table", 1.1521, 0.9274},
};
/* clang-format on */
const size_t confidence_weights_count = sizeof confidence_weights / sizeof *confidence_weights;

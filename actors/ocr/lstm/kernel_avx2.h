/* kernel_avx2: what the kernel for newer processors takes over from the one for AVX2. */
#ifndef YOGI_OCR_LSTM_KERNEL_AVX2_H
#define YOGI_OCR_LSTM_KERNEL_AVX2_H

#include "kernel.h"

void kernel_avx2_cells(const kernel_cells_t *cells);

#endif

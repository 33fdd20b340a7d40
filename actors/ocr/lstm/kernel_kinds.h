/* kernel_kinds: the kernels for kinds of processors, for kernel.c to choose from. Each is built where the compiler
 * knows its processors, and only there. */
#ifndef YOGI_OCR_LSTM_KERNEL_KINDS_H
#define YOGI_OCR_LSTM_KERNEL_KINDS_H

#include "kernel.h"

extern const kernel_t kernel_plain;
#if defined(__x86_64__)
extern const kernel_t kernel_avx2; /* 2013 and later */
extern const kernel_t kernel_vnni; /* 512 bits wide, with sums of byte products: 2019 and later */
#endif

#endif

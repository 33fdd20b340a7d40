/* target: what a fuzz target is: one function that takes any bytes and must come back. Returns 0. */
#ifndef YOGI_TESTS_FUZZ_TARGET_H
#define YOGI_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#endif

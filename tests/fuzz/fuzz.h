/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every fuzzer defines.  libFuzzer calls it with inputs that it invents
 * (--enable-fuzzing), replay.c with those of the corpus (make check).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Feeds one input; aborts when an oracle is hurt.  Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif

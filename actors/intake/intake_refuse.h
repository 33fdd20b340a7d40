/* intake_refuse: a sentence for what cannot be read: what it is, and what to do. Used by intake.c alone. */
#ifndef YOGI_INTAKE_REFUSE_H
#define YOGI_INTAKE_REFUSE_H

#include "proto/base/fault.h"

#include <stddef.h>
#include <stdint.h>

/* Fills the fault (FAULT_UNSUPPORTED, or FAULT_ENCRYPTED for a protected Office document). Returns -1. */
int intake_refuse(const uint8_t *bytes, size_t size, fault_t *fault);

#endif

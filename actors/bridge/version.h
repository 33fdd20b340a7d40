/* version: what a queue says of who has made it: the field `version` of its meta, as "bullmq:5.81.5". Pure. */
#ifndef YOGI_BRIDGE_VERSION_H
#define YOGI_BRIDGE_VERSION_H

#include "scripts/scripts.h"

/* The major in it, 5; 0 = it says nothing that is known. */
int version_number(const char *version);

/* By which scripts the queue is to be served: as the setting has it (-1: as the queue says). Where nobody says it, it
 * is taken to be of the major that most have. */
major_t version_major(const char *version, int setting);

#endif

/* worker_name: under which name a worker's connection is known to Redis, so that getWorkers of a queue finds it: the
 * same with Bull and with BullMQ. Pure.
 */
#ifndef YOGI_REDIS_WORKER_NAME_H
#define YOGI_REDIS_WORKER_NAME_H

#include "proto/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends "bull:b2Ny:w:host-1"; Redis takes no blanks in it. worker NULL: the part that all workers of the queue have.
 */
void worker_name_add(const char *prefix, const char *queue, const char *worker, buf_t *out);

/* Whether a connection of this name is a worker of a queue; `part` is what worker_name_add has made for it. */
bool worker_name_is(const char *name, const char *part);

/* How many connections of such names there are in the lines that CLIENT LIST answers with. */
int64_t worker_name_count(const char *lines, const char *part);

#endif

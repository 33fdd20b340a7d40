/* access: what the keys of the allow-list may do at this broker, and what changes when the list is read again.
 *
 * For:  the loop, which hands the list to the wire and the rights to the scheduler.
 * Rule: a key whose line says the same as before keeps its number, so nobody notices; one that has left the list or has
 *       other rights loses its number, and its sessions are to be ended (EVENT_BARRED).
 */
#ifndef YOGI_BROKER_ACCESS_H
#define YOGI_BROKER_ACCESS_H

#include "broker/scheduler.h"
#include "proto/wire/allow.h"

typedef struct access access_t;

/* Reads the list. The path is borrowed. NULL with the fault. */
access_t *access_new(const char *path, fault_t *fault);

void access_destroy(access_t **access); /* takes NULL; nulls the caller's pointer */

/* The list in force; until the next access_reload that succeeds. */
const allow_t *access_allow(const access_t *access);

/* What this entry of it may do; as long. */
const rights_t *access_rights(const access_t *access, const allow_entry_t *entry);

/* Reads the list again. Returns the rights of keys that have changed: under their old number, with roles = 0 where the
 * key is not on the list any more; until the next call. NULL with the fault, and everything is as it was. */
const rights_t *access_reload(access_t *access, size_t *changed, fault_t *fault);

#endif

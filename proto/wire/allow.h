/* allow: a broker's allow-list, which key may do what. One line a key:
 *
 *     # key                                   name       roles
 *     Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID  host-1     actor:ocr,llm
 *     rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7  gateway-1  owner
 *     JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6  bridge     owner actor:llm
 *
 * Words stand apart by blanks. A role is `owner` (hands in jobs), `actor` (takes jobs of every stage) or
 * `actor:STAGE,STAGE…` (of these alone), `admin` (sees the brokers' figures). Empty lines and lines that begin with #,
 * which no key does, say nothing. A key or a name that stands there twice, and anything else that is odd, is
 * refused with its line: what is not understood might have been meant to forbid.
 *
 * For:   brokers, and `yogi keys`. allow_parse is pure.
 */
#ifndef YOGI_WIRE_ALLOW_H
#define YOGI_WIRE_ALLOW_H

#include "key.h"
#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/fault.h"

/* NAME: also the longest name of a certificate. STAGES: as many as a broker knows. KEYS: twice the peers that a broker
 * takes; BYTES: so many long lines. */
enum { ALLOW_NAME_MOST = 64, ALLOW_STAGES_MOST = 16, ALLOW_KEYS_MOST = 8192, ALLOW_BYTES_MOST = 4 * 1024 * 1024 };

/* What a line says. Plain data. */
typedef struct {
    uint32_t roles;            /* role_t bits: ROLE_OWNER, ROLE_ACTOR, ROLE_ADMIN */
    const char *const *stages; /* NULL-ended, that an actor may serve; NULL = all */
} allow_rights_t;

typedef struct {
    char key[KEY_TEXT]; /* the public key */
    const char *name;   /* for people */
    allow_rights_t rights;
    uint32_t line;   /* where it stands, from 1 */
    uint32_t number; /* its place among the entries, from 0, in the order of the file */
} allow_entry_t;

typedef struct allow allow_t;

/* Reads the text of a list. NULL with the fault (FAULT_SETTING), which names the line. */
allow_t *allow_parse(const char *text, size_t size, fault_t *fault);

/* Reads the file. NULL with the fault: it cannot be read, everybody may write to it, or a line is wrong. */
allow_t *allow_read(const char *path, fault_t *fault);

void allow_destroy(allow_t **allow); /* takes NULL; nulls the caller's pointer */

size_t allow_count(const allow_t *allow);
const allow_entry_t *allow_entry(const allow_t *allow, size_t number);  /* in the order of the file */
const allow_entry_t *allow_find(const allow_t *allow, const char *key); /* NULL when it is not there */

bool allow_rights_equal(const allow_rights_t *a, const allow_rights_t *b);

/* Reads roles as they stand on a line; texts are copied into the arena. -1 with the fault (FAULT_SETTING). */
int allow_roles(const char *text, arena_t *arena, allow_rights_t *rights, fault_t *fault)
    __attribute__((warn_unused_result));

/* Whether it may be the name of a key: letters of ASCII, digits, - _ . and no - or . in front. */
bool allow_name_valid(const char *name, size_t size);

/* Appends the line of an entry, as allow_parse reads it. */
void allow_write(const allow_entry_t *entry, buf_t *out);

#endif

/* form: multipart/form-data as it comes, files into a spool with their SHA-256, fields into memory. The spool of a
 * small file is memory too, that of others the disk. Source: RFC 7578, by libmicrohttpd's post processor.
 */
#ifndef YOGI_HTTP_FORM_H
#define YOGI_HTTP_FORM_H

#include "call.h"

#include <microhttpd.h>

typedef struct form form_t;

/* A new file in the folder that nobody else can open and that is gone with its descriptor; -1 with errno. */
int form_spool(const char *folder);

/* FILES and FIELDS of one form; bytes of a field, of a file's name (cut off beyond). */
/* SMALL: bytes of a file that stay in memory, which costs a tenth of a file that is made and removed again. */
enum { FORM_SMALL_BYTES = 64 * 1024 };

enum { FORM_FILES_MOST = 16, FORM_FIELDS_MOST = 32, FORM_FIELD_BYTES_MOST = 64 * 1024, FORM_NAME_BYTES_MOST = 255 };

/* Where files go. Borrowed. */
typedef struct {
    const char *folder;
    _Atomic int64_t *memory; /* bytes of bodies that lie in memory; small files are counted in */
    int64_t memory_most;     /* past which all files go to the folder */
} form_spool_t;

/* NULL where the connection's Content-Type is no multipart/form-data with a boundary. The arena outlives it. */
form_t *form_new(struct MHD_Connection *connection, form_spool_t spool, arena_t *arena);

/* Closes the files; takes NULL; nulls the caller's pointer. */
void form_destroy(form_t **form);

/* Takes bytes. What goes wrong is kept for form_end. */
void form_take(form_t *form, const char *bytes, size_t size);

/* All is there. 0, or the HTTP status of what is wrong with it, and why. */
int form_end(form_t *form, const char **why);

const call_file_t *form_file(const form_t *form, size_t index); /* NULL behind the last */
const char *form_field(const form_t *form, const char *name);   /* NULL = not there */

#endif

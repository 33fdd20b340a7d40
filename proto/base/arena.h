/* arena: memory that is freed all at once, for the life of one document or request.
 *
 * Running out of memory aborts the process: a worker is replaced by its supervisor, and half a document is of no use.
 * Not thread safe.
 */
#ifndef YOGI_BASE_ARENA_H
#define YOGI_BASE_ARENA_H

#include <stddef.h>

typedef struct arena arena_t;

/* A new, empty arena. Never NULL. */
arena_t *arena_new(void);

/* Frees everything taken from it and nulls the caller's pointer; takes NULL. */
void arena_destroy(arena_t **arena);

/* Gives everything taken from it back, and keeps a little for what comes next. */
void arena_clear(arena_t *arena);

/* size bytes, zeroed, aligned for any object. size 0 gives a valid pointer. */
void *arena_take(arena_t *arena, size_t size) __attribute__((malloc, returns_nonnull));

/* count * size zeroed bytes; the product is checked. */
void *arena_array(arena_t *arena, size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* A copy of the text, closed with a zero. NULL gives NULL. */
char *arena_text(arena_t *arena, const char *text);

/* A copy of length bytes, closed with a zero. */
char *arena_text_n(arena_t *arena, const char *text, size_t length) __attribute__((returns_nonnull));

/* Text by printf rules. */
char *arena_format(arena_t *arena, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));

/* Bytes taken so far. */
size_t arena_bytes(const arena_t *arena);

#endif

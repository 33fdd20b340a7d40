/* form: see form.h. */
#include "form.h"

#include "proto/base/mark.h"
#include "proto/base/memory.h"
#include "proto/base/output.h"
#include "proto/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

/* libmicrohttpd's buffer: a boundary and the headers of a part must fit. */
enum { PROCESSOR_BYTES = 16 * 1024 };

/* A form of nothing is the end of its boundary, which has at most 70 letters (RFC 2046, 5.1.1). */
enum { EMPTY_BYTES_MOST = 2 + 70 + 2 + 2 };

typedef struct {
    const char *name;
    buf_t text;
} field_t;

struct form {
    struct MHD_PostProcessor *processor;
    form_spool_t spool;
    arena_t *arena;
    int64_t held; /* bytes of files in memory */
    bool small;   /* the file that is coming is one of them */
    call_file_t files[FORM_FILES_MOST];
    hash_t hashes[FORM_FILES_MOST]; /* of what has come */
    size_t file_count;
    field_t fields[FORM_FIELDS_MOST];
    size_t field_count;
    buf_t head; /* the first bytes that came, of which a form of nothing has no more */
    int status; /* of the first thing that went wrong; 0 */
    const char *why;
};

static enum MHD_Result wrong(form_t *form, int status, const char *why)
{
    if (!form->status)
        form->status = status, form->why = why;
    return MHD_NO;
}

int form_spool(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return fd;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/.upload-XXXXXX", folder) >= (int)sizeof path)
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

/* A name as it may be kept and shown: valid, without control characters, the end cut off. */
static const char *clean_name(arena_t *arena, const char *name)
{
    char *copy = arena_text_n(arena, name ? name : "", name ? strnlen(name, FORM_NAME_BYTES_MOST) : 0);
    text_neuter(copy);
    return copy;
}

/* The spool of a file that may be small; -1 where memory is short or the system gives none. */
static int make_small(const form_t *form)
{
    return atomic_load(form->spool.memory) < form->spool.memory_most ? memfd_create("upload", MFD_CLOEXEC) : -1;
}

static enum MHD_Result begin_file(form_t *form, const char *field, const char *name)
{
    if (form->file_count == FORM_FILES_MOST)
        return wrong(form, 413, "there are more than 16 files in the form; send them in several requests");
    int fd = make_small(form);
    form->small = fd >= 0;
    if (fd < 0 && (fd = form_spool(form->spool.folder)) < 0)
        return wrong(form, 503, "the upload cannot be kept: the folder for uploads cannot be written");
    call_file_t *file = &form->files[form->file_count];
    *file = (call_file_t){clean_name(form->arena, field), clean_name(form->arena, name), fd, 0, ""};
    hash_begin(&form->hashes[form->file_count++]);
    return MHD_YES;
}

static enum MHD_Result not_kept(form_t *form)
{
    return wrong(form, errno == ENOSPC || errno == EDQUOT ? 507 : 503,
                 errno == ENOSPC ? "the upload cannot be kept: the disk is full" : "the upload cannot be kept");
}

static void hold(form_t *form, int64_t bytes)
{
    form->held += bytes;
    atomic_fetch_add(form->spool.memory, bytes);
}

/* It has grown too large for memory: from here on it is a file of the folder. -1 with errno. */
static int move_to_folder(form_t *form, call_file_t *file)
{
    char *bytes = memory_new(1, FORM_SMALL_BYTES);
    int fd = form_spool(form->spool.folder);
    bool moved = fd >= 0 && pread(file->fd, bytes, (size_t)file->bytes, 0) == (ssize_t)file->bytes &&
                 output_all(fd, bytes, (size_t)file->bytes) == 0 && dup3(fd, file->fd, O_CLOEXEC) >= 0;
    int number = errno;
    if (fd >= 0)
        close(fd);
    free(bytes);
    errno = number;
    if (!moved)
        return -1;
    hold(form, -file->bytes);
    form->small = false;
    return 0;
}

static enum MHD_Result add_to_file(form_t *form, const char *bytes, size_t size)
{
    call_file_t *file = &form->files[form->file_count - 1];
    if (form->small && file->bytes + (int64_t)size > FORM_SMALL_BYTES && move_to_folder(form, file) < 0)
        return not_kept(form);
    hash_add(&form->hashes[form->file_count - 1], bytes, size);
    if (output_all(file->fd, bytes, size) < 0)
        return not_kept(form);
    file->bytes += (int64_t)size;
    if (form->small)
        hold(form, (int64_t)size);
    return MHD_YES;
}

static enum MHD_Result begin_field(form_t *form, const char *name)
{
    if (form->field_count == FORM_FIELDS_MOST)
        return wrong(form, 413, "there are more than 32 fields in the form");
    form->fields[form->field_count++] = (field_t){clean_name(form->arena, name), {0}};
    return MHD_YES;
}

static enum MHD_Result add_to_field(form_t *form, const char *bytes, size_t size)
{
    buf_t *text = &form->fields[form->field_count - 1].text;
    if (text->size + size > FORM_FIELD_BYTES_MOST)
        return wrong(form, 413, "a field of the form has more than 64 kB");
    buf_add(text, bytes, size);
    return MHD_YES;
}

/* A piece of a part; `from` is 0 for its first. libmicrohttpd tells a file by its file name. */
static enum MHD_Result on_piece(void *user, enum MHD_ValueKind kind, const char *key, const char *name,
                                const char *type, const char *encoding, const char *bytes, uint64_t from, size_t size)
{
    (void)kind, (void)type, (void)encoding;
    form_t *form = user;
    if (form->status)
        return MHD_NO;
    if (from == 0 && (name ? begin_file(form, key, name) : begin_field(form, key)) != MHD_YES)
        return MHD_NO;
    return name ? add_to_file(form, bytes, size) : add_to_field(form, bytes, size);
}

form_t *form_new(struct MHD_Connection *connection, form_spool_t spool, arena_t *arena)
{
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    form_t *form = memory_new(1, sizeof *form);
    *form = (form_t){.spool = spool, .arena = arena};
    if (type && strncasecmp(type, "multipart/form-data", strlen("multipart/form-data")) == 0)
        form->processor = MHD_create_post_processor(connection, PROCESSOR_BYTES, on_piece, form);
    if (!form->processor)
        form_destroy(&form);
    return form;
}

void form_destroy(form_t **form)
{
    if (!form || !*form)
        return;
    if ((*form)->processor)
        MHD_destroy_post_processor((*form)->processor);
    atomic_fetch_sub((*form)->spool.memory, (*form)->held);
    for (size_t i = 0; i < (*form)->file_count; i++)
        close((*form)->files[i].fd);
    for (size_t i = 0; i < (*form)->field_count; i++)
        buf_free(&(*form)->fields[i].text);
    buf_free(&(*form)->head);
    free(*form);
    *form = NULL;
}

void form_take(form_t *form, const char *bytes, size_t size)
{
    MARK("form.take");
    if (form->head.size <= EMPTY_BYTES_MOST)
        buf_add(&form->head, bytes, size < EMPTY_BYTES_MOST ? size : EMPTY_BYTES_MOST);
    if (!form->status && MHD_post_process(form->processor, bytes, size) != MHD_YES)
        wrong(form, 400, "the form is malformed; send multipart/form-data as RFC 7578 describes it");
}

/* Whether the form is the end of its boundary alone: "--boundary--". */
static bool is_nothing(const buf_t *head)
{
    size_t size = head->size;
    while (size && (head->bytes[size - 1] == '\n' || head->bytes[size - 1] == '\r'))
        size--;
    return size >= 4 && head->size <= EMPTY_BYTES_MOST && memcmp(head->bytes, "--", 2) == 0 &&
           memcmp(head->bytes + size - 2, "--", 2) == 0;
}

int form_end(form_t *form, const char **why)
{
    if (MHD_destroy_post_processor(form->processor) != MHD_YES)
        wrong(form, 400, "the form is cut off or malformed; send it again");
    form->processor = NULL;
    if (!form->file_count && !form->field_count && !is_nothing(&form->head))
        wrong(form, 400, "the form has no parts; send the file as the field file, as curl -F file=@week.pdf does");
    for (size_t i = 0; i < form->file_count; i++)
        hash_hex(&form->hashes[i], form->files[i].sha256);
    for (size_t i = 0; i < form->field_count; i++)
        if (form->fields[i].text.size && !text_valid(form->fields[i].text.bytes, form->fields[i].text.size))
            wrong(form, 400, "a field of the form is no valid UTF-8, or holds a zero");
    *why = form->why;
    return form->status;
}

const call_file_t *form_file(const form_t *form, size_t index)
{
    return index < form->file_count ? &form->files[index] : NULL;
}

const char *form_field(const form_t *form, const char *name)
{
    for (size_t i = 0; i < form->field_count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return buf_string(&form->fields[i].text);
    return NULL;
}

/* parcel: see parcel.h. */
#include "parcel.h"
#include "proto/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

/* Unreserved characters of RFC 3986 and the slash stand for themselves. */
static char *url_of(const char *path, arena_t *arena)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    buf_t url = {0};
    buf_text(&url, "file://");
    for (const char *p = path; *p; p++)
        if (strchr(plain, *p))
            buf_char(&url, *p);
        else
            buf_format(&url, "%%%02X", (unsigned char)*p);
    char *text = arena_text(arena, url.bytes);
    buf_free(&url);
    return text;
}

static int hash_file(parcel_t *parcel, int fd)
{
    char block[READ_BYTES];
    hash_t hash;
    hash_begin(&hash);
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) > 0) {
        hash_add(&hash, block, (size_t)n);
        parcel->bytes += n;
    }
    if (n < 0)
        return fault_set(&parcel->fault, FAULT_INPUT, "cannot be read: %s", strerror(errno));
    if (parcel->bytes == 0)
        return fault_set(&parcel->fault, FAULT_INPUT, "is empty");
    hash_hex(&hash, parcel->sha256);
    return 0;
}

int parcel_open(parcel_t *parcel, const char *path, arena_t *arena)
{
    *parcel = (parcel_t){.path = path, .epoch = 1};
    struct stat status;
    char *real = realpath(path, NULL);
    int fd = real ? open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1, opened = -1;
    if (fd < 0 || fstat(fd, &status) < 0)
        fault_set(&parcel->fault, FAULT_INPUT, "cannot be opened: %s", strerror(errno));
    else if (!S_ISREG(status.st_mode))
        fault_set(&parcel->fault, FAULT_INPUT, "is not a file; yogi submit sends files");
    else if (hash_file(parcel, fd) == 0)
        opened = ident_new(&parcel->job, &parcel->fault);
    if (opened == 0)
        parcel->url = url_of(real, arena);
    if (fd >= 0)
        close(fd);
    free(real);
    return opened;
}

void parcel_pack(const parcel_t *parcel, const settings_t *settings, buf_t *out)
{
    dossier_t *dossier = dossier_new();
    char *name = arena_text(dossier->arena, parcel->path);
    text_neuter(name);
    dossier->document.filename = name;
    dossier->document.id = arena_format(dossier->arena, "sha256-%.32s", parcel->sha256);
    dossier->document.source = parcel->url;
    dossier->document.bytes = parcel->bytes;
    dossier->document.sha256 = parcel->sha256;
    dossier->options.engine = settings->engine;
    dossier->options.gate = settings->gate;
    for (const char *p = settings->languages; p && *p; p += strspn(p, "+,")) {
        size_t length = strcspn(p, "+,");
        texts_push(dossier->arena, &dossier->options.languages, arena_text_n(dossier->arena, p, length));
        p += length;
    }
    dossier_encode(dossier, out);
    dossier_destroy(&dossier);
}

/* A name or sentence of a message, closed. */
static char *text_of(slice_t slice, char *out, size_t size)
{
    snprintf(out, size, "%.*s", (int)slice.size, slice.size ? slice.at : "");
    return out;
}

static void take_failure(parcel_t *parcel, const message_t *finished)
{
    char name[MESSAGE_NAME_MOST + 1], text[MESSAGE_TEXT_MOST + 1];
    fault_code_t code = fault_code_of(text_of(finished->fault, name, sizeof name));
    text_of(finished->text, text, sizeof text);
    if (finished->outcome == OUTCOME_CANCELLED)
        code = FAULT_CANCELLED;
    code = code == FAULT_NONE ? FAULT_SYSTEM : code;
    fault_set(&parcel->fault, code, "%s", *text ? text : fault_summary(code));
}

/* The fault that a stage which ended the run has written into the outcome. */
static void take_outcome(parcel_t *parcel, const outcome_t *outcome)
{
    fault_code_t code = fault_code_of(outcome->error);
    code = code == FAULT_NONE ? FAULT_MESSAGE : code;
    fault_set(&parcel->fault, code, "%s", outcome->message ? outcome->message : fault_summary(code));
}

dossier_t *parcel_finish(parcel_t *parcel, const message_t *finished, const submit_options_t *options)
{
    fault_t fault = {0};
    parcel->ended = true;
    dossier_t *dossier = dossier_decode(finished->body.at, finished->body.size, &fault);
    if (finished->outcome != OUTCOME_COMPLETED) {
        take_failure(parcel, finished);
    } else if (!dossier) {
        parcel->fault = fault;
    } else if (dossier->outcome.error) {
        take_outcome(parcel, &dossier->outcome);
    } else if (form_write(options->format, dossier, &options->form, &parcel->text, &fault) < 0) {
        parcel->fault = fault;
    }
    return dossier;
}

void parcel_free(parcel_t *parcel)
{
    buf_free(&parcel->text);
}

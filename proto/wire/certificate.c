/* certificate: see certificate.h. The form is ZPL (ZeroMQ RFC 4) as czmq writes it. */
#include "certificate.h"

#include "proto/base/keyfile.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#define PUBLIC_END ".cert"
#define SECRET_END ".cert_secret"

/* ---- reading ---- */

typedef struct {
    const char *at;
    size_t size;
} piece_t;

static piece_t trim(piece_t piece)
{
    static const char blanks[] = " \t\r";
    while (piece.size && strchr(blanks, *piece.at))
        piece.at++, piece.size--;
    while (piece.size && strchr(blanks, piece.at[piece.size - 1]))
        piece.size--;
    return piece;
}

static piece_t unquote(piece_t piece)
{
    bool quoted = piece.size >= 2 && (*piece.at == '"' || *piece.at == '\'') && piece.at[piece.size - 1] == *piece.at;
    return quoted ? (piece_t){piece.at + 1, piece.size - 2} : piece;
}

/* Takes `property = "value"`; every other line (sections, comments, metadata of others) says nothing to us. */
static int take_line(piece_t line, certificate_t *certificate, fault_t *fault)
{
    const char *equals = line.size ? memchr(line.at, '=', line.size) : NULL;
    if (!equals)
        return 0;
    piece_t property = trim((piece_t){line.at, (size_t)(equals - line.at)}),
            value = unquote(trim((piece_t){equals + 1, line.size - (size_t)(equals + 1 - line.at)}));
    static const char *const names[] = {"public-key", "secret-key"};
    char *const places[] = {certificate->public_key, certificate->secret_key};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (property.size != strlen(names[i]) || memcmp(property.at, names[i], property.size) != 0)
            continue;
        if (*places[i])
            return fault_set(fault, FAULT_SETTING, "%s stands there twice", names[i]);
        if (!key_valid(value.at, value.size))
            return fault_set(fault, FAULT_SETTING, "%s is no CURVE key (40 characters of Z85)", names[i]);
        memcpy(places[i], value.at, value.size);
    }
    if (property.size == strlen("name") && memcmp(property.at, "name", property.size) == 0 &&
        allow_name_valid(value.at, value.size)) {
        memcpy(certificate->name, value.at, value.size);
        certificate->name[value.size] = 0;
    }
    return 0;
}

static int check_pair(const certificate_t *certificate, fault_t *fault)
{
    if (!*certificate->secret_key)
        return fault_set(fault, FAULT_SETTING, "it has no secret-key: the file of both keys ends in " SECRET_END);
    char belongs[KEY_TEXT];
    int made = zmq_curve_public(belongs, certificate->secret_key);
    assert(made == 0); /* fails for what is no key alone */
    if (strcmp(belongs, certificate->public_key) != 0)
        return fault_set(fault, FAULT_SETTING, "its public-key does not belong to its secret-key");
    return 0;
}

int certificate_parse(const char *text, size_t size, certificate_kind_t kind, certificate_t *certificate,
                      fault_t *fault)
{
    *certificate = (certificate_t){0};
    int taken = 0;
    while (size && taken == 0) {
        const char *end = memchr(text, '\n', size);
        piece_t line = {text, end ? (size_t)(end - text) : size};
        taken = take_line(line, certificate, fault);
        size -= line.size + (end != NULL);
        text += line.size + (end != NULL);
    }
    if (taken == 0 && !*certificate->public_key)
        taken = fault_set(fault, FAULT_SETTING, "it has no public-key: it is no certificate of yogi keys new");
    if (taken == 0 && kind == CERTIFICATE_SECRET)
        taken = check_pair(certificate, fault);
    if (taken < 0 || kind == CERTIFICATE_PUBLIC)
        explicit_bzero(certificate->secret_key, sizeof certificate->secret_key);
    return taken;
}

int certificate_read(const char *path, certificate_kind_t kind, certificate_t *certificate, fault_t *fault)
{
    buf_t text = {0};
    *certificate = (certificate_t){0};
    int done = keyfile_read(path, kind == CERTIFICATE_SECRET ? KEYFILE_SECRET : KEYFILE_OPEN, CERTIFICATE_BYTES_MOST,
                            &text, fault);
    if (done == 0) {
        done = certificate_parse(buf_string(&text), text.size, kind, certificate, fault);
        if (done < 0)
            fault_prefix(fault, path);
    }
    if (text.bytes)
        explicit_bzero(text.bytes, text.size);
    buf_free(&text);
    return done;
}

void certificate_wipe(certificate_t *certificate)
{
    explicit_bzero(certificate, sizeof *certificate);
}

/* ---- making ---- */

void certificate_new(const char *name, certificate_t *certificate)
{
    size_t size = strlen(name);
    assert(allow_name_valid(name, size));
    *certificate = (certificate_t){0};
    memcpy(certificate->name, name, size);
    int made = zmq_curve_keypair(certificate->public_key, certificate->secret_key);
    assert(made == 0); /* fails only where libzmq was built without CURVE */
}

enum { TEXT_MOST = 512 };

/* What the file holds; returns its size. */
static size_t print_one(const certificate_t *certificate, certificate_kind_t kind, char text[TEXT_MOST])
{
    bool secret = kind == CERTIFICATE_SECRET;
    int size =
        snprintf(text, TEXT_MOST, "#   %s\n\nmetadata\n    name = \"%s\"\ncurve\n    public-key = \"%s\"\n%s%s%s",
                 secret ? "ZeroMQ CURVE keys: for their owner alone" : "ZeroMQ CURVE public key", certificate->name,
                 certificate->public_key, secret ? "    secret-key = \"" : "", secret ? certificate->secret_key : "",
                 secret ? "\"\n" : "");
    assert(size > 0 && size < TEXT_MOST);
    return (size_t)size;
}

void certificate_print(const certificate_t *certificate, certificate_kind_t kind, buf_t *out)
{
    char text[TEXT_MOST];
    buf_add(out, text, print_one(certificate, kind, text));
    explicit_bzero(text, sizeof text);
}

static int write_one(const char *folder, const certificate_t *certificate, certificate_kind_t kind, fault_t *fault)
{
    bool secret = kind == CERTIFICATE_SECRET;
    char path[CERTIFICATE_PATH_MOST], text[TEXT_MOST];
    int length = snprintf(path, sizeof path, "%s/%s%s", folder, certificate->name, secret ? SECRET_END : PUBLIC_END);
    if (length < 0 || (size_t)length >= sizeof path)
        return fault_set(fault, FAULT_OUTPUT, "%.60s… is too long for a folder", folder);
    size_t size = print_one(certificate, kind, text);
    int done = keyfile_write(path, text, size, fault);
    explicit_bzero(text, sizeof text);
    return done;
}

/* The folder's own list of files to the disk, where it can be. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

int certificate_write(const char *folder, const certificate_t *certificate, fault_t *fault)
{
    if (write_one(folder, certificate, CERTIFICATE_SECRET, fault) < 0)
        return -1;
    if (write_one(folder, certificate, CERTIFICATE_PUBLIC, fault) < 0) {
        char path[CERTIFICATE_PATH_MOST];
        snprintf(path, sizeof path, "%s/%s" SECRET_END, folder, certificate->name);
        unlink(path);
        return -1;
    }
    sync_folder(folder);
    return 0;
}

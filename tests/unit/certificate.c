/* Certificates: what is written is read again, the files are for their owner alone, and each refusal. */
#include "proto/wire/certificate.h"
#include "check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(void **state)
{
    char *folder = strdup("/tmp/yogi-keys-XXXXXX");
    *state = folder && mkdtemp(folder) ? folder : NULL;
    return *state ? 0 : -1;
}

static char *path_of(void **state, const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", (char *)*state, name);
    return path;
}

static int drop_folder(void **state)
{
    static const char *const names[] = {"host.cert", "host.cert_secret"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlink(path_of(state, names[i]));
    int done = rmdir(*state);
    free(*state);
    return done;
}

static certificate_t write_new(void **state)
{
    certificate_t made;
    fault_t fault = {0};
    certificate_new("host", &made);
    if (certificate_write(*state, &made, &fault) < 0)
        fail_msg("%s", fault.text);
    return made;
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void test_round(void **state)
{
    mode_t mask = umask(0);
    certificate_t made = write_new(state), secret, public;
    umask(mask);
    fault_t fault = {0};
    assert_int_equal(mode_of(path_of(state, "host.cert")), 0600);
    assert_int_equal(mode_of(path_of(state, "host.cert_secret")), 0600);
    assert_int_equal(certificate_read(path_of(state, "host.cert_secret"), CERTIFICATE_SECRET, &secret, &fault), 0);
    assert_memory_equal(&secret, &made, sizeof made);
    assert_int_equal(certificate_read(path_of(state, "host.cert"), CERTIFICATE_PUBLIC, &public, &fault), 0);
    assert_string_equal(public.name, "host");
    assert_string_equal(public.public_key, made.public_key);
    assert_string_equal(public.secret_key, "");
    certificate_wipe(&secret);
    certificate_t nothing = {0};
    assert_memory_equal(&secret, &nothing, sizeof secret);
}

static void expect_unread(void **state, const char *name, certificate_kind_t kind, const char *words)
{
    certificate_t certificate, nothing = {0};
    fault_t fault = {0};
    const char *path = path_of(state, name);
    if (certificate_read(path, kind, &certificate, &fault) == 0)
        fail_msg("%s was taken", path);
    if (fault.code != FAULT_SETTING || !strstr(fault.text, words) || !strstr(fault.text, path))
        fail_msg("%s: …%s… is not in it", fault.text, words);
    assert_memory_equal(certificate.secret_key, nothing.secret_key, KEY_TEXT);
}

static void test_modes(void **state)
{
    write_new(state);
    static const struct {
        mode_t mode;
        bool good;
    } rows[] = {{0600, true}, {0400, true}, {0640, false}, {0604, false}, {0644, false}, {0620, false}, {0660, false}};
    const char *path = path_of(state, "host.cert_secret");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char words[40];
        certificate_t certificate;
        snprintf(words, sizeof words, "(mode %04o)", (unsigned)rows[i].mode);
        assert_int_equal(chmod(path, rows[i].mode), 0);
        if (rows[i].good)
            assert_int_equal(certificate_read(path, CERTIFICATE_SECRET, &certificate, NULL), 0);
        else
            expect_unread(state, "host.cert_secret", CERTIFICATE_SECRET, words);
    }
    assert_int_equal(chmod(path_of(state, "host.cert"), 0644), 0);
    certificate_t certificate;
    assert_int_equal(certificate_read(path_of(state, "host.cert"), CERTIFICATE_PUBLIC, &certificate, NULL), 0);
    assert_int_equal(chmod(path_of(state, "host.cert"), 0666), 0);
    expect_unread(state, "host.cert", CERTIFICATE_PUBLIC, "may be changed by everybody (mode 0666)");
}

static void test_unreadable(void **state)
{
    write_new(state);
    expect_unread(state, "nothing", CERTIFICATE_SECRET, "cannot be read: No such file");
    expect_unread(state, ".", CERTIFICATE_SECRET, "is no file");
    expect_unread(state, "host.cert", CERTIFICATE_SECRET, "it has no secret-key");
    assert_int_equal(truncate(path_of(state, "host.cert_secret"), CERTIFICATE_BYTES_MOST + 1), 0);
    expect_unread(state, "host.cert_secret", CERTIFICATE_SECRET, "is too long");
}

/* What stands there is never replaced, and a pair is whole or not there. */
static void test_never_replaced(void **state)
{
    certificate_t made = write_new(state), other, now;
    fault_t fault = {0};
    certificate_new("host", &other);
    assert_int_equal(certificate_write(*state, &other, &fault), -1);
    assert_int_equal(fault.code, FAULT_OUTPUT);
    assert_non_null(strstr(fault.text, "host.cert_secret is there already"));
    assert_int_equal(unlink(path_of(state, "host.cert_secret")), 0);
    assert_int_equal(certificate_write(*state, &other, &fault), -1);
    assert_non_null(strstr(fault.text, "host.cert is there already"));
    assert_int_equal(access(path_of(state, "host.cert_secret"), F_OK), -1);
    assert_int_equal(certificate_read(path_of(state, "host.cert"), CERTIFICATE_PUBLIC, &now, &fault), 0);
    assert_string_equal(now.public_key, made.public_key);
    assert_int_equal(certificate_write("/nonexistent/folder", &other, &fault), -1);
    assert_non_null(strstr(fault.text, "/nonexistent/folder/host.cert_secret cannot be written"));
}

static void test_texts(void **state)
{
    (void)state;
    certificate_t pair, other, got;
    certificate_new("a", &pair);
    certificate_new("b", &other);
    buf_t text = {0};
    fault_t fault = {0};
    /* as czmq writes it */
    buf_format(&text,
               "#   ****  Generated on 2026-01-31 08:30:00 by CZMQ  ****\n#   DO NOT SHARE\n\nmetadata\n"
               "    email = \"a@b\"\n    name = \"host 1\"\ncurve\n    public-key = \"%s\"\n    secret-key = \"%s\"\n",
               pair.public_key, pair.secret_key);
    assert_int_equal(certificate_parse(text.bytes, text.size, CERTIFICATE_SECRET, &got, &fault), 0);
    assert_string_equal(got.secret_key, pair.secret_key);
    assert_string_equal(got.name, ""); /* not one of ours */
    assert_int_equal(certificate_parse(text.bytes, text.size, CERTIFICATE_PUBLIC, &got, &fault), 0);
    assert_string_equal(got.secret_key, ""); /* not kept */
    buf_clear(&text);
    buf_format(&text, "public-key=%s\r\nsecret-key = '%s'", pair.public_key, pair.secret_key);
    assert_int_equal(certificate_parse(text.bytes, text.size, CERTIFICATE_SECRET, &got, &fault), 0);
    buf_clear(&text);
    buf_format(&text, "public-key = \"%s\"\nsecret-key = \"%s\"\n", pair.public_key, other.secret_key);
    assert_int_equal(certificate_parse(text.bytes, text.size, CERTIFICATE_SECRET, &got, &fault), -1);
    assert_non_null(strstr(fault.text, "does not belong to its secret-key"));
    buf_clear(&text);
    buf_format(&text, "public-key = \"%s\"\npublic-key = \"%s\"\n", pair.public_key, pair.public_key);
    assert_int_equal(certificate_parse(text.bytes, text.size, CERTIFICATE_PUBLIC, &got, &fault), -1);
    assert_non_null(strstr(fault.text, "public-key stands there twice"));
    static const char *const bad[][2] = {
        {"", "it has no public-key"},
        {"public-key", "it has no public-key"},
        {"public-key = \"short\"", "public-key is no CURVE key"},
        {"public-key = \"\"", "public-key is no CURVE key"},
        {"secret-key = \"\"", "secret-key is no CURVE key"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(certificate_parse(bad[i][0], strlen(bad[i][0]), CERTIFICATE_SECRET, &got, &fault), -1);
        if (!strstr(fault.text, bad[i][1]))
            fail_msg("\"%s\": %s", bad[i][0], fault.text);
    }
    buf_free(&text);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_round),          WITH_FOLDER(test_modes),      WITH_FOLDER(test_unreadable),
        WITH_FOLDER(test_never_replaced), cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

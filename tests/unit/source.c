/* URLs against what an operator allows, and files below a folder: every way out of it is refused. */
#include "proto/fetch/source.h"
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char home[64]; /* with a folder `open`, a folder `open-not`, links and a file in each */

static char *below(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", home, name);
    return path;
}

static void write_file(const char *name)
{
    int fd = open(below(name), O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "week", 4), 4);
    close(fd);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(home, "/tmp/yogi-source-XXXXXX");
    assert_non_null(mkdtemp(home));
    static const char *const folders[] = {"open", "open/in", "open-not", "open/.."};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(mkdir(below(folders[i]), 0700), 0);
    write_file("open/in/a b.pdf");
    write_file("open-not/secret");
    assert_int_equal(symlink("../open-not", below("open/link")), 0);
    assert_int_equal(symlink("../../open-not/secret", below("open/in/link.pdf")), 0);
    assert_int_equal(symlink("in", below("open/inner")), 0);
    assert_int_equal(symlink("open", below("alias")), 0);
    assert_int_equal(mkfifo(below("open/pipe"), 0600), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", home);
    return system(command);
}

static source_rules_t *rules_of(const char *roots, const char *endpoints)
{
    fault_t fault = {0};
    source_rules_t *rules = source_rules_new(roots, endpoints, &fault);
    if (!rules)
        fail_msg("%s", fault.text);
    return rules;
}

static void test_endpoints(void **state)
{
    (void)state;
    static const char *const allowed[] = {
        "https://a.example/x",     "https://A.EXAMPLE/x?y=z", "https://a.example:443/",
        "http://b.example:9000/x", "http://127.0.0.1:80/x",   "http://2130706433/x",
        "http://[::1]:8080/x",     "https://a.example",       "http://127.1/",
    };
    static const char *const refused[] = {
        "http://a.example/x",
        "https://a.example:444/x",
        "http://b.example/x",
        "https://b.example:9000/x",
        "https://a.example.evil/x",
        "https://evil/a.example",
        "https://a.example@evil/x",
        "https://user@a.example/x",
        "https://user:pw@a.example/x",
        "https://a.example%2eevil/x",
        "https://evil?@a.example/",
        "https://evil#@a.example/",
        "ftp://a.example/x",
        "gopher://a.example/x",
        "dict://a.example/x",
        "s3://bucket/key",
        "javascript:alert(1)",
        "data:,x",
        "//a.example/x",
        "/etc/passwd",
        "a.example/x",
        "",
        "https://",
        "https:///x",
        "https://a.example./x",
        "https://a.example /x",
        "https://a.exam\nple/x",
        "file:///etc/passwd",
        "https://[::1]:8080/x",
        "http://[::2]:8080/x",
        "https://a.example:99999/",
        "https://a.example:x/",
    };
    source_rules_t *rules =
        rules_of(NULL, "https://a.example http://b.example:9000/, http://127.0.0.1 http://[::1]:8080");
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        fault_t fault = {0};
        source_t source;
        if (source_check(rules, allowed[i], &source, &fault) < 0)
            fail_msg("%s", fault.text);
        assert_int_equal(source.kind, SOURCE_HTTP);
        source_free(&source);
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        fault_t fault = {0};
        source_t source;
        if (source_check(rules, refused[i], &source, &fault) == 0)
            fail_msg("%s is allowed", refused[i]);
        assert_int_equal(fault.code, FAULT_INPUT);
        assert_null(strstr(fault.text, "pw@"));
        source_free(&source); /* does nothing */
    }
    source_rules_destroy(&rules);
}

static void test_long_url(void **state)
{
    (void)state;
    source_rules_t *rules = rules_of(NULL, "https://a.example");
    char *url = malloc(SOURCE_URL_MOST + 100);
    fault_t fault = {0};
    source_t source;
    memset(url, 'a', SOURCE_URL_MOST + 99);
    url[SOURCE_URL_MOST + 99] = 0;
    memcpy(url, "https://a.example/", 18);
    assert_int_equal(source_check(rules, url, &source, &fault), -1);
    assert_non_null(strstr(fault.text, "https://a.example/…: it is longer than 8192 bytes"));
    url[SOURCE_URL_MOST] = 0;
    assert_int_equal(source_check(rules, url, &source, &fault), 0);
    source_free(&source);
    free(url);
    source_rules_destroy(&rules);
}

/* Checks and opens file://home/PATH: 0 and its size is 4, or -1 with the fault. */
static int try_file(const source_rules_t *rules, const char *path, fault_t *fault)
{
    char url[300];
    source_t source;
    int64_t bytes = 0;
    snprintf(url, sizeof url, "file://%s%s", home, path);
    *fault = (fault_t){0};
    if (source_check(rules, url, &source, fault) < 0)
        return -1;
    assert_int_equal(source.kind, SOURCE_FILE);
    int fd = source_open(rules, &source, &bytes, fault);
    source_free(&source);
    if (fd < 0)
        return -1;
    assert_int_equal(bytes, 4);
    close(fd);
    return 0;
}

static void test_files(void **state)
{
    (void)state;
    static const struct {
        const char *path, *says; /* NULL: it is opened */
    } rows[] = {
        {"/open/in/a%20b.pdf", NULL},
        {"/open//in/a%20b.pdf", NULL},
        {"/open/in/missing", "there is no such file"},
        {"/open/in", "not an ordinary file"},
        {"/open/", "not an ordinary file"},
        {"/open/pipe", "not an ordinary file"},
        {"/open", "not below a folder that may be read"},
        {"/open-not/secret", "not below a folder"},
        {"/open/../open-not/secret", "not below a folder"},
        {"/open/%2e%2e/open-not/secret", "goes through . or .."},
        {"/open/in/..%2f..%2fopen-not/secret", "goes through . or .."},
        {"/open/link/secret", "is no folder (or a symbolic link)"},
        {"/open/inner/a%20b.pdf", "is no folder (or a symbolic link)"},
        {"/open/in/link.pdf", "a symbolic link in its path is not followed"},
        {"/open/in/a%20b.pdf/x", "is no folder"},
        {"/open/in/a%00b", "its path is not one"},
    };
    char roots[300];
    snprintf(roots, sizeof roots, "/nothing-here-is-a-colon:");
    snprintf(roots, sizeof roots, "/usr/share:%s/open/", home);
    source_rules_t *rules = rules_of(roots, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_t fault;
        int done = try_file(rules, rows[i].path, &fault);
        if (!rows[i].says && done < 0)
            fail_msg("%s: %s", rows[i].path, fault.text);
        if (rows[i].says && (done == 0 || !strstr(fault.text, rows[i].says)))
            fail_msg("%s: %s", rows[i].path, done == 0 ? "was opened" : fault.text);
    }
    source_rules_destroy(&rules);
    snprintf(roots, sizeof roots, "%s/alias", home); /* an operator's own link is followed */
    rules = rules_of(roots, NULL);
    fault_t fault;
    assert_int_equal(try_file(rules, "/alias/in/a%20b.pdf", &fault), 0);
    assert_int_equal(try_file(rules, "/open/in/a%20b.pdf", &fault), -1);
    source_rules_destroy(&rules);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *roots, *endpoints, *says;
    } rows[] = {
        {"relative/path", NULL, "\"relative/path\" is not an absolute path"},
        {"/usr/share:/does/not/exist", NULL, "/does/not/exist is not a folder"},
        {"/etc/passwd", NULL, "/etc/passwd is not a folder"},
        {NULL, "example.org", "is not an endpoint"},
        {NULL, "ftp://example.org", "is not an endpoint"},
        {NULL, "https://example.org/path", "is not an endpoint"},
        {NULL, "https://user:pw@example.org", "is not an endpoint"},
        {NULL, "https://example.org?x", "is not an endpoint"},
        {NULL, "https://a.example https://", "is not an endpoint"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_t fault = {0};
        source_rules_t *rules = source_rules_new(rows[i].roots, rows[i].endpoints, &fault);
        if (rules || fault.code != FAULT_SETTING || !strstr(fault.text, rows[i].says))
            fail_msg("row %zu: %s", i, fault.text);
        assert_null(strstr(fault.text, "pw"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_endpoints), cmocka_unit_test(test_long_url),
                                       cmocka_unit_test(test_files), cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* URLs as they may be written down: no signature, no password, no control character, never too long. */
#include "proto/redact.h"
#include "check.h"

#include <string.h>

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } rows[] = {
        {"https://s3.example.org/bucket/key?X-Amz-Signature=abc", "https://s3.example.org/…"},
        {"http://127.0.0.1:9000/b", "http://127.0.0.1:9000/…"},
        {"https://host", "https://host"},
        {"HTTPS://Host?secret", "HTTPS://Host/…"},
        {"https://user:password@host/x", "https://host/…"},
        {"https://user:p@ss@host/x", "https://host/…"},
        {"https://user:password@host", "https://host"},
        {"https://[::1]:80/x", "https://[::1]:80/…"},
        {"https://host#secret", "https://host/…"},
        {"https://host\\secret@other", "https://host/…"},
        {"file:///srv/documents/a.pdf", "file:///srv/documents/a.pdf"},
        {"s3://bucket/secret", "s3:…"},
        {"data:text/plain,secret", "data:…"},
        {"https:secret", "https:…"},
        {"no url at all", "a text that is no URL"},
        {"", "a text that is no URL"},
        {"://x", "a text that is no URL"},
        {"1http://x", "a text that is no URL"},
        {"https://ho\x1b[2Jst/x", "https://ho?[2Jst/…"},
        {"secret-without-end-that-could-be-a-scheme:x", "a text that is no URL"},
    };
    char out[REDACT_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(redact_url(rows[i].url, out), rows[i].shown) != 0)
            fail_msg("%s: %s instead of %s", rows[i].url, out, rows[i].shown);
}

static void test_length(void **state)
{
    (void)state;
    static char url[100000];
    char out[REDACT_BYTES];
    static const char *const heads[] = {"https://", "file:///", "https://a@", "x:", ""};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        memset(url, 'a', sizeof url - 1);
        memcpy(url, heads[i], strlen(heads[i]));
        assert_true(strlen(redact_url(url, out)) < REDACT_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

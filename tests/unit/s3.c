/* Places, presigned URLs (the published example of Amazon) and answers of S3. */
#include "check.h"
#include "proto/s3/s3_answer.h"
#include "proto/s3/s3_place.h"
#include "proto/s3/s3_presign.h"

#include <string.h>

static void test_urls(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *region, *bucket;
        s3_addressing_t addressing;
        const char *url;
    } rows[] = {
        {NULL, NULL, "papers", S3_ADDRESSING_AUTO, "https://papers.s3.us-east-1.amazonaws.com/t/a%20b%2B%C3%A9"},
        {NULL, "eu-west-1", "papers.of.us", S3_ADDRESSING_AUTO,
         "https://s3.eu-west-1.amazonaws.com/papers.of.us/t/a%20b%2B%C3%A9"},
        {NULL, "eu-west-1", "papers", S3_ADDRESSING_PATH, "https://s3.eu-west-1.amazonaws.com/papers/t/a%20b%2B%C3%A9"},
        {"http://minio:9000", NULL, "papers", S3_ADDRESSING_AUTO, "http://minio:9000/papers/t/a%20b%2B%C3%A9"},
        {"HTTP://MinIO:80/", NULL, "papers", S3_ADDRESSING_AUTO, "http://minio/papers/t/a%20b%2B%C3%A9"},
        {"https://s3.example.org:443", NULL, "papers", S3_ADDRESSING_VIRTUAL,
         "https://papers.s3.example.org/t/a%20b%2B%C3%A9"},
        {"http://[::1]:9000", NULL, "papers", S3_ADDRESSING_AUTO, "http://[::1]:9000/papers/t/a%20b%2B%C3%A9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s3_place_t place;
        fault_t fault = {0};
        buf_t url = {0};
        int failed =
            s3_place_parse(rows[i].endpoint, rows[i].region, rows[i].bucket, rows[i].addressing, &place, &fault);
        assert_string_equal(fault.text, "");
        assert_int_equal(failed, 0);
        s3_place_url(&place, "t/a b+é", &url);
        assert_string_equal(url.bytes, rows[i].url);
        buf_free(&url);
    }
}

static void test_wrong_settings(void **state)
{
    (void)state;
    static const struct {
        const char *endpoint, *region, *bucket, *says;
    } rows[] = {
        {NULL, NULL, NULL, "S3_BUCKET is not set"},
        {NULL, NULL, "ab", "3 to 63"},
        {NULL, NULL, "Papers", "a-z"},
        {NULL, NULL, "a/../b", "a-z"},
        {NULL, "eu west", "papers", "AWS_REGION"},
        {"minio:9000", NULL, "papers", "http://"},
        {"http://", NULL, "papers", "no host"},
        {"http://minio/path", NULL, "papers", "no path"},
        {"http://user:word@minio", NULL, "papers", "no more"},
        {"http://minio\r\nX: y", NULL, "papers", "no more"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s3_place_t place;
        fault_t fault = {0};
        assert_int_equal(
            s3_place_parse(rows[i].endpoint, rows[i].region, rows[i].bucket, S3_ADDRESSING_AUTO, &place, &fault), -1);
        assert_int_equal(fault.code, FAULT_SETTING);
        if (!strstr(fault.text, rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", fault.text, rows[i].says);
    }
}

/* "Example: Presigned URL" of the Amazon S3 API Reference. */
static void test_published_example(void **state)
{
    (void)state;
    s3_place_t place = {.tls = true, .host = "examplebucket.s3.amazonaws.com", .region = "us-east-1"};
    s3_credentials_t credentials = {.id = "AKIAIOSFODNN7EXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
    buf_t url = {0};
    s3_presign(&place, &credentials, "test.txt", 86400, 1369353600, &url);
    assert_string_equal(
        url.bytes,
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
        "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires="
        "86400"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    buf_free(&url);
}

static void collect(void *user, const char *name, const char *text)
{
    buf_format(user, "%s=%s;", name, text ? text : "/");
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *leaves;
    } rows[] = {
        {"<a xmlns=\"http://x/\"><b>1 &amp; 2</b><c/><d><e><![CDATA[<f>]]></e></d></a>", "b=1 & 2;c=;e=<f>;d=/;a=/;"},
        {"<a><b>cut", ""},
        {"no xml", ""},
        {"", ""},
        {"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a><b>&x;</b></a>", "b=;a=/;"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_t xml = {0}, got = {0};
        buf_text(&xml, rows[i].xml);
        s3_answer_walk(&xml, collect, &got);
        assert_string_equal(buf_string(&got), rows[i].leaves);
        buf_free(&xml);
        buf_free(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_urls), cmocka_unit_test(test_wrong_settings),
                                       cmocka_unit_test(test_published_example), cmocka_unit_test(test_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What the host of `yogi up` is told of a bucket: its endpoint beside those of the settings, and its network only where
 * nothing else could be reached by it. */
#include "deploy/up/bucket.h"
#include "check.h"

static const struct {
    settings_t settings;
    const char *endpoints, *networks;
} rows[] = {
    {{0}, NULL, NULL},
    {{.source_endpoints = "https://a.example"}, NULL, NULL},
    {{.s3_bucket = "papers"}, "https://papers.s3.us-east-1.amazonaws.com", "0.0.0.0/0 ::/0"},
    {{.s3_bucket = "papers", .aws_region = "eu-west-1"}, "https://papers.s3.eu-west-1.amazonaws.com", "0.0.0.0/0 ::/0"},
    {{.s3_bucket = "papers", .s3_endpoint = "http://minio:9000"}, "http://minio:9000", "0.0.0.0/0 ::/0"},
    {{.s3_bucket = "papers", .s3_endpoint = "http://minio:9000", .s3_public_endpoint = "https://s3.example.org"},
     "https://s3.example.org",
     "0.0.0.0/0 ::/0"},
    {{.s3_bucket = "papers", .s3_endpoint = "http://minio:9000", .source_endpoints = "https://a.example"},
     "https://a.example http://minio:9000",
     NULL},
    {{.s3_bucket = "papers", .s3_endpoint = "http://minio:9000", .source_networks = "10.0.0.0/8"},
     "http://minio:9000",
     NULL},
    {{.s3_bucket = "papers", .s3_endpoint = "nonsense"}, NULL, "0.0.0.0/0 ::/0"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        arena_t *arena = arena_new();
        const char *endpoints = bucket_endpoints(&rows[i].settings, arena),
                   *networks = bucket_networks(&rows[i].settings);
        if (rows[i].endpoints)
            assert_string_equal(endpoints ? endpoints : "nothing", rows[i].endpoints);
        else
            assert_null(endpoints);
        if (rows[i].networks)
            assert_string_equal(networks ? networks : "nothing", rows[i].networks);
        else
            assert_null(networks);
        arena_destroy(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

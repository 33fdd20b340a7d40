/* blobs_conform: what every place for blobs must do, run on the one that the environment names.
 *
 *     blobs_conform files FOLDER
 *     blobs_conform s3                  by S3_ENDPOINT, S3_BUCKET, S3_ADDRESSING and the settings of AWS
 *
 * tests/integration/blobs.py starts the server and runs it.
 */
#include "../unit/check.h"
#include "gateway/blobs/blobs.h"
#include "proto/base/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static blobs_t *blobs;
static bool is_folder;

/* A file of so many bytes, all different from those of another seed, with its key. */
typedef struct {
    int fd;
    int64_t bytes;
    char key[BLOBS_KEY_BYTES];
} sample_t;

static sample_t sample(const char *tenant, int64_t bytes, uint32_t seed)
{
    sample_t made = {.fd = memfd_create("sample", MFD_CLOEXEC), .bytes = bytes};
    hash_t hash;
    char hex[HASH_HEX];
    fault_t fault;
    hash_begin(&hash);
    for (int64_t done = 0; done < bytes;) {
        uint32_t block[16384];
        size_t size = bytes - done < (int64_t)sizeof block ? (size_t)(bytes - done) : sizeof block;
        for (size_t i = 0; i < sizeof block / sizeof *block; i++)
            block[i] = seed = seed * 1664525 + 1013904223;
        hash_add(&hash, block, size);
        assert_int_equal(write(made.fd, block, size), size);
        done += (int64_t)size;
    }
    assert_int_equal(blobs_key(tenant, hash_hex(&hash, hex), made.key, &fault), 0);
    return made;
}

#define assert_done(call, fault)                                                                                       \
    do {                                                                                                               \
        if ((call) != 0)                                                                                               \
            fail_msg("%s: %s", #call, (fault).text);                                                                   \
    } while (0)

static void keep(const sample_t *made)
{
    fault_t fault = {0};
    assert_done(blobs_put(blobs, made->key, made->fd, made->bytes, "image/png", &fault), fault);
}

static bool gather(void *user, const void *bytes, size_t size)
{
    buf_add(user, bytes, size);
    return true;
}

/* What is kept from `from` on is what the file has there. */
static void assert_kept(const sample_t *made, int64_t from, int64_t bytes)
{
    buf_t got = {0};
    fault_t fault = {0};
    assert_done(blobs_get(blobs, made->key, from, bytes, gather, &got, &fault), fault);
    int64_t want = from >= made->bytes ? 0 : made->bytes - from;
    if (bytes >= 0 && bytes < want)
        want = bytes;
    assert_int_equal(got.size, want);
    char *expected = memory_new(1, (size_t)want + 1);
    assert_int_equal(pread(made->fd, expected, (size_t)want, from), want);
    assert_memory_equal(buf_string(&got), expected, want);
    free(expected);
    buf_free(&got);
}

static void drop(sample_t *made)
{
    fault_t fault = {0};
    assert_done(blobs_remove(blobs, made->key, made->bytes, &fault), fault);
    close(made->fd);
}

static void test_sizes(void **state)
{
    (void)state;
    static const int64_t sizes[] = {0, 1, 20000, S3_PART_BYTES, 2 * S3_PART_BYTES + 12345};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fault_t fault = {0};
        blob_info_t info;
        sample_t made = sample("school", sizes[i], (uint32_t)i + 1);
        keep(&made);
        assert_int_equal(blobs_find(blobs, made.key, &info, &fault), 1);
        assert_int_equal(info.bytes, made.bytes);
        assert_string_equal(info.key, made.key);
        assert_true(info.changed_s > 1600000000);
        assert_kept(&made, 0, -1);
        drop(&made);
    }
}

static void test_ranges(void **state)
{
    (void)state;
    sample_t made = sample("school", 100000, 77);
    keep(&made);
    assert_kept(&made, 0, 1);
    assert_kept(&made, 0, 99999);
    assert_kept(&made, 99999, 1);
    assert_kept(&made, 50000, 20000);
    assert_kept(&made, 50000, -1);
    assert_kept(&made, 99990, 1000);
    assert_kept(&made, 100000, -1);
    assert_kept(&made, 100001, 10);
    drop(&made);
}

static void test_twice(void **state)
{
    (void)state;
    fault_t fault = {0};
    blob_info_t info;
    sample_t made = sample("school", 5000, 3);
    keep(&made);
    keep(&made);
    assert_kept(&made, 0, -1);
    assert_done(blobs_remove(blobs, made.key, -1, &fault), fault);
    assert_done(blobs_remove(blobs, made.key, -1, &fault), fault);
    assert_int_equal(blobs_find(blobs, made.key, &info, &fault), 0);
    assert_int_equal(blobs_get(blobs, made.key, 0, -1, gather, &(buf_t){0}, &fault), -1);
    assert_int_equal(fault.code, FAULT_INPUT);
    keep(&made); /* removed and put again */
    assert_kept(&made, 0, -1);
    drop(&made);
}

/* Bytes that do not belong to the key are not kept. */
static void test_other_bytes(void **state)
{
    (void)state;
    fault_t fault = {0};
    blob_info_t info;
    sample_t a = sample("school", 5000, 4), b = sample("school", 5000, 5);
    assert_int_equal(blobs_put(blobs, a.key, b.fd, b.bytes, "image/png", &fault), -1);
    assert_int_equal(fault.code, FAULT_DAMAGED);
    assert_int_equal(blobs_find(blobs, a.key, &info, &fault), 0);
    drop(&a);
    drop(&b);
}

static void test_wrong_keys(void **state)
{
    (void)state;
    static const char *const keys[] = {"",
                                       "school",
                                       "school/",
                                       "/abc",
                                       "../../etc/passwd",
                                       "school/../x",
                                       "school/E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                                       "school/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85",
                                       "school/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555",
                                       "Sch ool/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        fault_t fault = {0};
        blob_info_t info;
        assert_int_equal(blobs_put(blobs, keys[i], 0, 0, "x", &fault), -1);
        assert_int_equal(fault.code, FAULT_INPUT);
        assert_int_equal(blobs_find(blobs, keys[i], &info, &fault), -1);
        assert_int_equal(blobs_remove(blobs, keys[i], 0, &fault), -1);
        assert_int_equal(blobs_url(blobs, keys[i], 60, &(buf_t){0}, &fault), -1);
    }
}

static bool enough(void *user, const void *bytes, size_t size)
{
    (void)bytes, (void)size;
    return ++*(int *)user < 1;
}

static void test_reader_who_has_enough(void **state)
{
    (void)state;
    fault_t fault = {0};
    int calls = 0;
    sample_t made = sample("school", 4000000, 6);
    keep(&made);
    assert_int_equal(blobs_get(blobs, made.key, 0, -1, enough, &calls, &fault), -1);
    assert_int_equal(fault.code, FAULT_CANCELLED);
    assert_int_equal(calls, 1);
    drop(&made);
}

/* What a list has shown. */
typedef struct {
    size_t count, most;
    char last[BLOBS_KEY_BYTES];
} shown_t;

static bool show(void *user, const blob_info_t *blob)
{
    shown_t *shown = user;
    assert_true(strcmp(shown->last, blob->key) < 0);
    assert_int_equal(blob->bytes, 100);
    snprintf(shown->last, sizeof shown->last, "%s", blob->key);
    return ++shown->count < shown->most;
}

static void test_lists(void **state)
{
    (void)state;
    enum { COUNT_MOST = 1010 };
    fault_t fault = {0};
    static sample_t made[COUNT_MOST];
    int count = is_folder ? 50 : COUNT_MOST; /* more than a page of a list of S3 */
    for (int i = 0; i < count; i++) {
        made[i] = sample(i % 2 ? "school" : "another", 100, (uint32_t)i + 1000);
        keep(&made[i]);
    }
    shown_t all = {.most = SIZE_MAX}, some = {.most = 7};
    assert_done(blobs_list(blobs, show, &all, &fault), fault);
    assert_int_equal(all.count, count);
    assert_done(blobs_list(blobs, show, &some, &fault), fault);
    assert_int_equal(some.count, 7);
    for (int i = 0; i < count; i++)
        drop(&made[i]);
    all = (shown_t){.most = SIZE_MAX};
    assert_done(blobs_list(blobs, show, &all, &fault), fault);
    assert_int_equal(all.count, 0);
}

static void *work(void *user)
{
    uint32_t seed = (uint32_t)(uintptr_t)user;
    for (uint32_t i = 0; i < 10; i++) {
        sample_t own = sample("school", 3000, seed * 100 + i), common = sample("school", 3000, 5000 + i);
        keep(&own);
        keep(&common);
        assert_kept(&own, 0, -1);
        assert_kept(&common, 0, -1);
        drop(&own);
        close(common.fd);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1)), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (uint32_t i = 0; i < 10; i++) {
        sample_t common = sample("school", 3000, 5000 + i);
        assert_kept(&common, 0, -1);
        drop(&common);
    }
}

static blobs_t *open_place(int argc, char **argv, fault_t *fault)
{
    is_folder = argc == 3 && strcmp(argv[1], "files") == 0;
    if (is_folder)
        return blobs_open_files(argv[2], fault);
    const char *addressing = getenv("S3_ADDRESSING");
    s3_plan_t plan = {
        .endpoint = getenv("S3_ENDPOINT"),
        .region = getenv("AWS_REGION"),
        .bucket = getenv("S3_BUCKET"),
        .addressing = addressing && strcmp(addressing, "virtual") == 0 ? S3_ADDRESSING_VIRTUAL : S3_ADDRESSING_AUTO,
        .account = {.id = getenv("AWS_ACCESS_KEY_ID"), .secret = getenv("AWS_SECRET_ACCESS_KEY")},
        .line = {.authorities = getenv("AUTHORITIES"), .connect_ms = 5000, .stall_ms = 60000, .retry_ms = 5000}};
    return blobs_open_s3(&plan, getenv("S3_PREFIX"), fault);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),      cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_twice),      cmocka_unit_test(test_other_bytes),
        cmocka_unit_test(test_wrong_keys), cmocka_unit_test(test_reader_who_has_enough),
        cmocka_unit_test(test_lists),      cmocka_unit_test(test_threads),
    };
    fault_t fault = {0};
    blobs = open_place(argc, argv, &fault);
    if (!blobs || blobs_check(blobs, &fault) < 0) {
        fprintf(stderr, "%s\n", fault.text);
        blobs_close(&blobs);
        return 2;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    blobs_close(&blobs);
    return failed;
}

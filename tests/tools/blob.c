/* blob: one thing done with blobs in a bucket or a folder, for tests and for people who look after a place.
 *
 *     blob put TENANT FILE     keeps the file and prints its key
 *     blob get KEY             prints the bytes
 *     blob url KEY SECONDS     prints a URL that fetches it
 *     blob remove KEY          it is not there any more, nor parts of it
 *     blob check               says nothing where the place can be used
 *
 * By the settings of S3 and AWS in the environment; BLOB_FOLDER names a folder in place of the bucket. What is wrong is
 * one line on the standard error and exit code 1.
 */
#include "gateway/blobs/blobs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static s3_plan_t plan_of_environment(void)
{
    const char *retry = getenv("RETRY_MS");
    return (s3_plan_t){.endpoint = getenv("S3_ENDPOINT"),
                       .public_endpoint = getenv("S3_PUBLIC_ENDPOINT"),
                       .region = getenv("AWS_REGION"),
                       .bucket = getenv("S3_BUCKET"),
                       .account = {.id = getenv("AWS_ACCESS_KEY_ID"),
                                   .secret = getenv("AWS_SECRET_ACCESS_KEY"),
                                   .token = getenv("AWS_SESSION_TOKEN"),
                                   .identity_file = getenv("AWS_WEB_IDENTITY_TOKEN_FILE"),
                                   .role = getenv("AWS_ROLE_ARN"),
                                   .sts_endpoint = getenv("AWS_ENDPOINT_URL_STS"),
                                   .shared_file = getenv("AWS_SHARED_CREDENTIALS_FILE"),
                                   .profile = getenv("AWS_PROFILE")},
                       .line = {.authorities = getenv("AUTHORITIES"),
                                .connect_ms = 5000,
                                .stall_ms = 20000,
                                .retry_ms = retry ? atoi(retry) : 1000}};
}

static int put(blobs_t *blobs, const char *tenant, const char *path, fault_t *fault)
{
    char block[65536], hex[HASH_HEX], key[BLOBS_KEY_BYTES];
    struct stat status;
    hash_t hash;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0)
        return fault_set(fault, FAULT_INPUT, "%s cannot be read", path);
    hash_begin(&hash);
    for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;)
        hash_add(&hash, block, (size_t)n);
    int failed = blobs_key(tenant, hash_hex(&hash, hex), key, fault) < 0 ||
                 blobs_put(blobs, key, fd, status.st_size, "application/octet-stream", fault) < 0;
    close(fd);
    if (!failed)
        puts(key);
    return failed ? -1 : 0;
}

static bool print(void *user, const void *bytes, size_t size)
{
    (void)user;
    return fwrite(bytes, 1, size, stdout) == size;
}

static int act(blobs_t *blobs, int argc, char **argv, fault_t *fault)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (argc == 4 && strcmp(what, "put") == 0)
        return put(blobs, argv[2], argv[3], fault);
    if (argc == 3 && strcmp(what, "get") == 0)
        return blobs_get(blobs, argv[2], 0, -1, print, NULL, fault);
    if (argc == 3 && strcmp(what, "remove") == 0)
        return blobs_remove(blobs, argv[2], -1, fault);
    if (argc == 2 && strcmp(what, "check") == 0)
        return blobs_check(blobs, fault);
    if (argc != 4 || strcmp(what, "url") != 0)
        return fault_set(fault, FAULT_USAGE, "blob put TENANT FILE | get KEY | url KEY SECONDS | remove KEY | check");
    buf_t url = {0};
    int failed = blobs_url(blobs, argv[2], atoi(argv[3]), &url, fault);
    if (!failed)
        puts(url.bytes);
    buf_free(&url);
    return failed;
}

int main(int argc, char **argv)
{
    fault_t fault = {0};
    s3_plan_t plan = plan_of_environment();
    const char *folder = getenv("BLOB_FOLDER");
    blobs_t *blobs = folder ? blobs_open_files(folder, &fault) : blobs_open_s3(&plan, getenv("S3_PREFIX"), &fault);
    int failed = !blobs || act(blobs, argc, argv, &fault) < 0;
    if (failed)
        fprintf(stderr, "%s: %s\n", fault_name(fault.code), fault.text);
    blobs_close(&blobs);
    return failed;
}

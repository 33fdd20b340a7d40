/* Sealed memory files: what was written is there, hashed, and can no more be changed by anybody. */
#include "proto/base/memfile.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_sealed(void **state)
{
    (void)state;
    memfile_t file;
    fault_t fault = {0};
    char digest[HASH_HEX];
    assert_int_equal(memfile_begin(&file, &fault), 0);
    assert_int_equal(memfile_add(&file, "a", 1, &fault), 0);
    assert_int_equal(memfile_add(&file, "bc", 2, &fault), 0);
    assert_int_equal(file.bytes, 3);
    int fd = memfile_seal(&file, digest, &fault);
    assert_true(fd >= 0);
    assert_int_equal(file.fd, -1);
    assert_string_equal(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-4 */
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_size, 3);
    assert_true(pwrite(fd, "x", 1, 0) < 0 && errno == EPERM);
    assert_true(ftruncate(fd, 0) < 0 && errno == EPERM);
    assert_true(ftruncate(fd, 10) < 0 && errno == EPERM);
    assert_ptr_equal(mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
    assert_true(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) < 0); /* the seals are sealed */
    const char *bytes = mmap(NULL, 3, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_ptr_not_equal(bytes, MAP_FAILED);
    assert_memory_equal(bytes, "abc", 3);
    munmap((void *)(uintptr_t)bytes, 3);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void test_dropped(void **state)
{
    (void)state;
    memfile_t file;
    fault_t fault = {0};
    assert_int_equal(memfile_begin(&file, &fault), 0);
    int fd = file.fd;
    memfile_drop(&file);
    assert_true(fcntl(fd, F_GETFD) < 0 && errno == EBADF);
    memfile_drop(&file); /* once more does nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sealed), cmocka_unit_test(test_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

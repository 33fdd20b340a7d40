/* Secrets under a key: they open for their place alone and under their key alone, whatever is changed of them; and the
 * file of a key. */
#include "gateway/vault/vault.h"
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define OTHER  "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET "sk-ant-a key that nobody else may see"

static vault_t *vault_of(const char *digits)
{
    fault_t fault = {0};
    vault_t *vault = vault_open(digits, &fault);
    assert_non_null(vault);
    return vault;
}

static char *sealed_of(const vault_t *vault, const char *place)
{
    buf_t out = {0};
    vault_seal(vault, SECRET, strlen(SECRET), place, &out);
    return out.bytes;
}

static fault_code_t unsealed(const vault_t *vault, const char *sealed, const char *place)
{
    buf_t out = {0};
    fault_t fault = {0};
    int done = vault_unseal(vault, sealed, place, &out, &fault);
    if (done == 0) {
        assert_int_equal(out.size, strlen(SECRET));
        assert_memory_equal(out.bytes, SECRET, out.size);
    } else {
        assert_int_equal(out.size, 0);
        assert_null(strstr(fault.text, "sk-ant"));
    }
    buf_free(&out);
    return fault.code;
}

static void test_opens_for_its_place(void **state)
{
    (void)state;
    vault_t *vault = vault_of(KEY), *same = vault_of(KEY), *other = vault_of(OTHER);
    char *one = sealed_of(vault, "a/1"), *two = sealed_of(vault, "a/1");
    assert_string_not_equal(one, two);
    assert_null(strstr(one, "sk-ant"));
    assert_int_equal(unsealed(vault, one, "a/1"), FAULT_NONE);
    assert_int_equal(unsealed(same, two, "a/1"), FAULT_NONE);
    assert_int_equal(unsealed(vault, one, "a/2"), FAULT_DAMAGED);
    assert_int_equal(unsealed(vault, one, ""), FAULT_DAMAGED);
    assert_int_equal(unsealed(other, one, "a/1"), FAULT_SETTING);
    free(one);
    free(two);
    vault_close(&vault);
    vault_close(&same);
    vault_close(&other);
    vault_close(&other);
}

/* Every character once another, and every length. */
static void test_changed(void **state)
{
    (void)state;
    vault_t *vault = vault_of(KEY);
    char *sealed = sealed_of(vault, "a");
    size_t size = strlen(sealed);
    for (size_t i = 0; i < size; i++) {
        char was = sealed[i];
        sealed[i] = was == 'A' ? 'B' : 'A';
        assert_int_not_equal(unsealed(vault, sealed, "a"), FAULT_NONE);
        sealed[i] = '!';
        assert_int_equal(unsealed(vault, sealed, "a"), FAULT_DAMAGED);
        sealed[i] = 0;
        assert_int_not_equal(unsealed(vault, sealed, "a"), FAULT_NONE);
        sealed[i] = was;
    }
    assert_int_equal(unsealed(vault, sealed, "a"), FAULT_NONE);
    char *longer = malloc(3 * VAULT_SECRET_MOST);
    memset(longer, 'A', 3 * VAULT_SECRET_MOST - 1);
    longer[3 * VAULT_SECRET_MOST - 1] = 0;
    assert_int_equal(unsealed(vault, longer, "a"), FAULT_DAMAGED);
    free(longer);
    free(sealed);
    vault_close(&vault);
}

static void test_keys(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "00",
                                      KEY "00",
                                      KEY " ",
                                      "g0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1ff",
                                      "00:1020304050607080900a0b0c0d0e0f101112131415161718191a1b1c1d1e1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault_t fault = {0};
        assert_null(vault_open(bad[i], &fault));
        assert_int_equal(fault.code, FAULT_SETTING);
        assert_non_null(strstr(fault.text, "openssl rand -hex 32"));
        assert_true(strlen(bad[i]) < 10 || !strstr(fault.text, bad[i]));
    }
}

/* Longest and none. */
static void test_sizes(void **state)
{
    (void)state;
    vault_t *vault = vault_of(KEY);
    char *longest = malloc(VAULT_SECRET_MOST);
    memset(longest, 'x', VAULT_SECRET_MOST);
    for (size_t size = 0; size <= VAULT_SECRET_MOST; size += VAULT_SECRET_MOST) {
        buf_t sealed = {0}, out = {0};
        fault_t fault = {0};
        vault_seal(vault, longest, size, "p", &sealed);
        assert_int_equal(vault_unseal(vault, sealed.bytes, "p", &out, &fault), 0);
        assert_int_equal(out.size, size);
        buf_free(&sealed);
        buf_free(&out);
    }
    free(longest);
    vault_close(&vault);
}

static void test_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/yogi-vault-XXXXXX", path[64];
    fault_t fault = {0};
    struct stat info;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/vault.key", folder);
    mode_t before = umask(0);
    vault_t *one = vault_open_file(path, &fault), *two = vault_open_file(path, &fault);
    umask(before);
    assert_true(one && two);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_size, 2 * VAULT_KEY_BYTES + 1);
    assert_int_equal(info.st_nlink, 1);
    char *sealed = sealed_of(one, "a");
    assert_int_equal(unsealed(two, sealed, "a"), FAULT_NONE);

    assert_int_equal(chmod(path, 0644), 0);
    assert_null(vault_open_file(path, &fault));
    assert_non_null(strstr(fault.text, "chmod 600"));
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, 10), 0);
    assert_null(vault_open_file(path, &fault));
    assert_int_equal(fault.code, FAULT_SETTING);
    assert_non_null(strstr(fault.text, path));
    assert_int_equal(unlink(path), 0); /* lost: a new one, which opens nothing of before */
    vault_t *three = vault_open_file(path, &fault);
    assert_non_null(three);
    assert_int_equal(unsealed(three, sealed, "a"), FAULT_SETTING);
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left */
    assert_null(vault_open_file(path, &fault));
    assert_int_equal(fault.code, FAULT_OUTPUT);
    free(sealed);
    vault_close(&one);
    vault_close(&two);
    vault_close(&three);
}

int main(void)
{
    const struct CMUnitTest vault[] = {cmocka_unit_test(test_opens_for_its_place), cmocka_unit_test(test_changed),
                                       cmocka_unit_test(test_keys), cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_file)};
    return cmocka_run_group_tests(vault, NULL, NULL);
}

/* The rights of keys when the list is read again: who has others loses the old number, nobody else notices. */
#include "broker/loop/access.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define A "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define B "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define C "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

static char path[] = "/tmp/yogi-access-XXXXXX";

static void write_list(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static const rights_t *rights_of(const access_t *access, const char *key)
{
    const allow_entry_t *entry = allow_find(access_allow(access), key);
    return entry ? access_rights(access, entry) : NULL;
}

static void test_reload(void **state)
{
    (void)state;
    fault_t fault = {0};
    size_t changed;
    write_list(A " a actor:ocr,llm\n" B " b owner\n" C " c owner\n");
    access_t *access = access_new(path, &fault);
    uint64_t a = rights_of(access, A)->key, b = rights_of(access, B)->key, c = rights_of(access, C)->key;
    assert_true(a && b && c && a != b && b != c && a != c);
    assert_string_equal(rights_of(access, A)->stages[1], "llm");

    /* another order, other names, and B has gone */
    write_list(C " cc owner\n# gone: " B " b owner\n" A " aa actor:ocr,llm\n");
    const rights_t *barred = access_reload(access, &changed, &fault);
    assert_int_equal(changed, 1);
    assert_int_equal(barred[0].key, b);
    assert_int_equal(barred[0].roles, 0);
    assert_int_equal(rights_of(access, A)->key, a);
    assert_int_equal(rights_of(access, C)->key, c);
    assert_null(rights_of(access, B));

    /* a broken list changes nothing */
    write_list(C " c owner\n" C " d owner\n");
    assert_null(access_reload(access, &changed, &fault));
    assert_non_null(strstr(fault.text, "line 2: this key stands in line 1 already"));
    assert_int_equal(rights_of(access, A)->key, a);
    assert_int_equal(rights_of(access, C)->key, c);

    /* fewer stages, another role, and one that comes back is not who it was */
    write_list(A " a actor:ocr\n" B " b owner\n" C " c admin\n");
    barred = access_reload(access, &changed, &fault);
    assert_int_equal(changed, 2);
    assert_int_equal(barred[0].key, c);
    assert_int_equal(barred[0].roles, ROLE_ADMIN);
    assert_int_equal(barred[1].key, a);
    assert_int_equal(barred[1].roles, ROLE_ACTOR);
    uint64_t now[] = {rights_of(access, A)->key, rights_of(access, B)->key, rights_of(access, C)->key};
    for (size_t i = 0; i < 3; i++)
        assert_true(now[i] > a && now[i] > b && now[i] > c);
    assert_null(rights_of(access, A)->stages[1]);

    unlink(path);
    assert_null(access_reload(access, &changed, &fault));
    assert_int_equal(rights_of(access, A)->key, now[0]);
    access_destroy(&access);
    assert_null(access_new(path, &fault));
}

int main(void)
{
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reload)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}

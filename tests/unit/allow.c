/* Allow-lists: what is read, what each broken line is told, and keys as text. */
#include "proto/wire/allow.h"
#include "check.h"
#include "proto/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#define A "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
#define B "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define C "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

static allow_t *parse(const char *text)
{
    fault_t fault = {0};
    allow_t *allow = allow_parse(text, strlen(text), &fault);
    if (!allow)
        fail_msg("%s", fault.text);
    return allow;
}

static void test_reads(void **state)
{
    (void)state;
    allow_t *allow = parse("# hosts\n"
                           "\n"
                           "  " A "\thost-1   actor:ocr,llm \r\n"
                           "#" B " was-here owner\n" B " gateway.1 owner\n"
                           "########################################\n" C " Bridge_2 owner actor admin");
    assert_int_equal(allow_count(allow), 3);
    const allow_entry_t *host = allow_find(allow, A), *gateway = allow_find(allow, B), *bridge = allow_find(allow, C);
    assert_string_equal(host->name, "host-1");
    assert_int_equal(host->rights.roles, ROLE_ACTOR);
    assert_string_equal(host->rights.stages[0], "ocr");
    assert_string_equal(host->rights.stages[1], "llm");
    assert_null(host->rights.stages[2]);
    assert_int_equal(host->line, 3);
    assert_int_equal(gateway->rights.roles, ROLE_OWNER);
    assert_int_equal(gateway->line, 5);
    assert_int_equal(bridge->rights.roles, ROLE_OWNER | ROLE_ACTOR | ROLE_ADMIN);
    assert_null(bridge->rights.stages);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(allow_entry(allow, i)->number, i);
    assert_null(allow_entry(allow, 3));
    assert_null(allow_find(allow, "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hIC"));
    assert_null(allow_find(allow, ""));
    allow_destroy(&allow);
    assert_null(allow);
}

/* No key begins as a comment does. A list without keys lets nobody in. */
static void test_comments_and_keys(void **state)
{
    (void)state;
    uint8_t back[KEY_BYTES];
    static const char lowest[] = "#0000w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
    assert_false(key_valid(lowest, strlen(lowest)));
    assert_null(zmq_z85_decode(back, lowest));
    static const char *const empty[] = {"", "\n", "# nobody\n \t\r\n"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        allow_t *allow = parse(empty[i]);
        assert_int_equal(allow_count(allow), 0);
        assert_null(allow_find(allow, A));
        allow_destroy(&allow);
    }
}

static void test_refuses(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"hello world owner", "line 1: \"hello\" is no CURVE key"},
        {A "x host owner", "line 1: \"" A "x\" is no CURVE key"},
        {"\n\n" A, "line 3: the key has no name"},
        {A " host", "line 1: no role is named"},
        {A " ho/st owner", "line 1: \"ho/st\" is no name"},
        {A " -host owner", "\"-host\" is no name"},
        {A " ../host owner", "is no name"},
        {A " host Owner", "\"Owner\" is no role"},
        {A " host broker", "\"broker\" is no role"},
        {A " host actors", "\"actors\" is no role"},
        {A " host owner # the first", "\"#\" is no role"},
        {A " host owner owner", "the role owner stands there twice"},
        {A " host actor actor:ocr", "the role actor stands there twice"},
        {A " host actor:", "\"\" is no name of a stage"},
        {A " host actor:ocr,", "\"\" is no name of a stage"},
        {A " host actor:ocr,,llm", "\"\" is no name of a stage"},
        {A " host actor:OCR", "\"OCR\" is no name of a stage"},
        {A " host actor:ocr,ocr", "the stage ocr stands there twice"},
        {A " host actor:abcdefghijklmnopqrstuvwxyz0123456", "is no name of a stage"},
        {A " host actor:a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "more than 16 stages"},
        {A " a owner\n" B " b owner\n" A " c owner\n", "line 3: this key stands in line 1 already"},
        {A " a owner\n" B " b owner\n" C " a owner\n", "line 3: this name stands in line 1 already"},
        {A " host owner\n\xff\xfe", "line 2: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fault_t fault = {0};
        if (allow_parse(bad[i][0], strlen(bad[i][0]), &fault))
            fail_msg("\"%s\" was taken", bad[i][0]);
        if (fault.code != FAULT_SETTING || !strstr(fault.text, bad[i][1]))
            fail_msg("\"%s\": %s", bad[i][0], fault.text);
    }
    fault_t fault = {0};
    static const char zero[] = A " ho\0st owner";
    assert_null(allow_parse(zero, sizeof zero - 1, &fault));
}

static void test_most_keys(void **state)
{
    (void)state;
    buf_t text = {0};
    fault_t fault = {0};
    for (unsigned i = 0; i < ALLOW_KEYS_MOST + 1; i++) {
        uint8_t bytes[KEY_BYTES] = {(uint8_t)(i >> 8), (uint8_t)i};
        char key[KEY_TEXT];
        buf_format(&text, "%s name-%u actor:ocr\n", key_write(bytes, key), i);
    }
    assert_true(text.size < ALLOW_BYTES_MOST);
    assert_null(allow_parse(text.bytes, text.size, &fault));
    assert_non_null(strstr(fault.text, "line 8193: more than 8192 keys"));
    text.size = (size_t)(strstr(text.bytes, " name-8192 ") - text.bytes) - (KEY_TEXT - 1);
    allow_t *allow = allow_parse(text.bytes, text.size, &fault);
    assert_int_equal(allow_count(allow), ALLOW_KEYS_MOST);
    for (unsigned i = 0; i < ALLOW_KEYS_MOST; i++)
        assert_ptr_equal(allow_find(allow, allow_entry(allow, i)->key), allow_entry(allow, i));
    allow_destroy(&allow);
    buf_free(&text);
}

static void test_rights_equal(void **state)
{
    (void)state;
    static const char *const roles[] = {"owner",         "actor",     "actor:ocr",  "actor:ocr,llm",
                                        "actor:llm,ocr", "actor:llm", "owner actor"};
    enum { ROLES = sizeof roles / sizeof *roles };
    arena_t *arena = arena_new();
    fault_t fault = {0};
    allow_rights_t rights[ROLES], again;
    for (size_t i = 0; i < ROLES; i++)
        assert_int_equal(allow_roles(roles[i], arena, &rights[i], &fault), 0);
    for (size_t i = 0; i < ROLES; i++) {
        assert_int_equal(allow_roles(roles[i], arena, &again, &fault), 0);
        for (size_t j = 0; j < ROLES; j++)
            assert_int_equal(allow_rights_equal(&again, &rights[j]), i == j);
    }
    arena_destroy(&arena);
}

/* What is written is read again as it was. */
static void test_writes(void **state)
{
    (void)state;
    static const char text[] = A " host-1 actor:ocr,llm\n" B " gateway owner\n" C " bridge owner actor admin\n";
    allow_t *allow = parse(text);
    buf_t out = {0};
    for (size_t i = 0; i < allow_count(allow); i++)
        allow_write(allow_entry(allow, i), &out);
    assert_string_equal(buf_string(&out), text);
    buf_free(&out);
    allow_destroy(&allow);
}

/* Our Z85 is ZeroMQ's. */
static void test_keys(void **state)
{
    (void)state;
    uint8_t bytes[KEY_BYTES], back[KEY_BYTES];
    char text[KEY_TEXT], theirs[KEY_TEXT];
    for (unsigned i = 0; i < 256; i++) {
        for (unsigned j = 0; j < KEY_BYTES; j++)
            bytes[j] = (uint8_t)(i * 7 + j * j * 31 + (i >> 3) * j);
        assert_string_equal(key_write(bytes, text), zmq_z85_encode(theirs, bytes, sizeof bytes));
        assert_true(key_valid(text, strlen(text)));
        for (unsigned c = 1; c < 256; c++) { /* what is no key is none to ZeroMQ either */
            char changed[KEY_TEXT];
            memcpy(changed, text, sizeof changed);
            changed[i % (KEY_TEXT - 1)] = (char)c;
            assert_int_equal(key_valid(changed, KEY_TEXT - 1), zmq_z85_decode(back, changed) != NULL);
        }
    }
    memset(bytes, 0xff, sizeof bytes);
    assert_true(key_valid(key_write(bytes, text), KEY_TEXT - 1));
    assert_false(key_valid(text, KEY_TEXT - 2));
    assert_false(key_valid("", 0));
}

static void test_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/yogi-allow-XXXXXX", path[100];
    fault_t fault = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/allow", folder);
    assert_null(allow_read(path, &fault));
    assert_non_null(strstr(fault.text, path));
    assert_non_null(strstr(fault.text, "cannot be read"));
    assert_null(allow_read(folder, &fault));
    assert_non_null(strstr(fault.text, "is no file"));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(A " host actor\nnonsense\n", file);
    fclose(file);
    assert_null(allow_read(path, &fault));
    assert_non_null(strstr(fault.text, "/allow: line 2: \"nonsense\" is no CURVE key"));
    assert_int_equal(truncate(path, strlen(A " host actor\n")), 0);
    allow_t *allow = allow_read(path, &fault);
    assert_int_equal(allow_count(allow), 1);
    allow_destroy(&allow);
    assert_int_equal(chmod(path, 0646), 0);
    assert_null(allow_read(path, &fault));
    assert_non_null(strstr(fault.text, "may be changed by everybody (mode 0646)"));
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(truncate(path, ALLOW_BYTES_MOST + 1), 0);
    assert_null(allow_read(path, &fault));
    assert_non_null(strstr(fault.text, "is too long"));
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),        cmocka_unit_test(test_comments_and_keys),
        cmocka_unit_test(test_refuses),      cmocka_unit_test(test_most_keys),
        cmocka_unit_test(test_rights_equal), cmocka_unit_test(test_writes),
        cmocka_unit_test(test_keys),         cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

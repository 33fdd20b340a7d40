/* UTF-8: what is well formed, how it is folded, compared and made harmless. */
#include "proto/base/text.h"
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_well_formed(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"", true},
        {"Monday", true},
        {"Música – Ελληνικά – Русский – 日本", true},
        {"\xF0\x9F\x98\x80", true},
        {"\xEF\xBF\xBD", true},      /* U+FFFD itself */
        {"\xF4\x8F\xBF\xBF", true},  /* U+10FFFF, the last */
        {"\xF4\x90\x80\x80", false}, /* one past it */
        {"\xC0\x80", false},         /* overlong zero */
        {"\xC1\xBF", false},         /* overlong */
        {"\xE0\x9F\xBF", false},     /* overlong */
        {"\xF0\x8F\xBF\xBF", false}, /* overlong */
        {"\xED\xA0\x80", false},     /* a surrogate */
        {"\x80", false},             /* continuation alone */
        {"a\xC3", false},            /* cut off */
        {"\xE2\x82", false},         /* cut off */
        {"\xF0\x9F\x98", false},     /* cut off */
        {"\xFF", false},
        {"\xC3\x28", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_valid(rows[i].bytes, strlen(rows[i].bytes)) != rows[i].valid)
            fail_msg("row %zu should be %s", i, rows[i].valid ? "valid" : "malformed");
    assert_false(text_valid("a\0b", 3));
}

/* Every code point survives encoding and decoding. */
static void test_round_trip(void **state)
{
    (void)state;
    for (uint32_t point = 1; point <= 0x10FFFF; point++) {
        if (point >= 0xD800 && point < 0xE000)
            continue;
        char bytes[5] = {0};
        size_t size = text_encode(point, bytes);
        const char *at = bytes;
        uint32_t back = text_next(&at);
        if (back != point || at != bytes + size)
            fail_msg("U+%04X came back as U+%04X", (unsigned)point, (unsigned)back);
    }
}

static void test_letters(void **state)
{
    (void)state;
    assert_int_equal(text_letters(""), 0);
    assert_int_equal(text_letters("9:05 – 2/4"), 0);
    assert_int_equal(text_letters("Träume 7b"), 7);
    assert_int_equal(text_letters("Ελληνικά, Русский"), 15);
}

static void test_lengths(void **state)
{
    (void)state;
    assert_int_equal(text_length("Träume"), 6);
    assert_int_equal(text_length("\xFFx"), 2);
    assert_int_equal(text_columns("日本"), 4);
    assert_int_equal(text_columns("e\xCC\x81"), 1);
}

static void test_fold(void **state)
{
    (void)state;
    char out[64];
    assert_string_equal(text_fold("  P.E. / Music\t2 ", out, sizeof out), "p e music 2");
    assert_string_equal(text_fold("Música", out, sizeof out), "música");
    assert_string_equal(text_plain("Música ÄÖÜ Čeština", out, sizeof out), "musica aou cestina");
    char small[4];
    text_fold("ääää", small, sizeof small); /* never cuts a letter in two */
    assert_true(text_valid(small, strlen(small)));
    assert_true(strlen(small) < sizeof small);
}

static void test_compare(void **state)
{
    (void)state;
    assert_int_equal(text_distance("Monday", "Mondey", 5), 1);
    assert_int_equal(text_distance("Montag", "Mittwoch", 2), 3);
    assert_int_equal(text_distance("", "abc", 5), 3);
    assert_true(text_likeness("Maths", "maths!") == 1.0);
    assert_true(text_likeness("", "") == 1.0);
    assert_true(text_likeness("abc", "xyz") == 0.0);
    assert_true(text_same("ΔΕΥΤΕΡΑ", "δευτερα"));
    assert_false(text_same("Mon", "Monday"));
}

static void test_squeeze(void **state)
{
    (void)state;
    char text[] = " \t Reading \xC2\xA0 and\nWriting  ";
    assert_string_equal(text_squeeze(text), "Reading and Writing");
    char spaces[] = " \n ";
    assert_string_equal(text_squeeze(spaces), "");
}

static void test_neuter(void **state)
{
    (void)state;
    char text[] = "a\x1b[31m\rb\nc\x7f\xFF\xE2\x80\xAE"
                  "d\xC2\x9B"
                  "é";
    size_t before = strlen(text);
    text_neuter(text);
    assert_true(strlen(text) <= before);
    assert_true(text_valid(text, strlen(text)));
    for (const char *p = text; *p; p++)
        assert_true((unsigned char)*p >= 32 && *p != 127);
    assert_null(strstr(text, "\xE2\x80\xAE")); /* the direction override is gone */
    assert_non_null(strstr(text, "é"));
}

/* Whether the first size bytes alone are valid; they stand at the end of a block, so that looking further is seen. */
static bool valid(const char *text, size_t size)
{
    char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    memcpy(copy, text, size);
    bool is_valid = text_valid(copy, size);
    free(copy);
    return is_valid;
}

static void test_valid_cut(void **state)
{
    (void)state;
    static const char text[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"; /* of one, two, three and four bytes */
    for (size_t size = 0; size < sizeof text; size++)
        assert_int_equal(valid(text, size), size == 0 || size == 1 || size == 3 || size == 6 || size == 10);
    assert_true(text_valid(NULL, 0));
    assert_false(valid("a\0b", 3));
    assert_true(valid("\xEF\xBF\xBD", 3)); /* U+FFFD itself */
    assert_false(valid("\xFF", 1));
    assert_false(valid("\xED\xA0\x80", 3)); /* a surrogate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_cut),
        cmocka_unit_test(test_well_formed), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_letters),
        cmocka_unit_test(test_lengths),     cmocka_unit_test(test_fold),       cmocka_unit_test(test_compare),
        cmocka_unit_test(test_squeeze),     cmocka_unit_test(test_neuter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

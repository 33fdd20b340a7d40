/* msgpack by schema: golden bytes, what is kept, and everything that a decoder must refuse. */
#include "proto/pack.h"
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    extras_t extras;
    const char *name;
    int32_t x;
} leaf_t;

typedef struct {
    extras_t extras;
    bool on;
    int64_t large;
    int32_t small;
    double part;
    const char *text;
    texts_t texts;
    reals_t reals;
    leaf_t leaf;
    list_t leaves;
} tree_t;

static const field_t leaf_fields[] = {
    {"name", FIELD_TEXT, offsetof(leaf_t, name), NULL, 0, 10, FIELD_REQUIRED},
    {"x", FIELD_INT32, offsetof(leaf_t, x), NULL, -5, 5, FIELD_OMIT_EMPTY},
};
static const schema_t leaf_schema = SCHEMA(leaf_t, "leaf", leaf_fields);

static const field_t tree_fields[] = {
    {"on", FIELD_BOOL, offsetof(tree_t, on), NULL, 0, 0, 0},
    {"large", FIELD_INT, offsetof(tree_t, large), NULL, -1e15, 1e15, 0},
    {"small", FIELD_INT32, offsetof(tree_t, small), NULL, 0, 1000, 0},
    {"part", FIELD_REAL, offsetof(tree_t, part), NULL, 0, 1, 0},
    {"text", FIELD_TEXT, offsetof(tree_t, text), NULL, 0, 20, 0},
    {"texts", FIELD_TEXTS, offsetof(tree_t, texts), NULL, 0, 4, FIELD_OMIT_EMPTY},
    {"reals", FIELD_REALS, offsetof(tree_t, reals), NULL, 0, 9, FIELD_OMIT_EMPTY},
    {"leaf", FIELD_STRUCT, offsetof(tree_t, leaf), &leaf_schema, 0, 0, 0},
    {"leaves", FIELD_LIST, offsetof(tree_t, leaves), &leaf_schema, 0, 100, FIELD_OMIT_EMPTY},
};
static const schema_t tree_schema = SCHEMA(tree_t, "tree", tree_fields);

/* Decodes bytes as a tree; the arena is the caller's. */
static int decode(const void *bytes, size_t size, arena_t *arena, tree_t *tree, fault_t *fault)
{
    *tree = (tree_t){0};
    *fault = (fault_t){0};
    return pack_decode(&tree_schema, bytes, size, arena, tree, fault);
}

/* Decodes a copy that ends exactly where its memory ends, so that reading past it is seen by the sanitizer. */
static int decode_exact(const void *bytes, size_t size, fault_t *fault)
{
    char *copy = malloc(size ? size : 1);
    if (size)
        memcpy(copy, bytes, size);
    arena_t *arena = arena_new();
    tree_t tree;
    int result = decode(copy, size, arena, &tree, fault);
    arena_destroy(&arena);
    free(copy);
    return result;
}

static void make(tree_t *tree)
{
    static const char *texts[] = {"eng", "deu"};
    static double reals[] = {1, 0.5};
    static leaf_t leaves[] = {{.name = "a", .x = -3}, {.name = "", .x = 0}};
    *tree = (tree_t){.on = true, .large = -70000, .small = 300, .part = 0.25, .text = "Märch"};
    tree->texts = (texts_t){texts, 2};
    tree->reals = (reals_t){reals, 2};
    tree->leaf = (leaf_t){.name = "leaf", .x = 5};
    tree->leaves = (list_t){leaves, 2};
}

/* Written by hand from the msgpack specification. */
static const unsigned char golden[] = {
    0x89,                                                                                    /* map of 9 */
    0xA2, 'o',  'n',  0xC3,                                                                  /* on: true */
    0xA5, 'l',  'a',  'r',  'g', 'e',  0xD2, 0xFF, 0xFE, 0xEE, 0x90,                         /* large: -70000 */
    0xA5, 's',  'm',  'a',  'l', 'l',  0xCD, 0x01, 0x2C,                                     /* small: 300 */
    0xA4, 'p',  'a',  'r',  't', 0xCB, 0x3F, 0xD0, 0,    0,    0,    0,    0,   0,           /* part: 0.25 */
    0xA4, 't',  'e',  'x',  't', 0xA6, 'M',  0xC3, 0xA4, 'r',  'c',  'h',                    /* text */
    0xA5, 't',  'e',  'x',  't', 's',  0x92, 0xA3, 'e',  'n',  'g',  0xA3, 'd', 'e', 'u',    /* texts */
    0xA5, 'r',  'e',  'a',  'l', 's',  0x92, 0xCB, 0x3F, 0xF0, 0,    0,    0,   0,   0,   0, /* reals: 1, */
    0xCB, 0x3F, 0xE0, 0,    0,   0,    0,    0,    0,                                        /* 0.5 */
    0xA4, 'l',  'e',  'a',  'f', 0x82, 0xA4, 'n',  'a',  'm',  'e',  0xA4, 'l', 'e', 'a', 'f',
    0xA1, 'x',  0x05,                                                /* leaf */
    0xA6, 'l',  'e',  'a',  'v', 'e',  's',  0x92,                   /* leaves */
    0x82, 0xA4, 'n',  'a',  'm', 'e',  0xA1, 'a',  0xA1, 'x',  0xFD, /* a, -3 */
    0x81, 0xA4, 'n',  'a',  'm', 'e',  0xA0,                         /* "" and x left out */
};

static void test_golden(void **state)
{
    (void)state;
    tree_t tree;
    buf_t out = {0};
    make(&tree);
    pack_encode(&tree_schema, &tree, &out);
    assert_int_equal(out.size, sizeof golden);
    for (size_t i = 0; i < sizeof golden; i++)
        if ((unsigned char)out.bytes[i] != golden[i])
            fail_msg("byte %zu is %02x instead of %02x", i, (unsigned char)out.bytes[i], golden[i]);
    buf_free(&out);
}

static void test_decode(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    tree_t tree;
    fault_t fault;
    assert_int_equal(decode(golden, sizeof golden, arena, &tree, &fault), 0);
    assert_true(tree.on);
    assert_int_equal(tree.large, -70000);
    assert_int_equal(tree.small, 300);
    assert_true(tree.part == 0.25);
    assert_string_equal(tree.text, "Märch");
    assert_int_equal(tree.texts.count, 2);
    assert_string_equal(tree.texts.items[1], "deu");
    assert_true(tree.reals.items[1] == 0.5);
    assert_string_equal(tree.leaf.name, "leaf");
    assert_int_equal(LIST_AT(leaf_t, tree.leaves, 0)->x, -3);
    assert_string_equal(LIST_AT(leaf_t, tree.leaves, 1)->name, "");
    arena_destroy(&arena);
}

/* Every beginning of a good message is refused, and so is every message with something after it. */
static void test_cut_off_and_left_over(void **state)
{
    (void)state;
    fault_t fault;
    for (size_t size = 0; size < sizeof golden; size++) {
        if (decode_exact(golden, size, &fault) != -1)
            fail_msg("%zu of %zu bytes were taken for whole", size, sizeof golden);
        assert_int_equal(fault.code, FAULT_MESSAGE);
    }
    char longer[sizeof golden + 1] = {0};
    memcpy(longer, golden, sizeof golden);
    assert_int_equal(decode_exact(longer, sizeof longer, &fault), -1);
    assert_int_equal(decode_exact(golden, sizeof golden, &fault), 0);
}

/* Whatever single byte is changed, the decoder takes or refuses it, and reads nothing that is not there. */
static void test_every_byte_changed(void **state)
{
    (void)state;
    unsigned char bytes[sizeof golden];
    fault_t fault;
    int refused = 0;
    for (size_t i = 0; i < sizeof golden; i++)
        for (int value = 0; value < 256; value++) {
            memcpy(bytes, golden, sizeof golden);
            bytes[i] = (unsigned char)value;
            refused += decode_exact(bytes, sizeof bytes, &fault) < 0;
        }
    assert_true(refused > (int)sizeof golden * 100);
}

/* Keys of a newer version, at every level, come out again as they came. */
static void test_unknown_keys(void **state)
{
    (void)state;
    static const unsigned char newer[] = {
        0x83, 0xA3, 'n',  'e',  'w', 0x92, 0x81, 0xA1, 'k', 0xC0, 0xC4, 0x02, 0x00, 0xFF, /* new: [{k: nil}, bytes] */
        0xA4, 'l',  'e',  'a',  'f', 0x82, 0xA4, 'n',  'a', 'm',  'e',  0xA1, 'n',  0xA1,
        'z',  0xD4, 0x07, 0x09, /* ext inside */
        0xA2, 'o',  'n',  0xC3,
    };
    arena_t *arena = arena_new();
    tree_t tree, again;
    fault_t fault;
    buf_t out = {0}, second = {0};
    if (decode(newer, sizeof newer, arena, &tree, &fault) < 0)
        fail_msg("%s", fault.text);
    assert_int_equal(tree.extras.count, 1);
    assert_int_equal(tree.leaf.extras.count, 1);
    pack_encode(&tree_schema, &tree, &out);
    assert_non_null(memmem(out.bytes, out.size, newer + 1, 13));
    assert_non_null(memmem(out.bytes, out.size, "\xA1z\xD4\x07\x09", 5));
    assert_int_equal(decode(out.bytes, out.size, arena, &again, &fault), 0);
    pack_encode(&tree_schema, &again, &second);
    assert_int_equal(out.size, second.size);
    assert_memory_equal(out.bytes, second.bytes, out.size);
    buf_free(&out);
    buf_free(&second);
    arena_destroy(&arena);
}

#define ROW(name, bytes)                                                                                               \
    {                                                                                                                  \
        name, bytes, sizeof bytes - 1                                                                                  \
    }

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes;
        size_t size;
    } rows[] = {
        ROW("nothing", ""),
        ROW("not a map", "\x90"),
        ROW("a tag that is never used", "\x81\xA1z\xC1"),
        ROW("a number as key", "\x81\x01\x01"),
        ROW("a key twice", "\x82\xA2on\xC3\xA2on\xC2"),
        ROW("text for a number", "\x81\xA5small\xA1x"),
        ROW("number out of range", "\x81\xA5small\xCD\x03\xE9"),
        ROW("negative where none may be", "\x81\xA5small\xFF"),
        ROW("beyond int64", "\x81\xA5large\xCF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
        ROW("not a number", "\x81\xA4part\xCB\x7F\xF8\0\0\0\0\0\0"),
        ROW("infinity", "\x81\xA4part\xCB\x7F\xF0\0\0\0\0\0\0"),
        ROW("fraction for a whole number", "\x81\xA5small\xCB\x3F\xF8\0\0\0\0\0\0"),
        ROW("text too long", "\x81\xA4text\xD9\x15xxxxxxxxxxxxxxxxxxxxx"),
        ROW("not UTF-8", "\x81\xA4text\xA2\xC3\x28"),
        ROW("a zero in a text", "\x81\xA4text\xA3"
                                "a\0b"),
        ROW("bytes for a text", "\x81\xA4text\xC4\x01x"),
        ROW("too many texts", "\x81\xA5texts\x95\xA1x\xA1x\xA1x\xA1x\xA1x"),
        ROW("nil in a list of texts", "\x81\xA5texts\x91\xC0"),
        ROW("a required key is missing", "\x81\xA4leaf\x80"),
        ROW("an array of 4 billion", "\x81\xA6leaves\xDD\xFF\xFF\xFF\xFF"),
        ROW("a map of 4 billion", "\xDF\xFF\xFF\xFF\xFF"),
        ROW("a text of 4 GB", "\x81\xA4text\xDB\xFF\xFF\xFF\xFF"),
        ROW("bytes of 4 GB under an unknown key", "\x81\xA1z\xC6\xFF\xFF\xFF\xFF"),
        ROW("ext of 4 GB under an unknown key", "\x81\xA1z\xC9\xFF\xFF\xFF\xFF\x01"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fault_t fault;
        if (decode_exact(rows[i].bytes, rows[i].size, &fault) != -1)
            fail_msg("%s was taken", rows[i].name);
        assert_int_equal(fault.code, FAULT_MESSAGE);
        assert_true(*fault.text);
    }
}

/* 100,000 arrays in one another under an unknown key: refused, not followed down. */
static void test_deep_nesting(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *bytes = malloc(DEPTH + 4);
    memcpy(bytes, "\x81\xA1z", 3);
    memset(bytes + 3, 0x91, DEPTH);
    bytes[3 + DEPTH] = 0x01;
    fault_t fault;
    assert_int_equal(decode_exact(bytes, DEPTH + 4, &fault), -1);
    free(bytes);
}

/* A count is believed only as far as there are bytes for it: memory stays near the message's size. */
static void test_memory_is_bounded(void **state)
{
    (void)state;
    char bytes[4096];
    memcpy(bytes, "\x81\xA5texts\xDD\x00\x00\x0F\x00", 12);
    memset(bytes + 12, 0xC0, sizeof bytes - 12);
    arena_t *arena = arena_new();
    tree_t tree;
    fault_t fault;
    assert_int_equal(decode(bytes, sizeof bytes, arena, &tree, &fault), -1);
    assert_true(arena_bytes(arena) < 64 * sizeof bytes);
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_cut_off_and_left_over),
        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_unknown_keys),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

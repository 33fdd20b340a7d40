/* The arena gives zeroed, aligned memory of any size that stays where it is. */
#include "proto/base/arena.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

static void test_pieces_do_not_overlap(void **state)
{
    (void)state;
    enum { PIECES = 3000 };
    arena_t *arena = arena_new();
    unsigned char *pieces[PIECES];
    for (int i = 0; i < PIECES; i++) {
        size_t size = (size_t)(i * 37 % 211);
        pieces[i] = arena_take(arena, size);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(pieces[i][j], 0);
        memset(pieces[i], i & 0xFF, size);
    }
    for (int i = 0; i < PIECES; i++)
        for (size_t j = 0; j < (size_t)(i * 37 % 211); j++)
            assert_int_equal(pieces[i][j], i & 0xFF);
    arena_destroy(&arena);
    assert_null(arena);
    arena_destroy(&arena);
}

/* What was given back comes again zeroed, and only a first chunk is kept. */
static void test_clear(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    arena_clear(arena);
    for (int round = 0; round < 3; round++) {
        unsigned char *small = arena_take(arena, 100), *large = arena_take(arena, 300000);
        for (int i = 0; i < 100; i++)
            assert_int_equal(small[i], 0);
        for (int i = 0; i < 300000; i++)
            assert_int_equal(large[i], 0);
        memset(small, 0xff, 100);
        memset(large, 0xff, 300000);
        assert_in_range(arena_bytes(arena), 300100, 300200);
        arena_clear(arena);
        assert_int_equal(arena_bytes(arena), 0);
    }
    arena_destroy(&arena);
    arena = arena_new(); /* the first piece is larger than a chunk: it is what is kept */
    for (int round = 0; round < 3; round++) {
        unsigned char *large = arena_take(arena, 300000);
        for (int i = 0; i < 300000; i++)
            assert_int_equal(large[i], 0);
        memset(large, 0xff, 300000);
        arena_clear(arena);
    }
    arena_destroy(&arena);
}

static void test_large_piece(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    size_t size = 20 * 1024 * 1024;
    char *large = arena_take(arena, size), *small = arena_text(arena, "after");
    large[0] = large[size - 1] = 'x';
    assert_string_equal(small, "after");
    assert_true(arena_bytes(arena) >= size);
    arena_destroy(&arena);
}

static void test_texts(void **state)
{
    (void)state;
    arena_t *arena = arena_new();
    char source[] = "week";
    char *copy = arena_text(arena, source);
    source[0] = 'X';
    assert_string_equal(copy, "week");
    assert_null(arena_text(arena, NULL));
    assert_string_equal(arena_text_n(arena, "Monday", 3), "Mon");
    assert_string_equal(arena_text_n(arena, "", 0), "");
    assert_string_equal(arena_format(arena, "%02d:%02d", 9, 5), "09:05");
    arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_do_not_overlap),
        cmocka_unit_test(test_clear),
        cmocka_unit_test(test_large_piece),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

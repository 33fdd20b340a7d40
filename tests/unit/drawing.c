/* The table of pictures that are being drawn: one drawing for everybody who wants the same, no more than there is room
 * for, and a moment of memory after the end. */
#include "gateway/studio/drawing.h"
#include "check.h"

#include <stdio.h>

static const char print_a[HASH_HEX] = "a", print_b[HASH_HEX] = "b";

static picture_place_t place_of(const char *tenant, const char *document)
{
    return (picture_place_t){tenant, view_of(document), 1, 0};
}

static void test_found_by_what_it_shows(void **state)
{
    (void)state;
    drawings_t drawings = {0};
    char tenant[] = "north", document[] = "week";
    picture_place_t place = place_of(tenant, document), other = place_of("south", "week"),
                    third = place_of("north", "wee");
    drawing_t *drawing = drawings_add(&drawings, &place, print_a, (ident_t){1, 1}, 0);
    assert_non_null(drawing);
    tenant[0] = document[0] = 'x'; /* its texts are its own */
    place = place_of("north", "week");
    assert_ptr_equal(drawings_find(&drawings, &place, print_a), drawing);
    assert_null(drawings_find(&drawings, &place, print_b));
    assert_null(drawings_find(&drawings, &other, print_a)); /* another tenant's, whatever it shows */
    assert_null(drawings_find(&drawings, &third, print_a));
    assert_ptr_equal(drawings_of_job(&drawings, (ident_t){1, 1}), drawing);
    assert_null(drawings_of_job(&drawings, (ident_t){1, 2}));
    for (uint64_t i = 0; i < 100; i++)
        drawing_await(drawing, i);
    assert_int_equal(drawing->count, 100);
    assert_int_equal(drawing->tickets[99], 99);
    drawings_free(&drawings);
    assert_null(drawings.first);
}

static void test_no_more_than_there_is_room_for(void **state)
{
    (void)state;
    drawings_t drawings = {0};
    picture_place_t place = place_of("north", "week");
    fault_t fault = {0};
    fault_set(&fault, FAULT_DAMAGED, "torn");
    for (uint64_t i = 0; i < DRAWINGS_MOST; i++)
        assert_non_null(drawings_add(&drawings, &place, print_a, (ident_t){1, i}, 0));
    assert_null(drawings_add(&drawings, &place, print_a, (ident_t){2, 0}, 0));
    assert_int_equal(drawings.in_hand, DRAWINGS_MOST);
    for (uint64_t i = 0; i < DRAWINGS_MOST; i += 2)
        drawing_end(&drawings, drawings_of_job(&drawings, (ident_t){1, i}), i ? &fault : NULL, 1000);
    assert_int_equal(drawings.in_hand, DRAWINGS_MOST / 2);
    assert_int_equal(drawings_of_job(&drawings, (ident_t){1, 0})->fault.code, FAULT_NONE);
    assert_int_equal(drawings_of_job(&drawings, (ident_t){1, 2})->fault.code, FAULT_DAMAGED);
    drawings_sweep(&drawings, 1000 + DRAWINGS_REMEMBER_US - 1); /* they are remembered */
    assert_int_equal(drawings.count, DRAWINGS_MOST);
    drawings_sweep(&drawings, 1000 + DRAWINGS_REMEMBER_US);
    assert_int_equal(drawings.count, DRAWINGS_MOST / 2);
    assert_null(drawings_of_job(&drawings, (ident_t){1, 0}));
    assert_non_null(drawings_of_job(&drawings, (ident_t){1, 1}));
    drawing_end(&drawings, drawings_of_job(&drawings, (ident_t){1, 1}), NULL, 2000);
    drawings_forget(&drawings, drawings_of_job(&drawings, (ident_t){1, 1}));
    assert_null(drawings_of_job(&drawings, (ident_t){1, 1}));
    assert_int_equal(drawings.count, DRAWINGS_MOST / 2 - 1);
    drawings_free(&drawings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_by_what_it_shows),
        cmocka_unit_test(test_no_more_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

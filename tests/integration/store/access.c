/* Tenants, keys and tokens of feeds. */
#include "trial.h"

#include <stdlib.h>

static void test_tenants(void **state)
{
    trial_t *t = *state;
    tenant_list_t list;
    bool found = false;
    VERDICT(t, tenants_add(&t->session, view_of(t->tenant), view_of("School"), &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, tenants_add(&t->session, view_of(t->tenant), view_of("Other"), &t->verdict, &t->fault), VERDICT_ALREADY);
    static const char *const bad[] = {
        "", "a/b", "..", "Big", "a b", "é", "0123456789012345678901234567890123456789012345678901234567890123x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        REFUSED(t, tenants_add(&t->session, view_of(bad[i]), view_of("School"), &t->verdict, &t->fault), FAULT_INPUT);
    for (const char *after = ""; after; after = list.count ? list.rows[list.count - 1].id : NULL) {
        DO(t, tenants_list(&t->session, after, 2, t->arena, &list, &t->fault));
        for (size_t i = 0; i < list.count; i++)
            if (strcmp(list.rows[i].id, t->tenant) == 0) {
                assert_false(found);
                found = true;
                assert_string_equal(list.rows[i].name, "School");
            }
    }
    assert_true(found);
}

static void test_keys(void **state)
{
    trial_t *t = *state;
    const char *id = trial_id(t), *hash = trial_id(t), *brief = trial_id(t), *brief_hash = trial_id(t);
    key_row_t row;
    key_list_t list;
    REFUSED(t, keys_add(&t->session, id, t->tenant, view_of("x"), "teacher", hash, 0, &t->fault), FAULT_INPUT);
    VERDICT(t, tenants_add(&t->session, view_of(t->tenant), view_of("School"), &t->verdict, &t->fault), VERDICT_DONE);
    REFUSED(t, keys_add(&t->session, id, t->tenant, view_of("x"), "root", hash, 0, &t->fault), FAULT_INPUT);
    VERDICT(t, keys_find(&t->session, hash, t->arena, &row, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    DO(t, keys_add(&t->session, id, t->tenant, view_of("laptop"), "teacher", hash, 0, &t->fault));
    DO(t, keys_add(&t->session, brief, t->tenant, view_of("brief"), "admin", brief_hash, 60000, &t->fault));
    VERDICT(t, keys_find(&t->session, hash, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    assert_string_equal(row.id, id);
    assert_string_equal(row.tenant, t->tenant);
    assert_string_equal(row.role, "teacher");
    VERDICT(t, keys_find(&t->session, brief_hash, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    trial_ask(t, "UPDATE api_keys SET expires_at = '2020-01-01 00:00:00+00:00' WHERE id = '%s'", brief);
    VERDICT(t, keys_find(&t->session, brief_hash, t->arena, &row, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, keys_revoke(&t->session, t->other, view_of(id), &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, keys_find(&t->session, hash, t->arena, &row, &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, keys_revoke(&t->session, t->tenant, view_of(id), &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, keys_revoke(&t->session, t->tenant, view_of(id), &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, keys_find(&t->session, hash, t->arena, &row, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    DO(t, keys_list(&t->session, t->tenant, "", 10, t->arena, &list, &t->fault));
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < 2; i++)
        if (strcmp(list.rows[i].id, id) == 0)
            assert_true(list.rows[i].revoked_ms > 1700000000000 && list.rows[i].expires_ms == 0);
        else
            assert_true(list.rows[i].revoked_ms == 0 && llabs(list.rows[i].expires_ms - 1577836800000) < 2);
}

static void test_feeds(void **state)
{
    trial_t *t = *state;
    accept_t accept = trial_read(t, "week.png", "2B");
    const char *hash = trial_id(t), *other = trial_id(t);
    feed_t feed;
    VERDICT(t, feeds_add(&t->session, hash, t->other, view_of(accept.id), &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, feeds_add(&t->session, hash, t->tenant, view_of(accept.id), &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, feeds_add(&t->session, other, t->tenant, view_of(accept.id), &t->verdict, &t->fault), VERDICT_DONE);
    VERDICT(t, feeds_find(&t->session, hash, t->arena, &feed, &t->verdict, &t->fault), VERDICT_DONE);
    assert_string_equal(feed.document, accept.id);
    assert_string_equal(feed.tenant, t->tenant);
    DO(t, feeds_revoke(&t->session, t->other, view_of(accept.id), &t->fault));
    VERDICT(t, feeds_find(&t->session, hash, t->arena, &feed, &t->verdict, &t->fault), VERDICT_DONE);
    DO(t, feeds_revoke(&t->session, t->tenant, view_of(accept.id), &t->fault));
    VERDICT(t, feeds_find(&t->session, hash, t->arena, &feed, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
    VERDICT(t, feeds_find(&t->session, other, t->arena, &feed, &t->verdict, &t->fault), VERDICT_NOT_FOUND);
}

int test_access(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_begin, trial_end)
    const struct CMUnitTest access[] = {TEST(test_tenants), TEST(test_keys), TEST(test_feeds)};
    return cmocka_run_group_tests(access, trial_begin_group, trial_end_group);
}

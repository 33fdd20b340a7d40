/* Which addresses may be connected to: the public internet, and what is listed. */
#include "proto/fetch/network.h"
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool allows(const networks_t *networks, const char *text)
{
    struct sockaddr_storage room = {0};
    struct sockaddr_in *four = (struct sockaddr_in *)&room;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&room;
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1)
        room.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1)
        room.ss_family = AF_INET6;
    else
        fail_msg("%s is no address", text);
    return networks_allow(networks, (const struct sockaddr *)&room);
}

static void test_public(void **state)
{
    (void)state;
    static const char *const open[] = {
        "8.8.8.8",       "1.1.1.1",        "52.216.0.1",    "172.15.255.255", "172.32.0.0",   "11.0.0.0",
        "9.255.255.255", "100.63.255.255", "100.128.0.0",   "192.167.0.1",    "192.169.0.1",  "169.253.255.255",
        "126.0.0.1",     "128.0.0.1",      "223.255.255.1", "2600:1f00::1",   "2a00:1450::1", "::ffff:8.8.8.8",
    };
    static const char *const shut[] = {
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:0a00:1::1",
        "2001::1",
        "2001:db8::1",
        "::127.0.0.1",
        "100::1",
        "fec0::1",
    };
    networks_t none = {.count = 0};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (!allows(&none, open[i]))
            fail_msg("%s is public", open[i]);
    for (size_t i = 0; i < sizeof shut / sizeof *shut; i++)
        if (allows(&none, shut[i]))
            fail_msg("%s is not public", shut[i]);
    struct sockaddr local = {.sa_family = AF_UNIX};
    assert_false(networks_allow(&none, &local));
}

static void test_listed(void **state)
{
    (void)state;
    networks_t networks;
    fault_t fault = {0};
    if (networks_parse(" 10.1.0.0/16,127.0.0.1\tfd00::/9  192.168.4.0/22", &networks, &fault) < 0)
        fail_msg("%s", fault.text);
    assert_int_equal(networks.count, 4);
    static const char *const inside[] = {"10.1.255.255",  "127.0.0.1",       "fd7f::1",      "192.168.4.0",
                                         "192.168.7.255", "::ffff:10.1.2.3", "93.184.216.34"};
    static const char *const outside[] = {"10.2.0.0", "10.0.255.255",  "127.0.0.2",
                                          "fd80::1",  "192.168.3.255", "192.168.8.0"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (!allows(&networks, inside[i]))
            fail_msg("%s is allowed", inside[i]);
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        if (allows(&networks, outside[i]))
            fail_msg("%s is not allowed", outside[i]);
    assert_int_equal(networks_parse("0.0.0.0/0", &networks, &fault), 0);
    assert_true(allows(&networks, "127.0.0.1"));
    assert_false(allows(&networks, "::1")); /* all of IPv4 is not all of IPv6 */
}

static void test_mistakes(void **state)
{
    (void)state;
    static const char *const wrong[] = {"10.0.0.0/33", "10.0.0/8",    "fd00::/129",  "10.0.0.0/",
                                        "10.0.0.0/x",  "10.0.0.0/-1", "host",        "10.0.0.0/8/8",
                                        "/8",          "1.2.3.4.5",   "10.0.0.0/8x", "::g"};
    networks_t networks;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fault_t fault = {0};
        if (networks_parse(wrong[i], &networks, &fault) == 0)
            fail_msg("%s is no network", wrong[i]);
        assert_int_equal(fault.code, FAULT_SETTING);
        assert_non_null(strstr(fault.text, wrong[i]));
    }
    char many[NETWORKS_MOST * 8 + 100] = "";
    for (int i = 0; i <= NETWORKS_MOST; i++)
        strcat(many, "1.1.1.1 ");
    fault_t fault = {0};
    assert_int_equal(networks_parse(many, &networks, &fault), -1);
    assert_int_equal(networks_parse(NULL, &networks, &fault), 0);
    assert_int_equal(networks.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_public), cmocka_unit_test(test_listed),
                                       cmocka_unit_test(test_mistakes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

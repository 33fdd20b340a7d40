/* SHA-256 on the examples of FIPS 180-4 (NIST's CAVP gives the digests), whole and in pieces of every size. */
#include "proto/base/hash.h"
#include "check.h"
#include "proto/base/hash_block.h"

#include <string.h>

static void test_examples(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digest;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hash_t hash;
        char hex[HASH_HEX];
        hash_begin(&hash);
        hash_add(&hash, rows[i].text, strlen(rows[i].text));
        assert_string_equal(hash_hex(&hash, hex), rows[i].digest);
    }
}

/* The processor's own instructions and plain C give the same, from any value and however many blocks. */
static void test_ways(void **state)
{
    (void)state;
    uint8_t bytes[64 * 9];
    uint32_t one[8], other[8];
    for (uint32_t turn = 0; turn < 200; turn++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((turn + 1) * 2654435761u * (i + 7) >> 11);
        for (uint32_t i = 0; i < 8; i++)
            one[i] = other[i] = (turn + i) * 0x9e3779b9u;
        hash_block(one, bytes, turn % 10);
        hash_block_plain(other, bytes, turn % 10);
        assert_memory_equal(one, other, sizeof one);
    }
}

/* A million times "a", in pieces of different sizes. */
static void test_pieces(void **state)
{
    (void)state;
    char block[200], hex[HASH_HEX];
    memset(block, 'a', sizeof block);
    for (size_t piece = 1; piece <= sizeof block; piece += 33) {
        hash_t hash;
        hash_begin(&hash);
        for (size_t left = 1000000; left;) {
            size_t n = left < piece ? left : piece;
            hash_add(&hash, block, n);
            left -= n;
        }
        assert_string_equal(hash_hex(&hash, hex), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

/* Every length around the edges of a block: in one piece and byte by byte must agree. */
static void test_edges(void **state)
{
    (void)state;
    char bytes[200], whole[HASH_HEX], single[HASH_HEX];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    for (size_t size = 0; size < sizeof bytes; size++) {
        hash_t a, b;
        hash_begin(&a);
        hash_begin(&b);
        hash_add(&a, bytes, size);
        for (size_t i = 0; i < size; i++)
            hash_add(&b, bytes + i, 1);
        assert_string_equal(hash_hex(&a, whole), hash_hex(&b, single));
    }
}

/* RFC 4231, cases 2 and 6 (a key longer than a block). */
static void test_hmac(void **state)
{
    (void)state;
    uint8_t digest[HASH_BYTES], key[131];
    char hex[HASH_HEX];
    hash_hmac("Jefe", 4, "what do ya want for nothing?", 28, digest);
    assert_string_equal(hash_text(digest, hex), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    hash_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, digest);
    assert_string_equal(hash_text(digest, hex), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hmac), cmocka_unit_test(test_examples),
                                       cmocka_unit_test(test_ways), cmocka_unit_test(test_pieces),
                                       cmocka_unit_test(test_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

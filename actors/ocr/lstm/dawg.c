/* dawg: see dawg.h. Format: tesseract 5.3, SquishedDawg in src/dict/dawg.cpp. */
#include "dawg.h"

#include <string.h>

enum { MAGIC = 42, HEAD = 10, EDGE = 8, LAST = 1, BACK = 2, ENDS = 4, FLAGS = 3 };

static uint64_t edge_at(const dawg_t *dawg, int edge)
{
    const uint8_t *at = dawg->edges + (size_t)edge * EDGE;
    uint64_t value;
    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static int letter(const dawg_t *dawg, uint64_t edge)
{
    return (int)(edge & ((1U << dawg->letter_bits) - 1));
}

static bool has(const dawg_t *dawg, uint64_t edge, unsigned flag)
{
    return edge >> dawg->letter_bits & flag;
}

int dawg_parse(bytes_t bytes, dawg_t *dawg)
{
    enum { SIGNS_MOST = 1 << 20 };
    int magic = bytes_u8(&bytes);
    magic |= bytes_u8(&bytes) << 8;
    int signs = bytes_i32(&bytes), count = bytes_i32(&bytes);
    *dawg = (dawg_t){0};
    if (magic != MAGIC || signs < 1 || signs > SIGNS_MOST || count < 1)
        return -1;
    const uint8_t *edges = bytes_take(&bytes, (size_t)count * EDGE);
    if (!edges)
        return -1;
    *dawg = (dawg_t){.edges = edges, .count = count};
    while (1 << dawg->letter_bits < signs + 1) /* one more than there are signs is told apart */
        dawg->letter_bits++;
    while (dawg->first < count) {
        uint64_t edge = edge_at(dawg, dawg->first);
        if (has(dawg, edge, BACK))
            break;
        dawg->first++;
        if (has(dawg, edge, LAST))
            break;
    }
    return 0;
}

/* Among the edges where words begin, which are in the order of their signs; of one sign, what is wanted may be any. */
static int find_first(const dawg_t *dawg, int sign, bool ends)
{
    int low = 0, high = dawg->first;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (letter(dawg, edge_at(dawg, middle)) < sign)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < dawg->first && letter(dawg, edge_at(dawg, low)) == sign; low++)
        if (!ends || has(dawg, edge_at(dawg, low), ENDS))
            return low;
    return DAWG_NONE;
}

int dawg_next(const dawg_t *dawg, int edge, int sign, bool ends)
{
    if (edge == DAWG_NONE)
        return find_first(dawg, sign, ends);
    uint64_t node = edge_at(dawg, edge) >> (dawg->letter_bits + FLAGS);
    if (node == 0) /* nothing behind it */
        return DAWG_NONE;
    for (uint64_t at = node; at < (uint64_t)dawg->count; at++) {
        uint64_t value = edge_at(dawg, (int)at);
        if (letter(dawg, value) == sign && (!ends || has(dawg, value, ENDS)))
            return (int)at;
        if (has(dawg, value, LAST))
            break;
    }
    return DAWG_NONE;
}

bool dawg_ends(const dawg_t *dawg, int edge)
{
    return has(dawg, edge_at(dawg, edge), ENDS);
}

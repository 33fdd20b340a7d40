/* ident: see ident.h. */
#include "ident.h"
#include "clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

ident_t ident_of(uint64_t wall_ms, uint64_t random_a, uint64_t random_b)
{
    ident_t ident;
    ident.high = wall_ms << 16 | 7u << 12 | (random_a & 0xFFF);
    ident.low = UINT64_C(2) << 62 | (random_b >> 2);
    return ident;
}

/* The time in 4096ths of a millisecond, or just behind the last one that was given out by this process: RFC 9562,
 * section 6.2, method 3. */
static uint64_t next_tick(void)
{
    static atomic_uint_fast64_t last;
    uint64_t ns = (uint64_t)clock_wall_ns(), now = ns / 1000000 << 12 | ns % 1000000 * 4096 / 1000000;
    uint_fast64_t before = atomic_load_explicit(&last, memory_order_relaxed), tick;
    do
        tick = now > before ? now : before + 1;
    while (!atomic_compare_exchange_weak_explicit(&last, &before, tick, memory_order_relaxed, memory_order_relaxed));
    return tick;
}

int ident_new(ident_t *ident, fault_t *fault)
{
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return fault_set(fault, FAULT_SYSTEM, "no random bytes from the kernel: %s", strerror(errno));
    uint64_t tick = next_tick();
    *ident = ident_of(tick >> 12, tick & 0xFFF, random);
    return 0;
}

char *ident_format(ident_t ident, char out[IDENT_TEXT])
{
    snprintf(out, IDENT_TEXT, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(ident.high >> 32),
             (unsigned)(ident.high >> 16 & 0xFFFF), (unsigned)(ident.high & 0xFFFF), (unsigned)(ident.low >> 48),
             (unsigned long long)(ident.low & 0xFFFFFFFFFFFF));
    return out;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ident_parse(const char *text, ident_t *ident)
{
    uint64_t halves[2] = {0, 0};
    int digits = 0;
    for (int i = 0; i < IDENT_TEXT - 1; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int digit = digit_of(text[i]);
        if (digit < 0)
            return false; /* the closing zero too */
        halves[digits / 16] = halves[digits / 16] << 4 | (uint64_t)digit;
        digits++;
    }
    if (text[IDENT_TEXT - 1])
        return false;
    *ident = (ident_t){halves[0], halves[1]};
    return true;
}

void ident_write(ident_t ident, uint8_t out[IDENT_BYTES])
{
    uint64_t high = __builtin_bswap64(ident.high), low = __builtin_bswap64(ident.low);
    memcpy(out, &high, 8);
    memcpy(out + 8, &low, 8);
}

ident_t ident_read(const uint8_t bytes[IDENT_BYTES])
{
    uint64_t high, low;
    memcpy(&high, bytes, 8);
    memcpy(&low, bytes + 8, 8);
    return (ident_t){__builtin_bswap64(high), __builtin_bswap64(low)};
}

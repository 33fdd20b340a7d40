/* key: see key.h. */
#include "key.h"

#include <string.h>

/* Five digits stand for four bytes. */
enum { BASE = 85, DIGITS = 5, BYTES = 4 };

static const char alphabet[BASE + 1] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

bool key_valid(const char *text, size_t size)
{
    if (size != KEY_TEXT - 1)
        return false;
    uint64_t group = 0;
    for (size_t i = 0; i < size; i++) {
        const char *digit = text[i] ? strchr(alphabet, text[i]) : NULL;
        if (!digit)
            return false;
        group = BASE * (i % DIGITS ? group : 0) + (uint64_t)(digit - alphabet);
        if (i % DIGITS == DIGITS - 1 && group > UINT32_MAX)
            return false;
    }
    return true;
}

char *key_write(const uint8_t bytes[KEY_BYTES], char text[KEY_TEXT])
{
    for (size_t i = 0; i < KEY_BYTES / BYTES; i++) {
        uint32_t group = 0;
        for (size_t j = 0; j < BYTES; j++)
            group = group << 8 | bytes[BYTES * i + j];
        for (size_t j = DIGITS; j-- > 0; group /= BASE)
            text[DIGITS * i + j] = alphabet[group % BASE];
    }
    text[KEY_TEXT - 1] = 0;
    return text;
}

/* words: see words.h. */
#include "words.h"
#include "proto/base/buf.h"
#include "proto/base/text.h"

#include <assert.h>
#include <stdbool.h>

static bool has(const words_t *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) == 0)
            return true;
    return false;
}

/* The size of a word that is not cut within a character. */
static size_t whole(const char *word, size_t size)
{
    if (size <= WORD_BYTES_MOST)
        return size;
    size = WORD_BYTES_MOST;
    while (size > 0 && ((unsigned char)word[size] & 0xC0) == 0x80)
        size--;
    return size;
}

void words_add(words_t *words, view_t text, arena_t *arena)
{
    if (!text.at || !text_valid(text.at, text.size))
        return;
    size_t room = text.size * 4 + 1; /* a letter may fold to several */
    char *plain = text_plain(arena_text_n(arena, text.at, text.size), arena_take(arena, room), room);
    for (const char *at = plain; *at && words->count < WORDS_MOST;) {
        size_t size = strcspn(at, " ");
        const char *word = arena_text_n(arena, at, whole(at, size));
        if (*word && !has(words, word))
            words->items[words->count++] = word;
        at += size + (at[size] == ' ');
    }
}

const char *words_json(const words_t *words, size_t except, arena_t *arena)
{
    buf_t json = {0};
    buf_char(&json, '[');
    for (size_t i = 0; i < words->count; i++)
        if (i != except) /* folded words have letters and digits only */
            buf_format(&json, "%s\"%s\"", json.size > 1 ? "," : "", words->items[i]);
    buf_char(&json, ']');
    const char *text = arena_text_n(arena, json.bytes, json.size);
    buf_free(&json);
    return text;
}

size_t words_longest(const words_t *words)
{
    size_t longest = 0;
    assert(words->count > 0);
    for (size_t i = 1; i < words->count; i++)
        if (strlen(words->items[i]) > strlen(words->items[longest]))
            longest = i;
    return longest;
}

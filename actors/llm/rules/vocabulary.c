/* vocabulary: see vocabulary.h. */
#include "vocabulary.h"
#include "proto/base/text.h"
#include "vocabulary_table.h"

#include <stdint.h>
#include <string.h>

enum { TEXT_MOST = 160 };

/* First row that is not before (section, folded). */
static int lower_bound(const char *section, const char *folded)
{
    int lo = 0, hi = vocabulary_count;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        int order = strcmp(vocabulary_forms[mid].section, section);
        order = order ? order : strcmp(vocabulary_forms[mid].folded, folded);
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static int find_folded(const char *section, const char *folded)
{
    int at = lower_bound(section, folded);
    bool found = at < vocabulary_count && strcmp(vocabulary_forms[at].section, section) == 0 &&
                 strcmp(vocabulary_forms[at].folded, folded) == 0;
    return found ? vocabulary_forms[at].entry : -1;
}

int vocabulary_find(const char *section, const char *text)
{
    char folded[TEXT_MOST];
    if (strlen(text) >= TEXT_MOST)
        return -1;
    text_plain(text, folded, sizeof folded);
    return *folded ? find_folded(section, folded) : -1;
}

int vocabulary_prefix(const char *section, const char *text, size_t *length)
{
    int best = -1;
    char part[TEXT_MOST];
    size_t limit = strlen(text) < TEXT_MOST ? strlen(text) : TEXT_MOST - 1;
    *length = 0;
    for (size_t n = 1; n <= limit; n++) {
        const char *at = text + n;
        if (((unsigned char)*at & 0xC0) == 0x80)
            continue;
        const char *probe = at;
        uint32_t next = text_next(&probe);
        if (text_is_letter(next) || text_is_digit(next) || text[n - 1] == ' ')
            continue;
        memcpy(part, text, n);
        part[n] = 0;
        int entry = vocabulary_find(section, part);
        if (entry >= 0)
            best = entry, *length = n;
    }
    return best;
}

const char *vocabulary_name(const char *section, int entry)
{
    for (int i = lower_bound(section, ""); i < vocabulary_count && strcmp(vocabulary_forms[i].section, section) == 0; i++)
        if (vocabulary_forms[i].entry == entry)
            return vocabulary_forms[i].name;
    return NULL;
}

int vocabulary_nearest(const char *section, const char *text, int limit, int *entry)
{
    char folded[TEXT_MOST];
    int best = limit + 1;
    *entry = -1;
    if (strlen(text) >= TEXT_MOST)
        return best;
    text_plain(text, folded, sizeof folded);
    for (int i = lower_bound(section, ""); i < vocabulary_count && strcmp(vocabulary_forms[i].section, section) == 0; i++) {
        int distance = text_distance(folded, vocabulary_forms[i].folded, best - 1);
        if (distance < best)
            best = distance, *entry = vocabulary_forms[i].entry;
    }
    return best;
}

static bool knows_word(const char *word)
{
    static const char *const sections[] = {"subject", "routine", "words", "days", "months", "teacher", "class", "term", "school", "week",
                                           "time",    "day",     "period", "room", "note"};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (find_folded(sections[i], word) >= 0)
            return true;
    return false;
}

bool vocabulary_knows(const char *text)
{
    char folded[TEXT_MOST], *rest = folded;
    bool any = false;
    if (strlen(text) >= TEXT_MOST)
        return false;
    text_plain(text, folded, sizeof folded);
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        if (strlen(word) < 2)
            continue;
        any = true;
        if (!knows_word(word))
            return false;
    }
    return any;
}

/* dialect: see dialect.h. */
#include "dialect.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
    const char *name;           /* in braces */
    const char *says[DIALECTS]; /* @ stands for the first word after the name, # for the second */
} phrase_t;

#define CLOCK "strftime('%Y-%m-%d %H:%M:%f','now'"

static const phrase_t phrases[] = {
    {"now", {"now()", CLOCK ")"}},
    {"in", {"(now() + @::float8 * interval '1 millisecond')", CLOCK ",(@/1000.0)||' seconds')"}},
    {"ago", {"(now() - @::float8 * interval '1 millisecond')", CLOCK ",(-@/1000.0)||' seconds')"}},
    {"ms", {"(extract(epoch from @) * 1000)::bigint", "CAST(round((julianday(@) - 2440587.5) * 86400000) AS INTEGER)"}},
    {"stamp", {"to_char(@ AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", "@"}},
    {"from", {"(@::timestamp AT TIME ZONE 'UTC')", "@"}},
    {"json", {"@::jsonb", "@"}},
    {"among", {"# = ANY (string_to_array(@, ','))", "instr(',' || @ || ',', ',' || # || ',') > 0"}},
    {"each", {"jsonb_array_elements_text(@::jsonb) AS each(value)", "json_each(@) AS each"}},
    {"watch",
     {"jsonb_to_recordset(@::jsonb) AS w(d text, a bigint)",
      "(SELECT value->>'d' AS d, value->>'a' AS a FROM json_each(@)) AS w"}},
    {"stages",
     {"jsonb_to_recordset(@::jsonb) AS s(id text, stage text, status text, confidence float8, result jsonb, message "
      "text, attempt int)",
      "(SELECT value->>'id' AS id, value->>'stage' AS stage, value->>'status' AS status, value->>'confidence' AS "
      "confidence, value->'result' AS result, value->>'message' AS message, value->>'attempt' AS attempt FROM "
      "json_each(@)) AS s"}},
    {"events",
     {"jsonb_to_recordset(@::jsonb) AS e(type text, step text, percentage int, message text, data jsonb)",
      "(SELECT value->>'type' AS type, value->>'step' AS step, value->>'percentage' AS percentage, value->>'message' "
      "AS message, value->'data' AS data FROM json_each(@)) AS e"}},
    {"object", {"jsonb_build_object", "json_object"}},
    {"nested", {"@", "json(@)"}},
    {"plain", {"(@ || '')", "+@"}},
    {"lock", {"FOR UPDATE", ""}},
    {"lock-free", {"FOR UPDATE SKIP LOCKED", ""}},
};

/* Appends a text, with $1 as ?1 where the database wants it so. */
static void add(dialect_t dialect, const char *text, size_t size, buf_t *out)
{
    for (size_t i = 0; i < size; i++) {
        bool parameter = text[i] == '$' && i + 1 < size && isdigit((unsigned char)text[i + 1]);
        buf_char(out, parameter && dialect == DIALECT_SQLITE ? '?' : text[i]);
    }
}

static const phrase_t *find(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (strlen(phrases[i].name) == size && strncmp(phrases[i].name, name, size) == 0)
            return &phrases[i];
    return NULL;
}

static void expand(dialect_t dialect, const char *inside, size_t size, buf_t *out)
{
    const char *words[3] = {inside, "", ""};
    size_t sizes[3] = {0}, count = 0;
    for (size_t i = 0; i < size; count++) {
        size_t from = i;
        while (i < size && inside[i] != ' ')
            i++;
        assert(count < 3);
        words[count] = inside + from;
        sizes[count] = i - from;
        i += i < size;
    }
    const phrase_t *phrase = find(words[0], sizes[0]);
    assert(phrase);
    for (const char *p = phrase->says[dialect]; *p; p++) {
        if (*p == '@' || *p == '#') {
            size_t word = *p == '@' ? 1 : 2;
            assert(word < count);
            add(dialect, words[word], sizes[word], out);
        } else {
            buf_char(out, *p);
        }
    }
}

void dialect_expand(dialect_t dialect, const char *statement, buf_t *out)
{
    for (const char *at = statement; *at;) {
        size_t plain = strcspn(at, "{");
        add(dialect, at, plain, out);
        at += plain;
        if (!*at)
            return;
        size_t size = strcspn(at, "}");
        assert(at[size] == '}');
        expand(dialect, at + 1, size - 1, out);
        at += size + 1;
    }
}

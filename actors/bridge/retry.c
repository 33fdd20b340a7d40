/* retry: see retry.h. */
#include "retry.h"
#include "papers/data.h"
#include "proto/json.h"

#include <math.h>
#include <stdlib.h>

/* Longest wait: what a score of the delayed set can carry (52 bits of milliseconds less 12, from now on). */
#define DELAY_MOST 3.0e11

static double fraction(chance_t *chance)
{
    return (double)(chance_next(chance) >> 11) / 9007199254740992.0;
}

static double backoff_of(const job_options_t *options, int64_t attempt, chance_t *chance)
{
    double ms = options->backoff_ms;
    if (options->backoff == BACKOFF_IS_EXPONENTIAL)
        ms = round(pow(2, (double)(attempt - 1)) * ms);
    if (options->jitter > 0)
        ms = floor(fraction(chance) * ms * options->jitter + ms * (1 - options->jitter));
    return fmin(ms, DELAY_MOST);
}

retry_t retry_decide(const job_options_t *options, int64_t made, bool final, chance_t *chance)
{
    if (final || made + 1 >= options->attempts)
        return (retry_t){.kind = RETRY_NEVER};
    if (options->backoff == BACKOFF_IS_UNKNOWN)
        return (retry_t){.kind = RETRY_NEVER, .unknown = true};
    double ms = options->backoff == BACKOFF_IS_NONE ? 0 : backoff_of(options, made + 1, chance);
    return ms >= 1 ? (retry_t){.kind = RETRY_LATER, .delay_ms = (int64_t)ms} : (retry_t){.kind = RETRY_NOW};
}

/* A text that may have zeros in it. */
static void write_text(span_t text, buf_t *out)
{
    json_t *string = json_stringn_nocheck(text.at, text.size);
    char *dump = json_dumps(string, JSON_ENCODE_ANY);
    if (dump)
        buf_text(out, dump);
    else /* malformed UTF-8 */
        json_text(text.at, out);
    free(dump);
    json_decref(string);
}

void retry_trace(const char *traces, size_t size, span_t trace, int64_t limit, buf_t *out)
{
    json_error_t error;
    json_t *list = size ? data_load(traces, size, JSON_ALLOW_NUL, &error) : NULL;
    size_t before = json_array_size(list); /* 0 of what is no list */
    size_t from = limit >= 0 && (size_t)limit < before + 1 ? before + 1 - (size_t)limit : 0;
    buf_char(out, '[');
    for (size_t i = from; i < before; i++) {
        char *text = json_dumps(json_array_get(list, i), JSON_ENCODE_ANY | JSON_COMPACT);
        buf_text(out, text ? text : "\"\"");
        buf_char(out, ',');
        free(text);
    }
    if (from <= before)
        write_text(trace, out);
    buf_char(out, ']');
    json_decref(list);
}

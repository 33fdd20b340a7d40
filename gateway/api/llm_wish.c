/* llm_wish: see llm_wish.h. */
#include "llm_wish.h"

#include "body.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_MOST = 64 };

static bool is_visible(const char *text)
{
    for (; *text; text++)
        if (*text < '!' || *text > '~')
            return false;
    return true;
}

bool llm_session_valid(const char *session)
{
    return *session && strlen(session) <= LLM_SESSION_MOST && is_visible(session);
}

/* A key that was pasted comes with blanks around it; in the middle it has none. */
static int take_key(llm_wish_t *wish, arena_t *arena, fault_t *fault)
{
    static const char blanks[] = " \t\r\n";
    if (!wish->key)
        return 0;
    const char *begin = wish->key + strspn(wish->key, blanks);
    size_t size = strlen(begin);
    while (size && strchr(blanks, begin[size - 1]))
        size--;
    wish->key = arena_text_n(arena, begin, size);
    return is_visible(wish->key)
               ? 0
               : fault_set(fault, FAULT_INPUT, "apiKey has characters that no API key has; copy it once more");
}

/* A number, or one written as text, as forms send it. */
static void take_minutes(const json_t *value, llm_wish_t *wish)
{
    const char *text = json_string_value(value);
    int64_t minutes =
        text && strspn(text, "0123456789") == strlen(text) ? strtoll(text, NULL, 10) : json_integer_value(value);
    wish->minutes_given = value && !json_is_null(value);
    wish->minutes = minutes >= 1 && minutes <= LLM_MINUTES_MOST ? minutes : 0;
}

int llm_wish_read(const buf_t *body, arena_t *arena, llm_wish_t *wish, fault_t *fault)
{
    *wish = (llm_wish_t){0};
    if (!body->size)
        return 0;
    json_t *object = body_object(body, true, fault);
    int failed = !object || body_text(object, "sessionId", LLM_SESSION_MOST, arena, &wish->session, fault) < 0 ||
                 body_text(object, "provider", WORD_MOST, arena, &wish->provider, fault) < 0 ||
                 body_text(object, "model", LLM_MODEL_MOST, arena, &wish->model, fault) < 0 ||
                 body_text(object, "apiKey", LLM_KEY_MOST, arena, &wish->key, fault) < 0 ||
                 take_key(wish, arena, fault) < 0;
    if (!failed)
        take_minutes(json_object_get(object, "timeout"), wish);
    if (!failed && wish->model && !is_visible(wish->model))
        failed = fault_set(fault, FAULT_INPUT, "model has characters that no name of a model has") < 0;
    if (!failed && wish->model && !*wish->model)
        wish->model = NULL; /* a form in which none was chosen */
    json_decref(object);
    return failed ? -1 : 0;
}

int64_t llm_minutes(const llm_wish_t *wish)
{
    bool offered = wish->minutes == LLM_MINUTES || wish->minutes == 15 || wish->minutes == LLM_MINUTES_MOST;
    return offered ? wish->minutes : LLM_MINUTES;
}

/* Any body of a correction or of a choice of a provider, and any options of an upload, are taken or refused with a
 * sentence; what is taken is within its limits, and an API key can stand in a header. */
#include "gateway/api/edit.h"
#include "gateway/api/llm_wish.h"
#include "gateway/api/options.h"
#include "proto/base/text.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void check(view_t view)
{
    if (view.at && !text_valid(view.at, view.size))
        abort();
}

static void check_edit(const buf_t *body, arena_t *arena)
{
    edit_t edit = {0};
    view_t document;
    fault_t fault = {0};
    if (edit_read(body, NULL, arena, &edit, &fault) < 0) {
        if (fault.code != FAULT_INPUT || !*fault.text)
            abort();
    } else {
        if (!edit.timeblocks.at || *edit.timeblocks.at != '[')
            abort();
        check(edit.timeblocks);
        check(edit.teacher_name);
        check(edit.saved_name);
    }
    if (edit_document(body, arena, &document, &fault) == 0)
        check(document);
}

static void check_wish(const buf_t *body, arena_t *arena)
{
    llm_wish_t wish;
    fault_t fault = {0};
    if (llm_wish_read(body, arena, &wish, &fault) < 0) {
        if (fault.code != FAULT_INPUT || !*fault.text || strstr(fault.text, "sk-"))
            abort();
        return;
    }
    int64_t minutes = llm_minutes(&wish);
    if (wish.key && (strlen(wish.key) > LLM_KEY_MOST || strpbrk(wish.key, " \t\r\n")))
        abort();
    if (minutes < 1 || minutes > LLM_MINUTES_MOST || wish.minutes > LLM_MINUTES_MOST || (wish.model && !*wish.model))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    arena_t *arena = arena_new();
    buf_t body = {0};
    upload_options_t options = {0};
    fault_t fault = {0};
    buf_add(&body, size ? (const void *)bytes : "", size);
    check_edit(&body, arena);
    check_wish(&body, arena);
    if (options_read(body.bytes, arena, &options, &fault) == 0 ? *options.json != '{' : fault.code != FAULT_INPUT)
        abort();
    buf_free(&body);
    arena_destroy(&arena);
    return 0;
}

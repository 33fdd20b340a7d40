/* finding: see finding.h. */
#include "finding.h"

#include "proto/base/text.h"

#include <stdarg.h>
#include <stdio.h>

/* Longest sentence, in bytes: what stood in a cell may be long. */
enum { SENTENCE_BYTES = 400 };

static check_t *add(finding_t *finding, const char *sentence)
{
    check_t *check = list_push(finding->dossier->arena, &finding->dossier->checks, sizeof *check);
    char *message = arena_text(finding->dossier->arena, sentence);
    text_neuter(message);
    *check = (check_t){.rule = finding->rule, .severity = finding->severity, .message = message};
    return check;
}

check_t *finding_add(finding_t *finding, const char *format, ...)
{
    char sentence[SENTENCE_BYTES];
    if (finding->count++ >= FINDINGS_MOST)
        return NULL;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    return add(finding, sentence);
}

void finding_block(finding_t *finding, check_t *check, const timeblock_t *block)
{
    if (check && block->id)
        texts_push(finding->dossier->arena, &check->blocks, block->id);
}

void finding_close(finding_t *finding)
{
    if (finding->count > FINDINGS_MOST) {
        char sentence[SENTENCE_BYTES];
        snprintf(sentence, sizeof sentence, "%zu more of the kind are not listed", finding->count - FINDINGS_MOST);
        add(finding, sentence);
    }
}

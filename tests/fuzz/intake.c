/* Every kind of document, from hostile bytes: refused with a sentence, or its first pages come as words. */
#include "actors/intake/intake.h"
#include "target.h"

#include <stdlib.h>

/* Pages looked at: the parsers do the same for each. DPI: small, drawing is not what is tried. */
enum { PAGES_MOST = 2, DPI = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fault_t fault = {0};
    intake_t *intake = intake_open(bytes, size, &fault);
    if (!intake) {
        if (fault.code == FAULT_NONE || !*fault.text)
            abort(); /* no cause was given */
        return 0;
    }
    int pages = intake_pages(intake);
    for (int i = 0; i < pages && i < PAGES_MOST; i++) {
        arena_t *arena = arena_new();
        page_t page = {0};
        if (intake_page_kind(intake, i) == INTAKE_PAGE_PICTURE) {
            picture_t *picture = intake_picture(intake, i, DPI, &fault);
            picture_destroy(&picture);
        } else if (intake_page(intake, i, DPI, arena, &page, &fault) == 0) {
            for (size_t j = 0; j < page.words.count; j++)
                if (!LIST_AT(word_t, page.words, j)->text || !*LIST_AT(word_t, page.words, j)->text)
                    abort(); /* a word is never empty */
        }
        arena_destroy(&arena);
    }
    intake_close(&intake);
    return 0;
}

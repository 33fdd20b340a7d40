/* What the fuzz targets of intake share: a document is opened as the stages open it, and its first pages are read. */
#ifndef YOGI_TESTS_FUZZ_INTAKE_PAGES_H
#define YOGI_TESTS_FUZZ_INTAKE_PAGES_H

#include "actors/intake/intake.h"
#include "package.h"
#include "proto/dossier.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

/* What comes out must pass the dossier's own limits, or the next stage would refuse it. */
static inline void fuzz_check(dossier_t *dossier)
{
    buf_t packed = {0};
    fault_t fault = {0};
    dossier_encode(dossier, &packed);
    dossier_t *back = dossier_decode(packed.bytes, packed.size, &fault);
    if (!back)
        abort();
    dossier_destroy(&back);
    buf_free(&packed);
}

/* Opens and reads; a fault must come with a sentence. drawn: pages are drawn as well. */
static inline void fuzz_document(const uint8_t *bytes, size_t size, int drawn)
{
    enum { PAGES_MOST = 2, SIDE_PX = 300 };
    fault_t fault = {0};
    intake_t *intake = intake_open(bytes, size, &fault);
    if (!intake && (fault.code == FAULT_NONE || !fault.text[0]))
        abort();
    for (int i = 0; intake && i < intake_pages(intake) && i < PAGES_MOST; i++) {
        if (intake_page_kind(intake, i) != INTAKE_PAGE_PICTURE) {
            dossier_t *dossier = dossier_new();
            page_t *page = list_push(dossier->arena, &dossier->pages, sizeof *page);
            if (intake_page(intake, i, 100, dossier->arena, page, &fault) == 0)
                fuzz_check(dossier);
            dossier_destroy(&dossier);
        }
        picture_t *picture = drawn ? intake_preview(intake, i, SIDE_PX, &fault) : NULL;
        picture_destroy(&picture);
        intake_page_dpi(intake, i);
    }
    intake_close(&intake);
}

/* A package of the fuzzer's bytes, parted at the byte 0x1e, under these names: so it need not invent CRCs. */
static inline void fuzz_package(const uint8_t *bytes, size_t size, const char *const *names, size_t count)
{
    package_t package = {0};
    const uint8_t *at = bytes, *end = bytes + size;
    for (size_t i = 0; i < count && at < end; i++) {
        const uint8_t *next = memchr(at, 0x1e, (size_t)(end - at));
        next = next ? next : end;
        package_add(&package, names[i], at, (size_t)(next - at));
        at = next + (next < end);
    }
    package_finish(&package);
    fuzz_document((const uint8_t *)package.zip.bytes, package.zip.size, 0);
    package_free(&package);
}

#endif

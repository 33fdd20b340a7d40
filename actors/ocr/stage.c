/* stage: ocr, which fills the pages of the dossier. Documents with words of their own give them; pictures are read.
 *
 * Runs in a worker. Diagnostics: FAULT_LANGUAGE (no model), FAULT_MEMORY, and whatever the intake says of the document.
 */
#include "actors/stage.h"
#include "actors/intake/intake.h"
#include "actors/picture/picture_filter.h"
#include "engine.h"
#include "grid.h"
#include "legible.h"
#include "outside.h"
#include "pageset.h"
#include "rectify.h"
#include "region.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Resolution at which the rules of a digital PDF page are looked for, px per inch. */
enum { PDF_DPI = 130 };

/* Bounds of the resolution of a scanned PDF page, px per inch. */
enum { SCAN_DPI_LEAST = 150, SCAN_DPI_MOST = 300 };

/* Most lines read on one page, second readings counted: a dense printed page has 400. */
enum { LINES_MOST_READ = 1200 };

static void *open_stage(void)
{
    return engine_new();
}

static void close_stage(void *state)
{
    engine_t *engine = state;
    engine_destroy(&engine);
}

static int read_cells(reader_t *reader, fault_t *fault)
{
    for (size_t i = 0; i < reader->page->cells.count; i++) {
        const cell_t *cell = LIST_AT(cell_t, reader->page->cells, i);
        if (region_read(reader, cell->box, (int)i, fault))
            return -1;
    }
    return 0;
}

/* Writes the map into the page; the identity is left out. */
static void set_transform(arena_t *arena, page_t *page, const homography_t *map)
{
    homography_t identity = homography_identity();
    if (memcmp(map->m, identity.m, sizeof identity.m) == 0)
        return;
    page->transform.items = arena_array(arena, 9, sizeof(double));
    page->transform.count = 9;
    for (int i = 0; i < 9; i++)
        page->transform.items[i] = map->m[i] / map->m[8];
}

/* Turns the picture upright as the classification says; *map leads from the pixels before to those after. */
static int turn_upright(picture_t **picture, int degrees, homography_t *map)
{
    double w = (*picture)->width - 1, h = (*picture)->height - 1; /* places of the last pixels */
    *map = homography_identity();
    if (degrees != 90 && degrees != 180 && degrees != 270)
        return 0;
    picture_t *turned = picture_turn(*picture, degrees);
    if (!turned)
        return -1;
    picture_destroy(picture);
    *picture = turned;
    if (degrees == 90)
        *map = (homography_t){{0, -1, h, 1, 0, 0, 0, 0, 1}};
    else if (degrees == 180)
        *map = (homography_t){{-1, 0, w, 0, -1, h, 0, 0, 1}};
    else
        *map = (homography_t){{0, 1, 0, -1, 0, w, 0, 0, 1}};
    return 0;
}

/* A page of pixels: everything about it is found here. */
static int read_picture(stage_job_t *job, intake_t *intake, int index, page_t *page, fault_t *fault)
{
    engine_t *engine = job->state;
    if (engine_languages(engine, &job->dossier->options.languages, fault))
        return -1;
    double dpi = intake_page_dpi(intake, index);
    dpi = dpi < SCAN_DPI_LEAST ? SCAN_DPI_LEAST : dpi > SCAN_DPI_MOST ? SCAN_DPI_MOST : dpi;
    picture_t *picture = intake_picture(intake, index, dpi, fault);
    if (!picture)
        return -1;
    job->lap(job, "decode");
    sheet_t sheet = {0};
    arena_t *scratch = arena_new();
    traces_t traces = {0};
    lines_t lines = {0};
    homography_t map, turn;
    int status = -1, degrees = job->dossier->classification.orientation;
    if (turn_upright(&picture, degrees, &turn) || sheet_open(&sheet, &picture) ||
        rectify(&sheet, &map, &traces, &lines)) {
        fault_set(fault, FAULT_MEMORY, "no memory for page %d", index + 1);
        goto done;
    }
    page->width = sheet.picture->width, page->height = sheet.picture->height;
    page->dpi = sheet.picture->dpi;
    page->origin = "ocr";
    page->turned = degrees == 90 || degrees == 180 || degrees == 270 ? degrees : 0;
    map = homography_chain(turn, map);
    set_transform(job->dossier->arena, page, &map);
    if (grid_find(&sheet, &traces, &lines, job->dossier->arena, page, fault))
        goto done;
    traces_close(&traces);
    lines_free(&lines);
    job->lap(job, "grid");
    reader_t reader = {.sheet = &sheet,
                       .arena = job->dossier->arena,
                       .page = page,
                       .read = {engine, linecache_new(), scratch, LINES_MOST_READ}};
    status = outside_read(&reader, fault) || read_cells(&reader, fault) ? -1 : 0;
    linecache_destroy(&reader.read.cache);
    job->lap(job, "recognition");
done:
    picture_destroy(&picture);
    traces_close(&traces);
    lines_free(&lines);
    arena_destroy(&scratch);
    sheet_close(&sheet);
    return status;
}

/* A digital PDF page: its own words, and the grid of its drawing. */
static int read_text(stage_job_t *job, intake_t *intake, int index, page_t *page, fault_t *fault)
{
    if (intake_page(intake, index, PDF_DPI, job->dossier->arena, page, fault))
        return -1;
    picture_t *picture = intake_picture(intake, index, PDF_DPI, fault);
    if (!picture)
        return -1;
    job->lap(job, "decode");
    sheet_t sheet;
    traces_t traces = {0};
    lines_t lines = {0};
    int status = sheet_open_drawn(&sheet, &picture) || straight_lines(&sheet, &traces, &lines);
    if (status)
        fault_set(fault, FAULT_MEMORY, "no memory for page %d", index + 1);
    else
        status = grid_find(&sheet, &traces, &lines, job->dossier->arena, page, fault);
    traces_close(&traces);
    lines_free(&lines);
    sheet_close(&sheet);
    for (size_t i = 0; i < page->words.count; i++) {
        word_t *word = LIST_AT(word_t, page->words, i);
        word->cell = grid_cell_at(page, word->box.x + word->box.w / 2, word->box.y + word->box.h / 2);
    }
    job->lap(job, "grid");
    return status;
}

/* What a page is made of. Every chosen page of a text PDF was looked at by the classification. */
static intake_page_t page_kind(const dossier_t *dossier, intake_t *intake, int index)
{
    const char *kind = dossier->classification.kind;
    if (intake_format(intake) == INTAKE_PDF && kind && strcmp(kind, "text-pdf") == 0)
        return INTAKE_PAGE_TEXT;
    return intake_page_kind(intake, index);
}

static int read_page(stage_job_t *job, intake_t *intake, int index, fault_t *fault)
{
    page_t *page = list_push(job->dossier->arena, &job->dossier->pages, sizeof *page);
    page->number = index + 1;
    page->background = 0xFFFFFF;
    switch (page_kind(job->dossier, intake, index)) {
    case INTAKE_PAGE_CELLS:
        return intake_page(intake, index, PDF_DPI, job->dossier->arena, page, fault);
    case INTAKE_PAGE_TEXT:
        return read_text(job, intake, index, page, fault);
    case INTAKE_PAGE_PICTURE:
        break;
    }
    return read_picture(job, intake, index, page, fault);
}

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    intake_t *intake = intake_open(job->bytes, job->size, fault);
    if (!intake)
        return STAGE_FAIL;
    int pages = intake_pages(intake), status = 0, chosen = 0, done = 0;
    for (int i = 0; i < pages; i++)
        chosen += pageset_has(job->dossier->options.pages, i + 1);
    chosen = chosen > INTAKE_PAGES_MOST ? INTAKE_PAGES_MOST : chosen;
    for (int i = 0; i < pages && done < chosen && !status; i++) {
        if (!pageset_has(job->dossier->options.pages, i + 1))
            continue;
        status = read_page(job, intake, i, fault);
        job->progress(job, ++done, chosen);
    }
    if (!status && !legible(job->dossier))
        status = fault_set(fault, FAULT_LANGUAGE,
                           "the writing is of a script or language for which no model is loaded; name it with "
                           "--languages (its package is tesseract-ocr-…), or send a clearer picture");
    intake_close(&intake);
    return status ? STAGE_FAIL : STAGE_NEXT;
}

const stage_t stage_ocr = {"ocr", true, open_stage, run, close_stage};

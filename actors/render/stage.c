/* stage render: a page as a PNG with what was found drawn on it, in job->attachment. `options.pages` names the page
 * (its first number); without it, the first that was read; `options.overlay` what is drawn on it, without it
 * everything. The page is shown upright and rectified, as the other stages measured it.
 *
 * Runs in a worker. Adds nothing to the dossier.
 */
#include "actors/stage.h"
#include "actors/intake/intake.h"
#include "actors/picture/picture_filter.h"
#include "actors/picture/picture_warp.h"
#include "overlay.h"
#include "proto/layer.h"

#include <math.h>
#include <stdlib.h>

enum {
    SIDE_LEAST = 1500, /* px of the longer side, so that labels can be read; smaller pages are enlarged */
    SIDE_MOST = 2600,  /* px of the longer side: larger ones are shrunk, no screen shows more */
    WARP_PIXELS_MOST = 40 * 1000 * 1000, /* of a page warped at its own size before it is shrunk */
};

static const double dpi_default = 150; /* of a PDF page that no stage has measured */

/* The page wanted, or NULL where the dossier has not got it. */
static const page_t *find_page(const dossier_t *dossier, int *number)
{
    const char *wanted = dossier->options.pages;
    *number = wanted ? (int)strtol(wanted, NULL, 10) : 0; /* what is no number means the first page */
    for (size_t i = 0; i < dossier->pages.count; i++) {
        const page_t *page = LIST_AT(page_t, dossier->pages, i);
        if (*number <= 0)
            *number = page->number;
        if (page->number == *number)
            return page;
    }
    *number = *number > 0 ? *number : 1;
    return NULL;
}

static double output_scale(int width, int height)
{
    double side = width > height ? width : height;
    if (side > SIDE_MOST)
        return SIDE_MOST / side;
    return side < SIDE_LEAST ? fmin(4, SIDE_LEAST / side) : 1;
}

/* The picture's pixels where the page's transform takes them, times scale. Takes the picture. NULL where memory is
 * refused. */
static picture_t *rectify(picture_t *picture, const page_t *page, double scale)
{
    int width = (int)fmax(1, lround(page->width * scale)), height = (int)fmax(1, lround(page->height * scale));
    bool shrink =
        scale < 1 && (double)page->width * page->height <= WARP_PIXELS_MOST; /* area means look better than samples */
    homography_t map = homography_identity(), grow = homography_identity(), back;
    for (int i = 0; i < 9 && page->transform.count == 9; i++)
        map.m[i] = page->transform.items[i];
    if (page->transform.count != 9) { /* the same picture, perhaps drawn at another resolution */
        map.m[0] = (double)page->width / picture->width;
        map.m[4] = (double)page->height / picture->height;
    }
    grow.m[0] = grow.m[4] = shrink ? 1 : scale;
    picture_t *page_picture = NULL, *result = NULL;
    if (homography_invert(homography_chain(map, grow), &back) == 0)
        page_picture = picture_warp(picture, &back, shrink ? page->width : width, shrink ? page->height : height);
    picture_destroy(&picture);
    if (!page_picture || !shrink)
        return page_picture;
    result = picture_scale(page_picture, width, height);
    picture_destroy(&page_picture);
    return result;
}

/* The pixels of a page, or NULL with *none set where its kind of document has no pixels, else with the fault. */
static picture_t *page_picture(stage_job_t *job, const page_t *page, int number, bool *none, fault_t *fault)
{
    picture_t *picture = NULL;
    intake_t *intake = intake_open(job->bytes, job->size, fault);
    if (!intake)
        return NULL;
    if (number > intake_pages(intake)) {
        fault_set(fault, FAULT_USAGE, "there is no page %d: the document has %d", number, intake_pages(intake));
    } else if (intake_page_kind(intake, number - 1) == INTAKE_PAGE_CELLS) {
        *none = true;
    } else {
        picture = intake_picture(intake, number - 1, page && page->dpi > 0 ? page->dpi : dpi_default, fault);
    }
    intake_close(&intake);
    return picture;
}

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    int number;
    unsigned layers = LAYER_ALL;
    const page_t *page = find_page(job->dossier, &number);
    const char *wanted = job->dossier->options.overlay;
    picture_t *picture = NULL;
    bool none = !job->bytes;
    if (wanted && layers_parse(wanted, &layers, fault) < 0)
        return STAGE_FAIL;
    if (job->bytes && !(picture = page_picture(job, page, number, &none, fault)) && !none)
        return STAGE_FAIL;
    job->lap(job, "decode");
    page_t bare = {.number = number}; /* a page that was not read is shown as it is */
    if (!page && picture) {
        bare.width = picture->width;
        bare.height = picture->height;
        page = &bare;
    }
    if (!page || page->width <= 0 || page->height <= 0) {
        picture_destroy(&picture);
        fault_set(fault, FAULT_USAGE, "page %d of this document was not read, so there is nothing to draw", number);
        return STAGE_FAIL;
    }
    double scale = output_scale(page->width, page->height);
    if (picture && !(picture = rectify(picture, page, scale))) {
        fault_set(fault, FAULT_MEMORY, "no memory for the picture of page %d", number);
        return STAGE_FAIL;
    }
    job->lap(job, "warp");
    int result = overlay_draw(job->dossier, page, picture, scale, layers, job->attachment, fault);
    picture_destroy(&picture);
    job->lap(job, "draw");
    return result == 0 ? STAGE_NEXT : STAGE_FAIL;
}

static void *open_fonts(void)
{
    overlay_open();
    return NULL;
}

static void close_fonts(void *state)
{
    (void)state;
    overlay_close();
}

const stage_t stage_render = {"render", true, open_fonts, run, close_fonts};

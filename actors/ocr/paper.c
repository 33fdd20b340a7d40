/* paper: see paper.h. */
#include "paper.h"

#include "actors/picture/picture_components.h"
#include "actors/picture/picture_filter.h"

/* px of the picture to one of the small one; how much paler paper is on average than what is around it. */
enum { REDUCED = 8, STEP_LEAST = 45 };

/* Shares: of the picture that paper takes, and of its own rectangle that is pale. */
static const double LEAST = 0.2, MOST = 0.92, FILLED = 0.7;

/* The grey value that parts a histogram into two classes farthest from each other; *apart is how far their means are.
 */
static int parting_value(const size_t histogram[256], double *apart)
{
    double all = 0, sum = 0, below = 0, below_sum = 0, most = -1;
    int best = 0;
    for (int v = 0; v < 256; v++)
        all += (double)histogram[v], sum += (double)v * (double)histogram[v];
    *apart = 0;
    for (int v = 0; v < 255; v++) {
        below += (double)histogram[v], below_sum += (double)v * (double)histogram[v];
        if (below <= 0 || below >= all)
            continue;
        double step = (sum - below_sum) / (all - below) - below_sum / below,
               between = below * (all - below) * step * step;
        if (between > most)
            most = between, best = v, *apart = step;
    }
    return best;
}

/* Whether a part of the small picture is a sheet of paper: large, and a rectangle. Print and dark banners leave holes
 * in it. */
static bool is_paper(const component_t *part, const picture_t *small)
{
    double all = (double)small->width * small->height, own = (double)part->w * part->h;
    return own >= LEAST * all && own <= MOST * all && part->area >= FILLED * own;
}

int paper_find(const picture_t *grey, box_t *paper)
{
    *paper = (box_t){.w = grey->width, .h = grey->height};
    int width = grey->width / REDUCED, height = grey->height / REDUCED;
    if (width < REDUCED || height < REDUCED)
        return 0;
    components_t parts = {0};
    size_t histogram[256] = {0};
    double apart;
    picture_t *small = picture_scale(grey, width, height);
    if (!small)
        return -1;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            histogram[small->pixels[(size_t)y * small->stride + (size_t)x]]++;
    int value = parting_value(histogram, &apart), failed = components_find_runs(small, value, 0, 1, &parts);
    const component_t *best = NULL;
    for (int i = 0; !failed && i < parts.count; i++)
        if (!best || parts.items[i].area > best->area)
            best = &parts.items[i];
    if (best && apart >= STEP_LEAST && is_paper(best, small))
        *paper =
            (box_t){.x = best->x * REDUCED, .y = best->y * REDUCED, .w = best->w * REDUCED, .h = best->h * REDUCED};
    components_free(&parts);
    picture_destroy(&small);
    return failed;
}

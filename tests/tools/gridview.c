/* gridview: what the stage ocr found on a page, drawn on the page, for people's eyes.
 *
 *     gridview [-p PAGE] [-n] DOSSIER.msgpack FILE OUT.ppm
 *
 * Cells green (open sides dashed by a thin line), words blue by their angle (turned ones magenta, unsure ones red),
 * fills orange corners. -n  words of no cell only   -c  print counts: cells, words, tables, rules
 */
#include "actors/intake/intake.h"
#include "actors/picture/picture_warp.h"
#include "proto/dossier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void read_file(const char *path, buf_t *out)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(3);
    }
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, n);
    fclose(file);
}

static void dot(picture_t *p, int x, int y, int32_t colour)
{
    if (x < 0 || y < 0 || x >= p->width || y >= p->height)
        return;
    uint8_t *v = p->pixels + (size_t)y * p->stride + (size_t)x * 3;
    v[0] = (uint8_t)(colour >> 16), v[1] = (uint8_t)(colour >> 8), v[2] = (uint8_t)colour;
}

static void frame(picture_t *p, const box_t *b, int32_t colour, int thick)
{
    for (int t = 0; t < thick; t++) {
        for (int x = b->x; x < b->x + b->w; x++)
            dot(p, x, b->y + t, colour), dot(p, x, b->y + b->h - 1 - t, colour);
        for (int y = b->y; y < b->y + b->h; y++)
            dot(p, b->x + t, y, colour), dot(p, b->x + b->w - 1 - t, y, colour);
    }
}

/* The page's pixels as the page measures them, 3 channels. */
static picture_t *page_picture(const buf_t *file, const page_t *page)
{
    fault_t fault = {0};
    intake_t *intake = intake_open((const uint8_t *)file->bytes, file->size, &fault);
    picture_t *source =
        intake ? intake_picture(intake, page->number - 1, page->dpi > 0 ? page->dpi : 150, &fault) : NULL;
    picture_t *out = picture_new(page->width > 0 ? page->width : 1, page->height > 0 ? page->height : 1, 3);
    homography_t map = homography_identity(), back;
    if (page->transform.count == 9)
        memcpy(map.m, page->transform.items, sizeof map.m);
    if (source && out && homography_invert(map, &back) == 0) {
        picture_t *warped = picture_warp(source, &back, out->width, out->height);
        for (int y = 0; warped && y < out->height; y++)
            for (int x = 0; x < out->width; x++)
                for (int c = 0; c < 3; c++)
                    out->pixels[(size_t)y * out->stride + (size_t)(3 * x + c)] =
                        (uint8_t)(128 + warped->pixels[(size_t)y * warped->stride +
                                                       (size_t)(warped->channels == 3 ? 3 * x + c : x)] /
                                            2);
        picture_destroy(&warped);
    } else {
        fprintf(stderr, "%s\n", fault.text);
    }
    picture_destroy(&source);
    intake_close(&intake);
    return out;
}

int main(int argc, char **argv)
{
    int number = 1;
    bool counts = false, outside = false;
    for (int c; (c = getopt(argc, argv, "p:cn")) != -1;) {
        number = c == 'p' ? atoi(optarg) : number;
        counts |= c == 'c';
        outside |= c == 'n';
    }
    if (argc - optind < 3 - counts)
        return 2;
    buf_t packed = {0}, file = {0};
    fault_t fault = {0};
    read_file(argv[optind], &packed);
    dossier_t *dossier = dossier_decode(packed.bytes, packed.size, &fault);
    if (!dossier) {
        fprintf(stderr, "%s\n", fault.text);
        return 4;
    }
    for (size_t i = 0; i < dossier->pages.count; i++) {
        page_t *page = LIST_AT(page_t, dossier->pages, i);
        int tables = 0;
        for (size_t k = 0; k < page->cells.count; k++)
            tables = LIST_AT(cell_t, page->cells, k)->table + 1 > tables ? LIST_AT(cell_t, page->cells, k)->table + 1
                                                                         : tables;
        if (counts)
            printf("page %d: %dx%d cells %zu tables %d words %zu rules %zu fills %zu turned %d %s\n", page->number,
                   page->width, page->height, page->cells.count, tables, page->words.count, page->rules.count,
                   page->fills.count, page->turned, page->transform.count ? "warped" : "");
        if (counts || page->number != number)
            continue;
        read_file(argv[optind + 1], &file);
        picture_t *out = page_picture(&file, page);
        for (size_t k = 0; k < page->cells.count; k++) {
            cell_t *cell = LIST_AT(cell_t, page->cells, k);
            frame(out, &cell->box, cell->ruled == 15 ? 0x00A000 : 0xE08000, 2);
        }
        for (size_t k = 0; k < page->words.count; k++) {
            word_t *word = LIST_AT(word_t, page->words, k);
            if (!outside || word->cell < 0)
                frame(out, &word->box, word->confidence < 0.7 ? 0xFF0000 : word->angle ? 0xC000C0 : 0x0000FF, 1);
        }
        FILE *target = fopen(argv[optind + 2], "wb");
        if (target) {
            fprintf(target, "P6\n%d %d\n255\n", out->width, out->height);
            fwrite(out->pixels, out->stride, (size_t)out->height, target);
            fclose(target);
        }
        picture_destroy(&out);
    }
    dossier_destroy(&dossier);
    buf_free(&packed);
    buf_free(&file);
    return 0;
}

/* wordgap: see wordgap.h. */
#include "wordgap.h"

#include "proto/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Grey below which a column holds ink; most letters of a word that is looked at, and most gaps of a line. */
enum { INK = 128, LETTERS_MOST = 24, GAPS_MOST = 128 };

/* A space against the gap between letters of its line, against the narrowest other space, and against the height of the
 * letters where the line has no other. Of the fixtures' titles spaces are 0.25 to 0.4 of that height, gaps of letters
 * 0.05 to 0.15. */
static const double OF_GAPS = 2.5, OF_SECOND = 1.6, OF_SPACE = 0.7, OF_HEIGHT = 0.26, OF_HEIGHT_LEAST = 0.2;

/* Runs of columns with ink. */
typedef struct {
    int from[LETTERS_MOST + 1], to[LETTERS_MOST + 1]; /* px, to behind the last */
    int count;                                        /* LETTERS_MOST + 1: more */
} runs_t;

static bool is_white(const picture_t *line, int x)
{
    for (int y = 0; y < line->height; y++)
        if (line->pixels[(size_t)y * line->stride + (size_t)x] < INK)
            return false;
    return true;
}

/* Middle of the widest stretch of columns without ink between two columns; -1 where there is none. */
static int white_between(const picture_t *line, int from, int to)
{
    int best = -1, widest = 0, run = 0;
    for (int x = from < 0 ? 0 : from; x < to && x < line->width; x++) {
        run = is_white(line, x) ? run + 1 : 0;
        if (run > widest)
            widest = run, best = x - run / 2;
    }
    return best;
}

int wordgap_cut(const line_t *line, const readings_t *words, int word)
{
    if (word == 0)
        return 0;
    if (word == words->count)
        return line->picture->width;
    int reach = (int)(line->tall / 3); /* the model tells the place of a letter to a third of its height */
    return white_between(line->picture, words->items[word - 1].x1 - reach, words->items[word].x0 + reach);
}

static runs_t runs_of(const picture_t *line, int from, int to)
{
    runs_t runs = {.count = 0};
    bool ink = false;
    for (int x = from; x < to && runs.count <= LETTERS_MOST; x++) {
        bool white = is_white(line, x);
        if (!white && !ink)
            runs.from[runs.count] = x;
        if (white && ink)
            runs.to[runs.count++] = x;
        ink = !white;
    }
    if (ink && runs.count <= LETTERS_MOST)
        runs.to[runs.count++] = to;
    return runs;
}

/* The runs of a word, one for each of its letters; count 0 where they are not. */
static runs_t letters_of(const line_t *line, const readings_t *words, int word)
{
    int from = wordgap_cut(line, words, word), to = wordgap_cut(line, words, word + 1);
    runs_t runs = {.count = 0};
    if (from < 0 || to <= from)
        return runs;
    runs = runs_of(line->picture, from, to);
    if (runs.count > LETTERS_MOST || runs.count != (int)text_length(words->items[word].text))
        runs.count = 0;
    return runs;
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* What the gaps of a line are like. */
typedef struct {
    double letters; /* the median between letters, px; 0 where no letters are known */
    double space;   /* the narrowest between words, px; 0 where there is none */
} gaps_t;

static gaps_t gaps_of(const readings_t *words, const runs_t *runs)
{
    int gaps[GAPS_MOST], n = 0;
    gaps_t out = {0};
    for (int w = 0; w < words->count; w++) {
        for (int i = 1; i < runs[w].count && n < GAPS_MOST; i++)
            gaps[n++] = runs[w].from[i] - runs[w].to[i - 1];
        if (w == 0 || !runs[w].count || !runs[w - 1].count)
            continue;
        double space = runs[w].from[0] - runs[w - 1].to[runs[w - 1].count - 1];
        out.space = out.space <= 0 || space < out.space ? space : out.space;
    }
    qsort(gaps, (size_t)n, sizeof *gaps, by_size);
    out.letters = n ? gaps[n / 2] : 0;
    return out;
}

static uint32_t point_at(const char *text, int index)
{
    uint32_t point = 0;
    for (int i = 0; i <= index; i++)
        point = text_next(&text);
    return point;
}

/* The letter before which a word is to be parted, 0 for none. Numbers and marks keep together: "8:45", "3.1",
 * and so do words: "C heung" is set wide. */
static int seam_of(const char *text, const runs_t *runs, const gaps_t *gaps, double height)
{
    int seam = 0, widest = 0, second = 0;
    for (int i = 1; i < runs->count; i++) {
        int gap = runs->from[i] - runs->to[i - 1];
        if (gap > widest)
            second = widest, widest = gap, seam = i;
        else if (gap > second)
            second = gap;
    }
    double least = gaps->space > 0 ? OF_SPACE * gaps->space : OF_HEIGHT * height;
    bool clear = seam && widest >= least && widest >= OF_HEIGHT_LEAST * height && widest >= OF_GAPS * gaps->letters &&
                 widest >= OF_SECOND * second && gaps->letters > 0 && (runs->count > 2 || gaps->space > 0);
    uint32_t left = clear ? point_at(text, seam - 1) : 0, right = clear ? point_at(text, seam) : 0;
    bool begins = text_is_upper(right) || text_is_digit(right); /* small letters keep together, however they are set */
    bool letters = begins && (text_is_letter(left) || (text_is_digit(left) && text_is_letter(right)));
    return letters ? seam : 0;
}

void wordgap_part(const line_t *line, arena_t *arena, readings_t *words)
{
    runs_t *runs = arena_array(arena, (size_t)words->count + 1, sizeof *runs);
    reading_t *items = arena_array(arena, 2 * (size_t)words->count + 1, sizeof *items);
    int count = 0;
    for (int w = 0; w < words->count; w++)
        runs[w] = letters_of(line, words, w);
    gaps_t gaps = gaps_of(words, runs);
    for (int w = 0; w < words->count; w++) {
        reading_t word = words->items[w], rest = word;
        int seam = seam_of(word.text, &runs[w], &gaps, line->rise);
        items[count++] = word;
        if (!seam)
            continue;
        const char *at = word.text;
        for (int i = 0; i < seam; i++)
            text_next(&at);
        items[count - 1].text = arena_format(arena, "%.*s", (int)(at - word.text), word.text);
        items[count - 1].x1 = runs[w].to[seam - 1];
        rest.text = at, rest.x0 = runs[w].from[seam];
        items[count++] = rest;
    }
    words->items = items, words->count = count;
}

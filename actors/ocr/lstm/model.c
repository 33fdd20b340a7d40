/* model: see model.h. */
#include "model.h"

#include "beam.h"
#include "model_parts.h"
#include "net.h"
#include "proto/base/buf.h"
#include "proto/base/memory.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct model {
    void *file;          /* mapped; NULL where the bytes are borrowed */
    size_t file_bytes;   /* of it */
    net_t *net;          /* pixels to chances */
    charset_t *charset;  /* the signs */
    dictionary_t words;  /* borrows the file */
    beam_t *beam;        /* chances to signs */
    buf_t texts;         /* of the last line's words, one behind the other */
    model_word_t *items; /* of the last line */
    size_t *starts;      /* where their texts begin */
    int room;            /* in items and starts */
};

static int parse_words(const bytes_t parts[PARTS], dictionary_t *words, const charset_t *charset)
{
    *words = (dictionary_t){.charset = charset};
    dawg_t *const lists[] = {&words->patterns, &words->lists[LIST_WORDS], &words->lists[LIST_NUMBERS]};
    for (int i = 0; i < 3; i++) {
        bytes_t part = parts[PART_PUNCTUATION + i];
        if (part.at != part.end && dawg_parse(part, lists[i]))
            return -1;
    }
    words->has_patterns = words->patterns.count > 0;
    return 0;
}

/* Behind the network: what it was built from, how and how far it was trained, and the code of no sign. */
static int parse_training(bytes_t *bytes, net_t *net, int *empty)
{
    enum { BYTES = 1, CODES = 64 };
    char built[200];
    bytes_text(bytes, built, sizeof built);
    int flags = bytes_i32(bytes);
    (void)bytes_i32(bytes);
    net_seed(net, bytes_i32(bytes));
    *empty = bytes_i32(bytes);
    return bytes->failed || !(flags & BYTES) || !(flags & CODES) ? -1 : 0;
}

model_t *model_parse(const uint8_t *bytes, size_t size)
{
    model_t *model = memory_new(1, sizeof *model);
    bytes_t parts[PARTS];
    int empty;
    if (model_parts(bytes, size, parts) || !(model->net = net_parse(&parts[PART_NETWORK], kernel_best())) ||
        parse_training(&parts[PART_NETWORK], model->net, &empty) ||
        !(model->charset = charset_parse(parts[PART_SIGNS], parts[PART_CODES])) ||
        parse_words(parts, &model->words, model->charset))
        goto refuse;
    int codes = charset_codes(model->charset);
    if (codes != net_signs(model->net) || empty < 0 || empty >= codes || charset_rank(model->charset, empty) < 0)
        goto refuse;
    bool words =
        model->words.has_patterns || model->words.lists[LIST_WORDS].count || model->words.lists[LIST_NUMBERS].count;
    model->beam = beam_new(model->charset, words ? &model->words : NULL, empty);
    return model;
refuse:
    model_destroy(&model);
    return NULL;
}

model_t *model_open(const char *path)
{
    struct stat about;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *file = MAP_FAILED;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0)
        file = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED)
        return NULL;
    model_t *model = model_parse(file, (size_t)about.st_size);
    if (model)
        model->file = file, model->file_bytes = (size_t)about.st_size;
    else
        munmap(file, (size_t)about.st_size);
    return model;
}

void model_destroy(model_t **model)
{
    if (!model || !*model)
        return;
    model_t *m = *model;
    beam_destroy(&m->beam);
    charset_destroy(&m->charset);
    net_destroy(&m->net);
    if (m->file)
        munmap(m->file, m->file_bytes);
    buf_free(&m->texts);
    free(m->items);
    free(m->starts);
    free(m);
    *model = NULL;
}

int model_height(const model_t *model)
{
    return net_height(model->net);
}

int model_width_least(const model_t *model)
{
    return net_step(model->net);
}

int model_width_most(void)
{
    return NET_WIDTH_MOST;
}

/* Certainty to confidence as tesseract shows it. */
static double confidence(double certainty)
{
    double shown = (100 + 5 * 7 * certainty) / 100;
    return shown < 0 ? 0 : shown > 1 ? 1 : shown;
}

/* Puts the signs from … to into a word. spaces: the least certainty of those beside it. */
static void put_word(model_t *m, const beam_sign_t *signs, int from, int to, double spaces, int number)
{
    int step = net_step(m->net);
    double least = spaces;
    if (number == m->room) {
        m->room = 2 * m->room + 16;
        m->items = memory_grow(m->items, (size_t)m->room, sizeof *m->items);
        m->starts = memory_grow(m->starts, (size_t)m->room, sizeof *m->starts);
    }
    m->starts[number] = m->texts.size;
    for (int i = from; i < to; i++) {
        buf_text(&m->texts, charset_text(m->charset, signs[i].sign));
        least = fmin(least, signs[i].certainty);
    }
    buf_char(&m->texts, '\0');
    m->items[number] = (model_word_t){NULL, signs[from].from * step, signs[to - 1].to * step, confidence(least)};
}

const model_word_t *model_read(model_t *m, const uint8_t *pixels, int width, size_t stride, int *count)
{
    int places, length;
    const float *chances = net_run(m->net, pixels, width, stride, &places);
    const beam_sign_t *signs = beam_find(m->beam, chances, places, net_signs(m->net), &length);
    double before = 0; /* certainty of the space before the word */
    *count = 0;
    buf_clear(&m->texts);
    for (int from = 0, to; from < length; from = to) {
        for (to = from + 1; to < length && signs[to].sign != CHARSET_SPACE && !signs[to].begins;)
            to++;
        bool spaced = to < length && signs[to].sign == CHARSET_SPACE;
        double behind = spaced ? signs[to].certainty : 0;
        if (to > from + 1 || signs[from].sign != CHARSET_SPACE)
            put_word(m, signs, from, to, fmin(before, behind), (*count)++);
        before = behind;
        to += spaced;
    }
    for (int i = 0; i < *count; i++)
        m->items[i].text = m->texts.bytes + m->starts[i];
    return m->items;
}

bool model_knows(const model_t *model, const char *word)
{
    return dictionary_knows(&model->words, word);
}

/* sheets: see sheets.h. */
#include "sheets.h"

#include "take.h"

#include "proto/base/text.h"
#include "proto/dossier.h"
#include "proto/json.h"

#include <stdio.h>
#include <string.h>

/* Pages that words or a text may make, as a dossier may have; columns and lines of a text alone, and what one is on
 * its page. */
enum {
    PAGES_MOST = 1000,
    COLUMNS_MOST = 2000,
    LINES_MOST = 5000,
    COLUMN_PX = 12,
    LINE_PX = 24,
    LETTER_PX = 16,
    TAB_COLUMNS = 8
};

typedef struct {
    arena_t *arena;
    list_t *pages;     /* so far */
    double confidence; /* of words that do not say */
    fault_t *fault;
} reader_t;

bool sheets_there(const json_t *json)
{
    const char *text = json_string_value(json_object_get(json, "text"));
    return json_array_size(json_object_get(json, "pages")) > 0 || json_array_size(json_object_get(json, "words")) > 0 ||
           (text && *text);
}

/* ---- words ---- */

static page_t *page_of(reader_t *reader, int64_t number)
{
    for (size_t i = 0; i < reader->pages->count; i++)
        if (LIST_AT(page_t, *reader->pages, i)->number == number)
            return LIST_AT(page_t, *reader->pages, i);
    if (number < 1 || number > PAGES_MOST || reader->pages->count == PAGES_MOST) {
        fault_set(reader->fault, FAULT_INPUT, "it is on page %lld", (long long)number);
        return NULL;
    }
    page_t *page = list_push(reader->arena, reader->pages, sizeof *page);
    *page = (page_t){.number = (int32_t)number, .width = 1, .height = 1, .background = 0xFFFFFF};
    return page;
}

static bool has_space(const char *text)
{
    for (uint32_t c; (c = text_next(&text));)
        if (text_is_space(c))
            return true;
    return false;
}

/* Whether two words that follow one another stand in one line: each one's middle is at the height of the other. */
static bool beside(const box_t *a, const box_t *b)
{
    int a_middle = a->y + a->h / 2, b_middle = b->y + b->h / 2;
    return a_middle >= b->y && a_middle <= b->y + b->h && b_middle >= a->y && b_middle <= a->y + a->h && b->x >= a->x;
}

/* Puts a word at the end of its page's list. */
static void put_word(reader_t *reader, page_t *page, word_t word, bool lined)
{
    const word_t *last = page->words.count ? LIST_AT(word_t, page->words, page->words.count - 1) : NULL;
    if (!lined)
        word.line = last ? last->line + !beside(&last->box, &word.box) : 0;
    if (word.box.x + word.box.w > page->width)
        page->width = word.box.x + word.box.w;
    if (word.box.y + word.box.h > page->height)
        page->height = word.box.y + word.box.h;
    *(word_t *)list_push(reader->arena, &page->words, sizeof word) = word;
}

static int read_word(reader_t *reader, const json_t *json, page_t *own)
{
    word_t word = {.text = NULL};
    if (!json_is_object(json))
        return fault_set(reader->fault, FAULT_INPUT, "it is no object");
    if (take_object(&word_schema, json, reader->arena, &word, reader->fault) < 0)
        return -1;
    if (!word.text || !*word.text || has_space(word.text))
        return fault_set(reader->fault, FAULT_INPUT, "its text is %s",
                         word.text && *word.text ? "more than one word" : "empty");
    if (!json_object_get(json, "confidence"))
        word.confidence = reader->confidence;
    if (!json_object_get(json, "cell"))
        word.cell = -1;
    const json_t *number = json_object_get(json, "page");
    page_t *page = own ? own : page_of(reader, number ? json_integer_value(number) : 1);
    if (!page)
        return -1;
    if (word.cell >= (int64_t)page->cells.count)
        return fault_set(reader->fault, FAULT_INPUT, "it is in the cell %d, of which its page has none", word.cell);
    put_word(reader, page, word, json_object_get(json, "line") != NULL);
    return 0;
}

static int read_words(reader_t *reader, const json_t *words, page_t *own)
{
    if (words && !json_is_array(words) && !json_is_number(words))
        return fault_set(reader->fault, FAULT_INPUT, "words is no list");
    for (size_t i = 0; i < json_array_size(words); i++)
        if (read_word(reader, json_array_get(words, i), own) < 0) {
            char where[32];
            snprintf(where, sizeof where, "words[%zu]", i);
            return fault_prefix(reader->fault, where);
        }
    return 0;
}

/* ---- pages ---- */

static int read_page(reader_t *reader, const json_t *json)
{
    page_t page = {.number = 0};
    if (!json_is_object(json))
        return fault_set(reader->fault, FAULT_INPUT, "it is no object");
    if (take_object(&page_schema, json, reader->arena, &page, reader->fault) < 0)
        return -1;
    for (size_t i = 0; i < reader->pages->count; i++)
        if (LIST_AT(page_t, *reader->pages, i)->number == page.number)
            return fault_set(reader->fault, FAULT_INPUT, "its number %d is another's too", page.number);
    page.words = (list_t){NULL, 0}; /* read by themselves, as what they do not say is no zero */
    if (read_words(reader, json_object_get(json, "words"), &page) < 0)
        return -1;
    *(page_t *)list_push(reader->arena, reader->pages, sizeof page) = page;
    return 0;
}

static int read_pages(reader_t *reader, const json_t *pages)
{
    if (pages && !json_is_array(pages) && !json_is_number(pages))
        return fault_set(reader->fault, FAULT_INPUT, "pages is no list");
    if (json_array_size(pages) > PAGES_MOST)
        return fault_set(reader->fault, FAULT_INPUT, "pages has more than %d", PAGES_MOST);
    for (size_t i = 0; i < json_array_size(pages); i++)
        if (read_page(reader, json_array_get(pages, i)) < 0) {
            char where[32];
            snprintf(where, sizeof where, "pages[%zu]", i);
            return fault_prefix(reader->fault, where);
        }
    return 0;
}

/* ---- a text alone ---- */

/* Over white space, or over what is none; *column counts along. */
static const char *pass(const char *text, const char *end, bool spaces, int *column)
{
    for (const char *at = text; text < end; text = at) {
        uint32_t c = text_next(&at);
        if (text_is_space(c) != spaces)
            break;
        *column += c == '\t' ? TAB_COLUMNS - *column % TAB_COLUMNS : 1;
    }
    return text;
}

/* One line of a text, whose words stand where its letters do. */
static int put_line(reader_t *reader, page_t *page, const char *text, const char *end, int line)
{
    for (int column = 0; (text = pass(text, end, true, &column)) < end;) {
        const char *from = text;
        if (column > COLUMNS_MOST)
            return fault_set(reader->fault, FAULT_INPUT, "line %d of text has more than %d columns", line + 1,
                             COLUMNS_MOST);
        int first = column;
        text = pass(text, end, false, &column);
        word_t word = {
            .text = arena_text_n(reader->arena, from, (size_t)(text - from)),
            .box = {.x = first * COLUMN_PX, .y = line * LINE_PX, .w = (column - first) * COLUMN_PX, .h = LETTER_PX},
            .size = LETTER_PX,
            .confidence = reader->confidence,
            .cell = -1,
            .line = line};
        put_word(reader, page, word, true);
    }
    return 0;
}

static int read_text(reader_t *reader, const char *text)
{
    int line = 0;
    page_t *page = page_of(reader, 1);
    if (!page)
        return -1;
    for (const char *end; *text; text = *end ? end + 1 : end, line++) {
        end = text + strcspn(text, "\n");
        if (line == LINES_MOST)
            return fault_set(reader->fault, FAULT_INPUT, "text has more than %d lines", LINES_MOST);
        if (put_line(reader, page, text, end, line) < 0)
            return -1;
    }
    page->origin = "text";
    return 0;
}

/* Words of a list or of a text may be more than a page has room for, or lie outside it. */
static int check_pages(const reader_t *reader)
{
    for (size_t i = 0; i < reader->pages->count; i++) {
        const page_t *page = LIST_AT(page_t, *reader->pages, i);
        char where[32];
        snprintf(where, sizeof where, "page %d", page->number);
        if (take_check(&page_schema, page, reader->fault) < 0)
            return fault_prefix(reader->fault, where);
    }
    return 0;
}

int sheets_read(const json_t *json, arena_t *arena, list_t *pages, fault_t *fault)
{
    const json_t *confidence = json_object_get(json, "confidence");
    reader_t reader = {arena, pages, 1, fault};
    if (json_is_number(confidence))
        reader.confidence = json_number_value(confidence);
    if (!(reader.confidence >= 0 && reader.confidence <= 1))
        return fault_set(fault, FAULT_INPUT, "confidence is a number from 0 to 1");
    if (read_pages(&reader, json_object_get(json, "pages")) < 0 ||
        read_words(&reader, json_object_get(json, "words"), NULL) < 0)
        return -1;
    const char *text = json_string_value(json_object_get(json, "text"));
    bool words = false;
    for (size_t i = 0; i < pages->count; i++)
        words = words || LIST_AT(page_t, *pages, i)->words.count > 0;
    if (!words && text && read_text(&reader, text) < 0)
        return -1;
    return check_pages(&reader);
}

/* ---- writing ---- */

void sheets_write_text(const list_t *pages, buf_t *out)
{
    for (size_t i = 0; i < pages->count; i++) {
        const page_t *page = LIST_AT(page_t, *pages, i);
        if (i)
            buf_text(out, "\n\n");
        for (size_t k = 0; k < page->words.count; k++) {
            const word_t *word = LIST_AT(word_t, page->words, k);
            if (k)
                buf_char(out, word->line == word[-1].line ? ' ' : '\n');
            buf_text(out, word->text);
        }
    }
}

void sheets_write_words(const list_t *pages, buf_t *out)
{
    bool first = true;
    buf_char(out, '[');
    for (size_t i = 0; i < pages->count; i++) {
        const page_t *page = LIST_AT(page_t, *pages, i);
        for (size_t k = 0; k < page->words.count; k++, first = false) {
            buf_text(out, first ? "{\"page\":" : ",{\"page\":");
            buf_format(out, "%d,", page->number);
            size_t brace = out->size;
            json_write(&word_schema, LIST_AT(word_t, page->words, k), NULL, 0, out);
            memmove(out->bytes + brace, out->bytes + brace + 1, out->size - brace); /* it has one already */
            out->size--;
        }
    }
    buf_char(out, ']');
}

void sheets_write_pages(const list_t *pages, buf_t *out)
{
    static const char *const omit[] = {"words", NULL};
    json_write_list(&page_schema, pages, omit, 0, out);
}

/* embed: turns the word files of languages into the C source of vocabulary_table. Runs at build time; stops the build
 * with file and line where a file says what cannot be meant.
 *
 *     embed OUT.c FILE.words…      languages in this order; an earlier one wins where two say the same
 */
#include "proto/base/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Several times what the files hold; a line of synonyms is the longest thing in them. */
enum { SECTIONS_MOST = 64, LINE_MOST = 16384, FORM_MOST = 128, NAME_MOST = 32 };

typedef struct {
    char *form;   /* folded; a single word in the list of words */
    int entry;    /* of its section */
    int language; /* index of its file */
} form_t;

typedef struct {
    form_t *items;
    size_t count;
} forms_t;

typedef struct {
    char name[NAME_MOST];
    char **entries; /* first forms as written */
    size_t entry_count;
    forms_t forms;
} section_t;

typedef struct {
    section_t sections[SECTIONS_MOST];
    size_t section_count;
    forms_t words;    /* of all forms */
    const char *file; /* being read, for complaints */
    int line;
    int language;
} book_t;

static void stop(const book_t *book, const char *why)
{
    fprintf(stderr, "%s:%d: %s\n", book->file, book->line, why);
    exit(1);
}

static void *grown(void *items, size_t count, size_t size)
{
    /* room doubles: full at each power of two */
    if (count & (count - 1))
        return items;
    void *more = realloc(items, (count ? count * 2 : 1) * size);
    if (!more)
        abort();
    return more;
}

static void forms_add(forms_t *forms, const char *text, int entry, int language)
{
    forms->items = grown(forms->items, forms->count, sizeof *forms->items);
    forms->items[forms->count++] = (form_t){strdup(text), entry, language};
}

static section_t *section_of(book_t *book, const char *name)
{
    for (size_t i = 0; i < book->section_count; i++)
        if (strcmp(book->sections[i].name, name) == 0)
            return &book->sections[i];
    if (book->section_count == SECTIONS_MOST || strlen(name) >= NAME_MOST)
        stop(book, "too many sections, or a name that is too long");
    section_t *section = &book->sections[book->section_count++];
    strcpy(section->name, name);
    return section;
}

/* The entry that a first form stands for: one of the same name in an earlier file, or a new one. */
static int entry_of(section_t *section, const char *name, bool *known)
{
    char folded[FORM_MOST], other[FORM_MOST];
    text_plain(name, folded, sizeof folded);
    for (size_t i = 0; i < section->entry_count; i++)
        if (strcmp(text_plain(section->entries[i], other, sizeof other), folded) == 0) {
            *known = true;
            return (int)i;
        }
    *known = false;
    section->entries = grown(section->entries, section->entry_count, sizeof *section->entries);
    section->entries[section->entry_count] = strdup(name);
    return (int)section->entry_count++;
}

static void add_words(book_t *book, const char *folded)
{
    char copy[FORM_MOST], *rest;
    strcpy(copy, folded);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (text_length(word) > 1)
            forms_add(&book->words, word, 0, 0);
}

static void add_form(book_t *book, section_t *section, int entry, const char *form)
{
    char folded[FORM_MOST];
    if (strlen(form) >= FORM_MOST)
        stop(book, "a form that is too long");
    if (!*text_plain(form, folded, sizeof folded))
        stop(book, "an empty form");
    forms_add(&section->forms, folded, entry, book->language);
    add_words(book, folded);
}

/* "first | second | …". A name that an earlier file has is no word of this language unless it is written again. */
static void read_entry(book_t *book, section_t *section, char *line)
{
    int entry = -1;
    char *rest;
    for (char *form = strtok_r(line, "|", &rest); form; form = strtok_r(NULL, "|", &rest)) {
        text_squeeze(form);
        bool known = false;
        if (entry < 0)
            entry = entry_of(section, form, &known);
        if (!known)
            add_form(book, section, entry, form);
    }
}

static void read_line(book_t *book, section_t **section, char *line)
{
    text_squeeze(line);
    size_t length = strlen(line);
    if (!text_valid(line, length))
        stop(book, "no UTF-8");
    if (!length || *line == '#')
        return;
    if (*line == '[') {
        if (line[length - 1] != ']')
            stop(book, "a section without its bracket");
        line[length - 1] = 0;
        *section = section_of(book, line + 1);
        return;
    }
    if (!*section)
        stop(book, "an entry before the first section");
    read_entry(book, *section, line);
}

static void read_file(book_t *book, const char *path)
{
    char line[LINE_MOST];
    section_t *section = NULL;
    FILE *file = fopen(path, "r");
    book->file = path;
    book->line = 0;
    if (!file)
        stop(book, strerror(errno));
    while (fgets(line, sizeof line, file)) {
        book->line++;
        if (!strchr(line, '\n') && !feof(file))
            stop(book, "a line that is too long");
        read_line(book, &section, line);
    }
    fclose(file);
}

static int by_form(const void *a, const void *b)
{
    const form_t *x = a, *y = b;
    int order = strcmp(x->form, y->form);
    if (order)
        return order;
    return x->language != y->language ? x->language - y->language : x->entry - y->entry;
}

/* Sorts, and drops what stands twice. */
static void forms_settle(forms_t *forms)
{
    size_t kept = 0;
    if (forms->count)
        qsort(forms->items, forms->count, sizeof *forms->items, by_form);
    for (size_t i = 0; i < forms->count; i++) {
        if (kept && by_form(&forms->items[kept - 1], &forms->items[i]) == 0)
            free(forms->items[i].form);
        else
            forms->items[kept++] = forms->items[i];
    }
    forms->count = kept;
}

static void put_string(FILE *out, const char *text)
{
    putc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || *text == '?')
            putc('\\', out);
        putc(*text, out);
    }
    putc('"', out);
}

static int words_most(const forms_t *forms)
{
    int most = 0;
    for (size_t i = 0; i < forms->count; i++) {
        int words = 1;
        for (const char *p = forms->items[i].form; *p; p++)
            words += *p == ' ';
        most = words > most ? words : most;
    }
    return most;
}

/* Where the forms that begin with each byte start. */
static void put_starts(FILE *out, const char *name, const forms_t *forms)
{
    size_t at = 0;
    if (forms->count > USHRT_MAX)
        abort();
    fprintf(out, "unsigned short %s[] = {", name);
    for (int byte = 0; byte <= 256; byte++) {
        while (at < forms->count && (unsigned char)*forms->items[at].form < byte)
            at++;
        fprintf(out, "%s%zu,", byte % 16 ? " " : "\n    ", at);
    }
    fputs("\n};\n", out);
}

static void put_section(FILE *out, const section_t *section)
{
    char starts[NAME_MOST + 8];
    fprintf(out, "static const vocabulary_form_t forms_%s[] = {\n", section->name);
    for (size_t i = 0; i < section->forms.count; i++) {
        const form_t *form = &section->forms.items[i];
        fputs("    {", out);
        put_string(out, form->form);
        fprintf(out, ", %d, %d},\n", form->entry, form->language);
    }
    fputs("};\nstatic const ", out);
    snprintf(starts, sizeof starts, "starts_%s", section->name);
    put_starts(out, starts, &section->forms);
    fprintf(out, "static const char *const entries_%s[] = {\n", section->name);
    for (size_t i = 0; i < section->entry_count; i++) {
        fputs("    ", out);
        put_string(out, section->entries[i]);
        fputs(",\n", out);
    }
    fputs("};\n", out);
}

static void put_directory(FILE *out, const book_t *book)
{
    fputs("const vocabulary_section_t vocabulary_table_sections[] = {\n", out);
    for (size_t i = 0; i < book->section_count; i++) {
        const section_t *section = &book->sections[i];
        fprintf(out, "    {\"%s\", forms_%s, %zu, starts_%s, entries_%s, %zu, %d},\n", section->name, section->name,
                section->forms.count, section->name, section->name, section->entry_count, words_most(&section->forms));
    }
    fprintf(out, "};\nconst size_t vocabulary_table_section_count = %zu;\n", book->section_count);
    fputs("const char *const vocabulary_table_words[] = {\n", out);
    for (size_t i = 0; i < book->words.count; i++) {
        fputs("    ", out);
        put_string(out, book->words.items[i].form);
        fputs(",\n", out);
    }
    fprintf(out, "};\nconst size_t vocabulary_table_word_count = %zu;\nconst ", book->words.count);
    put_starts(out, "vocabulary_table_word_starts", &book->words);
}

/* "…/eng.words" gives "eng". */
static void put_languages(FILE *out, char **paths, int count)
{
    fputs("const char *const vocabulary_table_languages[] = {", out);
    for (int i = 0; i < count; i++) {
        const char *name = strrchr(paths[i], '/') ? strrchr(paths[i], '/') + 1 : paths[i];
        fprintf(out, "\"%.*s\", ", (int)strcspn(name, "."), name);
    }
    fprintf(out, "};\nconst size_t vocabulary_table_language_count = %d;\n", count);
}

static void forms_free(forms_t *forms)
{
    for (size_t i = 0; i < forms->count; i++)
        free(forms->items[i].form);
    free(forms->items);
}

static void book_free(book_t *book)
{
    for (size_t i = 0; i < book->section_count; i++) {
        section_t *section = &book->sections[i];
        forms_free(&section->forms);
        for (size_t j = 0; j < section->entry_count; j++)
            free(section->entries[j]);
        free(section->entries);
    }
    forms_free(&book->words);
    free(book);
}

static void check(book_t *book)
{
    for (size_t i = 0; i < book->section_count; i++) {
        const section_t *section = &book->sections[i];
        size_t wanted = strcmp(section->name, "days") == 0 ? 7 : strcmp(section->name, "months") == 0 ? 12 : 0;
        if (!section->entry_count || (wanted && section->entry_count != wanted))
            stop(book, "a section that is empty, or not 7 days or 12 months after this file");
    }
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("embed OUT.c FILE.words...\n", stderr);
        return 2;
    }
    book_t *book = calloc(1, sizeof *book);
    if (!book)
        abort();
    for (int i = 2; i < argc; i++) {
        book->language = i - 2;
        read_file(book, argv[i]);
        check(book);
    }
    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    fputs("/* made by embed from the word files; see vocabulary_table.h */\n"
          "#include \"actors/llm/rules/vocabulary_table.h\"\n\n",
          out);
    for (size_t i = 0; i < book->section_count; i++) {
        forms_settle(&book->sections[i].forms);
        put_section(out, &book->sections[i]);
    }
    forms_settle(&book->words);
    put_directory(out, book);
    put_languages(out, argv + 2, argc - 2);
    book_free(book);
    return fclose(out) ? 1 : 0;
}

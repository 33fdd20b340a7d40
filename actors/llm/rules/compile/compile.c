/* compile: turns vocabulary files into a C table, sorted for searching; run by the build.
 *
 *     vocabulary_compile OUT.c FILE.words…
 */
#include "proto/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMS_MOST = 20000, TEXT_MOST = 160, LINE_BYTES = 16384 };

typedef struct {
    char section[32], folded[TEXT_MOST], name[TEXT_MOST];
    int entry, language;
} form_t;

static form_t forms[FORMS_MOST];
static int count;

static void add(const char *section, int entry, int language, const char *form, const char *name)
{
    if (count == FORMS_MOST || strlen(form) >= TEXT_MOST || strlen(name) >= TEXT_MOST) {
        fprintf(stderr, "vocabulary_compile: too many or too long: %s\n", form);
        exit(1);
    }
    form_t *f = &forms[count];
    snprintf(f->section, sizeof f->section, "%s", section);
    snprintf(f->name, sizeof f->name, "%s", name);
    text_plain(form, f->folded, sizeof f->folded);
    f->entry = entry, f->language = language;
    if (f->folded[0])
        count++;
}

static void read_line(char *line, const char *section, int *entry, int language)
{
    char name[TEXT_MOST] = "";
    for (char *form = strtok(line, "|"); form; form = strtok(NULL, "|")) {
        text_squeeze(form);
        if (!*name)
            snprintf(name, sizeof name, "%s", form);
        add(section, *entry, language, form, name);
    }
    if (*name)
        ++*entry;
}

static void read_file(const char *path, int language)
{
    static char line[LINE_BYTES];
    char section[32] = "";
    int entry = 0;
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        exit(1);
    }
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (line[0] == '#' || !line[0])
            continue;
        if (line[0] == '[') {
            snprintf(section, sizeof section, "%.*s", (int)strcspn(line + 1, "]"), line + 1);
            /* days and months are the same entries in every language, others are numbered on */
            entry = strcmp(section, "days") == 0 || strcmp(section, "months") == 0 ? 0 : language * 1000;
            continue;
        }
        read_line(line, section, &entry, language);
    }
    fclose(file);
}

static int by_form(const void *left, const void *right)
{
    const form_t *a = left, *b = right;
    int order = strcmp(a->section, b->section);
    order = order ? order : strcmp(a->folded, b->folded);
    return order ? order : a->language - b->language;
}

static void write_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, *text == '"' || *text == '\\' ? "\\%c" : (unsigned char)*text < 0x80 ? "%c" : "\\%03o", (unsigned char)*text);
    fputc('"', out);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    for (int i = 2; i < argc; i++)
        read_file(argv[i], i - 2);
    qsort(forms, (size_t)count, sizeof *forms, by_form);
    FILE *out = fopen(argv[1], "w");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    fputs("#include \"actors/llm/rules/vocabulary_table.h\"\n\nconst vocabulary_form_t vocabulary_forms[] = {\n", out);
    for (int i = 0; i < count; i++) {
        fprintf(out, "    {\"%s\", ", forms[i].section);
        write_text(out, forms[i].folded);
        fputs(", ", out);
        write_text(out, forms[i].name);
        fprintf(out, ", %d, %d},\n", forms[i].entry, forms[i].language);
    }
    fprintf(out, "};\nconst int vocabulary_count = %d;\n", count);
    return fclose(out) ? 1 : 0;
}

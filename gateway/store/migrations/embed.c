/* embed: turns numbered SQL files into a C source, as migrations_NAME[]. Runs at build time; stops the build where the
 * numbers are not 1, 2, 3 …
 *
 *     embed OUT.c NAME FILE.sql… [NAME FILE.sql…]
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longest name of a file. */
enum { NAME_MOST = 128 };

static void stop(const char *what, const char *about)
{
    fprintf(stderr, "embed: %s: %s\n", about, what);
    exit(1);
}

/* A character as it stands in a string constant. */
static void write_char(FILE *out, int c)
{
    if (c == '\n')
        fputs("\\n\"\n    \"", out);
    else if (c == '"' || c == '\\' || c == '?')
        fprintf(out, "\\%c", c);
    else if (c < ' ' || c > '~')
        fprintf(out, "\\%03o", (unsigned)c);
    else
        fputc(c, out);
}

static void write_file(FILE *out, const char *path, int expected)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    char name[NAME_MOST];
    char *end = NULL;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "."), base);
    if (strtol(name, &end, 10) != expected || end != name + 4 || *end != '_')
        stop("is not the next number: names are 0001_what.sql, 0002_what.sql …", path);
    FILE *in = fopen(path, "rb");
    if (!in)
        stop(strerror(errno), path);
    fprintf(out, "    {%d, \"%s\",\n    \"", expected, name);
    for (int c; (c = fgetc(in)) != EOF;)
        write_char(out, c);
    fputs("\"},\n", out);
    fclose(in);
}

static bool is_file(const char *argument)
{
    size_t size = strlen(argument);
    return size > 4 && strcmp(argument + size - 4, ".sql") == 0;
}

int main(int count, char **arguments)
{
    if (count < 4)
        stop("OUT.c NAME FILE.sql…", "wants");
    FILE *out = fopen(arguments[1], "wb");
    if (!out)
        stop(strerror(errno), arguments[1]);
    fputs("/* made by embed from migrations/ */\n#include \"gateway/store/migration_table.h\"\n", out);
    for (int i = 2; i < count;) {
        const char *name = arguments[i++];
        int number = 0;
        fprintf(out, "\nconst migration_t migrations_%s[] = {\n", name);
        for (; i < count && is_file(arguments[i]); i++)
            write_file(out, arguments[i], ++number);
        fprintf(out, "};\nconst size_t migrations_%s_count = %d;\n", name, number);
    }
    if (fclose(out) != 0)
        stop(strerror(errno), arguments[1]);
    return 0;
}

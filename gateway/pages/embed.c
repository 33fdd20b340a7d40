/* embed: turns files into a C source, as the table of pages.h. Runs at build time.
 *
 *     embed OUT.c FILE…
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 20 };

static void stop(const char *what, const char *about)
{
    fprintf(stderr, "embed: %s: %s\n", about, what);
    exit(1);
}

/* The bytes as numbers: a string constant may not be long enough for a whole page. */
static void write_bytes(FILE *out, const char *path, int number)
{
    long size = 0;
    FILE *in = fopen(path, "rb");
    if (!in)
        stop(strerror(errno), path);
    fprintf(out, "static const unsigned char bytes_%d[] = {", number);
    for (int c; (c = fgetc(in)) != EOF; size++)
        fprintf(out, "%s%d,", size % COLUMNS ? "" : "\n    ", c);
    fputs("\n};\n", out);
    if (ferror(in) || !size)
        stop("cannot be read, or is empty", path);
    fclose(in);
}

int main(int count, char **arguments)
{
    if (count < 3)
        stop("OUT.c FILE…", "wants");
    FILE *out = fopen(arguments[1], "wb");
    if (!out)
        stop(strerror(errno), arguments[1]);
    fputs("/* made by embed from web/ */\n#include \"gateway/pages/pages.h\"\n\n", out);
    for (int i = 2; i < count; i++)
        write_bytes(out, arguments[i], i);
    fputs("\nconst page_t pages[] = {\n", out);
    for (int i = 2; i < count; i++) {
        const char *base = strrchr(arguments[i], '/');
        fprintf(out, "    {\"%s\", bytes_%d, sizeof bytes_%d},\n", base ? base + 1 : arguments[i], i, i);
    }
    fprintf(out, "};\nconst size_t pages_count = %d;\n", count - 2);
    if (fclose(out) != 0)
        stop(strerror(errno), arguments[1]);
    return 0;
}

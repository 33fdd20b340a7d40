/* forms_print: prints a dossier in a form, for the tests that hand the result to programs of others.
 *
 *     forms_print FORMAT DOSSIER.msgpack [NAME=VALUE…]     columns, colour, explain, timing, one_line, continued:
 * numbers; term_start, term_end, today, tz, zoneinfo: texts
 */
#include "proto/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_option(form_options_t *options, const char *setting)
{
    const struct {
        const char *name;
        const char **text;
        bool *flag;
    } names[] = {{"term_start", &options->term_start, NULL}, {"term_end", &options->term_end, NULL},
                 {"today", &options->today, NULL},           {"tz", &options->tz, NULL},
                 {"zoneinfo", &options->zoneinfo, NULL},     {"colour", NULL, &options->colour},
                 {"explain", NULL, &options->explain},       {"timing", NULL, &options->timing},
                 {"one_line", NULL, &options->one_line},     {"continued", NULL, &options->continued}};
    const char *value = strchr(setting, '=');
    size_t length = value ? (size_t)(value - setting) : 0;
    if (length == 7 && strncmp(setting, "columns", length) == 0) {
        options->columns = atoi(value + 1);
        return;
    }
    for (size_t i = 0; value && i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == length && strncmp(names[i].name, setting, length) == 0) {
            if (names[i].text)
                *names[i].text = value + 1;
            else
                *names[i].flag = atoi(value + 1) != 0;
            return;
        }
    fprintf(stderr, "no option %s\n", setting);
    exit(2);
}

int main(int argc, char **argv)
{
    form_options_t options = {0};
    fault_t fault = {0};
    buf_t packed = {0}, out = {0};
    if (argc < 3 || !form_find(argv[1]))
        return 2;
    for (int i = 3; i < argc; i++)
        set_option(&options, argv[i]);
    FILE *file = fopen(argv[2], "rb");
    if (!file)
        return 3;
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(&packed, block, n);
    fclose(file);
    dossier_t *dossier = dossier_decode(packed.bytes, packed.size, &fault);
    int result = dossier ? form_write(argv[1], dossier, &options, &out, &fault) : -1;
    if (result == 0)
        fwrite(out.bytes, 1, out.size, stdout);
    else
        fprintf(stderr, "%s: %s\n", fault_name(fault.code), fault.text);
    dossier_destroy(&dossier);
    buf_free(&packed);
    buf_free(&out);
    return result == 0 ? 0 : fault_exit(fault.code);
}

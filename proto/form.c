/* form: the table of forms; see form.h and form_writers.h. */
#include "form_writers.h"

#include <assert.h>
#include <string.h>

static const form_t forms[] = {
    {"table", "txt", "text/plain; charset=utf-8", form_table},
    {"json", "json", "application/json", form_json},
    {"csv", "csv", "text/csv; charset=utf-8; header=present", form_csv},
    {"ics", "ics", "text/calendar; charset=utf-8", form_ics},
    {"html", "html", "text/html; charset=utf-8", form_html},
};

const form_t *form_list(size_t *count)
{
    *count = sizeof forms / sizeof *forms;
    return forms;
}

const form_t *form_find(const char *name)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            return &forms[i];
    return NULL;
}

int form_check(const form_options_t *options, fault_t *fault)
{
    return form_ics_check(options, fault);
}

int form_write(const char *format, const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
{
    const form_t *form = form_find(format);
    assert(form);
    size_t before = out->size;
    if (form->write(dossier, options, out, fault) == 0)
        return 0;
    out->size = before; /* nothing half written */
    if (out->bytes)
        out->bytes[before] = 0;
    return -1;
}

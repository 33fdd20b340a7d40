/* form_json: the dossier without what only stages need (pages, evidence, options); its shape is dossier.schema.json. */
#include "form_writers.h"
#include "json.h"

enum { INDENT = 2 };

/* What a person or program outside sees of the document: no internal id, no URL that might carry a signature. */
static const field_t document_fields[] = {
    {"filename", FIELD_TEXT, offsetof(document_t, filename), NULL, 0, 0, 0},
    {"media", FIELD_TEXT, offsetof(document_t, media), NULL, 0, 0, 0},
    {"bytes", FIELD_INT, offsetof(document_t, bytes), NULL, 0, 0, 0},
    {"sha256", FIELD_TEXT, offsetof(document_t, sha256), NULL, 0, 0, 0},
};
static const schema_t shown_document_schema = SCHEMA(document_t, "document", document_fields);

static const field_t fields[] = {
    {"document", FIELD_STRUCT, offsetof(dossier_t, document), &shown_document_schema, 0, 0, 0},
    {"classification", FIELD_STRUCT, offsetof(dossier_t, classification), &classification_schema, 0, 0, 0},
    {"timetables", FIELD_LIST, offsetof(dossier_t, timetables), &timetable_schema, 0, 0, 0},
    {"checks", FIELD_LIST, offsetof(dossier_t, checks), &check_schema, 0, 0, 0},
    {"outcome", FIELD_STRUCT, offsetof(dossier_t, outcome), &outcome_schema, 0, 0, 0},
    {"trail", FIELD_LIST, offsetof(dossier_t, trail), &trail_schema, 0, 0, 0},
};
static const schema_t shown_schema = SCHEMA(dossier_t, "result", fields);

int form_json(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
{
    (void)fault;
    const char *omit[4] = {"evidence"};
    size_t count = 1;
    if (!options->explain)
        omit[count++] = "reasons";
    if (!options->timing)
        omit[count++] = "trail";
    json_write(&shown_schema, dossier, omit, options->one_line ? 0 : INDENT, out);
    buf_char(out, '\n');
    return 0;
}

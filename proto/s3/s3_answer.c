/* s3_answer: see s3_answer.h. */
#include "s3_answer.h"

#include <libxml/xmlreader.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;

void s3_answer_walk(const buf_t *xml, s3_leaf_fn *leaf, void *user)
{
    buf_t text = {0};
    bool open = false; /* inside an element that has no children so far */
    xmlTextReaderPtr reader =
        xml->size && xml->size <= INT_MAX ? xmlReaderForMemory(xml->bytes, (int)xml->size, NULL, NULL, options) : NULL;
    while (reader && xmlTextReaderRead(reader) == 1) {
        int type = xmlTextReaderNodeType(reader);
        const char *name = (const char *)xmlTextReaderConstLocalName(reader);
        const char *value = (const char *)xmlTextReaderConstValue(reader);
        if (type == XML_READER_TYPE_ELEMENT) {
            buf_clear(&text);
            open = !xmlTextReaderIsEmptyElement(reader);
            if (!open)
                leaf(user, name, "");
        } else if (type == XML_READER_TYPE_END_ELEMENT) {
            leaf(user, name, open ? buf_string(&text) : NULL);
            open = false;
        } else if (value && open) {
            buf_text(&text, value);
        }
    }
    if (reader)
        xmlFreeTextReader(reader);
    buf_free(&text);
}

/* What is looked for and where it goes. */
typedef struct {
    const char *name;
    char *out;
    size_t size;
    bool found;
} search_t;

static void look(void *user, const char *name, const char *text)
{
    search_t *search = user;
    if (search->found || !text || strcmp(name, search->name) != 0)
        return;
    search->found = true;
    snprintf(search->out, search->size, "%s", text);
}

bool s3_answer_find(const buf_t *xml, const char *name, char *out, size_t size)
{
    search_t search = {name, out, size, false};
    *out = 0;
    s3_answer_walk(xml, look, &search);
    return search.found;
}

/* An allow-list of any bytes is refused with its line, or each key of it is found and is written as it is read; and the
 * same bytes as a certificate are refused, or hold keys. */
#include "proto/base/text.h"
#include "proto/wire/allow.h"
#include "proto/wire/certificate.h"
#include "target.h"

#include <stdlib.h>
#include <string.h>

static void expect(bool condition)
{
    if (!condition)
        abort();
}

static void check_list(const allow_t *allow)
{
    buf_t out = {0}, again = {0};
    fault_t fault = {0};
    for (size_t i = 0; i < allow_count(allow); i++) {
        const allow_entry_t *entry = allow_entry(allow, i);
        expect(allow_find(allow, entry->key) == entry && key_valid(entry->key, strlen(entry->key)));
        expect(allow_name_valid(entry->name, strlen(entry->name)) && entry->rights.roles);
        allow_write(entry, &out);
    }
    allow_t *back = allow_parse(buf_string(&out), out.size, &fault);
    expect(back && allow_count(back) == allow_count(allow));
    for (size_t i = 0; i < allow_count(back); i++) {
        expect(allow_rights_equal(&allow_entry(back, i)->rights, &allow_entry(allow, i)->rights));
        allow_write(allow_entry(back, i), &again);
    }
    expect(strcmp(buf_string(&out), buf_string(&again)) == 0);
    allow_destroy(&back);
    buf_free(&out);
    buf_free(&again);
}

static void check_fault(const fault_t *fault)
{
    expect(fault->code == FAULT_SETTING && *fault->text && text_valid(fault->text, strlen(fault->text)));
    expect(!strpbrk(fault->text, "\n\r\t\x1b"));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fault_t fault = {0};
    certificate_t certificate;
    const char *text = (const char *)bytes;
    allow_t *allow = allow_parse(text, size, &fault);
    if (allow) {
        check_list(allow);
    } else {
        check_fault(&fault);
        expect(strncmp(fault.text, "line ", 5) == 0);
    }
    for (int kind = CERTIFICATE_PUBLIC; kind <= CERTIFICATE_SECRET; kind++) {
        bool secret = kind == CERTIFICATE_SECRET;
        if (certificate_parse(text, size, (certificate_kind_t)kind, &certificate, &fault) < 0) {
            check_fault(&fault);
            expect(!*certificate.secret_key);
        } else {
            expect(key_valid(certificate.public_key, strlen(certificate.public_key)));
            expect(secret == key_valid(certificate.secret_key, strlen(certificate.secret_key)));
        }
        certificate_wipe(&certificate);
    }
    allow_destroy(&allow);
    return 0;
}

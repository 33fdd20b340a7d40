/* What cannot be read is told by name, with what to do. */
#include "intake_help.h"

#define OLE "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

static void check(const char *bytes, size_t size, fault_code_t code, const char *says)
{
    fault_t fault = {0};
    intake_t *intake = intake_open((const uint8_t *)bytes, size, &fault);
    assert_null(intake);
    if (fault.code != code || !strstr(fault.text, says))
        fail_msg("'%s' (%s), not '%s'", fault.text, fault_name(fault.code), says);
}

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        fault_code_t code;
        const char *says;
    } files[] = {
#define FILE_OF(text, code, says) {text, sizeof(text) - 1, code, says}
        FILE_OF("", FAULT_UNSUPPORTED, "empty"),
        FILE_OF("Monday 9:00 Maths\n", FAULT_UNSUPPORTED, "a text file"),
        FILE_OF("{\\rtf1\\ansi Monday}", FAULT_UNSUPPORTED, "RTF"),
        FILE_OF("<!DOCTYPE html><html></html>", FAULT_UNSUPPORTED, "HTML"),
        FILE_OF("\n<HTML><body>", FAULT_UNSUPPORTED, "HTML"),
        FILE_OF("<svg xmlns='x'/>", FAULT_UNSUPPORTED, "SVG"),
        FILE_OF("\xef\xbb\xbf<?xml version='1.0'?><svg/>", FAULT_UNSUPPORTED, "SVG"),
        FILE_OF("BEGIN:VCALENDAR\r\n", FAULT_UNSUPPORTED, "calendar"),
        FILE_OF("\xff\xfeM\0o\0n\0", FAULT_UNSUPPORTED, "a text file"),
        FILE_OF("\x01\x02\x03\x80\x81", FAULT_UNSUPPORTED, "not a kind of file"),
        FILE_OF("\0\0\0\x18"
                "ftypmp42\0\0\0\0",
                FAULT_UNSUPPORTED, "a film"),
        FILE_OF("Rar!\x1a\x07", FAULT_UNSUPPORTED, "RAR"),
        FILE_OF(OLE "....W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0", FAULT_UNSUPPORTED, "DOC"),
        FILE_OF(OLE "....W\0o\0r\0k\0b\0o\0o\0k\0", FAULT_UNSUPPORTED, "XLS"),
        FILE_OF(OLE "....E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", FAULT_ENCRYPTED, "password"),
        FILE_OF(OLE "....", FAULT_UNSUPPORTED, "old Office"),
        FILE_OF("PK\3\4 cut off", FAULT_DAMAGED, "cut off"),
        FILE_OF("%PDF-1.7\ncut off", FAULT_DAMAGED, "cut off"),
        FILE_OF("GIF89a", FAULT_DAMAGED, "GIF"),
#undef FILE_OF
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strstr(files[i].says, "GIF")) {
            fault_t fault = {0};
            assert_null(picture_decode((const uint8_t *)files[i].bytes, files[i].size, 0, &fault));
            assert_int_equal(fault.code, files[i].code);
        } else {
            check(files[i].bytes, files[i].size, files[i].code, files[i].says);
        }
    }
}

static void test_zips(void **state)
{
    (void)state;
    static const struct {
        const char *part, *text;
        fault_code_t code;
        const char *says;
    } zips[] = {
        {"ppt/presentation.xml", "<x/>", FAULT_UNSUPPORTED, "PowerPoint"},
        {"notes.txt", "x", FAULT_UNSUPPORTED, "zip archive"},
        {"word/document.xml", "<document><body>", FAULT_DAMAGED, "well-formed"},
        {"word/document.xml", "<!DOCTYPE a [<!ENTITY b \"bbbb\">]><document><body>&b;</body></document>", FAULT_DAMAGED,
         "word/document.xml"},
        {"xl/workbook.xml", "<workbook><sheets/></workbook>", FAULT_DAMAGED, "no sheet"},
        {"xl/workbook.bin", "x", FAULT_UNSUPPORTED, "XLSB"},
    };
    for (size_t i = 0; i < sizeof zips / sizeof *zips; i++) {
        buf_t bytes = make_package((const part_t[]){{zips[i].part, zips[i].text}, {0}});
        check(bytes.bytes, bytes.size, zips[i].code, zips[i].says);
        buf_free(&bytes);
    }
}

/* 64 MB of one letter in some 60 kB. */
static void test_bomb(void **state)
{
    (void)state;
    size_t size = (size_t)64 << 20;
    char *text = malloc(size + 1);
    memset(text, 'A', size);
    text[size] = 0;
    buf_t bytes = make_package((const part_t[]){{"word/document.xml", text}, {0}});
    free(text);
    check(bytes.bytes, bytes.size, FAULT_TOO_LARGE, "unpacks to more");
    buf_free(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kinds), cmocka_unit_test(test_zips),
                                       cmocka_unit_test(test_bomb)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

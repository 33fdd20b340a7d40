/* intake_refuse: see intake_refuse.h. */
#include "intake_refuse.h"

#include "proto/base/text.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* First bytes of kinds that are met in place of a timetable. */
static const struct {
    const char *magic;
    size_t length;
    const char *what;
} kinds[] = {
    {"{\\rtf", 5, "an RTF text; open it in a word processor and save it as DOCX or PDF"},
    {"%!PS", 4, "a PostScript file; convert it to PDF"},
    {"AT&TFORM", 8, "a DjVu document; save it as PDF"},
    {"Rar!", 4, "a RAR archive; unpack it and send the timetable itself"},
    {"7z\xbc\xaf", 4, "a 7-Zip archive; unpack it and send the timetable itself"},
    {"\x1f\x8b", 2, "a gzip archive; unpack it and send the timetable itself"},
    {"\x7f"
     "ELF",
     4, "a program; send the timetable as a picture, PDF, DOCX or XLSX"},
    {"MZ", 2, "a program; send the timetable as a picture, PDF, DOCX or XLSX"},
    {"ID3", 3, "a sound file; send the timetable as a picture, PDF, DOCX or XLSX"},
    {"OggS", 4, "a sound or film; send the timetable as a picture, PDF, DOCX or XLSX"},
    {"\x1a\x45\xdf\xa3", 4, "a film; send one frame of it as a picture"},
    {"BEGIN:VCALENDAR", 15,
     "a calendar file (ICS), which is a timetable in machine form already; no reading is needed"},
    {"\0\0\0\x0cjP  ", 8, "a JPEG 2000 picture; save it as PNG or JPEG"},
    {"\0\0\1\0", 4, "an icon; send the timetable as a PNG or JPEG"},
    {"8BPS", 4, "a Photoshop document; save it as PNG or JPEG"},
    {"SQLite format 3", 15, "a database; send the timetable as a picture, PDF, DOCX or XLSX"},
};

/* Names in an OLE compound file's directory are UTF-16. */
static bool holds_name(const uint8_t *bytes, size_t size, const char *name)
{
    uint8_t wide[64];
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        wide[2 * i] = (uint8_t)name[i], wide[2 * i + 1] = 0;
    return memmem(bytes, size, wide, 2 * length) != NULL;
}

/* An OLE compound file: Office before 2007, or a protected document of today. */
static int refuse_ole(const uint8_t *bytes, size_t size, fault_t *fault)
{
    if (holds_name(bytes, size, "EncryptedPackage"))
        return fault_set(fault, FAULT_ENCRYPTED,
                         "an Office document that is protected by a password; save a copy without one");
    const char *what = holds_name(bytes, size, "WordDocument") ? "a Word 97 document (DOC); save it as DOCX or PDF"
                       : holds_name(bytes, size, "Workbook") || holds_name(bytes, size, "Book")
                           ? "an Excel 97 workbook (XLS); save it as XLSX"
                       : holds_name(bytes, size, "PowerPoint Document") ? "a PowerPoint 97 presentation; save it as PDF"
                       : holds_name(bytes, size, "__properties_version")
                           ? "an Outlook message; send the timetable itself"
                           : "an old Office document; save it as PDF, DOCX or XLSX";
    return fault_set(fault, FAULT_UNSUPPORTED, "%s", what);
}

/* Whether the first bytes are text: no control characters but white space, and well-formed UTF-8 or Latin-1 letters. */
static bool is_text(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size && i < 4096; i++)
        if (bytes[i] < 0x20 && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t' && bytes[i] != '\f')
            return false;
    return true;
}

static int refuse_text(const char *text, size_t size, fault_t *fault)
{
    while (size > 0 && (strchr(" \t\r\n", *text) || (unsigned char)*text >= 0xbb)) /* white space, byte order mark */
        text++, size--;
    const char *what = "a text file; send the timetable as a picture, PDF, DOCX or XLSX";
    if (size >= 14 && strncasecmp(text, "<!doctype html", 14) == 0)
        what = "a web page (HTML); print it to a PDF and send that";
    else if (size >= 5 && strncasecmp(text, "<html", 5) == 0)
        what = "a web page (HTML); print it to a PDF and send that";
    else if (size >= 4 && strncasecmp(text, "<svg", 4) == 0)
        what = "an SVG drawing; save it as PNG or PDF";
    else if (size >= 5 && strncasecmp(text, "<?xml", 5) == 0)
        what = memmem(text, size, "<svg", 4) ? "an SVG drawing; save it as PNG or PDF"
                                             : "an XML file; send the timetable as a picture, PDF, DOCX or XLSX";
    else if (size >= 15 && strncmp(text, "BEGIN:VCALENDAR", 15) == 0)
        what = "a calendar file (ICS), which is a timetable in machine form already; no reading is needed";
    return fault_set(fault, FAULT_UNSUPPORTED, "%s", what);
}

int intake_refuse(const uint8_t *bytes, size_t size, fault_t *fault)
{
    if (size >= 8 && memcmp(bytes, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8) == 0)
        return refuse_ole(bytes, size, fault);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].length && memcmp(bytes, kinds[i].magic, kinds[i].length) == 0)
            return fault_set(fault, FAULT_UNSUPPORTED, "%s", kinds[i].what);
    if (size >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0)
        return fault_set(fault, FAULT_UNSUPPORTED, "a film; send one frame of it as a picture");
    if (size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
        return refuse_text("", 0, fault); /* UTF-16 */
    if (is_text(bytes, size))
        return refuse_text((const char *)bytes, size, fault);
    return fault_set(fault, FAULT_UNSUPPORTED,
                     "not a kind of file that can be read; send the timetable as a picture, PDF, DOCX or XLSX");
}

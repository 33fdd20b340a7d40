/* DOCX and XLSX: cells with spans and looks, directions, what is left out; numbers as shown. */
#include "intake_help.h"

#include "actors/intake/xlsx_format.h"

#define W(body)              "<w:document xmlns:w='w'><w:body>" body "</w:body></w:document>"
#define P(text)              "<w:p><w:r><w:t>" text "</w:t></w:r></w:p>"
#define TC(properties, text) "<w:tc><w:tcPr>" properties "</w:tcPr>" P(text) "</w:tc>"

static opened_t open_docx(const char *document)
{
    return open_page(make_package((const part_t[]){{"word/document.xml", document}, {0}}), 0, 96);
}

static void test_spans(void **state)
{
    (void)state;
    opened_t o = open_docx(
        W(P("Class 4M") "<w:tbl><w:tblGrid><w:gridCol w:w='1500'/><w:gridCol w:w='3000'/><w:gridCol "
                        "w:w='3000'/></w:tblGrid>"
                        "<w:tr>" TC("<w:vMerge w:val='restart'/><w:textDirection w:val='btLr'/>", "Monday")
                            TC("<w:gridSpan w:val='2'/><w:shd w:val='clear' w:fill='FFE699'/>",
                               "Assembly") "</w:tr>"
                                           "<w:tr>" TC("<w:vMerge/>", "unseen") TC("", "Maths")
                                               TC("<w:textDirection w:val='tbRl'/>", "Lunch") "</w:tr></w:tbl>"));
    assert_int_equal(o.page.cells.count, 4);
    const cell_t *day = find_cell(&o.page, "Monday"), *wide = find_cell(&o.page, "Assembly");
    assert_int_equal(day->row_span, 2);
    assert_int_equal(wide->col_span, 2);
    assert_int_equal(wide->fill, 0xffe699);
    assert_int_equal(find_cell(&o.page, "Lunch")->col, 2);
    assert_int_equal(find_cell(&o.page, "Maths")->row, 1);
    assert_int_equal(find_word(&o.page, "Monday")->angle, 270);
    assert_int_equal(find_word(&o.page, "Lunch")->angle, 90);
    assert_int_equal(find_word(&o.page, "4M")->cell, -1);
    for (size_t i = 0; i < o.page.words.count; i++)
        assert_string_not_equal(LIST_AT(word_t, o.page.words, i)->text, "unseen");
    assert_true(wide->box.w > 5 * day->box.w / 2);
    close_page(&o);
}

static void test_runs(void **state)
{
    (void)state;
    opened_t o = open_docx(
        W("<w:tbl><w:tr><w:tc><w:p><w:r><w:rPr><w:b/><w:sz w:val='28'/></w:rPr><w:t>Ma</w:t></w:r><w:r><w:rPr><w:b/>"
          "<w:sz w:val='28'/></w:rPr><w:t>ths</w:t></w:r><w:r><w:br/><w:t>Room</w:t><w:tab/><w:t>12</w:t></w:r>"
          "<w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del><w:ins><w:r><w:t xml:space='preserve'> "
          "new</w:t></w:r></w:ins>"
          "<w:r><w:rPr><w:strike/><w:color w:val='FF0000'/></w:rPr><w:t xml:space='preserve"
          "'> old</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>"
          "<w:p><mc:AlternateContent "
          "xmlns:mc='m'><mc:Choice><w:r><w:t>one</w:t></w:r></mc:Choice><mc:Fallback><w:r><w:t>two</w:t>"
          "</w:r></mc:Fallback></mc:AlternateContent></w:p></w:tc></w:tr></w:tbl>"));
    char text[200];
    assert_string_equal(cell_text(&o.page, 0, text, sizeof text), "Maths/Room 12 new old/one");
    const word_t *maths = find_word(&o.page, "Maths"), *old = find_word(&o.page, "old");
    assert_true(maths->weight == 1 && maths->size > 18 && maths->size < 19);
    assert_true(old->struck && old->colour == 0xff0000);
    assert_int_equal(o.page.cells.count, 1);
    close_page(&o);
}

static void test_nested_and_pages(void **state)
{
    (void)state;
    opened_t o = open_docx(W("<w:tbl><w:tr><w:tc>" P("outer") "<w:tbl><w:tr>" TC(
        "", "inner") "</w:tr></w:tbl></w:tc></w:tr></w:tbl>"
                     "<w:p><w:r><w:br w:type='page'/></w:r></w:p><w:tbl><w:tr>" TC("", "second") "</w:tr></w:tbl>"));
    assert_int_equal(intake_pages(o.intake), 2);
    const cell_t *outer = find_cell(&o.page, "outer"), *inner = find_cell(&o.page, "inner");
    assert_int_not_equal(outer->table, inner->table);
    assert_true(inner->box.y > outer->box.y && inner->box.y + inner->box.h <= outer->box.y + outer->box.h + 2);
    close_page(&o);
}

static void test_header(void **state)
{
    (void)state;
    opened_t o = open_page(load_fixture("days-as-columns.docx"), 0, 96);
    assert_string_equal(o.page.title, "Kingsmead Academy 10X Timetable – Spring 1 2024 Teacher: Dr Larkin");
    assert_int_equal(find_word(&o.page, "Kingsmead")->cell, -1);
    assert_int_equal(o.page.cells.count, 57);
    const cell_t *day = find_cell(&o.page, "MON");
    assert_int_equal(day->fill, 0);
    assert_int_equal(find_word(&o.page, "MON")->colour, 0xffffff);
    int tall = 0;
    for (size_t i = 0; i < o.page.cells.count; i++)
        tall += LIST_AT(cell_t, o.page.cells, i)->row_span > 1;
    assert_true(tall >= 10);
    close_page(&o);
}

/* A document that is but the frame of a picture is that picture. */
static void test_inner_picture(void **state)
{
    (void)state;
    picture_t *picture = picture_new(40, 30, 1);
    buf_t png = {0}, copy = {0};
    fault_t fault = {0};
    assert_int_equal(picture_encode_png(picture, &png, &fault), 0);
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    static const char document[] = W(P("Timetable"));
    zip_file_add(zip, "word/document.xml", zip_source_buffer(zip, document, sizeof document - 1, 0), 0);
    zip_file_add(zip, "word/media/image1.png", zip_source_buffer(zip, png.bytes, png.size, 0), 0);
    assert_int_equal(zip_close(zip), 0);
    char block[4096];
    zip_source_open(source);
    for (zip_int64_t n; (n = zip_source_read(source, block, sizeof block)) > 0;)
        buf_add(&copy, block, (size_t)n);
    zip_source_close(source);
    zip_source_free(source);
    opened_t o = open_page(copy, 0, 96);
    assert_int_equal(intake_page_kind(o.intake, 0), INTAKE_PAGE_PICTURE);
    picture_t *back = intake_picture(o.intake, 0, 96, &fault);
    assert_non_null(back);
    assert_int_equal(back->width, 40);
    picture_destroy(&back);
    picture_destroy(&picture);
    buf_free(&png);
    close_page(&o);
}

static void test_old_merge(void **state)
{
    (void)state;
    opened_t o = open_docx(W("<w:tbl><w:tr>" TC("<w:hMerge w:val='restart'/>", "Lunch") TC("<w:hMerge/>", "")
                                 TC("", "Art") "</w:tr></w:tbl>"));
    assert_int_equal(find_cell(&o.page, "Lunch")->col_span, 2);
    assert_int_equal(find_cell(&o.page, "Art")->col, 2);
    close_page(&o);
}

static const char workbook[] = "<workbook xmlns:r='r'><sheets><sheet name='Old' state='hidden' r:id='a'/>"
                               "<sheet name='Year 4' r:id='b'/><sheet name='Sheet3' r:id='c'/></sheets></workbook>";
static const char relations[] =
    "<Relationships><Relationship Id='a' Type='t/worksheet' Target='worksheets/sheet1.xml'/>"
    "<Relationship Id='b' Type='t/worksheet' Target='worksheets/sheet2.xml'/>"
    "<Relationship Id='c' Type='t/worksheet' Target='/xl/worksheets/sheet3.xml'/>"
    "<Relationship Id='s' Type='t/styles' Target='styles.xml'/></Relationships>";
static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='h:mm'/></numFmts><fonts><font><sz "
    "val='11'/></font><font><b/>"
    "<sz val='15'/></font></fonts><fills><fill/><fill/><fill><patternFill patternType='solid'><fgColor theme='4' "
    "tint='0.5'/>"
    "</patternFill></fill></fills><borders><border/><border><top style='thin'/><left "
    "style='thin'/></border></borders><cellXfs>"
    "<xf/><xf numFmtId='164' fontId='1' fillId='2' borderId='1'><alignment textRotation='90'/></xf><xf numFmtId='18'>"
    "<alignment textRotation='255'/></xf><xf numFmtId='20' borderId='1'/></cellXfs></styleSheet>";

static opened_t open_xlsx(const char *sheet)
{
    const part_t parts[] = {
        {"xl/workbook.xml", workbook},
        {"xl/_rels/workbook.xml.rels", relations},
        {"xl/styles.xml", styles},
        {"xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"},
        {"xl/worksheets/sheet2.xml", sheet},
        {"xl/worksheets/sheet3.xml", "<worksheet><sheetData/></worksheet>"},
        {0}};
    return open_page(make_package(parts), 0, 96);
}

#define TEXT(place, text) "<c r='" place "' t='inlineStr'><is><t>" text "</t></is></c>"

static void test_sheet(void **state)
{
    (void)state;
    opened_t o = open_xlsx(
        "<worksheet><cols><col min='3' max='3' hidden='1'/></cols><sheetData><row r='2'><c r='B2' "
        "s='1'><v>0.375</v></c>" TEXT("C2", "hidden")
            TEXT("D2", "Maths") "</row><row r='3'><c r='B3' s='2'><v>0.5625</v></c><c r='D3' t='b'><v>1</v></c></row>"
                                "<row r='4' hidden='1'>" TEXT("B4", "hidden") "</row><row r='5'>" TEXT(
                                    "B5", "Lunch") "</row></sheetData>"
                                                   "<mergeCells><mergeCell ref='B5:E6'/></mergeCells></worksheet>");
    assert_int_equal(intake_pages(o.intake), 1); /* one is hidden, one is empty */
    assert_string_equal(o.page.title, "Year 4");
    const word_t *time = find_word(&o.page, "9:00");
    const cell_t *cell = find_cell(&o.page, "9:00"), *lunch = find_cell(&o.page, "Lunch");
    assert_int_equal(time->angle, 270);
    assert_true(time->weight == 1);
    assert_int_equal(cell->fill, 0xa2b9e2); /* accent 1 of the Office theme, half way to white */
    assert_int_equal(cell->ruled & (SIDE_TOP | SIDE_LEFT), SIDE_TOP | SIDE_LEFT);
    assert_true(find_word(&o.page, "1:30")->stacked && find_word(&o.page, "PM")->stacked);
    find_word(&o.page, "TRUE");
    assert_int_equal(lunch->col_span, 3); /* of B to E, C hidden */
    assert_int_equal(lunch->row_span, 2);
    assert_int_equal(find_cell(&o.page, "Maths")->col, 1);
    for (size_t i = 0; i < o.page.words.count; i++)
        assert_string_not_equal(LIST_AT(word_t, o.page.words, i)->text, "hidden");
    close_page(&o);
}

/* Two tables of one form, one below the other, are two; an empty row within one is not a border. */
static void test_tables(void **state)
{
    (void)state;
    opened_t two = open_xlsx("<worksheet><sheetData><row r='1'>" TEXT("A1", "Mon") TEXT("B1", "Tue")
                                 TEXT("C1", "Wed") "</row><row r='2'>" TEXT("A2", "Maths") TEXT("B2", "Art")
                                     TEXT("C2", "PE") "</row><row r='4'>" TEXT("A4", "Mon") TEXT("B4", "Tue")
                                         TEXT("C4", "Wed") "</row><row r='5'>" TEXT("A5", "Music") TEXT("B5", "IT")
                                             TEXT("C5", "French") "</row></sheetData></worksheet>");
    assert_int_not_equal(find_cell(&two.page, "Maths")->table, find_cell(&two.page, "Music")->table);
    assert_int_equal(find_cell(&two.page, "Music")->row, 1);
    close_page(&two);
    opened_t one = open_xlsx("<worksheet><sheetData><row r='1'>" TEXT("A1", "Mon") TEXT("B1", "Tue")
                                 TEXT("C1", "Wed") "</row><row r='2'>" TEXT("A2", "Maths") TEXT("B2", "Art")
                                     TEXT("C2", "PE") "</row><row r='4'>" TEXT("A4", "Music") TEXT("B4", "IT")
                                         TEXT("C4", "French") "</row></sheetData></worksheet>");
    assert_int_equal(find_cell(&one.page, "Maths")->table, find_cell(&one.page, "Music")->table);
    close_page(&one);
}

#define ODF(body, automatic)                                                                                           \
    "<office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x' xmlns:style='s' xmlns:fo='f'>"           \
    "<office:automatic-styles>" automatic "</office:automatic-styles><office:body>" body                               \
    "</office:body></office:document-content>"

static opened_t open_odf(const char *type, const char *content)
{
    return open_page(make_package((const part_t[]){{"mimetype", type}, {"content.xml", content}, {0}}), 0, 96);
}

static void test_odt(void **state)
{
    (void)state;
    opened_t o = open_odf(
        "application/vnd.oasis.opendocument.text",
        ODF("<office:text><text:h>Class <text:span text:style-name='B'>4M</text:span></text:h><table:table>"
            "<table:table-column table:number-columns-repeated='3'/><table:table-row><table:table-cell "
            "table:style-name='C' table:number-rows-spanned='2'><text:p>Monday</text:p></table:table-cell>"
            "<table:table-cell table:number-columns-spanned='2'><text:p>Maths<text:line-break/>Room<text:s/>1"
            "</text:p></table:table-cell><table:covered-table-cell/></table:table-row><table:table-row>"
            "<table:covered-table-cell/><table:table-cell><text:p>Art</text:p></table:table-cell><table:table-cell/>"
            "</table:table-row></table:table></office:text>",
            "<style:style style:name='B'><style:text-properties fo:font-weight='bold'/></style:style>"
            "<style:style style:name='C'><style:table-cell-properties fo:background-color='#ffe699' "
            "fo:border='0.05pt solid #000000' style:rotation-angle='90'/></style:style>"));
    char text[100];
    assert_int_equal(intake_format(o.intake), INTAKE_ODT);
    assert_int_equal(o.page.cells.count, 4);
    const cell_t *day = find_cell(&o.page, "Monday"), *maths = find_cell(&o.page, "Maths");
    assert_int_equal(day->row_span, 2);
    assert_int_equal(day->fill, 0xffe699);
    assert_int_equal(day->ruled, 15);
    assert_int_equal(find_word(&o.page, "Monday")->angle, 270);
    assert_int_equal(maths->col_span, 2);
    assert_int_equal(find_cell(&o.page, "Art")->row, 1);
    assert_int_equal(find_cell(&o.page, "Art")->col, 1);
    assert_true(find_word(&o.page, "4M")->weight == 1);
    assert_string_equal(cell_text(&o.page, find_word(&o.page, "Maths")->cell, text, sizeof text), "Maths/Room 1");
    close_page(&o);
}

static void test_ods(void **state)
{
    (void)state;
    opened_t o = open_odf(
        "application/vnd.oasis.opendocument.spreadsheet",
        ODF("<office:spreadsheet><table:table table:name='Year 4'><table:table-column "
            "table:number-columns-repeated='1024'/><table:table-row><table:table-cell/><table:table-cell><text:p>Mon"
            "</text:p></table:table-cell><table:table-cell table:number-columns-repeated='2'><text:p>Lunch</text:p>"
            "</table:table-cell><table:table-cell table:number-columns-repeated='1000'/></table:table-row>"
            "<table:table-row><table:table-cell><text:p>09:00</text:p></table:table-cell><table:table-cell "
            "table:number-columns-spanned='2'><text:p>Maths</text:p></table:table-cell><table:covered-table-cell/>"
            "</table:table-row><table:table-row table:number-rows-repeated='1048000'><table:table-cell "
            "table:number-columns-repeated='1024'/></table:table-row></table:table><table:table table:name='Empty'/>"
            "</office:spreadsheet>",
            ""));
    assert_int_equal(intake_pages(o.intake), 1);
    assert_string_equal(o.page.title, "Year 4");
    assert_int_equal(o.page.cells.count, 7);
    assert_int_equal(find_cell(&o.page, "Maths")->col_span, 2);
    assert_int_equal(find_cell(&o.page, "09:00")->row, 1);
    close_page(&o);
}

static void test_fixtures(void **state)
{
    (void)state;
    char text[200];
    opened_t rich = open_page(load_fixture("rich-strings.xlsx"), 0, 96);
    const word_t *name = find_word(&rich.page, "SPHE");
    assert_string_equal(cell_text(&rich.page, name->cell, text, sizeof text), "SPHE/Ms Ní Bhriain");
    assert_true(find_word(&rich.page, "Bhriain")->size < name->size);
    assert_int_equal(find_word(&rich.page, "Bhriain")->colour, 0x444444);
    close_page(&rich);
    opened_t times = open_page(load_fixture("time-fractions.xlsx"), 0, 96);
    const cell_t *day = find_cell(&times.page, "Monday");
    assert_int_equal(day->row_span, 9);
    find_word(&times.page, "08:50");
    find_word(&times.page, "14:40");
    close_page(&times);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *code, *shown;
    } rows[] = {
        {0.375, "h:mm", "9:00"},
        {0.375, "hh:mm", "09:00"},
        {0.375, "h:mm AM/PM", "9:00 AM"},
        {0.5625, "h:mm AM/PM", "1:30 PM"},
        {0.5, "h:mm AM/PM", "12:00 PM"},
        {0, "h:mm AM/PM", "12:00 AM"},
        {0.3680555555555556, "hh:mm", "08:50"},
        {0.99999999, "hh:mm", "00:00"},
        {1.5, "[h]:mm", "36:00"},
        {0.375, "h\"h\"mm", "9h00"},
        {0.375, "[$-409]h:mm\\ AM/PM;@", "9:00 AM"},
        {45292, "d-mmm-yy", "1-Jan-24"},
        {45292, "dddd", "Monday"},
        {45292.375, "ddd h:mm", "Mon 9:00"},
        {45292, "yyyy-mm-dd", "2024-01-01"},
        {0.0625, "mm:ss", "30:00"},
        {0.25, "0%", "25%"},
        {1234.5, "#,##0.00", "1,234.50"},
        {7, "00", "07"},
        {12, "0\" pm\"", "12 pm"},
        {9.3, "General", "9.3"},
        {8.45, "0.00", "8.45"},
        {-3, "0;(0)", "(3)"},
        {2024, "General", "2024"},
        {1e300, "h:mm", "1e+300"},
        {0.375, "h:mm a/p", "9:00 A"},
        {0.375, "", "0.375"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_t out = {0};
        xlsx_format_number(rows[i].value, rows[i].code, false, &out);
        if (strcmp(buf_string(&out), rows[i].shown) != 0)
            fail_msg("%g as %s: '%s', not '%s'", rows[i].value, rows[i].code, buf_string(&out), rows[i].shown);
        buf_free(&out);
    }
    buf_t out = {0};
    xlsx_format_number(0, "yyyy", true, &out);
    assert_string_equal(buf_string(&out), "1904");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),    cmocka_unit_test(test_runs),          cmocka_unit_test(test_nested_and_pages),
        cmocka_unit_test(test_header),   cmocka_unit_test(test_sheet),         cmocka_unit_test(test_tables),
        cmocka_unit_test(test_fixtures), cmocka_unit_test(test_inner_picture), cmocka_unit_test(test_old_merge),
        cmocka_unit_test(test_odt),      cmocka_unit_test(test_ods),           cmocka_unit_test(test_numbers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#!/usr/bin/python3
"""What people hand in by mistake, to the real stages: a sentence that says what, where and what to do, the right exit code,
the other files still done, nothing half written."""
import json
import os
import re
import shutil
import sys

import papers
from harness import contains, equal, main


def refused(home, name, content, codes, says="", good=True):
    """Reads NAME beside a good document: NAME fails with one of the codes and one sentence, the good one is read."""
    if content is not None:
        home.file(name, content)
    home.file("good.docx", papers.docx())
    os.mkdir(home.path / "out")
    got = home.run(home.real, "read", name, "good.docx", "--out", "out", "--workers", "1")
    assert got.code in codes, f"{name}: exit {got.code} instead of {codes}\n{got}"
    equal(got.out, "")
    sentences = [line for line in got.err.splitlines() if line.startswith("yogi: ")]
    equal(len(sentences), 1, got)
    assert re.match(rf"yogi: {re.escape(name)}: .{{10,}}", sentences[0]), sentences
    contains(sentences[0], says)
    equal(home.names("out"), ["good.json"])
    result = json.loads((home.path / "out" / "good.json").read_text())
    equal(result["outcome"]["error"], None)
    assert result["outcome"]["status"] in ("completed", "needs_review"), result["outcome"]
    shutil.rmtree(home.path / "out")


def picture(form, **options):
    return papers.encoded(papers.table_picture(), form, **options)


def cut(content):
    return content[:len(content) // 2]


def spoilt(content):
    """The middle half overwritten."""
    quarter = len(content) // 4
    return content[:quarter] + b"\xa5" * (2 * quarter) + content[3 * quarter:]


# ---- good ones first: what follows must not fail for another reason ----


def test_good_documents_of_each_kind(home):
    names = [home.file("a.docx", papers.docx()), home.file("b.xlsx", papers.xlsx()), home.file("c.pdf", papers.pdf_pages(1)),
             home.file("d.png", picture("PNG")), home.file("e.jpg", picture("JPEG", quality=92)), home.file("f.tif", picture("TIFF")),
             home.file("g.webp", picture("WEBP", lossless=True)), home.file("h.gif", picture("GIF")), home.file("i.bmp", picture("BMP"))]
    got = home.run(home.real, "read", *names)
    equal(got.code, 0, got)
    for line in got.out.splitlines():
        document = json.loads(line)
        blocks = [b for t in document["timetables"] for b in t["timeblocks"]]
        equal(len(blocks), 25, document["document"]["filename"])
        equal({b["day"] for b in blocks}, set(papers.DAYS), document["document"]["filename"])
        assert document["document"]["media"], document["document"]


def test_same_bytes_for_any_number_of_workers(home):
    names = [home.file("a.docx", papers.docx()), home.file("b.png", picture("PNG")), home.file("c.pdf", papers.pdf_pages(2)),
             home.file("d.png", papers.blank_page()), home.file("e.xlsx", papers.xlsx()), home.file("f.jpg", picture("JPEG"))] * 2
    first = home.run(home.real, "read", *names, "--workers", "1", "--explain")
    second = home.run(home.real, "read", *names, "--workers", "3", "--explain")
    equal(first.raw, second.raw)
    equal(len(first.out.splitlines()), 12)


def test_overlay_is_a_picture(home):
    from PIL import Image
    home.file("week.png", picture("PNG"))
    got = home.run(home.real, "read", "week.png", "--overlay", "drawn.png")
    equal(got.code, 0, got)
    drawn = Image.open(home.path / "drawn.png")
    drawn.load()
    assert drawn.width >= 500 and drawn.height >= 250, drawn.size


# ---- cut off and corrupt, of each format ----


def test_cut_off_png(home):
    refused(home, "week.png", cut(picture("PNG")), {4})


def test_cut_off_jpeg(home):
    refused(home, "week.jpg", cut(picture("JPEG", quality=92)), {4})


def test_cut_off_tiff(home):
    refused(home, "week.tif", cut(picture("TIFF")), {4})


def test_cut_off_webp(home):
    refused(home, "week.webp", cut(picture("WEBP", lossless=True)), {4})


def test_cut_off_gif(home):
    refused(home, "week.gif", cut(picture("GIF")), {4})


def test_cut_off_bmp(home):
    refused(home, "week.bmp", cut(picture("BMP")), {4})


def test_cut_off_pdf(home):
    refused(home, "week.pdf", papers.pdf_pages(1)[:100], {4})


def test_cut_off_docx(home):
    refused(home, "week.docx", cut(papers.docx()), {4})


def test_cut_off_xlsx(home):
    refused(home, "week.xlsx", cut(papers.xlsx()), {4})


def test_corrupt_png(home):
    refused(home, "week.png", spoilt(picture("PNG")), {4})


def test_corrupt_jpeg(home):
    """Not `no timetable`, which half a page of noise would be."""
    refused(home, "week.jpg", spoilt(picture("JPEG", quality=92)), {4}, "the JPEG is damaged")


def test_corrupt_tiff(home):
    """Packed in each way that a scanner packs; what is not packed has no code that could be wrong."""
    for packing in ("tiff_lzw", "tiff_deflate", "jpeg", "group4"):
        page = papers.table_picture()
        content = papers.encoded(page.convert("1") if packing == "group4" else page, "TIFF", compression=packing)
        refused(home, f"{packing}.tif", spoilt(content), {4}, "the TIFF is damaged")


def test_corrupt_webp(home):
    refused(home, "week.webp", spoilt(picture("WEBP", lossless=True)), {4})


def test_corrupt_docx(home):
    refused(home, "week.docx", spoilt(papers.docx()), {4})


def test_corrupt_xlsx(home):
    refused(home, "week.xlsx", spoilt(papers.xlsx()), {4})


def test_corrupt_pdf(home):
    refused(home, "week.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40, {4})


def test_corrupt_inside_of_pdf(home):
    """A page of which poppler would show a half, and a scanned one of which half would be noise."""
    for name in ("layouts/rows-range-3.pdf", "synth/syn-03-scan.pdf"):
        content = bytearray((home.root / "tests/fixtures" / name).read_bytes())
        longest = max(re.finditer(rb"stream\r?\n(.*?)endstream", content, re.DOTALL), key=lambda found: len(found[1]))
        content[longest.start(1):longest.end(1)] = spoilt(longest[1])
        refused(home, "week.pdf", bytes(content), {4}, "the PDF is damaged: a part of it cannot be unpacked")


def test_docx_with_broken_xml(home):
    refused(home, "week.docx", papers.package(papers.docx_parts("<w:tbl><w:tr></w:tbl>")), {4})


def test_zip_that_lies_about_its_size(home):
    refused(home, "week.docx", papers.lying_zip(papers.docx()), {4})


# ---- the wrong thing ----


def test_empty_file(home):
    refused(home, "week.png", b"", {4}, "the file is empty")


def test_text_named_png(home):
    refused(home, "week.png", "Monday: Maths\nTuesday: Art\n" * 10, {4})


def test_program_named_pdf(home):
    refused(home, "week.pdf", open("/bin/true", "rb").read(), {4})


def test_zip_named_docx(home):
    refused(home, "week.docx", papers.package([("readme.txt", "hello " * 50)]), {4})


def test_encrypted_pdf(home):
    refused(home, "week.pdf", papers.encrypted_pdf(), {4}, "password")


def test_blank_page(home):
    refused(home, "blank.png", papers.blank_page(), {6})


def test_cat(home):
    refused(home, "cat.jpg", papers.cat(), {6})


def test_letter(home):
    refused(home, "letter.png", papers.letter(), {6})


def test_script_without_a_model(home):
    georgian = papers.table_picture(papers.GEORGIAN_DAYS, papers.GEORGIAN_LESSONS, "კლასი 3")
    cyrillic = papers.table_picture(papers.CYRILLIC_DAYS, papers.CYRILLIC_LESSONS, "Класс 3Б")
    refused(home, "georgian.png", papers.encoded(georgian, "PNG"), {7})
    refused(home, "cyrillic.png", papers.encoded(cyrillic, "PNG"), {7})


def test_language_without_a_model(home):
    home.file("week.png", picture("PNG"))
    got = home.run(home.real, "read", "week.png", "--languages", "xyz")
    equal((got.code, got.out), (7, ""), got)
    contains(got.err, "xyz")


# ---- too much ----


def test_huge_png(home):
    refused(home, "huge.png", papers.huge_png(), {5})


def test_zip_bomb(home):
    papers.zip_bomb(home.path / "bomb.docx")
    assert (home.path / "bomb.docx").stat().st_size < 20 << 20
    refused(home, "bomb.docx", None, {5})


def test_pdf_of_3000_pages(home):
    refused(home, "year.pdf", papers.pdf_pages(3000), {5}, "--pages")


def test_pages_of_a_long_pdf(home):
    home.file("year.pdf", papers.pdf_pages(3000))
    got = home.run(home.real, "read", "year.pdf", "--pages", "2999-3000")
    equal(got.code, 0, got)
    equal({b["page"] for t in json.loads(got.out)["timetables"] for b in t["timeblocks"]}, {2999, 3000})
    got = home.run(home.real, "read", "year.pdf", "--pages", "3001")
    equal((got.code, got.out), (2, ""), got)
    contains(got.err, "3000")


if __name__ == "__main__":
    main(sys.modules[__name__])

"""papers: documents made by hand for the tests, good and bad, byte for byte the same each time."""
import io
import random
import struct
import zipfile
import zlib

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
TIMES = ("9.00 - 9.40", "9.40 - 10.20", "10.20 - 10.50", "10.50 - 11.30", "11.30 - 12.10")
LESSONS = ("Maths", "English", "Music", "History", "Science", "Art", "P.E.", "Geography", "Drama", "Reading")
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
GEORGIAN_DAYS = ("ორშაბათი", "სამშაბათი", "ოთხშაბათი", "ხუთშაბათი", "პარასკევი")
GEORGIAN_LESSONS = ("მათემატიკა", "ისტორია", "მუსიკა", "ქართული ენა", "ფიზიკა", "ქიმია", "ბიოლოგია", "ხატვა", "სპორტი",
                    "გეოგრაფია")
CYRILLIC_DAYS = ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница")
CYRILLIC_LESSONS = ("Математика", "Чтение", "Физкультура", "Музыка", "Рисование", "Алгебра", "История", "Биология", "Литература", "Труд")


def lesson(row, column, names=LESSONS):
    return names[(row * 3 + column * 7) % len(names)]


# ---- pictures ----


def table_picture(days=DAYS, names=LESSONS, title="Class: 3B"):
    """A ruled week as a PIL picture of about 1000 x 500 pixels."""
    from PIL import Image, ImageDraw, ImageFont
    font = ImageFont.truetype(FONT, 18)
    picture = Image.new("RGB", (1060, 520), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((40, 20), title, "black", font)
    width, height, left, top = 163, 64, 40, 70
    for column in range(7):
        draw.line((left + column * width, top, left + column * width, top + 6 * height), "black", 2)
    for row in range(7):
        draw.line((left, top + row * height, left + 6 * width, top + row * height), "black", 2)
    for column, day in enumerate(days):
        draw.text((left + (column + 1) * width + 10, top + 20), day, "black", font)
    for row, time in enumerate(TIMES):
        draw.text((left + 10, top + (row + 1) * height + 20), time, "black", font)
        for column in range(5):
            draw.text((left + (column + 1) * width + 10, top + (row + 1) * height + 20), lesson(row, column, names), "black", font)
    return picture


def encoded(picture, form, **options):
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def blank_page():
    from PIL import Image
    return encoded(Image.new("RGB", (1240, 1754), "white"), "PNG")


def letter():
    """A page of running text: words enough, a date and a time, and no week."""
    from PIL import Image, ImageDraw, ImageFont
    font = ImageFont.truetype("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", 26)
    picture = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(picture)
    text = ("Dear parents and carers,", "", "thank you for coming to the summer fair. The weather was kind to us,",
            "and the cake stall sold out before noon. We raised enough to repaint", "the library and to buy new instruments for the orchestra.", "",
            "Please remember that coats should have a name in them. Lost property", "is kept beside the office until the end of the month and then given",
            "to the charity shop.", "", "Yours sincerely,", "The head teacher")
    for i, line in enumerate(text):
        draw.text((130, 180 + 48 * i), line, fill="black", font=font)
    return encoded(picture, "PNG")


def cat():
    """A furry thing with ears and whiskers on a sofa, as a camera sees it: no straight line, no letter."""
    from PIL import Image, ImageDraw, ImageFilter
    chance = random.Random(7)
    picture = Image.new("RGB", (1200, 900), (120, 90, 70))
    draw = ImageDraw.Draw(picture)
    for y in range(900):
        draw.line((0, y, 1200, y), (120 + y // 20, 90 + y // 30, 70))
    draw.ellipse((350, 250, 850, 800), (150, 140, 130))
    draw.polygon([(400, 350), (430, 150), (540, 290)], (140, 130, 120))
    draw.polygon([(660, 290), (770, 150), (800, 350)], (140, 130, 120))
    for x in (480, 680):
        draw.ellipse((x, 430, x + 60, 490), (90, 160, 60))
        draw.ellipse((x + 22, 435, x + 38, 485), (10, 10, 10))
    draw.ellipse((570, 540, 640, 590), (200, 120, 120))
    for _ in range(30000):
        x, y = chance.randrange(1200), chance.randrange(900)
        r, g, b = picture.getpixel((x, y))
        d = chance.randrange(-40, 40)
        draw.line((x, y, x + chance.randrange(-6, 7), y + chance.randrange(4, 14)), (r + d, g + d, b + d))
    return encoded(picture.filter(ImageFilter.GaussianBlur(1.5)), "JPEG", quality=85)


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def huge_png(side=60000):
    """A valid one-bit PNG of side x side pixels, all white: small on disk, 450 MB and more in memory."""
    packer, row, parts = zlib.compressobj(1), b"\0" + b"\xff" * ((side + 7) // 8), []
    for _ in range(side):
        parts.append(packer.compress(row))
    parts.append(packer.flush())
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)) +
            png_chunk(b"IDAT", b"".join(parts)) + png_chunk(b"IEND", b""))


# ---- PDF ----


def pdf(objects, trailer=""):
    """A PDF of numbered objects from 1; object 1 is the catalogue."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + (body if isinstance(body, bytes) else body.encode()) + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return out + f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()


def stream(text):
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def week_text(names=LESSONS):
    """Drawing orders of a ruled week in A4 across."""
    orders = ["1 w"]
    for i in range(7):
        orders.append(f"{40 + i * 125} 100 m {40 + i * 125} 460 l S")
        orders.append(f"40 {100 + i * 60} m 790 {100 + i * 60} l S")
    cells = [(c + 1, 0, day) for c, day in enumerate(DAYS)] + [(0, r + 1, time) for r, time in enumerate(TIMES)]
    cells += [(c + 1, r + 1, lesson(r, c, names)) for r in range(5) for c in range(5)]
    for column, row, text in cells:
        orders.append(f"BT /F1 12 Tf {48 + column * 125} {425 - row * 60} Td ({text}) Tj ET")
    return "\n".join(orders)


def pdf_pages(count, trailer="", names=LESSONS):
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    kids = " ".join(f"{5 + i} 0 R" for i in range(count))
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 4 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
    return pdf(["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Count {count} /Kids [{kids}] >>", font,
                stream(week_text(names))] + [page] * count, trailer)


def encrypted_pdf():
    """Protected by a user password that nobody knows (standard security handler, revision 2)."""
    secret = "".join(f"{i * 7 % 256:02x}" for i in range(32))
    return pdf_pages(1, f"/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] "
                        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{secret}> /U <{secret}> >>")


# ---- DOCX and XLSX ----

TYPES = ('<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
         '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
         '<Default Extension="xml" ContentType="application/xml"/>{}</Types>')
RELATIONS = ('<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}'
             '</Relationships>')
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def package(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts:
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def grid(names=LESSONS):
    rows = [("",) + DAYS]
    return rows + [(time,) + tuple(lesson(r, c, names) for c in range(5)) for r, time in enumerate(TIMES)]


def docx_parts(body):
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return [("[Content_Types].xml", TYPES.format(f'<Override PartName="/word/document.xml" ContentType="{kind}"/>')),
            ("_rels/.rels", RELATIONS.format(f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>')),
            ("word/document.xml", f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>')]


def docx_table(names=LESSONS):
    edge = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    rows = "".join("<w:tr>" + "".join(f'<w:tc><w:tcPr><w:tcW w:w="1500" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>'
                                      for cell in row) + "</w:tr>" for row in grid(names))
    columns = '<w:gridCol w:w="1500"/>' * 6
    return f"<w:tbl><w:tblPr><w:tblBorders>{edge}</w:tblBorders></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl><w:p/>"


def docx(names=LESSONS):
    return package(docx_parts(docx_table(names)))


def xlsx(names=LESSONS):
    rows = "".join(f'<row r="{r}">' + "".join(f'<c r="{"ABCDEF"[c]}{r}" t="inlineStr"><is><t>{cell}</t></is></c>'
                                              for c, cell in enumerate(row)) + "</row>" for r, row in enumerate(grid(names), 1))
    main = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    return package([
        ("[Content_Types].xml", TYPES.format(f'<Override PartName="/xl/workbook.xml" ContentType="{main}sheet.main+xml"/>'
                                             f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{main}worksheet+xml"/>')),
        ("_rels/.rels", RELATIONS.format(f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>')),
        ("xl/workbook.xml", f'<?xml version="1.0"?><workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
                            '<sheet name="Week" sheetId="1" r:id="r1"/></sheets></workbook>'),
        ("xl/_rels/workbook.xml.rels", RELATIONS.format(f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>')),
        ("xl/worksheets/sheet1.xml", f'<?xml version="1.0"?><worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>')])


def zip_bomb(path, megabytes=2000):
    """A DOCX whose text unpacks to so many megabytes; written to path."""
    head, tail = docx_parts("\0")[2][1].split("\0")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in docx_parts("")[:2]:
            archive.writestr(name, text)
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(head.encode())
            for _ in range(megabytes):
                part.write(b"<w:p/>" * 174763)
            part.write(tail.encode())


def lying_zip(document, told=100):
    """The same package, but its central directory says that word/document.xml is `told` bytes long."""
    at = document.rindex(b"PK\x01\x02", 0, document.rindex(b"word/document.xml"))
    return document[:at + 24] + struct.pack("<I", told) + document[at + 28:]


# ---- weeks that are told apart ----


def blocks(names=LESSONS):
    """What a reader has to find in a table of these names: (day, start, end, name), sorted."""
    clock = [tuple(part.replace(".", ":").zfill(5) for part in time.split(" - ")) for time in TIMES]
    return sorted((day, *clock[row], lesson(row, column, names)) for column, day in enumerate(DAYS) for row in range(len(TIMES)))


def week(number):
    """A file with a week that no other number has: its name, its bytes, and its blocks. Four kinds of files take turns."""
    names = random.Random(number).sample(LESSONS, len(LESSONS))
    kind, make = (("png", lambda: encoded(table_picture(names=names), "PNG")), ("docx", lambda: docx(names)), ("xlsx", lambda: xlsx(names)),
                  ("pdf", lambda: pdf_pages(1, names=names)))[number % 4]
    return f"week-{number}.{kind}", make(), blocks(names)

"""The HTML form as Python's parser reads it: every tag closed, nothing from elsewhere, every text back as the page prints it.

    forms_html.py FORMS_PRINT …
"""
import html.parser
import os
import subprocess
import sys
import tempfile

from forms_dossier import block, dossier, pack

PRINT = sys.argv[1]
NAMES = ["Maths", "</li></ol></script><script>alert(1)</script>", "<!-- x", "]]>", "a & b &amp; c", "\"quotes\" 'too'", "Été 数学 😀",
         "x" * 4000, "{--h:1;}", "url(http://x)"]
VOID = {"meta", "link", "br", "wbr", "img"}


class Reader(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.tags = [], {}, []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes).get("class", "")))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> in {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)


def main():
    os.chdir(tempfile.mkdtemp())
    days = ["Monday", "Tuesday", "Friday"]
    made = dossier([{"className": "<b>2EJ</b>", "school": "A & B", "timeblocks": [
        block(days[i % 3], f"{8 + i % 3:02}:{10 * i % 60:02}", f"{9 + i % 3:02}:{10 * i % 60:02}", name, name[::-1],
              confidence=0.5 + i / 20) for i, name in enumerate(NAMES)] + [block("Monday", None, None, "No time"),
                                                                            block("Day 6", "09:00", None, "No end")]}])
    with open("dossier.msgpack", "wb") as file:
        file.write(pack(made))
    text = subprocess.run([PRINT, "html", "dossier.msgpack"], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8")
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open, reader.open
    names = reader.texts[("p", "name")]
    assert sorted(names) == sorted(NAMES + ["No time", "No end"]), names
    assert sorted(reader.texts[("p", "notes")]) == sorted(name[::-1] for name in NAMES)
    assert reader.texts[("h3", "")] == ["Monday", "Tuesday", "Friday", "Day 6"]
    assert reader.texts[("h1", "")] == ["A & B"] and reader.texts[("h2", "")] == ["Class <b>2EJ</b>"]
    policy = [a["content"] for t, a in reader.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert policy and policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'")
    for tag, attributes in reader.tags:
        assert tag not in ("script", "link", "img", "iframe", "base", "form", "object"), tag
        assert not set(attributes) & {"src", "href", "onload", "onerror", "onclick"}, attributes
    print(f"{len(names)} blocks and {len(reader.tags)} tags are sound")


main()

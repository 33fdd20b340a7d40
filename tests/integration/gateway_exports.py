#!/usr/bin/python3
"""Exports of timetables and feeds: what was read, what people made of it, what was saved under a name; by readers of the
formats that are not ours."""
import csv
import datetime
import html.parser
import io
import json
import sys

import icalendar

from gateways import system
from harness import contains, equal, main

BLOCKS = [{"day": "Monday", "name": "Maths, set 1", "startTime": "9:05", "endTime": "09:50", "notes": "Room \"7\"; bring\na ruler"},
          {"day": "Friday", "name": "=SUM(A1)", "startTime": "10:00", "endTime": "11:00", "notes": None},
          {"day": "Friday", "name": "Musik – Übung", "startTime": None, "endTime": None}]


def edited(gateway):
    """A document whose timetable somebody has corrected."""
    document = gateway.hand_in("Maths", query="?wait=60")["documentId"]
    gateway.json("PUT", f"/api/v1/timetables/{document}", {"teacher_name": "Ms Ada", "class_name": "7b", "year": 2026, "timeblocks": BLOCKS})
    return document


def weekly(text):
    """{name: (weekday, start, end)} of the events of a calendar, by python3-icalendar."""
    calendar = icalendar.Calendar.from_ical(text)
    found = {}
    for event in calendar.walk("VEVENT"):
        start, end = event.decoded("DTSTART"), event.decoded("DTEND")
        found[str(event["SUMMARY"])] = (start.strftime("%A"), start.strftime("%H:%M"), end.strftime("%H:%M"))
        equal(event["RRULE"]["FREQ"], ["WEEKLY"])
        assert event["UID"], event
    return found, calendar


def check_ics(text):
    found, _ = weekly(text)
    equal(found, {"Maths, set 1": ("Monday", "09:05", "09:50"), "=SUM(A1)": ("Friday", "10:00", "11:00")})


class Texts(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = set(), ""

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs), (tag, attrs)

    def handle_data(self, data):
        self.text += data


def test_edited(home):
    """All four forms have the corrected blocks and nothing of what was read."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = edited(gateway)
        at = f"/api/v1/timetables/{document}"
        status, headers, text = gateway.ask("GET", f"{at}.ics?from=2026-09-07&until=2026-12-18")
        equal((status, headers["content-type"].split(";")[0]), (200, "text/calendar"), text)
        contains(headers["content-disposition"], "attachment")
        check_ics(text)
        status, headers, text = gateway.ask("GET", f"{at}.csv")
        equal((status, headers["content-type"].split(";")[0]), (200, "text/csv"))
        rows = list(csv.DictReader(io.StringIO(text.decode())))
        equal([(row["day"], row["startTime"], row["name"]) for row in rows],
              [("Monday", "09:05", "Maths, set 1"), ("Friday", "10:00", "'=SUM(A1)"), ("Friday", "", "Musik – Übung")])
        equal({(row["teacher"], row["className"], row["year"]) for row in rows}, {("Ms Ada", "7b", "2026")})
        status, headers, text = gateway.ask("GET", f"{at}.json")
        equal((status, headers["content-type"]), (200, "application/json"))
        read = json.loads(text)["timetables"]
        equal([len(read), read[0]["teacher"], [block["name"] for block in read[0]["timeblocks"]]],
              [1, "Ms Ada", [block["name"] for block in BLOCKS]])
        status, headers, text = gateway.ask("GET", f"{at}.html")
        equal((status, headers["content-type"].split(";")[0]), (200, "text/html"))
        contains(headers["content-security-policy"], "sandbox")
        page = Texts()
        page.feed(text.decode())
        assert "script" not in page.tags, page.tags
        for word in ("Maths, set 1", "Musik – Übung", "Ms Ada"):
            contains(page.text, word)
        # unchanged until the next edit
        tag = gateway.ask("GET", f"{at}.csv")[1]["etag"]
        equal(gateway.ask("GET", f"{at}.csv", headers={"If-None-Match": tag})[0], 304)
        gateway.json("PUT", at, {"timeblocks": BLOCKS[:1]})
        status, headers, text = gateway.ask("GET", f"{at}.csv", headers={"If-None-Match": tag})
        equal((status, len(text.decode().splitlines())), (200, 2), text)


def test_as_read(home):
    """What was read of a real page is exported as `yogi read` prints it."""
    path = home.root / "tests/fixtures/layouts/asc-like-1.pdf"
    with system(home, gateway=False, real=True, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in(path.read_bytes(), "asc-like-1.pdf", "?wait=100")["documentId"]
        ours = json.loads(gateway.ask("GET", f"/api/v1/timetables/{document}.json")[2])
        home.file(path.name, path.read_bytes())
        printed = json.loads(home.run(home.real, "read", path.name, "--format", "json").out)
        assert ours["timetables"][0]["timeblocks"], ours
        for part in ("timetables", "checks"):
            equal(ours[part], printed[part], part)
        equal(ours["outcome"], printed["outcome"])
        csv_ours = gateway.ask("GET", f"/api/v1/timetables/{document}.csv")[2].decode()
        equal(csv_ours, home.run(home.real, "read", path.name, "--format", "csv").raw.decode())
        found, _ = weekly(gateway.ask("GET", f"/api/v1/timetables/{document}.ics?tz=Europe/Berlin")[2])
        assert found, "no events"


def test_saved(home):
    """A timetable that is saved under a name is exported by its own id, with a document and without one."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = edited(gateway)
        for extra in ({}, {"document_id": document}):
            row = gateway.json("POST", "/api/v1/timetables/save-as", {"saved_name": "mine", "timeblocks": BLOCKS[1:], **extra})
            read = json.loads(gateway.ask("GET", f"/api/v1/timetables/{row['id']}.json")[2])
            equal([[block["name"] for block in t["timeblocks"]] for t in read["timetables"]], [["=SUM(A1)", "Musik – Übung"]])
        read = json.loads(gateway.ask("GET", f"/api/v1/timetables/{document}.json")[2])
        equal([len(t["timeblocks"]) for t in read["timetables"]], [3], "the document's own is not changed by it")


def test_bad(home):
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = edited(gateway)
        for query in ("from=tomorrow", "from=2026-13-01", "from=2026-09-07&until=2026-09-01", "tz=Nowhere/Town", "tz=../../etc/passwd"):
            status, headers, text = gateway.ask("GET", f"/api/v1/timetables/{document}.ics?{query}")
            equal((status, headers["content-type"]), (400, "application/problem+json"), f"{query} {text}")
        for form in ("ics", "csv", "html", "json"):
            equal(gateway.ask("GET", f"/api/v1/timetables/{'0' * 36}.{form}")[0], 404)
            equal(gateway.ask("GET", f"/api/v1/timetables/%27%3B--.{form}")[0], 404)
        pending = gateway.hand_in("hang\nX")["documentId"]
        equal(gateway.ask("GET", f"/api/v1/timetables/{pending}.ics")[0], 404)
        gateway.json("POST", f"/api/v1/documents/{pending}/cancel")


def test_feed(home):
    """The address of a feed opens its calendar without a key, follows edits, and is closed for good; its token is not in a log."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway(YOGI_LOG_LEVEL="info")
        document = edited(gateway)
        at = f"/api/v1/timetables/{document}/feed"
        feed = gateway.json("POST", at, status=201)
        other = gateway.json("POST", at, status=201)
        assert feed["path"] != other["path"], "two feeds are two addresses"
        equal(feed["url"], f"http://127.0.0.1:{gateway.port}{feed['path']}")
        status, headers, text = gateway.ask("GET", feed["path"])
        equal((status, headers["content-type"].split(";")[0]), (200, "text/calendar"))
        check_ics(text)
        gateway.json("PUT", f"/api/v1/timetables/{document}", {"timeblocks": BLOCKS[:1]})
        equal(sorted(weekly(gateway.ask("GET", feed["path"])[2])[0]), ["Maths, set 1"])
        equal(gateway.ask("GET", feed["path"].replace(".ics", "0.ics"))[0], 404)
        equal(gateway.ask("GET", "/api/v1/feeds/x.ics")[0], 404)
        gateway.json("DELETE", at)
        equal([gateway.ask("GET", f["path"])[0] for f in (feed, other)], [404, 404])
        equal(gateway.ask("POST", f"/api/v1/timetables/{'0' * 36}/feed")[0], 404)
        equal(gateway.ask("DELETE", f"/api/v1/timetables/{'0' * 36}/feed")[0], 404)
        last = gateway.json("POST", at, status=201)
        gateway.json("DELETE", f"/api/v1/documents/{document}")
        equal(gateway.ask("GET", last["path"])[0], 404, "a feed goes with its document")
        said = gateway.drained()
        contains(said, "/api/v1/feeds/:token.ics")
        for secret in (feed, other, last):
            assert secret["path"].rsplit("/", 1)[1][:-4] not in said, "the token is in the log"


def test_calendar(home):
    """RFC 5545: lines end in CR LF and have 75 bytes at most, a zone has its definition, the term ends."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = edited(gateway)
        text = gateway.ask("GET", f"/api/v1/timetables/{document}.ics?from=2026-09-07&until=2026-12-18&tz=Europe/London")[2]
        assert all(len(line) <= 75 for line in text.split(b"\r\n")) and b"\n" not in text.replace(b"\r\n", b""), text
        _, calendar = weekly(text)
        equal(len(calendar.walk("VTIMEZONE")), 1)
        for event in calendar.walk("VEVENT"):
            assert event["RRULE"]["UNTIL"][0].date() <= datetime.date(2026, 12, 19), event["RRULE"]


if __name__ == "__main__":
    main(sys.modules[__name__])

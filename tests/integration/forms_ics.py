"""The calendar as two parsers that are not ours read it: libical (forms_ical) and python3-icalendar, with dateutil's own zones.

    forms_ics.py FORMS_PRINT FORMS_ICAL

Every occurrence is expanded over a year with its changes of daylight saving time; each must stand at the time on the wall that the
page prints. The zones' truth is the system's database as dateutil reads it, not our VTIMEZONE.
"""
import datetime
import os
import subprocess
import sys
import tempfile

import dateutil.rrule
import dateutil.tz
import icalendar

from forms_dossier import block, dossier, pack

PRINT, ICAL = sys.argv[1], sys.argv[2]
ZONES = ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Nuuk", "Asia/Jerusalem",
         "Europe/Dublin", "Africa/Casablanca", "Pacific/Auckland", "America/Asuncion", "Asia/Tehran", "Asia/Tokyo",
         "America/Santiago", "Africa/Cairo", "Europe/Istanbul", "Asia/Gaza", "Antarctica/Troll"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def sample():
    blocks = [block(day, "08:50", "09:40", f"Maths, {day}", "Room 4; bring a \\ and a\u2028line", page=1) for day in DAYS]
    blocks += [block("Monday", "09:40", "10:00", "Été " * 40, inferred=["endTime"]),
               block("Tuesday", "13:00", "13:50", "Week A", week="A"), block("Tuesday", "13:00", "13:50", "Week B", week="B"),
               block("Wednesday", "15:00", None, "No end"), block("Thursday", None, None, "No start")]
    return dossier([{"className": "2EJ", "teacher": "Miss Joynes", "timeblocks": blocks}])


def write(path, made, **options):
    with open("dossier.msgpack", "wb") as file:
        file.write(pack(made))
    with open(path, "wb") as file:
        subprocess.run([PRINT, "ics", "dossier.msgpack"] + [f"{k}={v}" for k, v in options.items()], stdout=file, check=True)
    with open(path, "rb") as file:
        return file.read()


def check_lines(data):
    assert data.endswith(b"\r\n") and b"\n" not in data.replace(b"\r\n", b""), "lines end with CRLF"
    for line in data.split(b"\r\n"):
        assert len(line) <= 75, line
        line.decode("utf-8")


def expected(made, start, end):
    """Local starts by summary, by arithmetic on dates alone."""
    monday = start - datetime.timedelta(days=start.weekday())
    result = {}
    for table in made["timetables"]:
        for item in table["timeblocks"]:
            if not item["startTime"]:
                continue
            hour, minute = map(int, item["startTime"].split(":"))
            day, dates = start, []
            while day <= end:
                week = (day - monday).days // 7 % 2
                if day.weekday() == DAYS.index(item["day"]) and item["week"] in (None, "AB"[week]):
                    dates.append(datetime.datetime(day.year, day.month, day.day, hour, minute))
                day += datetime.timedelta(days=1)
            if dates:
                result[" ".join(item["name"].split())] = dates
    return result


def by_libical(path):
    lines = subprocess.run([ICAL, path, "600"], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    result = {}
    for line in lines:
        _, start, end, summary = line.split("\t")
        result.setdefault(summary, []).append((int(start), int(end)))
    return result


def by_icalendar(data):
    calendar = icalendar.Calendar.from_ical(data)
    result = {}
    for event in calendar.walk("VEVENT"):
        start = event["DTSTART"].dt.replace(tzinfo=None)
        rule = event["RRULE"].to_ical().decode()
        until = [part for part in rule.split(";") if part.startswith("UNTIL")]
        rule = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL"))
        result[str(event["SUMMARY"])] = (list(dateutil.rrule.rrulestr(rule, dtstart=start)[:600]), until, event)
    return calendar, result


def check_zone(zone, start, end):
    made = sample()
    data = write("week.ics", made, tz=zone, term_start=start, term_end=end)
    check_lines(data)
    assert data == write("again.ics", made, tz=zone, term_start=start, term_end=end), "the same bytes every time"
    truth, clock, libical = expected(made, start, end), dateutil.tz.gettz(zone), by_libical("week.ics")
    assert set(truth) == set(libical), set(truth) ^ set(libical)
    for name, dates in truth.items():
        wanted = [int(date.replace(tzinfo=clock).timestamp()) for date in dates]
        found = [start_s for start_s, _ in libical[name]]
        assert found == wanted, f"{zone} {name}: {found[:3]} … {found[-1:]}, wanted {wanted[:3]} … {wanted[-1:]}"
    lengths = {name: {e - s for s, e in turns} for name, turns in libical.items()}
    assert lengths["Week B"] == {3000} and lengths["No end"] == {0}, lengths
    _, events = by_icalendar(data)
    for name, (dates, until, event) in events.items():
        assert dates[:len(truth[name])] == truth[name], name
        last = datetime.datetime.strptime(until[0], "UNTIL=%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        local = last.astimezone(clock)
        assert (local.date(), local.hour, local.minute) == (end, 23, 59), (zone, local)
        assert event["DTSTART"].params["TZID"] == zone
    notes = str(events["Maths, Monday"][2]["DESCRIPTION"])
    assert notes.startswith("Room 4; bring a \\ and a"), notes
    return sum(map(len, truth.values()))


def check_floating_and_utc():
    made, start, end = sample(), datetime.date(2026, 9, 2), datetime.date(2027, 7, 20)
    data = write("floating.ics", made, term_start=start, term_end=end)
    check_lines(data)
    calendar, events = by_icalendar(data)
    assert b"TZID" not in data and b"VTIMEZONE" not in data
    assert all(event["DTSTART"].dt.tzinfo is None for _, _, event in events.values())
    assert {name: [d for d in dates if d.date() <= end] for name, (dates, _, _) in events.items()} == expected(made, start, end)
    data = write("utc.ics", made, term_start=start, tz="UTC")
    assert b"VTIMEZONE" not in data and b"UNTIL" not in data and b"DTSTART:20260907T085000Z" in data
    assert by_libical("utc.ics")["Maths, Monday"][0][0] == 1788771000


def check_uids():
    first = write("a.ics", sample(), term_start="2026-09-02", tz="Europe/London")
    later = write("b.ics", sample(), term_start="2027-01-04", tz="UTC")
    uids = [[line for line in data.split(b"\r\n") if line.startswith(b"UID:")] for data in (first, later)]
    assert uids[0] == uids[1] and len(set(uids[0])) == len(uids[0]) > 10, "UIDs rest on the document alone"
    other = sample()
    other["document"]["sha256"] = "cd" * 32
    assert not set(uids[0]) & {line for line in write("c.ics", other, term_start="2026-09-02").split(b"\r\n")
                               if line.startswith(b"UID:")}
    named = sample()
    named["document"]["sha256"] = None
    assert b"UID:" in write("d.ics", named, term_start="2026-09-02")


def main():
    os.chdir(tempfile.mkdtemp())
    count = 0
    for zone in ZONES:
        count += check_zone(zone, datetime.date(2026, 9, 2), datetime.date(2027, 7, 20))
    count += check_zone("Europe/London", datetime.date(2025, 3, 25), datetime.date(2025, 4, 2))
    count += check_zone("America/New_York", datetime.date(2006, 9, 1), datetime.date(2008, 6, 30))  # the rules changed in 2007
    check_floating_and_utc()
    check_uids()
    print(f"{count} occurrences in {len(ZONES)} zones stand where they should")


main()

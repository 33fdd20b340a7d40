"""The JSON form against proto/dossier.schema.json, by a validator that is not ours (python3-jsonschema).

    forms_schema.py FORMS_PRINT …
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

import jsonschema

from forms_dossier import block, dossier, pack

PRINT = sys.argv[1]
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def printed(made, *options):
    with open("dossier.msgpack", "wb") as file:
        file.write(pack(made))
    out = subprocess.run([PRINT, "json", "dossier.msgpack", *options], stdout=subprocess.PIPE, check=True).stdout
    assert out.endswith(b"\n")
    assert "one_line=1" not in options or out.count(b"\n") == 1
    return json.loads(out)


def samples():
    full = dossier(
        [{"className": "2EJ", "teacher": "Miss Joynes", "term": "Autumn 2", "year": 2024, "school": "Little School", "week": "A",
          "timeblocks": [block("Monday", "09:00", "09:30", "Maths", "Room 4", week="A", inferred=["endTime", "startTime"],
                               reasons=[{"field": "day", "why": "the row's heading"}],
                               evidence=[{"name": "words", "value": 0.5}]),
                         block("Tuesday", None, None, "\u202e\"\\ </script> \U0001F600")]},
         {"timeblocks": []}],
        checks=[{"rule": "overlap", "severity": "warning", "blocks": ["b1", "b2"], "message": "they overlap"}],
        trail=[{"stage": "ocr", "attempt": 1, "started": "2026-01-31T08:30:00.000Z", "finished": None, "cpuMs": 12.5,
                "confidence": 0.5, "laps": [{"name": "decode", "ms": 3.25}]}])
    failed = dossier([], outcome={"status": "failed", "confidence": 0.0, "error": "not-a-timetable", "message": "a cat"})
    failed["classification"].update(kind=None, language=None, why="no days")
    return [full, failed, dossier([])]


def main():
    os.chdir(tempfile.mkdtemp())
    with open(os.path.join(ROOT, "proto", "dossier.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    count = 0
    for made in samples():
        for options in [(), ("one_line=1",), ("explain=1", "timing=1")]:
            result = printed(made, *options)
            errors = [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(result)]
            assert not errors, errors
            assert ("trail" in result) == ("timing=1" in options)
            count += 1
    good = printed(samples()[0])  # and the schema is strict enough to notice what is wrong
    for path, value in [(("timetables", 0, "timeblocks", 0, "startTime"), "9:00"), (("timetables", 0, "year"), "2024"),
                        (("timetables", 0, "timeblocks", 0, "confidence"), 1.5), (("outcome", "status"), "done"),
                        (("timetables", 0, "timeblocks", 0, "evidence"), []), (("document", "source"), "file:///x"),
                        (("checks", 0, "severity"), "bad"), (("timetables", 0, "timeblocks", 0, "box", "w"), -1)]:
        bad = copy.deepcopy(good)
        place = bad
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        assert not validator.is_valid(bad), path
    print(f"{count} results are valid by the schema")


main()

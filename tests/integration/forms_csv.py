"""The CSV form as Python's csv module reads it, in its strict dialect.

    forms_csv.py FORMS_PRINT …
"""
import csv
import io
import os
import subprocess
import sys
import tempfile

from forms_dossier import block, dossier, pack

PRINT = sys.argv[1]
NAMES = ["Maths", "a,b", "say \"hi\"", "=1+1", "+44", "-5", "@x", "=cmd|'/c calc'!A1", "'quoted'", "Été 数学", "a;b", "\"", "\"\"", ","]


def main():
    os.chdir(tempfile.mkdtemp())
    made = dossier([{"className": "2EJ", "year": 2024, "timeblocks": [
        block("Monday", "09:00", "09:30", name, name, inferred=["startTime", "endTime"]) for name in NAMES]}])
    with open("dossier.msgpack", "wb") as file:
        file.write(pack(made))
    data = subprocess.run([PRINT, "csv", "dossier.msgpack"], stdout=subprocess.PIPE, check=True).stdout
    assert data.count(b"\r\n") == data.count(b"\n") == len(NAMES) + 1
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    assert len(rows) == len(NAMES)
    for row, name in zip(rows, NAMES):
        assert None not in row and None not in row.values(), row
        guarded = ("'" if name[0] in "=+-@" else "") + name
        assert row["name"] == row["notes"] == guarded, (row, name)
        assert (row["className"], row["year"], row["inferred"], row["x"], row["h"]) == ("2EJ", "2024", "startTime endTime", "10", "40")
        assert not any(value[:1] in ("=", "+", "-", "@") for value in row.values()), row
    print(f"{len(rows)} rows come back as they were")


main()

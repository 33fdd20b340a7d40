#!/usr/bin/python3
"""A gateway and programs in Node.js (tests/node): one that holds it to the description of its interface, as a stranger's client
would, and one of the first schema's time, which writes rows by itself."""
import json
import os
import re
import subprocess
import sys
import uuid

from gateway_imports import Owner, paper, stored
from gateways import system
from harness import SECONDS, contains, equal, main
from postgres import Postgres


def node(home, program, *arguments, **more):
    return subprocess.Popen(["node", home.build / "node" / program, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, cwd=home.path, env=home.environment(more))


def test_contract(home):
    """CONTRACT_SEED and CONTRACT_TIMES in the environment make it other calls, and more."""
    seed, times = os.environ.get("CONTRACT_SEED", "1"), os.environ.get("CONTRACT_TIMES", "25")
    with system(home) as (_, it):
        client = node(home, "contract.mjs", f"http://127.0.0.1:{it.port}", seed, times)
        said, errors = (text.decode(errors="replace") for text in client.communicate(timeout=max(SECONDS, 6 * int(times))))
        equal((client.returncode, errors), (0, ""), said[-6000:])
        calls, operations, statuses = map(int, re.search(r"(\d+) calls, (\d+) operations, (\d+) statuses, 0 wrong", said).groups())
        assert calls > 20 * int(times) and operations > 30 and statuses > 60, said
        it.drained()


def test_rows(home):
    """Its row is one that the system knows: what was read comes to it, in the columns where it has always been."""
    with Postgres(home, "-c fsync=off") as server, system(home, host=False, DATABASE_URL=server.url) as (them, it):
        equal(it.get("/documents").json, [])  # it is there, and has migrated
        for size in ("12345", "null"):
            document = str(uuid.uuid4())
            program = node(home, "rows.mjs", document, size, DATABASE_URL=server.url)
            line = program.stdout.readline()
            assert line, program.stderr.read()
            row = json.loads(line)
            equal([row[name] for name in ("id", "filename", "file_path", "file_type", "status")],
                  [document, "week.png", f"uploads/{document}.png", "image", "uploaded"], row)
            equal(row["file_size"] and int(row["file_size"]), None if size == "null" else int(size))
            equal(it.get(f"/documents/{document}").json["status"], "uploaded")
            equal(stored(Owner(home, them.endpoint).one(paper(document, "Maths"))), document)
            said, errors = program.communicate(b"\n", timeout=SECONDS)
            equal((program.returncode, errors), (0, b""))
            seen = json.loads(said)
            equal((seen["document"]["status"], seen["isDate"]), ("completed", True), seen)
            (table,) = seen["timetables"]
            equal((table["document_id"], table["class_name"], table["validated"]), (document, "2EJ", False), table)
            equal([block["name"] for block in table["timeblocks"]], ["Maths"])
            assert isinstance(table["confidence"], float), table
            contains([job["job_type"] for job in seen["jobs"]], "ocr")
            equal(it.get(f"/timetables/{document}").json["class_name"], "2EJ")
        it.drained()


if __name__ == "__main__":
    main(sys.modules[__name__])

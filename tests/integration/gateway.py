#!/usr/bin/python3
"""The gateway over its real wire: real brokers, hosts and workers behind it, SQLite and files beneath it. What is handed in
is read, found, corrected and deleted; what is wrong is refused with its reason; tenants never see one another."""
import hashlib
import json
import re
import socket
import sys
import time
from pathlib import Path

import papers
from gateways import ENDED, add_key, form, note, sqlite, system
from harness import SECONDS, contains, equal, main, wait_for

NOWHERE = "018f0000-0000-7000-8000-000000000000"
SCHOOL = "tests/fixtures/layouts"


def refused(got, status, code, *parts):
    """A problem as RFC 9457 has it, which carries the demo's `error` too."""
    equal((got.status, got.headers["content-type"]), (status, "application/problem+json"), got)
    said = got.json
    equal((said["status"], said["code"]), (status, code), said)
    assert said["error"], said
    for part in parts:
        contains(said["detail"], part)


# ---- reading ----


def test_reads(home):
    """In one call: the timetable of a digital PDF, of a DOCX, as `yogi read` gives it. The same bytes again are answered at
    once with what was read, and ?fresh=1 reads them again."""
    files = [home.root / SCHOOL / "asc-like-1.pdf", home.root / "tests/fixtures/intake/days-as-columns.docx"]
    read = [json.loads(line) for line in home.run(home.real, "read", *files).out.splitlines()]
    with system(home, real=True) as (_, it):
        for file, want in zip(files, read, strict=True):
            got = it.taken((file.name, file.read_bytes()), query="?wait=60")
            equal(got["status"], want["outcome"]["status"], got)
            (table,) = got["timetables"]
            assert table["timeblocks"], got
            for mine, other in zip(table["timeblocks"], want["timetables"][0]["timeblocks"], strict=True):
                for name in ("day", "name", "startTime", "endTime", "notes"):
                    equal(mine.get(name), other.get(name), name)
            equal(it.get(f"/timetables/{got['documentId']}").json, table)
            row = it.get(f"/documents/{got['documentId']}").json
            equal((row["filename"], row["file_size"], row["file_type"]), (file.name, file.stat().st_size, file.suffix[1:]))
            stages = it.status(got["documentId"])["stages"]
            equal(len(stages), len({s["stage"] for s in stages}), "each stage once")
            equal([s["status"] for s in stages], ["completed"] * len(stages))
            assert {"classification", "llm", "validation"} <= {s["stage"] for s in stages}, stages
            again = it.taken((file.name, file.read_bytes()), query="?wait=60")
            equal(again["reusedFrom"], got["documentId"])
            assert again["documentId"] != got["documentId"]
            equal(again["timetables"][0]["timeblocks"], table["timeblocks"])
            fresh = it.taken((file.name, file.read_bytes()), query="?fresh=1&wait=60")
            assert "reusedFrom" not in fresh, fresh
            equal(fresh["timetables"][0]["timeblocks"], table["timeblocks"])
            # other options may give another result
            other = it.taken((file.name, file.read_bytes()), fields=[("options", '{"gate":0.1}')])
            assert "reusedFrom" not in other, other
            it.ended(other["documentId"])
        it.drained()


def test_upload(home):
    """Several files at once with fields and options; their list, one of them, its progress and its bytes."""
    with system(home) as (_, it):
        got = it.taken(("a.txt", note("One")), ("b.txt", note("Two", "review")), ("ünï \"c\".txt", note("Three", "pages 3")), query="?wait=60",
                       fields=[("name", "Autumn"), ("className", "4B"), ("teacher", "Ms Ó Briain"), ("options", '{"languages":"eng"}')])
        documents = got["documents"]
        equal([d["status"] for d in documents], ["completed", "needs_review", "completed"])
        equal([d["timetables"][0]["timeblocks"][0]["name"] for d in documents], ["One", "Two", "Three"])
        for document, name in zip(documents, ("a.txt", "b.txt", "ünï \"c\".txt")):
            row = it.get(f"/documents/{document['documentId']}").json
            contains(row["filename"].replace("%22", '"'), name)
            equal((row["name"], row["class_name"], row["teacher_name"], row["status"]), ("Autumn", "4B", "Ms Ó Briain", document["status"]))
            file = it.get(f"/documents/{document['documentId']}/file")
            equal((file.status, file.headers["content-type"]), (200, "application/octet-stream"), file)
            equal(hashlib.sha256(file.body).hexdigest(), row["sha256"])
            equal(file.headers["etag"], f'"{row["sha256"]}"')
            equal(file.headers["x-content-type-options"], "nosniff")
            contains(file.headers["content-disposition"], "attachment")
            equal(it.get(f"/documents/{document['documentId']}/file", If_None_Match=file.headers["etag"]).status, 304)
            head = it.ask("HEAD", f"/api/v1/documents/{document['documentId']}/file")
            equal((head.status, head.body, head.headers["content-length"]), (200, b"", str(row["file_size"])))
        # without ?wait the answer comes at once, before the document is read
        slow = it.taken(("slow", note("x", "ocr slow 2000")))
        equal(set(slow), {"documentId", "status"}, slow)
        equal(slow["status"], "uploaded")
        half = it.taken(("slow", note("y", "ocr slow 2000")), query="?wait=1")
        assert half["status"] in ("uploaded", "processing") and "timetables" not in half, half
        it.ended(slow["documentId"], "completed")
        it.ended(half["documentId"], "completed")


def test_media(home):
    """What a file is is told from its content, whatever its name says."""
    kinds = {"alpha.png": "image/png", "upright.jpg": "image/jpeg", "base.webp": "image/webp", "base.gif": "image/gif", "base.bmp": "image/bmp",
             "pages.tiff": "image/tiff", "base.heic": "image/heic", "turned-type3.pdf": "application/pdf",
             "days-as-columns.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
             "rich-strings.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    with system(home, host=False) as (_, it):
        for name, media in kinds.items():
            content = (home.root / "tests/fixtures/intake" / name).read_bytes()
            document = it.taken(("liar.exe", content))["documentId"]
            got = it.get(f"/documents/{document}/file")
            equal((got.status, got.headers["content-type"]), (200, media), name)
            equal(got.body, content)


def test_idempotency(home):
    """The same key gives the same answer, at once too; for another upload it is refused."""
    with system(home) as (_, it):
        def send(text, key, fields=(), query=""):
            return it.upload(("a", text), headers={"Idempotency-Key": key}, fields=fields, query=query)
        first = send(note(), "k1").json
        it.ended(first["documentId"], "completed")
        for _ in range(3):
            equal(send(note(), "k1").json["documentId"], first["documentId"])
        equal(send(note(), "k1", query="?wait=60").json["timetables"][0]["timeblocks"][0]["name"], "Maths")
        refused(send(note("Other"), "k1"), 409, "key-in-use")
        refused(send(note(), "k1", fields=[("name", "x")]), 409, "key-in-use")
        assert send(note(), "k2").json["documentId"] != first["documentId"]
        refused(send(note(), "k" * 300), 400, "bad-key")
        two = [it.upload(("a", "1"), ("b", "2"), headers={"Idempotency-Key": "two"}).json["documents"] for _ in range(2)]
        equal([d["documentId"] for d in two[0]], [d["documentId"] for d in two[1]])
        equal(len(it.get("/documents").json), 4)
        # many at once with one key make one document
        import concurrent.futures
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            ids = {f.result().json["documentId"] for f in [pool.submit(send, note("many"), "many") for _ in range(8)]}
        equal(len(ids), 1)


def test_list(home):
    """Pages by limit and offset, by cursor; by status; by words of names."""
    with system(home) as (_, it):
        ids = [it.taken((f"plan {i}.txt", note(f"n{i}", *(["review"] if i % 3 == 0 else []))), fields=[("teacher", f"Teacher{i} Müller")])["documentId"]
               for i in range(9)]
        for one in ids:
            it.ended(one)
        newest = ids[::-1]

        def listed(query):
            got = it.get("/documents" + query)
            equal(got.status, 200, got)
            return [d["id"] for d in got.json]
        equal(listed(""), newest)
        equal(listed("?limit=4&offset=2"), newest[2:6])
        seen, cursor = [], ""
        while True:
            got = it.get(f"/documents?limit=4{cursor}")
            seen += [d["id"] for d in got.json]
            if "x-next-cursor" not in got.headers:
                break
            from urllib.parse import quote
            cursor = "&cursor=" + quote(got.headers["x-next-cursor"])
        equal(seen, newest)
        equal(listed("?status=needs_review"), [i for n, i in list(enumerate(ids))[::-1] if n % 3 == 0])
        equal(listed("?search=teacher4"), [ids[4]])
        equal(listed("?search=MULLER%20plan"), newest)
        equal(listed("?search=nothing"), [])
        for query, part in (("limit=0", "limit"), ("limit=5000", "limit"), ("limit=x", "limit"), ("offset=-1", "offset"), ("status=lost", "lost"),
                            ("cursor=abc", "cursor"), ("cursor=abc~def", "")):
            got = it.get("/documents?" + query)
            equal(got.status, 400, (query, got))
            contains(got.json["detail"], part)


def test_delete(home):
    """Everything goes: rows, work in hand, the bytes unless another document has them. Twice is as once."""
    with system(home, YOGI_SWEEP_SECONDS="1", YOGI_GRACE_SECONDS="2") as (them, it):
        sql = sqlite(them)
        first, second = (it.taken(("a", note("shared")), query="?wait=60")["documentId"] for _ in range(2))
        slow = it.taken(("b", note("slow", "ocr slow 60000")))["documentId"]
        queued = it.taken(("c", note("queued")))["documentId"]
        wait_for(lambda: it.status(slow)["status"] == "processing", "the slow one to run")
        equal(len(them.blobs()), 3)
        for one in (slow, queued, first):
            for _ in range(2):
                equal(it.send("DELETE", f"/documents/{one}").status, 200)
            for path in (f"/documents/{one}", f"/documents/{one}/status", f"/documents/{one}/file", f"/timetables/{one}"):
                refused(it.get(path), 404, "not-found")
            for table in ("processing_jobs", "timetables", "processing_events", "dossiers", "outbox", "document_words", "dead_letters"):
                equal(sql(f"SELECT count(*) FROM {table} WHERE document_id = '{one}'"), [(0,)], table)
        # the worker that had the slow one is free at once
        it.ended(it.taken(("d", note("next")))["documentId"], "completed", seconds=40)
        equal(it.get(f"/documents/{second}/file").status, 200)
        wait_for(lambda: len(them.blobs()) == 2, "the sweep of what nobody has")
        equal(it.get(f"/documents/{second}/file").status, 200)
        # an upload of bytes that have just been swept puts them again
        again = it.taken(("c", note("queued")), query="?wait=60")
        equal((again["status"], "reusedFrom" in again), ("completed", False))
        for one in (second, again["documentId"]):
            it.send("DELETE", f"/documents/{one}")
        wait_for(lambda: len(them.blobs()) == 1, "the sweep of what nobody has")
        wait_for(lambda: sql("SELECT count(*) FROM blobs") == [(1,)], "the end of their rows")


def test_sweep_of_strays(home):
    """Bytes without a row, and what a killed process was writing, are swept when they are old enough; nothing else is."""
    with system(home, YOGI_SWEEP_SECONDS="1", YOGI_GRACE_SECONDS="3", gateway=False) as them:
        folder = them.data / "blobs" / "default"
        folder.mkdir()
        stray = hashlib.sha256(b"stray").hexdigest()
        (folder / stray).write_bytes(b"stray")
        (folder / ".new-0123456789abcdef").write_bytes(b"half")
        (folder / "README").write_bytes(b"somebody's")
        it = them.gateway()
        kept = it.taken(("a", note()), query="?wait=60")["documentId"]
        wait_for(lambda: f"default/{stray}" not in them.blobs(), "the sweep of the stray")
        wait_for(lambda: "default/.new-0123456789abcdef" not in them.blobs(), "the sweep of half a file")
        row = it.get(f"/documents/{kept}").json
        equal(them.blobs(), sorted(["default/README", f"default/{row['sha256']}"]))
        wait_for(lambda: sqlite(them)("SELECT sha256, state FROM blobs") == [(row["sha256"], "present")], "the end of its row")
        it.taken(("stray", b"stray"))
        equal(it.drained(), "")


def test_shared_database(home):
    """Other programs open and close the database beside the gateway: its locks hold, and nothing is lost or damaged."""
    with system(home) as (them, it):
        sql, ids = sqlite(them), []
        for i in range(20):
            ids.append(it.taken((f"a{i}", note(f"n{i}")))["documentId"])
            equal(sql("PRAGMA integrity_check"), [("ok",)])
        for one in ids:
            it.ended(one, "completed")
            sql("PRAGMA quick_check")
        equal(sql("SELECT count(*) FROM documents WHERE status = 'completed'"), [(20,)])
        equal((them.data / "app.db").stat().st_mode & 0o777, 0o600)
        equal([p.name for p in them.data.glob("app.db.new*")], [])
        it.drained()
        equal(sql("PRAGMA integrity_check"), [("ok",)])


# ---- wishes ----


def test_retry(home):
    """Once more, with other options; what somebody has approved stays."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths")), query="?wait=60")["documentId"]
        table = it.get(f"/timetables/{one}").json
        got = it.send("POST", f"/documents/{one}/retry")
        equal((got.status, got.json), (200, {"documentId": one, "status": "uploaded"}), got)
        it.ended(one, "completed")
        runs = {s["run"] for s in it.status(one)["stages"]}
        equal(len(runs), 2)
        equal([b["name"] for b in it.get(f"/timetables/{one}").json["timeblocks"]], ["Maths"])
        equal(len(it.get("/timetables").json), 1, "a timetable once")
        equal(it.send("PUT", f"/timetables/{one}", {"timeblocks": [{"day": "Monday", "name": "Mine"}]}).status, 200)
        equal(it.send("POST", f"/documents/{one}/retry", {"options": {"gate": 0.5}}).status, 200)
        it.ended(one)
        kept = it.get(f"/timetables/{one}").json
        equal([b["name"] for b in kept["timeblocks"]], ["Mine"])
        equal((kept["validated"], kept["id"]), (True, table["id"]))
        refused(it.send("POST", f"/documents/{one}/retry", {"options": {"magic": 1}}), 400, "bad-options", "magic")
        refused(it.send("POST", f"/documents/{one}/retry", b"{"), 400, "bad-options")
        refused(it.send("POST", f"/documents/{one}/retry", b"[]"), 400, "bad-options")
        refused(it.send("POST", f"/documents/{NOWHERE}/retry"), 404, "not-found")


def test_retry_while_it_runs(home):
    """The run that is under way is superseded: it ends once, as the new one says."""
    with system(home) as (_, it):
        one = it.taken(("a", note("x", "ocr slow 60000")))["documentId"]
        wait_for(lambda: it.status(one)["status"] == "processing", "it to run")
        before = it.status(one)["run"]
        equal(it.send("POST", f"/documents/{one}/retry").status, 200)
        after = it.status(one)["run"]
        assert before != after
        wait_for(lambda: any(s["run"] == after for s in it.status(one)["stages"]), "the new run to get the only worker")


def test_cancel(home):
    """Running or queued, it stops within a second, and the worker goes on with the next."""
    with system(home) as (_, it):
        slow = [it.taken((f"s{i}", note(f"x{i}", "ocr slow 120000")))["documentId"] for i in range(2)]
        quick = it.taken(("q", note("quick")))["documentId"]
        wait_for(lambda: it.status(slow[0])["status"] == "processing", "the first to run")
        begun = time.monotonic()
        for one in slow:
            got = it.send("POST", f"/documents/{one}/cancel")
            equal((got.status, got.json["status"]), (200, "cancelled"), got)
            equal(it.status(one)["status"], "cancelled")
        it.ended(quick, "completed", seconds=60)
        took = time.monotonic() - begun
        assert took < 30, f"{took} s: the workers were not freed"
        refused(it.send("POST", f"/documents/{quick}/cancel"), 409, "ended")
        refused(it.send("POST", f"/documents/{NOWHERE}/cancel"), 404, "not-found")
        equal(it.send("POST", f"/documents/{slow[0]}/cancel").status, 200, "twice is as once")
        equal(it.send("POST", f"/documents/{slow[1]}/retry").status, 200, "and may be run again")


def test_failures(home):
    """What cannot be read fails with its cause and is a dead letter; the rest goes on."""
    with system(home) as (them, it):
        sql = sqlite(them)
        for order, error in (("end not-a-timetable a letter", "not-a-timetable"), ("fail damaged it is cut off", "damaged"), ("crash", "poison")):
            got = it.taken((order, note("x", order)), query="?wait=60")
            equal((got["status"], got["errorCode"]), ("failed", error), got)
            assert got["error"], got
            status = it.status(got["documentId"])
            equal((status["status"], status["error"]), ("failed", error))
            equal(sql(f"SELECT error FROM dead_letters WHERE document_id = '{got['documentId']}'"), [(error,)])
            equal(sql(f"SELECT count(*) FROM outbox WHERE document_id = '{got['documentId']}'"), [(0,)])
            if error == "damaged":
                again = it.taken((order, note("x", order)))
                assert "reusedFrom" not in again, "a failure is no result"
                it.ended(again["documentId"], "failed")
        got = it.taken(("a", note()), query="?wait=60")
        equal(got["status"], "completed")


# ---- timetables ----


def test_timetables(home):
    """Read, corrected and approved, each correction a version; saved under names."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths")), query="?wait=60")["documentId"]
        got = it.get(f"/timetables/{one}")
        table, tag = got.json, got.headers["etag"]
        equal((table["validated"], table["document_id"]), (False, one))
        equal(it.get(f"/timetables/{one}", If_None_Match=tag).status, 304)
        equal(it.get(f"/timetables/{table['id']}").json, table, "its own id serves too")
        blocks = [{"day": "Tuesday", "name": "Físika ☺", "startTime": "9:05", "endTime": "09:50", "notes": "room 2"}, {"day": "Friday", "name": "Art"}]
        put = it.send("PUT", f"/timetables/{one}", {"timeblocks": blocks, "teacher_name": "Mx", "year": 2026}, If_Match=tag)
        equal(put.status, 200, put)
        now = put.json
        equal((now["validated"], now["version"], now["teacher_name"], now["year"]), (True, table["version"] + 1, "Mx", 2026))
        equal(now["timeblocks"], blocks)
        equal(it.get(f"/timetables/{one}").json, now)
        assert put.headers["etag"] != tag
        stale = it.send("PUT", f"/timetables/{one}", {"timeblocks": []}, If_Match=tag)
        refused(stale, 412, "changed")
        equal(stale.headers["etag"], put.headers["etag"])
        for wanted in (put.headers["etag"], "*"):
            equal(it.send("PUT", f"/timetables/{one}", {"timeblocks": blocks}, If_Match=wanted).status, 200, wanted)
        equal(it.get(f"/timetables/{one}").json["teacher_name"], "Mx", "what is not sent stays")
        saved = it.send("POST", "/timetables/save-as", {"saved_name": "Mine", "document_id": one, "timeblocks": blocks})
        equal((saved.status, saved.json["saved_name"], saved.json["document_id"]), (200, "Mine", one), saved)
        equal({t["saved_name"] for t in it.get("/timetables").json}, {None, "Mine"})
        equal(len(it.get("/timetables?limit=1&offset=1").json), 1)
        refused(it.send("POST", "/timetables/save-as", {"document_id": one, "timeblocks": []}), 400, "bad-timetable", "saved_name")
        refused(it.send("POST", "/timetables/save-as", {"saved_name": "x", "document_id": NOWHERE, "timeblocks": []}), 404, "not-found")
        refused(it.send("PUT", f"/timetables/{NOWHERE}", {"timeblocks": []}), 404, "not-found")


def test_bad_timetables(home):
    """Which block is wrong, and why."""
    good = {"day": "Monday", "name": "Maths", "startTime": "09:00", "endTime": "10:00"}
    wrong = [({**good, "day": "Moonday"}, "timeblock 2", "day"), ({**good, "day": None}, "timeblock 2", "day"), ({**good, "name": ""}, "name"),
             ({**good, "name": 3}, "name"), ({**good, "name": "x" * 501}, "name", "500"), ({**good, "notes": "x" * 4001}, "notes"), ({**good, "notes": [1]}, "notes"),
             ({**good, "startTime": "25:00"}, "startTime", "25:00"), ({**good, "startTime": "9"}, "startTime"), ({**good, "startTime": 9}, "startTime"),
             ({**good, "startTime": "9:5"}, "startTime"), ({**good, "startTime": "09:00:00"}, "startTime"), ({**good, "startTime": " 9:00"}, "startTime"),
             ({**good, "startTime": "-9:00"}, "startTime"), ({**good, "startTime": "09:-5"}, "startTime"), ({**good, "startTime": "09:+5"}, "startTime"),
             ({**good, "startTime": "09: 5"}, "startTime"), ({**good, "startTime": ""}, "startTime"), ({**good, "endTime": "10:60"}, "endTime"),
             ({**good, "endTime": "08:00"}, "timeblock 2", "before it starts"), ("text", "timeblock 2"), (None, "timeblock 2"), ({**good, "name": "a\0b"}, "\\u0000", "line 1"),
             ({**good, "startTime": "09:00\0"}, "\\u0000"), ({**good, "page": "#"}, "timeblock 2: page"), ({**good, "page": 1.5}, "page"), ({**good, "page": -1}, "page"),
             ({**good, "confidence": 2}, "confidence"), ({**good, "confidence": "high"}, "confidence"), ({**good, "inferred": ["endTime", 3]}, "inferred"),
             ({**good, "inferred": "endTime"}, "inferred"), ({**good, "box": [1, 2, 3, 4]}, "box"), ({**good, "week": 1}, "week"), ({**good, "id": {}}, "id")]
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths")), query="?wait=60")["documentId"]
        before = it.get(f"/timetables/{one}").json
        for block, *parts in wrong:
            refused(it.send("PUT", f"/timetables/{one}", {"timeblocks": [good, block]}), 400, "bad-timetable", *parts)
        for body, *parts in (({}, "timeblocks"), ({"timeblocks": {}}, "timeblocks"), ({"timeblocks": [good] * 5001}, "timeblocks"),
                             ({"timeblocks": [], "year": "2026"}, "year"), ({"timeblocks": [], "year": 99999}, "year"), ({"timeblocks": [], "teacher_name": 1}, "teacher_name"),
                             ({"timeblocks": [], "term": "x" * 201}, "term"), ({"timeblocks": [], "school": "a\0b"}, "\\u0000")):
            refused(it.send("PUT", f"/timetables/{one}", body), 400, "bad-timetable", *parts)
        for body in (b"", b"{", b"[]", b"3", b"\xff\xfe", b'{"timeblocks":[],"timeblocks":[]}', b"[" * 100000, b'{"timeblocks":[],"term":"\xc0\x80"}'):
            refused(it.send("PUT", f"/timetables/{one}", body), 400, "bad-timetable")
        equal(it.send("PUT", f"/timetables/{one}", b"x" * (3 << 20)).status, 413)
        equal(it.get(f"/timetables/{one}").json, before, "nothing has changed")


# ---- bad input ----


def test_bad_uploads(home):
    """Each has its status, its code and a sentence, and leaves nothing behind."""
    with system(home, host=False, YOGI_SWEEP_SECONDS="1", YOGI_GRACE_SECONDS="1") as (them, it):
        refused(it.upload(), 400, "no-file", "No file provided")
        refused(it.upload(("a", "x", "document")), 400, "wrong-field", "document")
        refused(it.upload(fields=[("file", "just a field")]), 400, "no-file")
        refused(it.upload(("a", "")), 400, "empty-file", "a is empty")
        refused(it.upload(("a", "x"), ("b", "")), 400, "empty-file", "b is empty")
        for options in ("[]", "{", "3", '{"magic":1}', '{"gate":2}', '{"gate":"x"}', '{"languages":"eng; rm"}', '{"engine":"gpt"}', '{"pages":[1]}',
                        '{"pages":"1","pages":"2"}', "\xff", '{"languages":"' + "x" * 300 + '"}'):
            refused(it.upload(("a", "x"), fields=[("options", options)]), 400, "bad-options")
        for query in ("?wait=x", "?wait=-1", "?wait=100000"):
            refused(it.upload(("a", "x"), query=query), 400, "bad-parameter", "wait")
        for fields in ([("name", b"a\0b")], [("teacher", b"\xff\xfe")], [("className", b"\xed\xa0\x80")]):
            got = it.upload(("a", "x"), fields=fields)
            equal(got.status, 400, (fields, got))
        for body, kind in ((b"x", "text/plain"), (b"{}", "application/json"), (b"", "multipart/form-data"), (b"x", "multipart/form-data; boundary=")):
            got = it.ask("POST", "/api/v1/documents/upload", body, {"Content-Type": kind})
            assert got.status in (400, 415), (kind, got)
        body, kind = form([("a", "x" * 5000)])
        for cut in (1, 60, 200, 3000, len(body) - 3):
            got = it.ask("POST", "/api/v1/documents/upload", body[:cut], {"Content-Type": kind})
            equal(got.status, 400, (cut, got))
        got = it.upload(("big", b"x" * (51 << 20)))
        equal(got.status, 413, got)
        equal(it.get("/documents").json, [])
        wait_for(lambda: them.blobs() == [], "nothing to be left")
        equal(sqlite(them)("SELECT count(*) FROM blobs"), [(0,)])
        equal(list((them.data / "spool").iterdir()), [])


def send_far_too_much(it, head, piece, pieces):
    """Sends as long as it is taken; (pieces that went, what was answered)."""
    with socket.create_connection(("127.0.0.1", it.port), timeout=SECONDS) as line:
        line.sendall(head)
        sent, said = 0, b""
        try:
            while sent < pieces:
                line.sendall(piece)
                sent += 1
            line.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            while part := line.recv(4096):
                said += part
        except ConnectionResetError:
            pass
        return sent, said


def test_far_too_large(home):
    """500 MiB where 50 are taken: refused when it is known, with a bounded part of it read and kept, and others are served."""
    mebibyte = 1 << 20
    with system(home, host=False) as (them, it):
        def resident():
            text = (Path("/proc") / str(it.process.pid) / "status").read_text()
            return int(re.search(r"VmHWM:\s+(\d+)", text)[1]) * 1024
        it.upload(("warm", b"x" * mebibyte))
        before = resident()
        begin = b'--mark\r\nContent-Disposition: form-data; name="file"; filename="big"\r\n\r\n'
        head = b"POST /api/v1/documents/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=mark\r\n"
        told, said = send_far_too_much(it, head + b"Content-Length: %d\r\n\r\n" % (500 * mebibyte) + begin, b"x" * mebibyte, 500)
        assert told < 20, f"{told} MiB of a body were taken whose length was told"
        assert said.startswith(b"HTTP/1.1 413 ") or not said, said[:300]
        # one whose length nobody tells shows itself on the way
        chunk = b"100000\r\n" + b"x" * mebibyte + b"\r\n"
        first = b"%x\r\n" % len(begin) + begin + b"\r\n"
        sent, said = send_far_too_much(it, head + b"Transfer-Encoding: chunked\r\n\r\n" + first, chunk, 500)
        assert 49 < sent < 70, f"{sent} MiB of a body without a length were taken"
        assert said.startswith(b"HTTP/1.1 413 ") or not said, said[:300]
        # asked first, the whole of it stays with its sender
        with socket.create_connection(("127.0.0.1", it.port), timeout=SECONDS) as line:
            line.sendall(head + b"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n" % (500 * mebibyte))
            contains(line.recv(4096).decode(), "HTTP/1.1 413 ")
        assert resident() - before < 40 * mebibyte, f"{(resident() - before) // mebibyte} MiB more"
        equal(it.upload(("small", b"x")).status, 200)
        wait_for(lambda: not list((them.data / "spool").iterdir()), "nothing of it to be left", it.process)
        equal(len(it.get("/documents").json), 2)
        it.drained()


def test_archive_bombs(home):
    """Small files that unpack to a hundred times as much fail with their cause, in bounded memory; the next document is read."""
    papers.zip_bomb(home.path / "bomb.docx", 250)
    bomb = (home.path / "bomb.docx").read_bytes()
    assert len(bomb) < 20 << 20, len(bomb)
    with system(home, real=True) as (_, it):
        for name, content in (("bomb.docx", bomb), ("huge.png", papers.huge_png()), ("liar.docx", papers.lying_zip(papers.docx()))):
            got = it.taken((name, content), query="?wait=90")
            ended = it.ended(got["documentId"], "failed")
            assert ended["error"] in ("too-large", "damaged") and ended["message"], (name, ended)
        good = home.root / SCHOOL / "asc-like-1.pdf"
        equal(it.taken((good.name, good.read_bytes()), query="?wait=60")["status"], "completed")
        it.drained()


def test_not_what_its_name_says(home):
    """The content counts: a text called PNG, a program called PDF, a ZIP called DOCX fail with their cause; a PDF called DOCX is read."""
    with system(home, real=True) as (_, it):
        import io
        import zipfile
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr("readme.txt", "hello")
        for name, content in (("photo.png", b"this is no picture"), ("week.pdf", b"MZ\x90\0" + b"\0" * 500), ("week.docx", archive.getvalue()),
                              ("week.xlsx", b"PK\3\4"), ("week.jpg", b"\xff\xd8\xff"), ("week.pdf", b"%PDF-1.7\n"), ("x", b"\0")):
            got = it.taken((name, content), query="?wait=60")
            ended = it.ended(got["documentId"], "failed")
            assert ended["error"] in ("unsupported", "damaged") and ended["message"], (name, ended)
        good = home.root / SCHOOL / "asc-like-1.pdf"
        equal(it.taken(("week.docx", good.read_bytes()), query="?wait=60")["status"], "completed")
        it.drained()


def test_broken_connections(home):
    """Bodies that end too early, in pieces, or never: nothing is taken in, and others are served."""
    with system(home, host=False, YOGI_DRAIN_SECONDS="2") as (them, it):
        body, kind = form([("a", "x" * 200000)])
        head = f"POST /api/v1/documents/upload HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for part in (0, 10, 1000, 150000, len(body) - 1):
            with socket.create_connection(("127.0.0.1", it.port)) as line:
                line.sendall(head + body[:part])
        hanging = [socket.create_connection(("127.0.0.1", it.port)) for _ in range(20)]
        for line in hanging:
            line.sendall(head + body[:5000])
        equal(it.get("/documents").json, [])
        with socket.create_connection(("127.0.0.1", it.port), timeout=SECONDS) as line:
            line.sendall(head.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + body)
            contains(line.recv(100).decode(), " 400 ")
        with socket.create_connection(("127.0.0.1", it.port), timeout=SECONDS) as line:
            line.sendall(b"GET /api/v1/documents HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(20000)))
            contains(line.recv(100).decode(), " 431 ")
        for line in hanging:
            line.close()
        equal(it.get("/documents").json, [])
        it.drained()
        equal(them.blobs(), [])


HOSTILE = ["'; DROP TABLE documents; --", "' OR '1'='1", "\" OR \"\"=\"", "1); DELETE FROM documents WHERE (1=1", "\\'; SELECT pg_sleep(10); --", "%27%20OR%201=1",
           "$1", "{now}", "{json $4}", "?1", ":name", "@x", "`id`", "$(id)", "../../../etc/passwd", "..\\..\\windows\\system32", "/etc/passwd", "....//....//etc/passwd",
           "%2e%2e%2fetc%2fpasswd", "file:///etc/passwd", "con", "nul.txt", ".", "..", "-rf", "a/b", "a\\b", "<script>alert(1)</script>", "%s%n%x", "\u202egpj.exe",
           "ａ" * 80, "x" * 10240, "é" * 5000, "NULL", "\r\nX-Evil: 1", "\t"]


def test_hostile_names(home):
    """Whatever a name, a word or an id says, it is a text and nothing else."""
    with system(home, host=False) as (them, it):
        from urllib.parse import quote
        taken = []
        for name in HOSTILE:
            plain = name.replace("\r\n", " ")
            got = it.upload((plain, note(plain)), fields=[("name", plain[:500]), ("teacher", plain[:500])])
            equal(got.status, 200, (name[:60], got))
            taken.append(got.json["documentId"])
            row = it.get(f"/documents/{taken[-1]}").json
            equal((row["name"], row["teacher_name"]), (plain[:500], plain[:500]))
            if len(plain.encode()) <= 255 and not set("\\\t\u202e") & set(plain):
                equal(row["filename"], plain.replace('"', "%22"))
            assert len(row["filename"].encode()) <= 255 and row["filename"], row["filename"]
            for path in (f"/documents?search={quote(name)}", f"/documents?cursor={quote(name)}", f"/documents?status={quote(name)}",
                         f"/documents/{quote(name, safe='')}", f"/documents/{quote(name, safe='')}/status", f"/documents/{quote(name, safe='')}/file",
                         f"/timetables/{quote(name, safe='')}"):
                got = it.get(path)
                assert got.status in (200, 400, 404, 414, 431), (path[:100], got)
                assert "x-evil" not in got.headers
            for method, path in (("DELETE", ""), ("POST", "/retry"), ("POST", "/cancel")):
                got = it.send(method, f"/documents/{quote(name, safe='')}{path}")
                assert got.status in (200, 400, 404, 405, 414, 431), (method, path, name[:60], got)
        for raw in (b"/api/v1/documents/%00", b"/api/v1/documents/%ff", b"/api/v1/documents/%zz", b"/api/v1/documents?search=%00", b"/api/v1/documents?search=%ff"):
            with socket.create_connection(("127.0.0.1", it.port), timeout=SECONDS) as line:
                line.sendall(b"GET " + raw + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                said = line.recv(4096).decode()
                assert said.split()[1] in ("400", "200"), (raw, said)
        for strange in (NOWHERE, "1", "x" * 500, "018F0000-0000-7000-8000-00000000000G", "null", "undefined", "-1"):
            refused(it.get(f"/documents/{strange}"), 404, "not-found")
            equal(it.send("DELETE", f"/documents/{strange}").status, 200)
        equal(len(it.get("/documents?limit=1000").json), len(HOSTILE))
        equal(len(them.blobs()), len({hashlib.sha256(note(n.replace('\r\n', ' ')).encode()).hexdigest() for n in HOSTILE}))
        it.drained()


# ---- access ----


def routes(document, table):
    """Every route about one thing, with what it is asked by."""
    blocks = {"timeblocks": []}
    return [("GET", f"/documents/{document}", None), ("GET", f"/documents/{document}/status", None), ("GET", f"/documents/{document}/file", None),
            ("POST", f"/documents/{document}/retry", None), ("POST", f"/documents/{document}/cancel", None), ("GET", f"/timetables/{document}", None),
            ("GET", f"/timetables/{table}", None), ("PUT", f"/timetables/{document}", blocks), ("PUT", f"/timetables/{table}", blocks),
            ("POST", "/timetables/save-as", {"saved_name": "x", "document_id": document, **blocks})]


def test_tenants(home):
    """What is one tenant's is not there for another, by any route; the same bytes and keys of both stay apart."""
    with system(home, YOGI_ACCESS="keys") as (them, it):
        wait_for(lambda: it.ready_state().status == 200, "the store")
        one, two = (it.as_key(add_key(lambda text: sqlite(them)(text), tenant, f"key-of-{tenant}")) for tenant in ("one", "two"))
        mine = one.taken(("a", note()), query="?wait=60", headers={"Idempotency-Key": "k"})["documentId"]
        table = one.get(f"/timetables/{mine}").json
        for method, path, body in routes(mine, table["id"]):
            refused(two.send(method, path, body), 404, "not-found")
        equal(two.send("DELETE", f"/documents/{mine}").status, 200, "as for any unknown id")
        equal((two.get("/documents").json, two.get("/timetables").json, two.get("/documents?search=a").json), ([], [], []))
        equal(one.get(f"/timetables/{mine}").json, table, "nothing has changed")
        equal(one.status(mine)["status"], "completed")
        theirs = two.taken(("a", note()), query="?wait=60", headers={"Idempotency-Key": "k"})
        assert theirs["documentId"] != mine and "reusedFrom" not in theirs, theirs
        equal(len(them.blobs()), 2)
        # without a key, with a wrong one, with one that was revoked
        for nobody in (it, it.as_key("wrong"), it.as_key("x" * 5000), it.as_key("' OR 1=1 --")):
            for method, path, body in routes(mine, table["id"]) + [("GET", "/documents", None), ("GET", "/timetables", None), ("DELETE", f"/documents/{mine}", None)]:
                got = nobody.send(method, path, body)
                equal((got.status, got.headers["www-authenticate"]), (401, "Bearer"), (path, got))
            equal(nobody.upload(("a", "x")).status, 401)
            for path in ("/health", "/readyz"):
                equal(nobody.ask("GET", path).status, 200)
        equal(it.get("/documents", Authorization="Bearer key-of-one").status, 200)
        sqlite(them)("UPDATE api_keys SET revoked_at = CURRENT_TIMESTAMP WHERE tenant = 'two'")
        refused(two.get("/documents"), 401, "bad-key")
        equal(one.get("/documents").status, 200)


def test_starts(home):
    """Beyond this machine it is open to nobody without a key, unless that is said twice."""
    with system(home, gateway=False, host=False) as them:
        refused_start = them.launch(YOGI_BIND="0.0.0.0", YOGI_ACCESS="open")
        contains(refused_start.gone(2), "YOGI_ACCESS=open at 0.0.0.0 would let everybody in")
        for settings, status in (({"YOGI_BIND": "0.0.0.0"}, 401), ({"YOGI_BIND": "0.0.0.0", "YOGI_ACCESS": "open", "YOGI_INSECURE": "1"}, 200),
                                 ({"YOGI_ACCESS": "keys"}, 401), ({}, 200), ({"YOGI_BIND": "127.0.0.1", "YOGI_ACCESS": "open"}, 200)):
            it = them.gateway(**settings)
            equal(it.get("/documents").status, status, settings)
            equal(it.ask("GET", "/health").status, 200)
            it.drained()
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            contains(them.launch(YOGI_PORT=str(taken.getsockname()[1])).gone(2), "YOGI_PORT")
        equal(home.run(home.build / "bin" / "yogi-gateway", "x", env=them.settings).code, 2)


def test_without_a_broker(home):
    """Uploads are taken all the same, and read when there is one; the end of a gateway waits for nobody."""
    with system(home, gateway=False, host=False) as them:
        them.processes[0].kill()
        it = them.gateway()
        one = it.taken(("a", note()))
        time.sleep(0)
        ready = it.ready_state()
        equal((ready.status, ready.json["brokers"]["ready"]), (200, False), ready)
        equal(it.status(one["documentId"])["status"], "uploaded")
        it.drained()
        them.broker()
        them.host()
        it = them.gateway()
        it.ended(one["documentId"], "completed")
        assert one["status"] not in ENDED
        it.drained()


if __name__ == "__main__":
    main(sys.modules[__name__])

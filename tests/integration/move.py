#!/usr/bin/python3
"""An installation of the demo goes to Yogi's stores and back: rows, files, what is written meanwhile, kills, bad input.

    move.py BUILD CASE                       short, as in CI
    MOVE_DOCUMENTS=10000 MOVE_KILLS=50 …     the long form of the cases `kills` and `while_it_is_written`
"""
import contextlib
import http.server
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import demo
import harness
import rgw
from gateways import system
from harness import Skip, contains, equal
from postgres import FIRST_SCHEMA, Postgres

BUCKET = "papers"
SECONDS = 100 + int(os.environ.get("MOVE_DOCUMENTS", "0")) // 10
DOCUMENTS, KILLS = int(os.environ.get("MOVE_DOCUMENTS", "25")), int(os.environ.get("MOVE_KILLS", "4"))


class Move:
    """A demo here, and the command with its addresses."""

    def __init__(self, home, made, to, to_blobs, env=None):
        self.home, self.demo, self.to, self.to_blobs, self.env = home, made, to, to_blobs, env or {}
        self.work = home.path / "work"
        self.source, self.source_files = f"sqlite:{made.database}", f"file:{made.uploads}"

    def words(self, command, *more):
        return ["migrate", command, "--from", self.source, "--from-blobs", self.source_files, "--to", self.to, "--to-blobs", self.to_blobs,
                "--work", self.work, *more]

    def run(self, command, *more, good=True, env=None):
        done = self.home.run(self.home.real, *self.words(command, *more), env={**self.env, **(env or {})}, seconds=SECONDS)
        assert not good or done.code == 0, f"{command}: {done}"
        assert "Sanitizer" not in done.err and "runtime error" not in done.err, done
        return done

    def refused(self, command, *more, says, env=None):
        """It ends with an error that says this."""
        done = self.run(command, *more, good=False, env=env)
        assert 0 < done.code < 100, done
        contains(done.err + done.out, says, command)
        return done

    def report(self):
        return json.loads((self.work / "report.json").read_text())

    def back(self, *more, good=True, env=None):
        """Rollback into a fresh place, which it gives."""
        place = self.home.path / "back"
        place.mkdir(exist_ok=True)
        self.source, self.source_files = f"sqlite:{place}/app.db", f"file:{place}/uploads"
        done = self.run("rollback", *more, good=good, env=env)
        return place if good else done


@contextlib.contextmanager
def cluster(home, made, prefix="", settings="-c fsync=off"):
    """PostgreSQL and S3 as the target."""
    with Postgres(home, settings) as server, rgw.server(home) as s3:
        rgw.make_bucket(s3, BUCKET)
        move = Move(home, made, f"postgres:{server.url}", f"s3://{BUCKET}{prefix}",
                    {"S3_ENDPOINT": s3.endpoint, "AWS_ACCESS_KEY_ID": rgw.ID, "AWS_SECRET_ACCESS_KEY": rgw.SECRET, "AWS_REGION": "us-east-1"})
        move.server, move.s3 = server, s3
        yield move


def local(home, made):
    """A file and a folder as the target."""
    (home.path / "new").mkdir(exist_ok=True)
    return Move(home, made, f"sqlite:{home.path}/new/app.db", f"file:{home.path}/new/blobs")


def columns(rows):
    return {table: set(next(iter(found.values()))) for table, found in rows.items() if found}


def same_as(place, rows, files):
    """What stands in the place is the demo that was moved, as the demo would read it."""
    equal(demo.differences(demo.dump(place / "app.db", columns(rows)), rows), [])
    equal(demo.files(place / "app.db", place / "uploads"), files)


def there_and_back(move):
    rows, files = demo.dump(move.demo.database), demo.files(move.demo.database, move.demo.uploads)
    assert None not in files.values(), files
    contains(move.run("plan").out, "rows")
    move.run("run")
    move.run("verify", "--full")
    report = move.report()
    assert report["same"] and report["rollback"]["lossless"], report
    equal({t["table"]: t["source"]["rows"] for t in report["tables"]}, {t: len(r) for t, r in rows.items()})
    equal(report["files"]["checked"], len(files))
    move.run("cutover")
    same_as(move.back("--full"), rows, files)


# ---- there and back ----

def test_to_the_cluster_and_back(home):
    with cluster(home, demo.make(home.path / "demo", 40), prefix="/school/one") as move:
        there_and_back(move)
        page = (move.work / "report.html").read_text()
        contains(page, "<strong>Yes.</strong>")
        contains(page, "processing_events")


def test_to_a_file_and_back_from_every_kind_of_path(home):
    for paths in ("absolute", "container", "flat"):
        place = home.path / paths
        place.mkdir()
        inner = harness.Home(home.build, place)
        there_and_back(local(inner, demo.make(place / "demo", 12, paths=paths, saved_name=paths != "flat", seed=7)))


def test_ours_to_ours_both_ways(home):
    """From a file to PostgreSQL and back, every table of ours with rows of its own."""
    made = demo.make(home.path / "demo", 15)
    file = local(home, made)
    file.run("run")
    file.run("cutover")
    fill = sqlite3.connect(home.path / "new" / "app.db")
    fill.executescript("""
        INSERT INTO tenants (id, name) VALUES ('school', 'School');
        INSERT INTO api_keys (id, tenant, name, role, hash) VALUES ('k', 'school', 'n', 'admin', 'h');
        INSERT INTO idempotency (tenant, key, part, fingerprint, document_id) VALUES ('school', 'once', 0, 'f', 'd');
        INSERT INTO llm_choices (tenant, session, provider, minutes, expires_at) VALUES ('school', 's', 'openai', 60, '2027-01-01 00:00:00.000');
        INSERT INTO owners (id, lease_until) VALUES ('o', '2026-01-01 00:00:00.125');
        INSERT INTO call_offs (owner, run) VALUES ('o', 'r');
        INSERT INTO timetable_versions (timetable_id, version, tenant, content) SELECT id, 1, 'default', '{"b":1, "a":[2]}' FROM timetables LIMIT 3;
        INSERT INTO dossiers (document_id, tenant, run, body) SELECT id, 'default', 'r', x'00ff5c0a09' FROM documents LIMIT 3;
        INSERT INTO document_words SELECT 'default', 'word', id FROM documents LIMIT 3;
        INSERT INTO feed_tokens (hash, tenant, document_id) SELECT 'x', 'default', id FROM documents LIMIT 1;
        INSERT INTO dead_letters (id, document_id, tenant, error, attempts, crashes, losses, inputs) SELECT 'l', id, 'default', 'e', 1, 0, 0, '{}' FROM documents LIMIT 1;
        INSERT INTO outbox (run, document_id, tenant, owner, route, dossier) SELECT 'run', id, 'default', '', 'ocr llm', x'81' FROM documents LIMIT 1;
        UPDATE timetables SET validated = 1, week = 'A', version = 2, edit = 'e' WHERE rowid % 2;
        UPDATE timetables SET updated_at = created_at; -- PostgreSQL wants one
        UPDATE documents SET updated_at = created_at;
    """)
    if fill.execute("SELECT 1 FROM sqlite_master WHERE name = 'pictures'").fetchone():
        fill.execute("INSERT INTO pictures (document_id, page, layers, tenant, print, sha256, bytes) SELECT id, 1, 0, tenant, 'p', sha256, 5 "
                     "FROM documents LIMIT 1")
        fill.commit()
    fill.close()

    def everything():
        found = sqlite3.connect(f"file:{home.path}/{name}/app.db?mode=ro", uri=True)
        tables = [r[0] for r in found.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('moves', 'schema_migrations') "
                                              "AND name NOT LIKE 'sqlite%' ORDER BY 1")]
        rows = {t: [tuple(demo.plain("timetables", "timeblocks", v) if str(v)[:1] in ("[", "{") else demo.plain(t, "created_at", v) for v in r)
                    for r in found.execute(f"SELECT * FROM {t}")] for t in tables}
        found.close()
        return {t: sorted(map(repr, r)) for t, r in rows.items()}
    name = "new"
    before = everything()
    assert all(before.values()), {t: len(r) for t, r in before.items()}
    with Postgres(home, "-c fsync=off") as server:
        move = Move(home, made, f"postgres:{server.url}", f"file:{home.path}/blobs")
        move.work = home.path / "work2"
        move.source, move.source_files = file.to, file.to_blobs
        move.run("run")
        move.run("cutover", "--full")
        equal(server.sql("SELECT encode(body, 'hex') FROM dossiers LIMIT 1").strip(), "00ff5c0a09")
        name = "again"
        (home.path / name).mkdir()
        move.source, move.source_files = f"sqlite:{home.path}/again/app.db", f"file:{home.path}/again/blobs"
        move.run("rollback", "--full")
        assert move.report()["rollback"]["lossless"], move.report()
        after = everything()
        equal(after.keys(), before.keys())
        equal([(t, [p for p in zip(after[t], before[t]) if p[0] != p[1]][:2]) for t in before if after[t] != before[t]], [])


def test_from_the_first_schema_of_the_guide(home):
    """Its tables in PostgreSQL, with UUIDs and flat names, to a file; the same server is gone back to."""
    uploads = home.path / "data" / "uploads"
    uploads.mkdir(parents=True)
    for i in range(20):
        (uploads / f"plan{i}.png").write_bytes(b"picture %d" % i)
    with Postgres(home, "-c fsync=off") as server:
        server.sql(FIRST_SCHEMA)
        server.sql("INSERT INTO documents (filename, file_path, file_type, file_size, created_at) SELECT 'plan' || i || '.png', 'uploads/plan' || i || "
                   "'.png', 'image', 9, '2025-05-01 12:00:00.25' FROM generate_series(0, 19) i; INSERT INTO processing_jobs (document_id, job_type, "
                   "confidence, result_data) SELECT id, 'ocr', 0.95, '{\"b\": 1.50, \"a\": []}' FROM documents; INSERT INTO timetables (document_id, "
                   "timeblocks, validated) SELECT id, '[{\"day\": \"Monday\", \"name\": \"Maths\"}]', true FROM documents")
        before = server.sql("SELECT * FROM documents ORDER BY id; SELECT * FROM processing_jobs ORDER BY id; SELECT * FROM timetables ORDER BY id")
        (home.path / "new").mkdir()
        made = demo.make(home.path / "unused", 0)
        move = Move(home, made, f"sqlite:{home.path}/new/app.db", f"file:{home.path}/new/blobs")
        server.sql("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; GRANT CREATE ON SCHEMA public TO reader")
        move.source, move.source_files = f"postgres:{server.url.replace('app@', 'reader@')}", f"file:{uploads}"
        move.refused("cutover", says="cannot be fenced against writing: its table documents belongs to another role")
        equal(home.names("new"), [])
        move.source = f"postgres:{server.url}"
        move.run("cutover", "--full")
        refused = subprocess.run([server.bin / "psql", "-h", "127.0.0.1", "-p", str(server.port), "-U", "app", "-d", "yogi", "-c", "DELETE FROM timetables"],
                                 capture_output=True, text=True, timeout=60)
        contains(refused.stderr, "has moved")
        new = sqlite3.connect(home.path / "new" / "app.db")
        equal(new.execute("SELECT count(*), count(sha256), min(created_at) FROM documents").fetchone(), (20, 20, "2025-05-01 12:00:00.250"))
        new.execute("UPDATE timetables SET class_name = '2B'")
        new.commit()
        new.close()
        move.run("rollback", "--full")
        equal(server.sql("UPDATE timetables SET class_name = NULL WHERE class_name = '2B' RETURNING 1").split(), ["1"] * 20)
        equal(server.sql("SELECT * FROM documents ORDER BY id; SELECT * FROM processing_jobs ORDER BY id; SELECT * FROM timetables ORDER BY id"), before)


def test_from_a_demo_that_our_gateway_took_over(home):
    """Its file has our columns, its documents still lie in the demo's folder."""
    made = demo.make(home.path / "demo", 6)
    equal(home.run(home.real, "migrate", env={"DATABASE_URL": "", "YOGI_DATA": str(home.path / "demo")}).code, 0)
    move = local(home, made)
    move.run("run")
    move.run("verify", "--full")
    new = sqlite3.connect(home.path / "new" / "app.db")
    equal(new.execute("SELECT count(sha256), count(source_path) FROM documents").fetchone(), (6, 6))


def test_names_that_no_file_system_holds(home):
    """Ids and file names of all kinds come back as files that can be opened, and none outside of the folder."""
    made = demo.make(home.path / "demo", 2)
    move = local(home, made)
    move.run("cutover")
    new = sqlite3.connect(home.path / "new" / "app.db")
    sha = new.execute("SELECT sha256 FROM documents").fetchone()[0]
    names = {"../../../etc": "x.png", "a/b": "..", "x" * 400: "y" * 300 + ".png", "dot.": "a.p/ng", "ünï": "ende.PNG", ".": "x", "..": "x"}
    for number, (document, filename) in enumerate(names.items()):
        new.execute("INSERT INTO documents (id, filename, file_path, file_type, sha256, source_path) VALUES (?, ?, ?, 'image', ?, ?)",
                    (document, filename, sha, sha, "/../../" if number == 0 else None))
    new.commit()
    new.close()
    place = move.back("--full")
    found = demo.files(place / "app.db", place / "uploads")
    equal({found[document] for document in names}, {sha})
    equal(sorted(p.name for p in place.iterdir()), ["app.db", "uploads"])


# ---- while it is used ----

def test_while_it_is_written(home):
    """The demo goes on being used during the copy; at the cutover it is fenced, and nothing of it is lost."""
    made = demo.make(home.path / "demo", DOCUMENTS)
    made.close()
    with cluster(home, made) as move:
        end, told, rounds = threading.Event(), [], [0]

        def use():
            busy = demo.Demo(home.path / "demo", seed=99)
            try:
                while not end.is_set():
                    try:
                        busy.change()
                        rounds[0] += 1
                    except sqlite3.OperationalError as wait:  # a slow machine: the demo's client would try again
                        assert "locked" in str(wait), wait
                        busy.connection.rollback()
            except sqlite3.IntegrityError as refusal:
                told.append(str(refusal))
            busy.connection.rollback()
            busy.close()
        user = threading.Thread(target=use)
        user.start()
        try:
            move.run("run")
            assert user.is_alive() and rounds[0] > 0, (rounds, told)
            move.run("cutover", "--full", "--allow-missing")
        finally:
            end.set()
            user.join()
        equal(len(told), 1, told)
        contains(told[0], "has moved")
        rows = demo.dump(made.database)
        files = {k: v for k, v in demo.files(made.database, made.uploads).items() if v}
        place = move.back("--full")
        equal(demo.differences(demo.dump(place / "app.db"), rows), [])
        equal({k: v for k, v in demo.files(place / "app.db", place / "uploads").items() if v}, files)


def test_what_was_made_since_comes_back(home):
    """Into the demo's own database and folder: a document that was uploaded at the new side, an edit, a deletion."""
    made = demo.make(home.path / "demo", 12)
    rows = demo.dump(made.database)
    move = local(home, made)
    move.run("run")
    move.run("cutover")
    with system(home, gateway=False, host=False, broker=False, YOGI_DATA=str(home.path / "new")) as r:
        gateway = r.gateway()
        content = b"\x89PNG\r\n\x1a\n of a new document"
        new = gateway.hand_in(content, name="neu.png")["documentId"]
        old = next(k for k, v in rows["documents"].items() if v["status"] == "completed")
        equal(gateway.ask("DELETE", f"/api/v1/documents/{old}")[0], 200)
        edited = next(v["document_id"] for v in rows["timetables"].values() if v["document_id"] and v["document_id"] != old)
        gateway.json("PUT", f"/api/v1/timetables/{edited}", {"teacher_name": "Ms. New", "timeblocks": [{"day": "Monday", "name": "Art"}]},
                     {"Content-Type": "application/json"})
        status, _, got = gateway.ask("GET", f"/api/v1/documents/{edited}/file")
        assert status in (200, 404), got  # whichever route it is, the row is there
    contains(move.run("status").out, "would lose")
    move.run("rollback", "--full")
    after = demo.dump(made.database)
    assert old not in after["documents"] and new in after["documents"], after["documents"].keys()
    path = after["documents"][new]["file_path"]
    assert path.startswith(f"./data/uploads/{new}/") and path.endswith(".png") and len(Path(path).stem) == 32, path
    equal((home.path / "demo" / path).read_bytes(), content)
    assert any(v["teacher_name"] == "Ms. New" for v in after["timetables"].values() if v["document_id"] == edited)
    untouched = [k for k in rows["documents"] if k not in (old, edited)]
    equal([k for k in untouched if after["documents"][k] != rows["documents"][k]], [])
    connection = sqlite3.connect(made.database)  # the demo can write again
    connection.execute("UPDATE documents SET status = 'failed'")
    connection.close()
    refused = sqlite3.connect(home.path / "new" / "app.db")
    try:
        refused.execute("UPDATE documents SET status = 'failed'")
        raise AssertionError("the side that was left can be written")
    except sqlite3.IntegrityError as refusal:
        contains(str(refusal), "has moved")
    refused.close()
    move.run("run")  # and forward again


def test_what_waited_to_be_read_is_read(home):
    """The demo's waiting documents are queued once, and gateway, broker and host bring each of them to an end."""
    made = demo.make(home.path / "demo", 12)
    move = local(home, made)
    lost = next(v for v in demo.dump(made.database)["documents"].values() if v["status"] == "uploaded")
    (home.path / "demo" / lost["file_path"]).unlink()
    waiting = [k for k, v in demo.dump(made.database)["documents"].items() if v["status"] in ("uploaded", "processing", "processing_ai")]
    assert len(waiting) > 2, waiting
    move.refused("queues", says="after the cutover")
    move.run("cutover", "--allow-missing")
    contains(move.run("queues").out, f"{len(waiting) - 1} documents that waited")
    done = move.run("queues").out
    contains(done, f"0 documents that waited in the old queue wait in ours now; {len(waiting) - 1} wait or are under way in all")
    contains(done, "1 more cannot be read")
    with system(home, gateway=False, YOGI_WORKERS="2", YOGI_DATA=str(home.path / "new"), YOGI_SOURCE_ROOTS=str(home.path / "new")) as r:
        gateway = r.gateway()
        for document in waiting:
            if document != lost["id"]:
                gateway.ended(document)
        gateway.drained()


# ---- kills ----

MARKS = ("move.frozen", "move.schema", "move.hashed:5", "move.blob:9", "move.files", "move.batch:1", "move.committed:3", "move.batch:4",
         "move.commit", "move.journal:1", "move.journal:2", "move.fenced", "move.last")
BACK_MARKS = ("move.frozen", "move.caught:4", "move.placed:7", "move.batch:2", "move.commit", "move.journal:1", "move.fenced", "move.last")


def marked(home):
    if "-fsanitize=address" not in (home.build / "build.ninja").read_text():
        raise Skip("builds without sanitizers have no points to be killed at")


def test_kills_at_every_point(home):
    """The demo moves to PostgreSQL and back, killed at every point on the way and run again."""
    marked(home)
    made = demo.make(home.path / "demo", 12)
    rows, files = demo.dump(made.database), demo.files(made.database, made.uploads)
    with Postgres(home, "-c fsync=off") as server:
        move = Move(home, made, f"postgres:{server.url}", f"file:{home.path}/blobs")
        for mark in MARKS:
            killed = move.run("cutover", good=False, env={"MARK_KILL": mark})
            equal(killed.code, -signal.SIGKILL, f"{mark}: {killed}")
        move.run("cutover", "--full")
        for mark in BACK_MARKS:
            killed = move.back(good=False, env={"MARK_KILL": mark})
            equal(killed.code, -signal.SIGKILL, f"{mark}: {killed}")
        same_as(move.back("--full"), rows, files)


def test_kills(home):
    """Killed at random moments, to the cluster and back."""
    made = demo.make(home.path / "demo", DOCUMENTS)
    rows, files = demo.dump(made.database), demo.files(made.database, made.uploads)
    chance = random.Random(KILLS)

    def through(command, words, kills):
        for _ in range(kills):
            process = home.start(home.real, *words, env=move.env, stdout=subprocess.DEVNULL)
            try:
                process.communicate(timeout=chance.uniform(0.05, 0.4 + DOCUMENTS / 2000))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        return move.run(command, "--full")
    with cluster(home, made) as move:
        through("run", move.words("run"), KILLS // 2)
        through("verify", move.words("verify", "--full"), 1)
        move.run("cutover")
        place = home.path / "back"
        place.mkdir()
        move.source, move.source_files = f"sqlite:{place}/app.db", f"file:{place}/uploads"
        through("rollback", move.words("rollback"), KILLS - KILLS // 2)
        same_as(place, rows, files)


# ---- checks ----

def flip(path, at=-1):
    """One bit of one byte, and the times as they were."""
    times = path.stat()
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_flipped_byte_is_found_on_either_side(home):
    made = demo.make(home.path / "demo", 8)
    move = local(home, made)
    move.run("run")
    old = next(p for p in sorted(made.uploads.rglob("*")) if p.is_file() and "compressed" not in p.name)
    new = next(p for p in sorted((home.path / "new" / "blobs").rglob("*")) if p.is_file())
    for place, side in ((old, "source"), (new, "target")):
        flip(place)
        move.refused("verify", "--full", says="the sides differ")
        report = move.report()
        assert not report["same"] and report["files"]["bad"] >= 1, report
        contains("\n".join(report["findings"]), f"in the {side}")
        contains((move.work / "report.html").read_text(), "<strong>No.</strong>")
        flip(place)
    move.run("verify", "--full")
    for database, change in ((made.database, "UPDATE timetables SET class_name = 'x' WHERE id = (SELECT min(id) FROM timetables)"),
                             (home.path / "new" / "app.db", "UPDATE processing_events SET percentage = 77 WHERE id = 3"),
                             (home.path / "new" / "app.db", "DELETE FROM job_queue WHERE id = (SELECT max(id) FROM job_queue)")):
        kept = Path(f"{database}.kept")
        shutil.copy(database, kept)
        connection = sqlite3.connect(database)
        connection.execute(change)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        move.refused("verify", says="the sides differ")
        equal(len(move.report()["findings"]), 1, change)
        shutil.copy(kept, database)
    move.run("verify", "--full")
    database = home.path / "new" / "app.db"
    shutil.copy(database, f"{database}.kept")
    for change, says in (("UPDATE blobs SET bytes = bytes + 1", "the wrong size of 8 files"),
                         ("UPDATE documents SET tenant = 'defaulu' WHERE rowid = 1", "bytes that their tenant has not"),
                         ("UPDATE timetables SET tenant = 'x' WHERE document_id IS NOT NULL", "another tenant's than their documents")):
        connection = sqlite3.connect(database)
        connection.execute(change)
        connection.commit()
        connection.close()
        move.refused("verify", says="wrong with a database by itself")
        contains("\n".join(move.report()["findings"]), says)
        shutil.copy(f"{database}.kept", database)
    damage_index(database)
    move.refused("verify", says="")
    contains("\n".join(move.report()["findings"]), "the target's database is damaged")


def damage_index(database):
    """One bit of a time in an index, which no row is read by."""
    connection = sqlite3.connect(database)
    page, size = connection.execute("SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_master WHERE type = 'index' AND tbl_name = "
                                    "'processing_jobs' AND sql IS NOT NULL ORDER BY name LIMIT 1").fetchone()
    connection.close()
    flip(database, page * size - 1)


def test_what_does_not_fit_is_set_aside(home):
    made = demo.make(home.path / "demo", 6)
    put = made.connection.execute
    ids = [r[0] for r in put("SELECT id FROM documents ORDER BY id")]
    put("INSERT INTO processing_jobs (id, document_id, result_data) VALUES ('zero', ?, ?)", (ids[0], '{"a":"b\\u0000c"}'))
    put("INSERT INTO processing_jobs (id, document_id, result_data) VALUES ('broken', ?, ?)", (ids[0], '{"a":'))
    put("INSERT INTO timetables (id, document_id, timeblocks) VALUES ('noarray', ?, '{}')", (ids[1],))
    put("INSERT INTO timetables (id, document_id, timeblocks, year) VALUES ('year', ?, '[]', '2025/26')", (ids[1],))
    put("INSERT INTO processing_events (document_id, event_type) VALUES ('nobody', 'progress')")
    put("INSERT INTO job_queue (id, document_id, started_at) VALUES ('when', ?, 'yesterday')", (ids[2],))
    put("UPDATE documents SET created_at = '2025-03-01T10:00:00.5+02:00' WHERE id = ?", (ids[3],))
    put("UPDATE documents SET created_at = 1740823200123 WHERE id = ?", (ids[4],))
    made.connection.commit()
    with Postgres(home, "-c fsync=off") as server:
        move = Move(home, made, f"postgres:{server.url}", f"file:{home.path}/blobs")
        contains(move.run("plan").out, "would be set aside: 2 rows, 4 values")
        equal(server.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'documents'").strip(), "0")
        done = move.run("run", good=False)
        equal(done.code, 3, done)
        lines = [json.loads(line) for line in (move.work / "quarantine.jsonl").read_text().splitlines()]
        equal({(line["table"], line["id"], line.get("column")) for line in lines},
              {("processing_jobs", "zero", "result_data"), ("processing_jobs", "broken", "result_data"), ("timetables", "noarray", None),
               ("timetables", "year", "year"), ("job_queue", "when", "started_at"),
               ("processing_events", next(line["id"] for line in lines if line["table"] == "processing_events"), None)})
        contains(next(line["row"]["timeblocks"] for line in lines if line["id"] == "noarray"), "{}")
        move.refused("cutover", says="--quarantine")
        move.run("run", "--quarantine")
        move.run("verify", "--quarantine", "--full")
        equal(server.sql(f"SELECT created_at AT TIME ZONE 'UTC' FROM documents WHERE id = '{ids[3]}'").strip(), "2025-03-01 08:00:00.5")
        equal(server.sql(f"SELECT created_at AT TIME ZONE 'UTC' FROM documents WHERE id = '{ids[4]}'").strip(), "2025-03-01 10:00:00.123")
        move.run("cutover", "--quarantine")
        before = demo.dump(made.database)["documents"]
        move.run("rollback", "--quarantine")  # to itself: what was set aside has stayed
        equal(demo.dump(made.database)["documents"], before)
        left = {r[0] for r in sqlite3.connect(made.database).execute("SELECT id FROM timetables UNION SELECT id FROM processing_jobs")}
        assert {"noarray", "year", "zero", "broken"} <= left, left


def test_what_was_synced_is_adopted(home):
    made = demo.make(home.path / "demo", 8)
    with cluster(home, made) as move:
        names = [p for p in sorted(made.uploads.rglob("*")) if p.is_file() and "compressed" not in p.name]
        for i, path in enumerate(names):
            content = path.read_bytes()
            if i == 0:
                content = content[:-1] + b"?"  # of the same size, and not the same
            spare = home.path / "spare"
            spare.write_bytes(content)
            done = subprocess.run(["curl", "-sS", "--fail-with-body", "-T", spare, "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                                   f"{rgw.ID}:{rgw.SECRET}", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD",
                                   f"{move.s3.endpoint}/{BUCKET}/uploads/{path.relative_to(made.uploads)}"], capture_output=True, timeout=60)
            assert done.returncode == 0, done
        contains(move.run("run").out, f"{len(names)} files, 1 of them carried")
        move.run("verify", "--full")


def test_a_limit_is_kept(home):
    made = demo.make(home.path / "demo", 4, size=200000)
    move = local(home, made)
    import time
    start = time.monotonic()
    move.run("run", "--limit", "400K")
    assert time.monotonic() - start > 1.4, "800 kB at 400 KiB/s"
    move.run("verify", "--full")
    for limit in ("x", "-1", "20Q", "1"):
        move.refused("run", "--limit", limit, says="--limit wants bytes")


# ---- bad input: said before anything is changed ----

def snapshot(folder):
    return {str(p.relative_to(folder)): (p.stat().st_size, p.stat().st_mtime_ns) for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def test_bad_sources(home):
    made = demo.make(home.path / "demo", 3)
    move = local(home, made)
    before = snapshot(home.path / "demo")

    def wrong(says, source=None, files=None, *more):
        move.source, move.source_files = source or f"sqlite:{made.database}", files or f"file:{made.uploads}"
        for command in ("plan", "run"):
            move.refused(command, *more, says=says)
        equal(snapshot(home.path / "demo"), before)
        assert not (home.path / "new" / "app.db").exists() or says == "later", says
    home.file("junk.db", b"this is no database" * 100)
    wrong("is not a database", f"sqlite:{home.path}/junk.db")
    wrong("is not there", f"sqlite:{home.path}/none.db")
    wrong("is no file", f"sqlite:{home.path}")
    wrong("a store is sqlite:FILE or postgres:URL", "mysql://nobody")
    wrong("cannot be reached", "postgres:postgresql://app@127.0.0.1:1/none?connect_timeout=2")
    wrong("cannot be read", None, f"file:{home.path}/nowhere")
    wrong("files are in file:DIR or s3://", None, "gs://x")
    wrong("the demo keeps its files in a folder", None, "s3://x")
    home.file("empty.db", b"")
    wrong("there is nothing to move", f"sqlite:{home.path}/empty.db")

    def changed(script, says):
        place = home.path / "changed.db"
        shutil.copy(made.database, place)
        connection = sqlite3.connect(place)
        connection.executescript(script)
        connection.close()
        wrong(says, f"sqlite:{place}")
        return place
    changed("CREATE TABLE plugins (id TEXT)", "does not know: plugins")
    changed("DROP TABLE documents", "no table documents")
    changed("CREATE TABLE schema_migrations (number INTEGER, name TEXT, checksum TEXT); INSERT INTO schema_migrations VALUES (999, 'x', 'y')",
            "newer than this program")
    place = changed("ALTER TABLE documents ADD COLUMN colour TEXT", "does not know: documents.colour")
    for drop, says in (("documents", "--drop documents: they cannot stay behind"), ("colours,documents.filename", "--drop documents.filename: a row"),
                       ("timetables.id", "--drop timetables.id: a row")):
        wrong(says, None, None, "--drop", drop)
    missing = next(p for p in made.uploads.rglob("*") if p.is_file() and "compressed" not in p.name)
    missing.rename(home.path / "kept")
    before = snapshot(home.path / "demo")
    wrong("1 files that documents speak of are not in")
    locked = sqlite3.connect(made.database)
    locked.execute("BEGIN EXCLUSIVE")
    done = move.run("plan", good=False)
    locked.rollback()
    contains(done.err, "another process has it")
    move.source = f"sqlite:{place}"
    move.run("run", "--drop", "documents.colour", "--allow-missing")
    move.run("verify", "--full")  # what stays behind is known by now


def test_bad_targets(home):
    made = demo.make(home.path / "demo", 3)
    other = demo.make(home.path / "other", 2, seed=5)
    with cluster(home, made) as move:
        def wrong(says, to=None, files=None, env=None, command="run"):
            keep = move.to, move.to_blobs
            move.to, move.to_blobs = to or move.to, files or move.to_blobs
            move.refused(command, says=says, env=env)
            move.to, move.to_blobs = keep
            equal(move.server.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'documents'").strip(), "0")
        wrong("there is no bucket not-there", files="s3://not-there")
        wrong("refuses these credentials", env={"AWS_SECRET_ACCESS_KEY": "wrong"})
        
        wrong("database \"none\" does not exist", to=f"postgres:{move.server.url.replace('/yogi', '/none')}")
        wrong("holds an installation of the demo", to=f"sqlite:{other.database}", files=f"file:{home.path}/blobs")
        wrong("the same store", to=f"sqlite:{made.database}", files=f"file:{home.path}/blobs")
        wrong("cannot be made", to=f"sqlite:{home.path}/x.db", files=f"file:{home.path}/no/where")
        move.server.sql("CREATE ROLE reader LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        wrong("does not let us make tables", to=f"postgres:{move.server.url.replace('app@', 'reader@')}")
        move.server.sql("CREATE TABLE somebody (x INT)")
        wrong("does not know: somebody")
        move.server.fresh()
        ours = home.run(home.real, "migrate", "schema", env={"DATABASE_URL": move.server.url})
        equal(ours.code, 0, ours)
        move.server.sql("INSERT INTO documents (id, filename, file_path, file_type) VALUES ('x', 'x', 'x', 'x')")
        move.refused("run", says="is not empty")
        move.server.fresh()
        move.run("run")
        move.source, move.source_files = f"sqlite:{other.database}", f"file:{other.uploads}"
        move.refused("run", says="belongs to another installation")
        move.refused("rollback", says="belongs to another installation")
        move.source, move.source_files = f"sqlite:{made.database}", f"file:{made.uploads}"
        move.run("cutover")
        move.refused("run", says="in use since its cutover")
        move.refused("cutover", says="in use since its cutover")
        move.server.sql("UPDATE schema_migrations SET number = 999 WHERE number = (SELECT max(number) FROM schema_migrations)")
        move.refused("rollback", says="newer than this program")


class Refusing(http.server.BaseHTTPRequestHandler):
    """An S3 server that has one answer."""
    answer = (403, "")

    def do_GET(self):
        status, code = self.answer
        body = f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_what_an_s3_server_refuses(home):
    made = demo.make(home.path / "demo", 2)
    move = local(home, made)
    move.to_blobs = "s3://papers"
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        env = {"S3_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
        for Refusing.answer, says in (((403, "RequestTimeTooSkewed"), "the clock of this machine is too far"),
                                      ((301, "PermanentRedirect"), "is of another region"),
                                      ((400, "AuthorizationHeaderMalformed"), "is of another region"), ((400, "ExpiredToken"), "refuses these credentials"),
                                      ((403, "AccessDenied"), "refuses these credentials"),
                                      ((404, "NoSuchBucket"), "there is no bucket papers")):
            for command in ("plan", "run"):
                move.refused(command, says=says, env=env)
        server.shutdown()
    equal(home.names("new"), [])


def test_it_ends_when_it_is_told_to(home):
    """SIGTERM ends it between two files; the source is left as it was, and the same command goes on."""
    made = demo.make(home.path / "demo", 40, size=100000)
    move = local(home, made)
    process = home.start(home.real, *move.words("cutover", "--limit", "400K"))
    harness.wait_for(lambda: any(p.is_file() for p in (home.path / "new").rglob("blobs/default/*")), "the first file", process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    equal(process.returncode, 130, err)
    contains(err.decode(), "goes on where it was")
    made.change()  # it is not fenced
    move.run("cutover", "--full")


def test_no_room_and_no_right(home):
    made = demo.make(home.path / "demo", 3, size=300000)
    if os.geteuid() != 0:
        raise Skip("only root can mount a small disk")
    small = home.path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", small], capture_output=True).returncode != 0:
        raise Skip("nothing can be mounted here")
    try:
        move = local(home, made)
        move.to_blobs = f"file:{small}"
        move.refused("run", says="has room for")
        equal([p for p in small.rglob("*") if p.is_file()], [])
    finally:
        subprocess.run(["umount", small], check=True)
    move = local(home, made)
    move.refused("cutover", "--report", "/proc/nowhere", says="name another folder in --report")
    equal(home.names("new"), [])


def test_a_gateway_at_work_on_the_target(home):
    made = demo.make(home.path / "demo", 2)
    move = local(home, made)
    move.run("run")
    with system(home, gateway=False, host=False, broker=False, YOGI_DATA=str(home.path / "new")) as r:
        gateway = r.gateway()
        harness.wait_for(lambda: sqlite3.connect(home.path / "new" / "app.db").execute("SELECT count(*) FROM owners").fetchone()[0], "its lease")
        move.refused("run", says="a gateway is at work on the target")
        gateway.drained()


def test_one_at_a_time_and_usage(home):
    made = demo.make(home.path / "demo", 3)
    move = local(home, made)
    import fcntl
    move.work.mkdir()
    with open(move.work / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        move.refused("run", says="another yogi migrate works in")
    for words, says in ((["migrate", "rum"], "did you mean run"), (["migrate", "run", "more"], "takes no more"),
                        (["migrate", "run", "--work", move.work], "where from?"), (["migrate", "run", "--check"], "--check belongs")):
        done = home.run(home.real, *words)
        equal(done.code, 2, done)
        contains(done.err, says)
    contains(home.run(home.real, "migrate", "--help").out, "rollback")
    move.run("run")
    contains(home.run(home.real, "migrate", "status", "--work", move.work).out, "state: copied")
    equal(home.run(home.real, "migrate", "verify", "--work", move.work).code, 0)


if __name__ == "__main__":
    harness.main(sys.modules[__name__])

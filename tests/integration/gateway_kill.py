#!/usr/bin/python3
"""A gateway is killed by SIGKILL at every marked point (proto/base/mark.h) of an upload, its run and the sweep, on SQLite and a
folder; and at those that matter there on PostgreSQL and a bucket. Whatever was answered is there after a restart and is read; what
was not is there whole or leaves nothing; nothing is there twice."""
import hashlib
import http.client
import os
import re
import sys
import threading

import rgw
from blobs import BUCKET, make_bucket, settings
from gateway_imports import Owner, names_of, paper, stored
from gateways import note, sqlite, system
from harness import Skip, equal, main, wait_for
from postgres import Postgres

FEW = 5  # uploads of a point

# The point, and at which of its hits. A document is five records and events; the sweep meets what was deleted before.
BEFORE = ["form.take:2", "upload.spooled:2", "upload.held:2", "blob.made:2", "blob.half:2", "blob.written:2", "blob.placed:2", "upload.placed:2", "accept.written:2"]
AFTER = ["upload.accepted:2", "upload.answer:2", "outbox.submit:2", "outbox.submitted:3"]
RUNS = ["record.come:4", "record.written:5", "record.committed:4", "record.settled:4", "finish.come:2", "finish.written:2", "finish.committed:2", "finish.settled:2"]
IMPORTS = ["import.written", "import.committed"]  # of another owner's document: before and after it is on disk
# where another server has taken it, and nobody here knows; where another has it, and nobody was told
ELSEWHERE = ["upload.held:2", "upload.placed:2", "accept.written:2", "upload.accepted:2", "record.written:4", "record.committed:3", "finish.written:2",
             "finish.committed:2"]


def need_marks(home):
    if not re.search("YOGI_SANITIZE:.*(address|thread)", (home.build / "CMakeCache.txt").read_text()):
        raise Skip("points are marked in builds with sanitizers alone")


def told(home):
    """The names of all points that a gateway comes by, in the source; those of a move are met in move.py."""
    found = set()
    for folder in ("gateway", "proto"):
        for path in (home.root / folder).rglob("*.c"):
            if path.parent == home.root / "gateway/move":
                continue
            found |= set(re.findall(r'\bMARK\("([a-z0-9.]+)"\)', path.read_text()))
    return found


# Its stages take longer than a result waits for the next one (gateway/outbox/held.h): each is stored by itself.
SLOW = ["ocr slow 120", "llm slow 120", "validation slow 120"]


def hand_in(it, name, sent, answered):
    """One upload under a key of its own; the document where it was answered."""
    try:
        got = it.upload((name, note(name, *(SLOW if name.startswith("record.") else []))), headers={"Idempotency-Key": name})
    except (OSError, http.client.HTTPException):
        return  # the gateway has gone
    equal(got.status, 200, got)
    answered[name] = got.json["documentId"]


def until_killed(it, point, sent, answered):
    """Uploads until the point is met; the kernel says that it was."""
    names = [f"{point}-{i}" for i in range(FEW)]
    sent += names
    threads = [threading.Thread(target=hand_in, args=(it, name, sent, answered)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    equal(it.process.wait(60), -9, f"{point} was not met: {it.err}")


class Folder:
    """Where rows and blobs are: SQLite and a folder."""

    def __init__(self, them):
        self.them, self.sql = them, sqlite(them)

    def blobs(self):
        return self.them.blobs()


class Bucket:
    """PostgreSQL and a bucket."""

    def __init__(self, server, s3):
        self.server, self.s3 = server, s3

    def sql(self, text):
        rows = [line.split("|") for line in self.server.sql(text).splitlines()]
        return [tuple(int(cell) if cell.isdigit() else cell for cell in row) for row in rows]

    def blobs(self):
        return rgw.objects(self.s3, BUCKET)


def nothing_is_open(sql):
    return sql("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM documents WHERE status NOT IN ('completed'))") == [(0,)]


def account(them, place, it, sent, answered):
    """What is there now: see the head."""
    sql = place.sql
    wait_for(lambda: nothing_is_open(sql), "all to be read", it.process, seconds=90)
    rows = sql("SELECT d.filename, d.id, d.sha256, (SELECT count(*) FROM timetables t WHERE t.document_id = d.id) FROM documents d")
    names = [row[0] for row in rows]
    equal(len(names), len(set(names)), "no upload twice")
    assert set(names) <= set(sent), names
    by_name = {row[0]: row[1] for row in rows}
    equal({name: by_name.get(name) for name in answered}, answered, "what was answered is there")
    equal({row[0]: row[3] for row in rows}, {name: 1 for name in names}, "one timetable of each")
    for name in names:
        equal([b["name"] for b in it.get(f"/timetables/{by_name[name]}").json["timeblocks"]], [name])
    stages = sql("SELECT document_id, run, job_type, count(*) FROM processing_jobs GROUP BY 1, 2, 3 HAVING count(*) > 1")
    equal(stages, [], "no stage twice")
    stages = sql("SELECT document_id, run, count(*) FROM processing_jobs GROUP BY 1, 2 HAVING count(*) <> 4")
    equal(stages, [], "every stage of each, whoever had it in hand")
    want = sorted({f"default/{row[2]}" for row in rows})
    wait_for(lambda: place.blobs() == want, "the sweep of what was not accepted", it.process, seconds=60)
    wait_for(lambda: sql("SELECT count(*), count(CASE WHEN state = 'present' THEN 1 END) FROM blobs") == [(len(want), len(want))], "its rows", it.process)
    equal(list((them.data / "spool").iterdir()), [])
    return names


SOON = {"YOGI_LEASE_SECONDS": "1", "YOGI_SWEEP_SECONDS": "1", "YOGI_GRACE_SECONDS": "2"}


def kill_at(them, place, points):
    sent, answered = [], {}
    for point in points:
        until_killed(them.gateway(MARK_KILL=point), point, sent, answered)
    it = them.gateway()
    account(them, place, it, sent, answered)
    # a client that got no answer asks again under the same key, and gets one document of it
    for name in sent:
        hand_in(it, name, sent, answered)
    equal(sorted(answered), sorted(sent))
    equal(sorted(account(them, place, it, sent, answered)), sorted(sent))
    it.drained()


def run(home, points):
    need_marks(home)
    with system(home, gateway=False, **SOON) as them:
        kill_at(them, Folder(them), points)


def test_before_it_is_accepted(home):
    run(home, BEFORE)


def test_when_it_is_accepted(home):
    run(home, AFTER)


def test_while_it_is_read(home):
    run(home, RUNS)


def test_on_postgres_and_a_bucket(home):
    need_marks(home)
    with rgw.server(home) as s3, Postgres(home) as server:
        make_bucket(s3)
        where = settings(s3, YOGI_SOURCE_ENDPOINTS=s3.endpoint, YOGI_SOURCE_NETWORKS="127.0.0.0/8")
        with system(home, gateway=False, DATABASE_URL=server.url, **where, **SOON) as them:
            kill_at(them, Bucket(server, s3), ELSEWHERE)


def test_while_it_is_put_in_parts(home):
    """What a bucket has of a large one that was never put together goes with its row: nobody sees it, but it is paid for."""
    need_marks(home)
    content = b"%PDF-1.4\n" + os.urandom(40 << 20)
    key = "default/" + hashlib.sha256(content).hexdigest()
    with rgw.server(home) as s3:
        make_bucket(s3)
        where = settings(s3, YOGI_SOURCE_ENDPOINTS=s3.endpoint, YOGI_SOURCE_NETWORKS="127.0.0.0/8")
        with system(home, gateway=False, **where, **SOON) as them:
            sql, it = sqlite(them), them.gateway(MARK_KILL="s3.part:2")
            try:
                it.upload(("large", content))
                raise AssertionError("s3.part was not met")
            except (OSError, http.client.HTTPException):
                pass
            equal(it.process.wait(60), -9, it.err)
            equal((rgw.objects(s3, BUCKET), rgw.halves(s3, BUCKET)), ([], [key]))
            sql("UPDATE blobs SET held_until = '2020-01-01 00:00:00'")  # its hold is as long as such a file may take
            it = them.gateway()
            wait_for(lambda: sql("SELECT count(*) FROM blobs") == [(0,)], "the sweep", it.process)
            equal((rgw.objects(s3, BUCKET), rgw.halves(s3, BUCKET)), ([], []))
            equal(it.get(f"/documents/{it.hand_in(content)['documentId']}/file").body, content)
            equal((rgw.objects(s3, BUCKET), rgw.halves(s3, BUCKET)), ([key], []))
            it.drained()


def test_in_the_sweep(home):
    """Killed between an object and its row: the next one goes on, and the bytes can come again."""
    need_marks(home)
    with system(home, gateway=False, YOGI_LEASE_SECONDS="1", YOGI_SWEEP_SECONDS="1", YOGI_GRACE_SECONDS="1") as them:
        sql = sqlite(them)
        it = them.gateway(MARK_KILL="sweep.removed")
        one = it.taken(("a", note()), query="?wait=60")["documentId"]
        equal(it.send("DELETE", f"/documents/{one}").status, 200)
        equal(it.process.wait(60), -9, it.err)
        equal(them.blobs(), [])
        equal(sql("SELECT state FROM blobs"), [("deleting",)])
        # nobody else may have it before the lease is over, which is minutes: here it is over
        sql("UPDATE blobs SET held_until = '2020-01-01 00:00:00'")
        it = them.gateway()
        wait_for(lambda: sql("SELECT count(*) FROM blobs") == [(0,)], "the sweep", it.process)
        equal(it.taken(("a", note()), query="?wait=60")["status"], "completed")
        equal(len(them.blobs()), 1)
        it.drained()


def test_while_it_imports(home):
    """Another owner's documents: what was written before the end is not written again, and its owner hears of it all the same."""
    need_marks(home)
    with system(home, gateway=False, host=False) as them:
        owner, sql = Owner(home, them.endpoint), sqlite(them)
        for point in IMPORTS:
            it = them.gateway(MARK_KILL=point)
            jobs = {f"{point}-{i}": owner.add(paper(f"{point}-{i}", f"{point}-{i}")) for i in range(FEW)}
            process = owner.start()
            equal(it.process.wait(60), -9, f"{point} was not met: {it.err}")
            it = them.gateway()
            ends = owner.ends(process)
            for name, job in jobs.items():
                (end,) = ends[job]
                equal(names_of(it, stored(end)), [name])
            it.drained()
        count = FEW * len(IMPORTS)
        equal(sql("SELECT count(*), count(DISTINCT document_id) FROM timetables"), [(count, count)])
        equal(sql("SELECT count(*) FROM documents WHERE status = 'completed'"), [(count,)])
        equal(sql("SELECT document_id, run, job_type FROM processing_jobs GROUP BY 1, 2, 3 HAVING count(*) > 1"), [])


def test_points_are_known(home):
    """A point that is marked in the source is hit by a case."""
    equal(told(home), {point.split(":", maxsplit=1)[0] for point in BEFORE + AFTER + RUNS} | {"sweep.removed", "s3.part"} | set(IMPORTS))


if __name__ == "__main__":
    main(sys.modules[__name__])

#!/usr/bin/python3
"""A gateway is killed by SIGKILL at every marked point (proto/base/mark.h) of an upload, its run and the sweep. Whatever was
answered is there after a restart and is read; what was not is there whole or leaves nothing; nothing is there twice."""
import http.client
import re
import sys
import threading

from gateway_imports import Owner, names_of, paper, stored
from gateways import note, sqlite, system
from harness import Skip, equal, main, wait_for

FEW = 5  # uploads of a point

# The point, and at which of its hits. A document is five records and events; the sweep meets what was deleted before.
BEFORE = ["form.take:2", "upload.spooled:2", "upload.held:2", "blob.made:2", "blob.half:2", "blob.written:2", "blob.placed:2", "upload.placed:2", "accept.written:2"]
AFTER = ["upload.accepted:2", "upload.answer:2", "outbox.submit:2", "outbox.submitted:3"]
RUNS = ["record.come:4", "record.written:5", "record.committed:4", "record.settled:4", "finish.come:2", "finish.written:2", "finish.committed:2", "finish.settled:2"]
IMPORTS = ["import.written", "import.committed"]  # of another owner's document: before and after it is on disk


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
            found |= set(re.findall(r'\bMARK\("([a-z.]+)"\)', path.read_text()))
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


def nothing_is_open(sql):
    return sql("SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM documents WHERE status NOT IN ('completed'))") == [(0,)]


def account(them, it, sent, answered):
    """What is there now: see the head."""
    sql = sqlite(them)
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
    wait_for(lambda: them.blobs() == want, "the sweep of what was not accepted", it.process, seconds=60)
    wait_for(lambda: sql("SELECT count(*), sum(state = 'present') FROM blobs") == [(len(want), len(want) or None)], "its rows", it.process)
    equal(list((them.data / "spool").iterdir()), [])
    return names


def run(home, points):
    need_marks(home)
    sent, answered = [], {}
    with system(home, gateway=False, YOGI_LEASE_SECONDS="1", YOGI_SWEEP_SECONDS="1", YOGI_GRACE_SECONDS="2") as them:
        for point in points:
            until_killed(them.gateway(MARK_KILL=point), point, sent, answered)
        it = them.gateway()
        account(them, it, sent, answered)
        # a client that got no answer asks again under the same key, and gets one document of it
        for name in sent:
            hand_in(it, name, sent, answered)
        equal(sorted(answered), sorted(sent))
        equal(sorted(account(them, it, sent, answered)), sorted(sent))
        it.drained()


def test_before_it_is_accepted(home):
    run(home, BEFORE)


def test_when_it_is_accepted(home):
    run(home, AFTER)


def test_while_it_is_read(home):
    run(home, RUNS)


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
    equal(told(home), {point.split(":", maxsplit=1)[0] for point in BEFORE + AFTER + RUNS} | {"sweep.removed"} | set(IMPORTS))


if __name__ == "__main__":
    main(sys.modules[__name__])

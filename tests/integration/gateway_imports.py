#!/usr/bin/python3
"""The stage `store`: owners without a database (tests/tools/deliver.c) hand in documents, finished, and gateways write them, each
once: new ones and known ones, under ids and under names, of tenants, of rows that a program has put there by itself; bad ones
are refused and not tried again; with gateways killed and the database away, nothing is lost and nothing is there twice."""
import json
import subprocess
import sys
import uuid

from forms_dossier import block, dossier, pack
from gateways import note, sqlite, system
from harness import SECONDS, contains, equal, main, wait_for
from keys import Locked
from postgres import Postgres, quiet

PERMANENT = "1"


def paper(document, name="Maths", **more):
    """A finished dossier, as the stage validation leaves it."""
    made = dossier([{"className": "2EJ", "timeblocks": [block("Monday", "09:00", "09:30", name)]}],
                   trail=[{"stage": stage, "attempt": 1, "confidence": 0.9} for stage in ("classification", "ocr", "llm", "validation")])
    made["document"] = {"id": document, "filename": "week.pdf", "source": "https://bucket/uploads/week.pdf?X-Amz-Signature=secret",
                        "path": "uploads/week.pdf", "bytes": 1234, "media": "application/pdf", "sha256": None}
    made["classification"]["kind"] = "text-pdf"
    made.update(more)
    return made


class Owner:
    """Hands in jobs through the tool; ends are its lines, by job, in their order."""

    def __init__(self, home, brokers, **env):
        self.home, self.env, self.lines = home, {"YOGI_BROKERS": brokers, **env}, []

    def add(self, content, tenant="-", job=None):
        job = job or str(uuid.uuid4())
        path = self.home.file(f"papers/{job}", content if isinstance(content, bytes) else pack(content))
        self.lines.append(f"{job} {tenant} {path}\n")
        return job

    def start(self, attempts=1):
        process = self.home.start(self.home.build / "bin" / "deliver", "store", attempts, stdin=subprocess.PIPE, env=self.env)
        process.stdin.write("".join(self.lines).encode())
        process.stdin.close()
        self.lines = []
        return process

    def ends(self, process):
        """What became of each job: a list of (outcome, class, fault, stored, text)."""
        found = {}
        said, errors = process.stdout.read().decode(), process.stderr.read().decode()
        equal(process.wait(SECONDS), 0, errors)
        for line in said.splitlines():
            job, *rest = line.split(" ", 5)
            found.setdefault(job, []).append(tuple(rest))
        return found

    def run(self, attempts=1):
        return self.ends(self.start(attempts))

    def one(self, content, tenant="-", **more):
        """Hands in one; its only end."""
        job = self.add(content, tenant, **more)
        (end,) = self.run()[job]
        return end


def stored(end):
    equal(end[:3], ("completed", "0", "-"), end)
    return end[3]


def names_of(it, document):
    return [b["name"] for b in it.get(f"/timetables/{document}").json["timeblocks"]]


def test_documents(home):
    """New and known, by id and by name; what is told to people; the interface shows them as its own."""
    with system(home, host=False) as (them, it):
        owner, sql = Owner(home, them.endpoint), sqlite(them)
        new = str(uuid.uuid4())
        equal(stored(owner.one(paper(new))), new)
        row = it.get(f"/documents/{new}").json
        equal([row[k] for k in ("status", "filename", "file_path", "file_type", "file_size")],
              ["completed", "week.pdf", "uploads/week.pdf", "pdf", 1234], row)
        equal(names_of(it, new), ["Maths"])
        equal(sorted(s["stage"] for s in it.status(new)["stages"]), sorted(["classification", "ocr", "llm", "validation", "store"]))
        equal([d["id"] for d in it.get("/documents?search=week").json], [new])
        # by a name: one document of ours for each, told to its owner
        named = stored(owner.one(paper("letter 7/Maths")))
        uuid.UUID(named)
        equal(sql("SELECT id, tenant, external_id FROM documents WHERE external_id IS NOT NULL"), [(named, "default", "letter 7/Maths")])
        equal(stored(owner.one(paper("letter 7/Maths", "Art", outcome={"status": "needs_review", "confidence": 0.5}))), named)
        equal((names_of(it, named), it.get(f"/documents/{named}").json["status"]), (["Art"], "needs_review"))
        # without a place that may be told, nothing of the URL but its host is kept
        bare = paper("bare")
        del bare["document"]["path"]
        contains(path := it.get(f"/documents/{stored(owner.one(bare))}").json["file_path"], "https://bucket")
        assert "secret" not in path and "uploads" not in path, path
        # a document that somebody has put there by itself keeps its columns
        theirs = str(uuid.uuid4())
        sql("INSERT INTO documents (id, filename, file_path, file_type, file_size, status) VALUES "
            f"('{theirs}', 'a.png', 'data/uploads/a.png', 'image', 12, 'processing_ai')")
        equal(stored(owner.one(paper(theirs))), theirs)
        row = it.get(f"/documents/{theirs}").json
        equal([row[k] for k in ("status", "filename", "file_path", "file_type", "file_size")],
              ["completed", "a.png", "data/uploads/a.png", "image", 12], row)
        it.drained()


def test_once(home):
    """A job that comes again, whatever it brings, changes nothing; an approved timetable stays; a failure may be mended."""
    with system(home, host=False) as (them, it):
        owner, sql = Owner(home, them.endpoint), sqlite(them)
        job = owner.add(paper("a", "Maths"))
        owner.add(paper("a", "Maths"), job=job)
        (first, second) = owner.run()[job]
        equal(stored(first), stored(second))
        owner.add(paper("a", "Other"), job=job)
        equal(stored(owner.run()[job][0]), stored(first))
        equal(names_of(it, stored(first)), ["Maths"])
        equal(sql("SELECT count(*) FROM timetables"), [(1,)])
        table = it.get(f"/timetables/{stored(first)}")
        equal(it.send("PUT", f"/timetables/{stored(first)}", {"timeblocks": table.json["timeblocks"], "validated": True},
                      If_Match=table.headers["etag"]).status, 200)
        equal(stored(owner.one(paper("a", "Later"))), stored(first))
        equal(names_of(it, stored(first)), ["Maths"], "what a teacher has approved")
        # a bad end, and a better one of the same job
        failure = {"status": "failed", "confidence": 0.0, "error": "damaged", "message": "page 2 is cut off"}
        job = owner.add(paper("b", outcome=failure))
        failed = stored(owner.run()[job][0])
        row = it.get(f"/documents/{failed}").json
        equal((row["status"], row["error"], row["error_message"]), ("failed", "damaged", "page 2 is cut off"), row)
        equal([letter["document_id"] for letter in it.get("/dead-letters").json], [failed])
        owner.add(paper("b"), job=job)
        equal(stored(owner.run()[job][0]), failed)
        equal((it.get(f"/documents/{failed}").json["status"], names_of(it, failed)), ("completed", ["Maths"]))
        equal(it.get("/dead-letters").json, [])
        it.drained()


def test_refused(home):
    """What cannot be stored is refused with its cause, once, however often it might be tried; the rest goes on."""
    with system(home, host=False) as (them, it):
        owner, sql = Owner(home, them.endpoint), sqlite(them)
        mine = stored(owner.one(paper(str(uuid.uuid4())), "north"))
        open_end, nobody = paper("x", outcome={"status": None, "confidence": 0.0}), paper("x")
        del nobody["document"]["id"]
        wrong = {
            "another tenant": (paper(mine, "Stolen"), "south", "denied", "belongs to another tenant"),
            "the tenant default": (paper(mine, "Stolen"), "-", "denied", "belongs to another tenant"),
            "no tenant's name": (paper("x"), "a.b", "input", "no name of one"),
            "no outcome": (open_end, "-", "input", "no outcome"),
            "another outcome": (paper("x", outcome={"status": "lovely", "confidence": 0.0}), "-", "input", "no outcome"),
            "no id": (nobody, "-", "input", "no document.id"),
            "an empty id": (paper(""), "-", "input", "no document.id"),
            "a long id": (paper("x" * 600), "-", "input", "too long"),
            "garbage": (b"this is no dossier", "-", "bad-message", ""),
            "a name of bytes": (paper("\udcff"), "-", "bad-message", ""),
        }
        jobs = {about: owner.add(content, tenant) for about, (content, tenant, _, _) in wrong.items()}
        good = owner.add(paper("good"))
        ends = owner.run(attempts=5)
        for about, (_, _, fault, text) in wrong.items():
            (end,) = ends[jobs[about]]
            equal(end[:3], ("failed", PERMANENT, fault), (about, end))
            contains(end[4], text, about)
        stored(ends[good][0])
        equal(sql("SELECT tenant, external_id FROM documents ORDER BY created_at"), [("north", None), ("default", "good")])
        equal(sql(f"SELECT count(*) FROM timetables WHERE document_id = '{mine}' AND timeblocks LIKE '%Stolen%'"), [(0,)])
        figures = it.ask("GET", "/metrics").body.decode()
        contains(figures, f"yogi_imports_refused_total {len(wrong)}\n")
        contains(figures, "yogi_imports_stored_total 2\n")
        contains(it.drained(), "importer.refuses")


def test_tenants(home):
    """One name is a document of each tenant."""
    with system(home, host=False) as (them, it):
        owner, sql = Owner(home, them.endpoint), sqlite(them)
        jobs = {tenant: owner.add(paper("letter", tenant), tenant) for tenant in ("north", "south", "default")}
        ends = owner.run()
        found = {tenant: stored(ends[job][0]) for tenant, job in jobs.items()}
        equal(len(set(found.values())), 3)
        equal(sorted(sql("SELECT tenant, id FROM documents")), sorted(found.items()))
        equal(names_of(it, found["default"]), ["default"])
        equal(it.get(f"/documents/{found['north']}").status, 404)
        it.drained()


def test_supersedes(home):
    """A document that a gateway is reading gets the result that came first, and keeps it; who waits for it is told."""
    with system(home) as (them, it):
        owner = Owner(home, them.endpoint)
        one = it.taken(("slow", note("Slow", "ocr slow 60000")))["documentId"]
        wait_for(lambda: it.status(one)["status"] == "processing", "it to run", it.process)
        equal(stored(owner.one(paper(one, "Theirs"))), one)
        equal((it.status(one)["status"], names_of(it, one)), ("completed", ["Theirs"]))
        wait_for(lambda: sqlite(them)("SELECT count(*) FROM call_offs") == [(0,)], "the run to be called off", it.process)
        it.ended(it.taken(("next", note("Next")))["documentId"], "completed")  # the worker is free again
        equal(names_of(it, one), ["Theirs"])
        it.drained()


def account(server, owner, ends, jobs):
    """Every job has one end, every document one timetable and each stage once."""
    equal(sorted(ends), sorted(jobs.values()))
    for name, job in jobs.items():
        equal(len(ends[job]), 1, name)
        stored(ends[job][0])
    rows = dict(line.split("|") for line in server.sql("SELECT external_id, id FROM documents").split())
    equal(rows, {name: ends[job][0][3] for name, job in jobs.items()})
    equal(server.sql("SELECT count(*), count(DISTINCT document_id) FROM timetables").strip(), f"{len(jobs)}|{len(jobs)}")
    equal(server.sql("SELECT count(*), count(DISTINCT (run, job_type)) FROM processing_jobs").strip(), f"{5 * len(jobs)}|{5 * len(jobs)}")
    equal(server.sql("SELECT DISTINCT status FROM documents").split(), ["completed"])


def test_three_gateways(home):
    """Side by side, one killed and one frozen under load; the database away for a moment besides."""
    with Postgres(home, "-c fsync=off") as server, system(home, gateway=False, host=False, DATABASE_URL=server.url) as them:
        victim, frozen, last = [it.ready() for it in [them.launch() for _ in range(3)]]
        owner = Owner(home, them.endpoint)
        jobs = {f"paper-{i}": owner.add(paper(f"paper-{i}", f"block-{i}")) for i in range(600)}
        process = owner.start()
        done = lambda: int(server.sql("SELECT count(*) FROM documents").strip())
        wait_for(lambda: done() > 50, "some to be stored", process)
        victim.kill()
        frozen.process.send_signal(19)
        count = done()
        quiet(server.stop_command())
        server.start()
        frozen.process.send_signal(18)
        wait_for(lambda: done() > count, "more to be stored", last.process, seconds=60)
        account(server, owner, owner.ends(process), jobs)
        for it in (frozen, last):
            it.drained()


def test_without_the_role(home):
    """A key that may not serve the stage: the log says so once, and the gateway serves the rest."""
    them = Locked(home)
    try:
        them.key("desk", "owner")
        them.allow("desk")
        them.broker()
        gateway = home.start(home.build / "bin" / "yogi-gateway",
                             env={"YOGI_PORT": "0", "YOGI_DATA": str(home.path / "data"), "YOGI_LOG_LEVEL": "warning",
                                  "YOGI_BROKERS": them.endpoint, **them.of("desk")})
        contains(gateway.stdout.readline().decode(), "ready http://")
        said = json.loads(gateway.stderr.readline())
        equal((said["event"], said["stage"]), ("importer.refused", "store"))
        contains(said["message"], "may not have that role")
        gateway.terminate()
        rest = gateway.stderr.read().decode()
        equal(gateway.wait(SECONDS), 0, rest)
        assert "importer" not in rest, rest
    finally:
        them.close()


if __name__ == "__main__":
    main(sys.modules[__name__])

#!/usr/bin/python3
"""`yogi migrate queues` on queues that the real Bull has filled, of majors 3 and 4, with real workers of it, on a real Redis: every job goes on
once, whatever is killed.

    move_queues.py BUILD CASE         short, as in CI
    QUEUE_JOBS=2000 QUEUE_KILLS=50 …  the long form of the case `kills`
"""
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys

import demo
import harness
from gateways import system
from harness import contains, equal, wait_for
from move import Move, local, marked
from postgres import Postgres

JOBS, KILLS = int(os.environ.get("QUEUE_JOBS", "60")), int(os.environ.get("QUEUE_KILLS", "4"))
QUEUE = "document-processing"


class Rig:
    """A demo that was moved into a file, and a Redis on a socket of its own."""

    def __init__(self, home, major=4, documents=12, cut_over=True, server=None):
        self.home, self.major, self.processes, self.server = home, major, [], server
        self.socket = home.path / "redis.sock"
        self.demo = demo.make(home.path / "demo", documents)
        self.demo.connection.execute("UPDATE documents SET status = 'uploaded'")
        self.demo.connection.commit()
        self.documents = [r[0] for r in self.demo.connection.execute("SELECT id FROM documents ORDER BY id")]
        self.move = Move(home, self.demo, f"postgres:{server.url}", f"file:{home.path}/blobs") if server else local(home, self.demo)
        if cut_over:
            self.move.run("cutover")

    def redis(self, *options):
        (self.home.path / "redis").mkdir(exist_ok=True)
        process = self.home.start("redis-server", "--port", 0, "--unixsocket", self.socket, "--dir", self.home.path / "redis", "--save", "", *options,
                                  stdout=subprocess.DEVNULL)
        self.processes.append(process)
        wait_for(lambda: self.socket.exists() and self.home.run("redis-cli", "-s", self.socket, "PING").out, "Redis", process)
        return process

    def ask(self, *words):
        return self.home.run("redis-cli", "-s", self.socket, *words).out.strip()

    def node(self, *words):
        process = self.home.start("node", self.home.build / "node" / "bull.mjs", self.major, self.socket, *words)
        self.processes.append(process)
        return process

    def told(self, *words):
        out, err = self.node(*words).communicate(timeout=harness.SECONDS)
        assert not err, err
        return json.loads(out) if out else None

    def add(self, *jobs):
        """Jobs as (data, options) with a document's id for data that are the demo's."""
        made = [{"data": {"documentId": d, "filePath": f"./data/uploads/{d}"} if isinstance(d, str) else d, "opts": o} for d, o in jobs]
        return self.told("add", QUEUE, json.dumps(made))

    def show(self):
        return self.told("show", QUEUE)

    def worker(self, ms, at_once=1):
        process = self.node("work", QUEUE, str(ms), str(at_once))
        equal(json.loads(process.stdout.readline()), {"event": "ready"})
        return process

    def queues(self, *words, good=True, env=None, redis=True):
        named = ("--redis", f"unix://{self.socket}") if redis else ()
        words = self.move.words("queues", *named, *words)
        done = self.home.run(self.home.real, *words, env=env)
        assert not good or done.code == 0, f"queues: {done}"
        assert "Sanitizer" not in done.err and "runtime error" not in done.err, done
        return done

    def plan(self, *more):
        return json.loads(self.queues("plan", "--json", *more).out)

    def refused(self, *words, says, code=None, env=None):
        done = self.queues(*words, good=False, env=env)
        assert 0 < done.code < 100 and code in (None, done.code), done
        contains(done.err, says)
        return done

    def runs(self):
        """Documents that have runs, and attempts, in the order of the runs."""
        look = "SELECT document_id, attempts FROM outbox ORDER BY run"
        if self.server:
            return [(document, int(attempts)) for document, attempts in (line.split("|") for line in self.server.sql(look).split())]
        with contextlib.closing(sqlite3.connect(self.home.path / "new" / "app.db")) as store:
            return store.execute(look).fetchall()

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@contextlib.contextmanager
def rig(home, *arguments, redis=(), **named):
    made = Rig(home, *arguments, **named)
    try:
        made.redis(*redis)
        yield made
    finally:
        made.close()


def left_behind(at, ms=60000):
    """A job that a worker has taken and died with: its id."""
    worker = at.worker(ms)
    job = json.loads(worker.stdout.readline())
    worker.kill()
    worker.wait()
    wait_for(lambda: at.ask("EXISTS", f"bull:{QUEUE}:{job['id']}:lock") == "0", "its lock to run out")
    return job["id"]


# ---- carried over ----

def carried(home, major, server=None):
    """One of each kind: what can go on does, in Bull's own order; what cannot stays as it was, and is told with its reason."""
    with rig(home, major, server=server) as at:
        d = at.documents
        stale = at.add((d[0], {"attempts": 3}))[0]
        equal(left_behind(at), stale)
        ids = at.add((d[1], {}), (d[2], {"attempts": 20}), (d[3], {"priority": 2}), (d[4], {"priority": 1}), (d[5], {"lifo": True}),
                     (d[6], {"delay": 3600_000}), (d[7], {"delay": 60_000, "attempts": 3, "backoff": {"type": "exponential", "delay": 2000}}),
                     (d[1], {}), ("nobody", {}), ({"filePath": "x"}, {}), ({"documentId": ["x"]}, {}), (d[8], {"repeat": {"every": 60_000}}))
        broken = at.add((d[9], {}), (d[9], {}), (d[9], {}))
        at.ask("HSET", f"bull:{QUEUE}:{broken[0]}", "data", '{"documentId":')
        at.ask("DEL", f"bull:{QUEUE}:{broken[1]}")
        at.ask("DEL", f"bull:{QUEUE}:{broken[2]}")
        at.ask("SET", f"bull:{QUEUE}:{broken[2]}", "x")
        before = at.ask("DEBUG", "DIGEST")
        plan = at.plan()
        equal(at.ask("DEBUG", "DIGEST"), before)
        equal({k: plan[k] for k in ("waiting", "paused", "delayed", "active", "locked", "workers", "repeating", "carried", "covered", "left")},
              {"waiting": 12, "paused": 0, "delayed": 3, "active": 1, "locked": 0, "workers": 0, "repeating": 1, "carried": 8, "covered": 1, "left": 7})
        reasons = {job["id"]: job["why"] for job in plan["jobs"] if job["becomes"] == "left"}
        for job, says in ((ids[8], "no document nobody"), (ids[9], "name no document"), (ids[10], "documentId is none"), (ids[11], "reads a document once"),
                          (broken[0], "no JSON"), (broken[1], "but its number"), (broken[2], "no hash")):
            contains(reasons[job], says)
        table = at.queues("plan").out
        contains(table, "waiting            12          5          1          6")
        contains(table, "no JSON")
        done = at.queues("carry", good=False)
        equal(done.code, 3, done)
        contains(done.err, "7 jobs cannot be carried over")
        contains(done.out, "8 jobs became runs, 1 were taken out")
        # Bull puts what a dead worker left first, then by priority, then those without one, the last of LIFO first
        equal([document for document, _ in at.runs()], [d[0], d[5], d[4], d[3], d[1], d[2], d[7], d[6]])
        equal({attempts for document, attempts in at.runs() if document != d[2]}, {10})
        equal(dict(at.runs())[d[2]], 20)
        equal(set(at.ask("LRANGE", f"bull:{QUEUE}:wait", "0", "-1").split()), {ids[8], ids[9], ids[10], *broken})
        equal(at.ask("ZRANGE", f"bull:{QUEUE}:delayed", "0", "-1"), ids[11])
        equal([at.ask("EXISTS", f"bull:{QUEUE}:{key}") for key in ("active", "priority", ids[0], ids[6], f"{stale}:logs")], ["0"] * 5)
        again = at.queues("carry", "--quarantine", "--json")
        equal(json.loads(again.out.splitlines()[-1]), {"carried": 0, "covered": 0, "left": 7, "raced": 0})
        equal(len(at.runs()), 8)


def test_carried_3(home):
    carried(home, 3)


def test_carried_4(home):
    with Postgres(home, "-c fsync=off") as server:
        carried(home, 4, server)


def test_paused_and_failed(home):
    """What waits in a paused queue goes on; what has failed or is done stays."""
    with rig(home) as at:
        d = at.documents
        at.add(({"documentId": d[0], "fail": True}, {}), (d[1], {}))
        worker = at.worker(0)
        wait_for(lambda: at.ask("ZCARD", f"bull:{QUEUE}:completed") == "1" and at.ask("ZCARD", f"bull:{QUEUE}:failed") == "1", "both")
        worker.kill()
        at.told("pause", QUEUE)
        at.add((d[2], {}), (d[3], {"priority": 1}))
        plan = at.plan()
        equal((plan["isPaused"], plan["paused"], plan["waiting"], plan["failed"], plan["completed"]), (True, 2, 0, 1, 1))
        at.queues("carry")
        equal([document for document, _ in at.runs()], [d[3], d[2]])
        shown = at.show()
        equal((len(shown["failed"]), len(shown["completed"])), (1, 1))
        contains(at.queues("resume").out, "goes on")
        contains(at.queues("resume").out, "was not paused")


def test_all_of_it(home):
    """Without a word: jobs, then documents that wait without one, then the hops; which are there after the system has been started."""
    with rig(home, documents=5) as at:
        d = at.documents
        at.add((d[4], {}))
        contains(at.queues(redis=False).out, "no Redis is named")
        equal(len(at.runs()), 5)
        done = at.queues()
        contains(done.out, "0 jobs became runs, 1 were taken out whose documents had been queued before, 0 stay")
        contains(done.out, "0 documents that waited in the old queue wait in ours now; 5 wait")
        contains(done.out, "not everything is there yet")
        equal(at.queues("check", "--wait", "1", good=False).code, 1)
        with system(home, gateway=False, YOGI_DATA=str(home.path / "new"), YOGI_SOURCE_ROOTS=str(home.path / "new")) as r:
            gateway = r.gateway()
            for document in d:
                gateway.ended(document)
            done = wait_for(lambda: (it := at.queues("check", "--json", good=False, env={"YOGI_BROKERS": r.endpoint})).code == 0 and it, "every hop")
            hops = [json.loads(line) for line in done.out.splitlines()]
            equal([(hop["of"], hop["hop"], hop["ok"]) for hop in hops],
                  [("store", "runs", True), ("store", "gateway", True), ("brokers", "answer", True),
                   *((stage, "hosts", True) for stage in ("classification", "ocr", "llm", "validation"))])
            bridge = r.start(home.build / "bin" / "yogi-bridge", "--print-ready",
                             env={"REDIS_HOST": str(at.socket), "YOGI_DRAIN_SECONDS": "2", "YOGI_BULLMQ_QUEUES": "papers=classification,trial=noop"})
            line = bridge.stdout.readline().decode()
            assert line.startswith("ready"), (line, bridge.stderr.read())
            served = {"YOGI_BROKERS": r.endpoint, "YOGI_BULLMQ_QUEUES": "papers=classification,trial=noop"}
            table = at.queues("check", env=served).out.splitlines()
            equal([line.split()[1:3] for line in table if line.startswith("papers")],
                  [["redis", "ok"], ["queue", "ok"], ["added", "ok"], ["taken", "ok"], ["answered", "ok"]])
            equal([line.split()[1:3] for line in table if line.startswith("trial")][-1], ["completed", "ok"])
            done = at.queues("check", "--wait", "1", good=False, env={**served, "YOGI_BULLMQ_QUEUES": "nobody=ocr"})
            equal(done.code, 1, done)
            contains(done.out, "no worker took it")
            equal(at.ask("KEYS", "bull:*:selftest-*"), "", "nothing is left of it")
            gateway.drained()


# ---- kills ----

def test_kills_at_every_point(home):
    """Killed between any two steps and run again; in between the new system does what is there. Each document is read once."""
    marked(home)
    with rig(home, documents=6) as at:
        at.add(*((document, {}) for document in at.documents))
        for mark in ("move.queued:1", "queues.passed:1", "queues.passed:2", "queues.taken:2", "move.queued:2"):
            killed = at.queues("carry", good=False, env={"MARK_KILL": mark})
            equal(killed.code, -signal.SIGKILL, f"{mark}: {killed}")
        with system(home, gateway=False, YOGI_DATA=str(home.path / "new"), YOGI_SOURCE_ROOTS=str(home.path / "new")) as r:
            gateway = r.gateway()
            made = [document for document, in sqlite3.connect(home.path / "new" / "app.db").execute("SELECT id FROM documents WHERE run IS NOT NULL")]
            assert 2 <= len(made) < 6, made
            for document in made:
                gateway.ended(document)
            runs = dict(sqlite3.connect(home.path / "new" / "app.db").execute("SELECT id, run FROM documents WHERE run IS NOT NULL"))
            at.queues("carry")
            for document in at.documents:
                gateway.ended(document)
            after = dict(sqlite3.connect(home.path / "new" / "app.db").execute("SELECT id, run FROM documents"))
            equal({document: after[document] for document in runs}, runs, "none was read again")
            gateway.drained()
        equal(at.show()["counts"]["waiting"], 0)


def test_kills(home):
    """At random moments, while a producer goes on."""
    with rig(home, documents=JOBS) as at:
        d, chance = at.documents, random.Random(KILLS)
        at.add(*((document, {"priority": chance.randint(1, 9)} if chance.random() < 0.3 else {}) for document in d[:JOBS // 2]))
        producer = at.node("add", QUEUE, json.dumps([{"data": {"documentId": document}} for document in d[JOBS // 2:]]))
        words = at.move.words("queues", "carry", "--redis", f"unix://{at.socket}")
        for _ in range(KILLS):
            process = home.start(home.real, *words, stdout=subprocess.DEVNULL)
            try:
                process.communicate(timeout=chance.uniform(0.05, 0.3 + JOBS / 400))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        equal(producer.wait(harness.SECONDS), 0)
        at.queues("carry")
        equal(sorted(document for document, _ in at.runs()), sorted(d))
        counts = at.show()["counts"]
        equal((counts["waiting"], counts["delayed"], counts["active"]), (0, 0, 0))
        equal(at.ask("KEYS", f"bull:{QUEUE}:[0-9]*"), "")


# ---- old workers ----

def drained(home, major):
    """The old workers empty it, or under a pause only end what they have."""
    with rig(home, major) as at:
        d = at.documents
        at.add(*((document, {}) for document in d[:4]), ({"documentId": d[4], "fail": True}, {"delay": 300}))
        at.refused("drain", says="no old worker is connected", code=1)
        worker = at.worker(150)
        done = json.loads(at.queues("drain", "--json").out)
        equal(done, {"drained": True, "isPaused": False, "waiting": 0, "failedMeanwhile": 1})
        shown = at.show()
        equal((len(shown["completed"]), len(shown["failed"]), at.runs()), (4, 1, []))
        at.add((d[0], {}), (d[1], {}), (d[2], {"delay": 3600_000}))
        wait_for(lambda: at.ask("LLEN", f"bull:{QUEUE}:active") == "0" and at.ask("LLEN", f"bull:{QUEUE}:wait") == "0", "both")
        at.refused("drain", "--wait", "1", says="1 delayed", code=9)
        worker.kill()
        worker.wait()
        worker = at.worker(700)
        at.add((d[3], {}), (d[4], {}), (d[5], {}))
        json.loads(worker.stdout.readline())
        contains(at.queues("drain", "--pause").out, "3 wait there")
        at.add((d[6], {}))  # a producer that does not know
        at.refused("drain", says="is paused", code=1)
        done = at.queues("carry")  # its worker is there still, and gets nothing
        contains(done.out, "4 jobs became runs")
        equal([document for document, _ in at.runs()], [d[4], d[5], d[6], d[2]])
        equal(len(at.show()["completed"]), 7)


def test_drained_3(home):
    drained(home, 3)


def test_drained_4(home):
    drained(home, 4)


def test_workers_in_the_way(home):
    """A worker that could take a job meanwhile is in the way, until it ends; --force leaves it what it has."""
    with rig(home) as at:
        d = at.documents
        ids = at.add((d[0], {}), (d[1], {}))
        worker = at.worker(2000)
        equal(json.loads(worker.stdout.readline())["id"], ids[0])
        at.refused("carry", says="old workers are at work", code=1)
        equal(at.plan()["locked"], 1)
        contains(at.queues("plan").out, "must end first")
        done = at.queues("carry", "--force", good=False)
        equal(done.code, 3, done)
        contains(done.out, "an old worker has it")
        equal([document for document, _ in at.runs()], [d[1]])
        waiting = home.start(home.real, *at.move.words("queues", "carry", "--redis", f"unix://{at.socket}", "--wait", "60"))
        worker.kill()
        worker.wait()  # with its job, whose lock runs out
        out, err = waiting.communicate(timeout=harness.SECONDS)
        equal(waiting.returncode, 0, err)
        contains(out.decode(), "1 jobs became runs")
        equal([document for document, _ in at.runs()], [d[1], d[0]])


def test_the_way_back(home):
    """After a rollback the old queue has a job again for each document that waits, once, and Bull's own worker takes them."""
    with rig(home, documents=5) as at:
        d = at.documents
        at.add(*((document, {}) for document in d[:4]), (d[4], {"repeat": {"every": 60_000}}))
        at.refused("back", says="there was none")
        contains(at.queues("drain", "--pause").out, "5 wait there")
        at.queues("carry", "--quarantine")
        contains(at.move.run("rollback", "--full").out, "yogi migrate queues back")
        at.refused("carry", says="yogi migrate queues back")
        at.ask("DEL", f"bull:{QUEUE}:repeat", f"bull:{QUEUE}:delayed")
        at.add((d[0], {}))  # by hand
        done = at.queues("back").out
        contains(done, "4 documents that wait have a job there again, 1 had one")
        contains(done, "it is paused")
        contains(at.queues("back").out, "0 documents that wait have a job there again, 5 had one")
        at.queues("resume")
        worker = at.worker(0)
        taken = [json.loads(worker.stdout.readline())["documentId"] for _ in d]
        equal(sorted(taken), sorted(d))
        wait_for(lambda: at.ask("ZCARD", f"bull:{QUEUE}:completed") == "5", "all to be done")
        job = next(key for key in at.ask("KEYS", f"bull:{QUEUE}:yogi-*").split())
        data = json.loads(at.ask("HGET", job, "data"))
        assert (home.path / "demo" / data["filePath"]).is_file(), data
        worker.kill()
        worker.wait()
        again = at.add((d[0], {}))  # and forward once more: what was queued here before is queued here still
        at.move.run("cutover")
        equal(json.loads(at.queues("carry", "--json").out.splitlines()[-1])["covered"], len(again))
        equal(sorted(document for document, _ in at.runs()), sorted(d[:4]))


# ---- into BullMQ ----

def test_into_bullmq(home):
    """Jobs become BullMQ's, once, with what a worker needs; the store makes no runs of them as well."""
    with rig(home) as at:
        d = at.documents
        at.add((d[0], {"attempts": 3, "backoff": {"type": "exponential", "delay": 2000}}), (d[1], {"delay": 3600_000}), (d[2], {}))
        equal([job["becomes"] for job in at.plan("--into", "classification")["jobs"]], ["job"] * 3)
        for mark in ("queues.added:1", "queues.passed:2"):
            if "-fsanitize=address" in (home.build / "build.ninja").read_text():
                equal(at.queues("carry", "--into", "classification", good=False, env={"MARK_KILL": mark}).code, -signal.SIGKILL)
        at.queues("carry", "--into", "classification")
        equal(at.runs(), [])
        process = home.start("node", home.build / "node" / "gives.mjs", 6, at.socket, "show", "classification")
        at.processes.append(process)
        out, err = process.communicate(timeout=harness.SECONDS)
        shown = json.loads(out)
        equal(sorted(job["state"] for job in shown["jobs"]), ["delayed", "waiting", "waiting"], err)
        keys = at.ask("KEYS", "bull:classification:bull-*").split()
        jobs = {}
        for key in keys:
            data, options = at.ask("HGET", key, "data"), json.loads(at.ask("HGET", key, "opts"))
            jobs[json.loads(data)["documentId"]] = (json.loads(data), options)
        equal(sorted(jobs), sorted(d[:3]))
        data, options = jobs[d[0]]
        equal((options["attempts"], options["backoff"]), (3, {"type": "exponential", "delay": 2000}))
        assert 3500_000 < jobs[d[1]][1]["delay"] <= 3600_000, jobs[d[1]]
        with open(data["imagePath"], "rb") as blob:
            assert blob.read(), data
        done = at.queues("--into", "classification")
        contains(done.out, "0 jobs became jobs of BullMQ's queue classification, 0 stay")
        at.queues()  # and the others' documents become runs
        equal(sorted(document for document, _ in at.runs()), sorted(d[3:]))


# ---- what is wrong ----

def test_what_is_wrong(home):
    with rig(home, documents=2, cut_over=False) as at:
        at.add((at.documents[0], {}), ("nobody", {}))
        at.refused("carry", says="after the cutover")
        plan = at.plan()
        equal((plan["carried"], plan["left"]), (1, 1), "looked up in the demo, before anything was copied")
        at.move.run("cutover")
        at.refused("carry", "--queue", "none", says=f"there is no queue of Bull under bull:none; there are: {QUEUE}", code=3)
        for name, command in (("string", ("SET", "bull:x:wait", "1")), ("hash", ("HSET", "bull:x:wait", "a", "1"))):
            at.ask("DEL", "bull:x:wait")
            at.ask(*command)
            at.refused("plan", "--queue", "x", says=f"bull:x:wait is a {name}, and Bull keeps a list there", code=3)
        process = home.start("node", home.build / "node" / "gives.mjs", 6, at.socket, "fill", "new")
        at.processes.append(process)
        equal(process.wait(harness.SECONDS), 0)
        for command in ("plan", "carry", "drain", "resume"):
            at.refused(command, "--queue", "new", says="bull:new is a queue of BullMQ", code=3)
        for words, says in ((("plann",), "did you mean plan"), (("plan", "more"), "takes no more"), (("--queue", "x" * 201), "want names"),
                            (("plan", "--redis", "http://x"), "--redis: REDIS_URL: is no address"),
                            (("carry", "--into", QUEUE), "is the old queue itself")):
            at.refused(*words, says=says, code=2)
        contains(home.run(home.real, "migrate", "plan", "--redis", "x").err, "belong to yogi migrate queues")
        contains(home.run(home.real, "migrate", "--help").out, "queues drain")
        at.ask("CONFIG", "SET", "requirepass", "right")
        at.refused("plan", says="password", code=2)
        at.refused("plan", "--redis", f"unix://user:wrong@{at.socket}", says="password", code=2)
        equal(json.loads(at.queues("plan", "--json", "--redis", f"unix://:right@{at.socket}").out)["carried"], 1)
        at.processes[0].kill()
        at.processes[0].wait()
        at.refused("plan", says="redis.sock", code=1)


if __name__ == "__main__":
    harness.main(sys.modules[__name__])

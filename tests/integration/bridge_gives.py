#!/usr/bin/python3
"""Stages that the bridge gives to workers of BullMQ: real workers of Node.js, of both majors, on a real Redis, behind our broker. Whatever
dies in between, every run ends once, and a worker does the same attempt at a stage once."""
import json
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from bridge_papers import faults, validators
from harness import SECONDS, contains, equal, main, wait_for
from system import account, all_completed, documents, drained, some_ended, system

AGAIN_SECONDS = 20  # a job that is waited for is asked for so often


class Worker:
    """One in Node.js; what it tells is kept in lines."""

    def __init__(self, rig, major, queue, how, concurrency=1):
        self.process = rig.node(major, "work", queue, how, concurrency)
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        wait_for(lambda: {"event": "ready"} in self.lines, "the worker to be ready", self.process)

    def read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def jobs(self):
        return [line for line in list(self.lines) if line["event"] == "job"]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


class Rig:
    """A broker, a Redis on a socket of its own, and bridges."""

    def __init__(self, home, it):
        self.home, self.it = home, it
        self.socket = home.path / "redis.sock"
        (home.path / "redis").mkdir()
        self.redis = None
        self.start_redis()

    def start_redis(self):
        self.redis = self.home.start("redis-server", "--port", 0, "--unixsocket", self.socket, "--dir", self.home.path / "redis", "--save", "",
                                     "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--logfile", "log",
                                     stdout=subprocess.DEVNULL)
        self.it.processes.append(self.redis)
        wait_for(lambda: self.ask("PING") == "PONG", "Redis", self.redis)

    def ask(self, *words):
        got = self.home.run("redis-cli", "-s", self.socket, *words)
        return got.out.strip()

    def bridge(self, **env):
        bridge = self.it.start("yogi-bridge", "--print-ready", env={"REDIS_HOST": str(self.socket), "YOGI_DRAIN_SECONDS": "2", **env})
        line = bridge.stdout.readline().decode()
        assert line.startswith("ready"), (line, bridge.stderr.read())
        return bridge

    def node(self, major, *arguments):
        process = self.home.start("node", self.home.build / "node" / "gives.mjs", major, self.socket, *arguments)
        self.it.processes.append(process)
        return process

    def queue(self, queue, what="show", major=6):
        out, err = self.node(major, what, queue).communicate(timeout=SECONDS)
        equal(err, b"")
        return json.loads(out)


@contextmanager
def rig(home, **settings):
    with system(home, **settings) as it:
        it.broker()
        yield Rig(home, it), it


def louder(home, major):
    """The stage validation by a worker of theirs, the others by ours: its work is in the result, the rest is as ever."""
    file = documents(home)[0]
    read = json.loads(home.run(home.real, "read", file).out)
    with rig(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.root)) as (at, it):
        it.host("classification", "ocr", "llm")
        bridge = at.bridge(YOGI_STAGE_VALIDATION="bullmq:check-weeks")
        worker = Worker(at, major, "check-weeks", "louder")
        got = home.run(home.real, "submit", file, "--format", "json", env=it.environment(None))
        equal((got.code, got.err), (0, ""), got)
        result = json.loads(got.out)
        blocks = lambda it: [(b["day"], b["startTime"], b["name"].upper()) for t in it["timetables"] for b in t["timeblocks"]]
        equal(blocks(result), blocks(read))
        assert all(b["name"] == b["name"].upper() for t in result["timetables"] for b in t["timeblocks"])
        equal((result["outcome"]["status"], result["outcome"]["confidence"]), ("needs_review", 0.5))
        [job] = worker.jobs()
        equal((job["name"], job["opts"]["attempts"], job["data"]["yogi"]["stage"]), ("validation", 1, "validation"))
        equal(job["id"], f"{job['data']['yogi']['run']}-validation-1")
        assert job["opts"]["removeOnComplete"]["age"] > 60 and job["opts"]["removeOnFail"]["age"] > 60, job["opts"]
        equal(faults(validators(home)["validation.payload"], job["data"]), [])
        contains(job["data"]["imagePath"], str(home.root))
        equal([(j["id"], j["state"]) for j in at.queue("check-weeks", major=major)["jobs"]], [(job["id"], "completed")])
        drained(bridge)


def test_a_stage_of_theirs_5(home):
    louder(home, 5)


def test_a_stage_of_theirs_6(home):
    louder(home, 6)


def test_how_they_fail(home):
    """An error is tried again by the broker, as a new job; an UnrecoverableError and a result that is none are not; a cat ends the run."""
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq", YOGI_STAGE_LLM="bullmq")
        worker = Worker(at, 6, "noop", "first-fails")
        equal({end[:2] for end in account(it.throng(5)).values()}, {("completed", "")})
        equal(sorted(job["data"]["yogi"]["attempt"] for job in worker.jobs()), [1] * 5 + [2] * 5)
        equal({job["state"] for job in at.queue("noop")["jobs"] if job["id"].endswith("-1")}, {"failed"})
        worker.kill()
        worker = Worker(at, 5, "noop", "unrecoverable")
        throng = it.throng(3)
        equal({end[:2] for end in account(throng).values()}, {("failed", "input")})
        equal(len(worker.jobs()), 3)
        for how, end in [("garbage", ("failed", "input")), ("cat", ("completed", ""))]:
            worker = Worker(at, 6, "llm", how)
            equal({end[:2] for end in account(it.throng(2, route="llm,validation")).values()}, {end}, how)
            equal(len(worker.jobs()), 2)
            worker.kill()
        drained(bridge)


def test_url_that_has_run_out(home):
    """A job that failed when its URL had run out is not tried with that again: its owner is asked for another one."""
    over = "https://s3.example/b/k?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-Signature=0"
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        worker = Worker(at, 6, "noop", "first-fails")
        throng = it.throng(3, options=("-s", over, "-f", "https://s3.example/b/k?fresh"))
        equal({end[:2] for end in account(throng).values()}, {("completed", "")})
        equal(sorted((job["data"]["yogi"]["attempt"], job["data"]["url"]) for job in worker.jobs()),
              [(1, over)] * 3 + [(2, "https://s3.example/b/k?fresh")] * 3)
        drained(bridge)


def test_worker_comes_late_and_dies(home):
    """Jobs wait for it; one that dies in the middle leaves its job to the next, by BullMQ's own rules."""
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        throng = it.throng(20)
        wait_for(lambda: at.ask("LLEN", "bull:noop:wait") == "20", "the jobs", throng)
        [scripts] = [line for line in at.ask("INFO", "commandstats").splitlines() if line.startswith("cmdstat_evalsha:")]
        contains(scripts, "failed_calls=0", "the script was there before the jobs")
        at.node(6, "work", "noop", "crash").wait(timeout=SECONDS)  # maybe before it has said that it is ready
        worker = Worker(at, 6, "noop", "progress", 4)
        all_completed(throng)
        equal(len({job["id"] for job in worker.jobs()}), 20)
        drained(bridge)


def once(worker, count):
    ids = [job["id"] for job in worker.jobs()]
    equal((len(ids), len(set(ids))), (count, count), "jobs that the worker had, and different ones")


def test_bridge_killed(home):
    """Again and again: what was given is met again by its id, and what ended meanwhile is heard of."""
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq", YOGI_BULLMQ_GIVEN="20")
        worker = Worker(at, 6, "noop", "slow 5", 4)
        throng = it.throng(400)
        for ended in (40, 120, 250):
            some_ended(throng, ended)
            bridge.kill()
            bridge.wait()
            bridge = at.bridge(YOGI_STAGE_NOOP="bullmq", YOGI_BULLMQ_GIVEN="20")
        ends = all_completed(throng)
        assert any(end[3] for end in ends.values()), "no job was lost: the kills hit nothing"
        once(worker, 400)
        drained(bridge)


def test_ended_meanwhile(home):
    """A job that was done while no bridge was there is asked for when it is met again, and not only now and then."""
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        throng = it.throng(5)
        wait_for(lambda: at.ask("LLEN", "bull:noop:wait") == "5", "the jobs", throng)
        bridge.kill()
        bridge.wait()
        worker = Worker(at, 6, "noop", "echo")
        wait_for(lambda: at.ask("ZCARD", "bull:noop:completed") == "5", "their end", worker.process)
        bridge, begun = at.bridge(YOGI_STAGE_NOOP="bullmq", YOGI_LOG_LEVEL="info"), time.monotonic()
        all_completed(throng)
        assert time.monotonic() - begun < AGAIN_SECONDS, "they were waited for"
        once(worker, 5)
        contains(drained(bridge), '"met":5')


def test_broker_killed(home):
    with system(home) as it:
        broker = it.broker()
        at = Rig(home, it)
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        worker = Worker(at, 5, "noop", "slow 5", 4)
        throng = it.throng(300)
        some_ended(throng, 60)
        broker.kill()
        broker.wait()
        it.broker()
        all_completed(throng)
        once(worker, 300)
        drained(bridge)


def test_redis_killed(home):
    """Its file has what was added; the rest is added again, and nothing is missed."""
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        worker = Worker(at, 6, "noop", "slow 5", 4)
        throng = it.throng(300)
        for ended in (50, 150):
            some_ended(throng, ended)
            at.redis.kill()
            at.redis.wait()
            at.start_redis()
        all_completed(throng)
        equal(len({job["id"] for job in worker.jobs()}), 300)
        drained(bridge)


def test_drained_with_jobs_out(home):
    """It ends in its time; another bridge hears of what was given, which nobody does again."""
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq", YOGI_DRAIN_SECONDS="1")
        worker = Worker(at, 6, "noop", "slow 4000", 10)
        throng = it.throng(10)
        wait_for(lambda: len(worker.jobs()) == 10, "all to be worked on", throng)
        drained(bridge)
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        all_completed(throng)
        once(worker, 10)
        drained(bridge)


def test_called_off_and_removed(home):
    """What nobody wants any more is taken out of the queue; what somebody else takes out is tried again."""
    file = documents(home)[0]
    with rig(home, YOGI_SOURCE_ROOTS=str(home.root)) as (at, it):
        bridge = at.bridge(YOGI_STAGE_NOOP="bullmq")
        submit = home.start(home.real, "submit", file, "--route", "noop", env=it.environment(None))
        wait_for(lambda: at.ask("LLEN", "bull:noop:wait") == "1", "the job", submit)
        submit.send_signal(signal.SIGINT)
        submit.communicate(timeout=SECONDS)
        equal(submit.returncode, 130)
        wait_for(lambda: at.ask("LLEN", "bull:noop:wait") == "0", "it to be taken out")
        throng = it.throng(3)
        wait_for(lambda: at.ask("LLEN", "bull:noop:wait") == "3", "the jobs", throng)
        at.queue("noop", "remove")
        wait_for(lambda: at.ask("LLEN", "bull:noop:wait") == "3", "their second attempts", throng)
        Worker(at, 6, "noop", "slow 1", 3)
        all_completed(throng)
        drained(bridge)


def test_many(home):
    """Hundreds in a queue at once, with priorities of none, by two bridges and two workers."""
    with rig(home) as (at, it):
        bridges = [at.bridge(YOGI_STAGE_NOOP="bullmq") for _ in range(2)]
        workers = [Worker(at, major, "noop", "slow 0", 20) for major in (6, 6)]
        all_completed(it.throng(2000))
        ids = [job["id"] for worker in workers for job in worker.jobs()]
        equal((len(ids), len(set(ids))), (2000, 2000))
        for bridge in bridges:
            drained(bridge)


def test_yogi_up_gives(home):
    """A stage that is given away is not its host's any more, and the bridge comes up by itself."""
    file = documents(home)[0]
    with system(home) as it:
        at = Rig(home, it)
        (home.path / "r").mkdir(mode=0o700)
        env = {"XDG_RUNTIME_DIR": f"{home.path}/r", "YOGI_DATA": str(home.path / "data"), "YOGI_PORT": "0", "YOGI_WORKERS": "1",
               "REDIS_HOST": str(at.socket), "YOGI_STAGE_VALIDATION": "bullmq"}
        up = home.start(home.real, "up", env=env)
        it.processes.append(up)
        try:
            wait_for(lambda: b"Ctrl-C" in up.stdout.readline(), "it to be ready", up)
            worker = Worker(at, 6, "validation", "louder")
            got = home.run(home.real, "submit", file, env=env)
            equal((got.code, got.err), (0, ""), got)
            assert all(b["name"] == b["name"].upper() for t in json.loads(got.out)["timetables"] for b in t["timeblocks"]), got.out
            equal(len(worker.jobs()), 1)
        finally:
            up.send_signal(signal.SIGTERM)
            up.communicate(timeout=SECONDS)
        equal(up.returncode, 0)


def test_refused(home):
    """Settings that would send jobs round for ever, or that are none."""
    for settings, why in [
            ({"YOGI_STAGE_LLM": "bullmq", "YOGI_BULLMQ_QUEUES": "llm=llm"}, "they would go round for ever"),
            ({"YOGI_STAGE_LLM": "bullmq:words", "YOGI_BULLMQ_QUEUES": "words=llm"}, "they would go round for ever"),
            ({"YOGI_STAGE_LLM": "bullmq:a", "YOGI_STAGE_OCR": "bullmq:a"}, "would share the queue a"),
            ({"YOGI_STAGE_LLM": "bull"}, "YOGI_STAGE_LLM: \"bull\" is not actors, bullmq, or bullmq:QUEUE"),
            ({"YOGI_STAGE_LLM": "bullmq:"}, "YOGI_STAGE_LLM"),
            ({}, "it names no queue")]:
        got = home.run(home.build / "bin" / "yogi-bridge", env={"YOGI_BROKERS": f"ipc://{home.path}/broker", **settings})
        equal(got.code, 2, settings)
        contains(got.err, why)


if __name__ == "__main__":
    main(sys.modules[__name__])

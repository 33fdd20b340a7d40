#!/usr/bin/python3
"""`yogi queue`: queues that the real bullmq has filled, looked at and looked after, and BullMQ's own word for what was done."""
import json
import sys
from contextlib import contextmanager

from bridge_gives import rig
from harness import contains, equal, main, wait_for


@contextmanager
def office(home, **settings):
    with rig(home, **settings) as (at, it):
        at.env = {"REDIS_HOST": str(at.socket), **settings}
        yield at, it


def queue(at, *words, env=None, code=0):
    got = at.home.run(at.home.real, "queue", *words, env={**at.env, **(env or {})})
    equal(got.code, code, got)
    return got


def rows(at, *words):
    return {row["queue"]: row for row in map(json.loads, queue(at, "ls", *words, "--json").out.splitlines())}


def fill(at, major, name):
    """Six jobs of each kind that matters, some failed, one with a long log."""
    out, err = at.node(major, "fill", name).communicate(timeout=60)
    equal(err, b"")
    return json.loads(out)


def looked_at(home, major):
    with office(home) as (at, _):
        fill(at, major, "papers")
        row = rows(at)["papers"]
        equal({k: row[k] for k in ("waiting", "prioritized", "delayed", "active", "paused", "failed", "completed", "workers", "lostLocks")},
              {"waiting": 3, "prioritized": 2, "delayed": 2, "active": 0, "paused": 0, "failed": 2, "completed": 1, "workers": 0, "lostLocks": 0})
        assert row["version"].startswith(f"bullmq:{major}."), row
        assert row["oldestMs"] >= 3600_000, "one was added with a timestamp of an hour ago"
        table = queue(at, "ls").out
        contains(table.splitlines()[0], "waiting   priority    delayed     active     paused     failed     oldest  workers  lost locks")
        contains(table, "60 min")
        equal([line.split()[0] for line in table.splitlines()[1:]], ["papers"])
        at.queue("papers", "pause", major)
        row = rows(at, "papers")["papers"]
        equal((row["waiting"], row["paused"], row["isPaused"]), (0, 3, True))
        contains(queue(at, "ls").out.splitlines()[1], "  paused")


def test_ls_5(home):
    looked_at(home, 5)


def test_ls_6(home):
    looked_at(home, 6)


def test_ls_names_queues_of_the_settings(home):
    """Though nobody has used them yet; one that is not there counts nothing."""
    settings = {"YOGI_BULLMQ_QUEUES": "ocr=ocr,trial=noop", "YOGI_STAGE_LLM": "bullmq"}
    with office(home, **settings) as (at, _):
        equal(sorted(rows(at)), ["llm", "ocr", "trial"])
        row = rows(at, "nowhere")["nowhere"]
        equal((row["waiting"], row["version"], row["oldestMs"]), (0, None, None))


def test_workers_and_lost_locks(home):
    """Of a bridge and of Node; what bridges count stands beside the queue."""
    with office(home, YOGI_BULLMQ_QUEUES="trial=noop") as (at, it):
        at.bridge()
        at.node(6, "work", "trial", "slow 1")
        wait_for(lambda: rows(at)["trial"]["workers"] == 2, "both workers")
        at.ask("HSET", "bull:yogi:trial:host-1", "lost_locks", "2")
        at.ask("HSET", "bull:yogi:trial:host-2", "lost_locks", "3")
        at.ask("HSET", "bull:yogi:trials:host-2", "lost_locks", "9")
        equal(rows(at)["trial"]["lostLocks"], 5)


def test_show(home):
    with office(home) as (at, _):
        ids = fill(at, 6, "papers")
        shown = json.loads(queue(at, "show", ids["failed"][0], "--json").out)
        equal((shown["queue"], shown["id"], shown["state"], shown["name"]), ("papers", ids["failed"][0], "failed", "fails"))
        contains(shown["failedReason"], "on purpose")
        equal((shown["data"]["n"], shown["opts"]["attempts"], shown["logs"]), (1, 1, ["a line"]))
        contains(shown["data"]["url"], "https://files.example/a.pdf?…")
        assert "secret" not in json.dumps(shown), shown
        text = queue(at, "show", "papers", ids["failed"][0]).out
        for part in ("state          failed", "failedReason   on purpose", "log            a line", "timestamp      20"):
            contains(text, part)
        assert "secret" not in text and "\x1b" not in text
        for kind, state in [("waiting", "waiting"), ("delayed", "delayed"), ("prioritized", "prioritized"), ("completed", "completed")]:
            equal(json.loads(queue(at, "show", "papers", ids[kind][0], "--json").out)["state"], state)
        contains(queue(at, "show", "nobody", code=3).err, "no queue has a job nobody")
        contains(queue(at, "show", "papers", "nobody", code=3).err, "the queue papers has no job nobody")


def retried(home, major):
    with office(home) as (at, _):
        ids = fill(at, major, "papers")
        contains(queue(at, "retry", "papers", ids["waiting"][0], code=3).err, "has not failed")
        contains(queue(at, "retry", "papers", "nobody", code=3).err, "is not there")
        equal(json.loads(queue(at, "retry", "papers", ids["failed"][0], "--json").out), {"retried": 1, "refused": 0})
        equal((rows(at)["papers"]["failed"], rows(at)["papers"]["waiting"]), (1, 4))
        contains(queue(at, "retry", "papers").out, "1 failed job wait again")
        row = rows(at)["papers"]
        equal((row["failed"], row["waiting"]), (0, 5))
        # and BullMQ has them done
        worker = at.node(major, "work", "papers", "slow 0", 4)
        wait_for(lambda: rows(at)["papers"]["completed"] == 8, "all that can run to be done")
        worker.kill()
        states = {job["id"]: job["state"] for job in at.queue("papers", major=major)["jobs"]}
        equal({states[id] for id in ids["failed"]}, {"completed"})


def test_retry_5(home):
    retried(home, 5)


def test_retry_6(home):
    retried(home, 6)


def test_drain(home):
    with office(home) as (at, _):
        for major in (5, 6):
            name, kinds = f"papers-{major}", ("waiting", "prioritized", "delayed", "failed")
            fill(at, major, name)
            contains(queue(at, "drain", name).out, "5 jobs that waited were taken away")
            row = rows(at)[name]
            equal([row[kind] for kind in kinds], [0, 0, 2, 2])
            equal(json.loads(queue(at, "drain", name, "--delayed", "--json").out), {"removed": 2, "left": 0})
            row = rows(at)[name]
            equal([row[kind] for kind in kinds], [0, 0, 0, 2])
            equal({job["state"] for job in at.queue(name, major=major)["jobs"]}, {"completed", "failed"})


def test_selftest(home):
    with office(home, YOGI_BULLMQ_QUEUES="ocr=ocr,trial=noop") as (at, it):
        got = queue(at, "selftest", "--wait", "1", "--json", code=1)
        hops = [json.loads(line) for line in got.out.splitlines()]
        equal([(hop["hop"], hop["ok"]) for hop in hops], [("redis", True), ("queue", False), ("added", True), ("taken", False)])
        contains(hops[-1]["message"], "no worker took it")
        equal(at.ask("LLEN", "bull:trial:wait"), "0", "it was taken out again")
        at.bridge(YOGI_BULLMQ_QUEUES="trial=noop", YOGI_BULLMQ_WORKER_NAME="desk-1")
        got = queue(at, "selftest")
        equal([line.split()[:2] for line in got.out.splitlines()],
              [["redis", "ok"], ["queue", "ok"], ["added", "ok"], ["taken", "ok"], ["completed", "ok"]])
        contains(got.out, "by desk-1")
        equal(at.ask("KEYS", "bull:trial:selftest-*"), "", "nothing is left")
        contains(queue(at, "selftest", env={"YOGI_BULLMQ_QUEUES": "ocr=ocr"}, code=2).err, "which queue?")
        at.node(6, "work", "others", "unrecoverable")
        wait_for(lambda: rows(at, "others")["others"]["workers"] == 1, "the worker")
        contains(queue(at, "selftest", "others", code=1).out, "this will never do")


def test_what_is_wrong(home):
    with office(home) as (at, _):
        for words, why in [((), "ls, show, retry, drain or selftest?"), (("list",), "there is no yogi queue list"), (("drain",), "takes one queue"),
                           (("show",), "takes a job"), (("retry", "a:b"), "no queue of the name"), (("ls", "--jsn"), "--json")]:
            contains(queue(at, *words, code=2).err, why, words)
        contains(queue(at, "ls", env={"REDIS_HOST": str(home.path / "none"), "YOGI_DRAIN_SECONDS": "1"}, code=1).err, "none")
        contains(queue(at, "--help").out, "Usage: yogi queue ls")


if __name__ == "__main__":
    main(sys.modules[__name__])

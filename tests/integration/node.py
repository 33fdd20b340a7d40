#!/usr/bin/python3
"""An actor in Node.js (tests/node/actor.mjs), written from PROTOCOL.md, beside hosts of our own: it serves a stage of a
route, and whatever happens to it or to its messages, every job ends once."""
import json
import signal
import sys

from harness import SECONDS, contains, equal, main, wait_for
from system import account, all_completed, documents, drained, some_ended, system

STAGE = "capitals"
STAGES = f"classification ocr llm validation noop {STAGE}"


class Actor:
    """One in Node.js; slots: jobs at a time, each of so many milliseconds; loss: part of the messages that get lost."""

    def __init__(self, it, slots, milliseconds, loss=0):
        self.process = it.home.start("node", it.home.build / "node" / "actor.mjs", it.endpoint, STAGE, slots, milliseconds, loss)
        it.processes.append(self.process)

    def drained(self):
        """Told to end, it does so in order; how many jobs it has done."""
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=SECONDS)
        equal((self.process.returncode, err), (0, b""), out)
        assert out.startswith(b"done "), out
        return int(out.split()[1])


def stage(it):
    """What the broker counts at the actor's stage."""
    got = it.home.run(it.home.real, "stats", "--json", env=it.environment(None))
    equal(got.code, 0, got)
    return next(s for s in json.loads(got.out)["figures"]["stages"] if s["stage"] == STAGE)


def test_reads_documents(home):
    """Between our stages: what it changes in a dossier is changed, and all else comes through as `yogi read` has it."""
    files = documents(home)[::2]
    read = home.run(home.real, "read", *files)
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.root)) as it:
        broker = it.broker(YOGI_BROKER_STAGES=STAGES)
        host, actor = it.host("classification", "ocr", "llm", "validation"), Actor(it, 2, 10)
        route = f"classification,ocr,llm,validation,{STAGE}"
        got = home.run(home.real, "submit", *files, "--route", route, env=it.environment(None))
        equal((got.code, got.err), (0, ""), got)
        for one, other in zip(got.out.splitlines(), read.out.splitlines(), strict=True):
            one, other = json.loads(one), json.loads(other)
            blocks = [block for timetable in other["timetables"] for block in timetable["timeblocks"]]
            assert any(block["name"] != block["name"].upper() for block in blocks), blocks
            for block in blocks:
                block["name"] = block["name"].upper()
            equal(one, other)
        equal(actor.drained(), len(files))
        drained(host)
        drained(broker)


def test_killed(home):
    """It dies in the middle, again and again: what it had is done by another, and nothing is lost or done twice."""
    with system(home) as it:
        broker = it.broker(YOGI_BROKER_STAGES=STAGES)
        host = it.host()
        actors = [Actor(it, 10, 40) for _ in range(2)]
        throng = it.throng(600, route=f"noop,{STAGE}")
        for ended in (50, 200, 350):
            some_ended(throng, ended)
            actors.pop(0).process.kill()
            actors.append(Actor(it, 10, 40))
        ends = all_completed(throng)
        assert any(end[3] for end in ends.values()), "no job was lost: the kills hit nothing"
        for actor in actors:
            actor.drained()
        drained(host)
        drained(broker)


def test_frozen(home):
    """It freezes, its jobs are given to another; what it says when it thaws is dropped, and it works on."""
    with system(home) as it:
        it.broker(YOGI_BROKER_STAGES=STAGES)
        it.host()
        frozen = Actor(it, 5, 50)
        throng = it.throng(100, route=f"noop,{STAGE}")
        some_ended(throng, 10)
        frozen.process.send_signal(signal.SIGSTOP)
        Actor(it, 5, 5)
        all_completed(throng)
        frozen.process.send_signal(signal.SIGCONT)
        wait_for(lambda: stage(it)["actors"] == 2, "its return")
        all_completed(it.throng(50, route=f"noop,{STAGE}"))
        assert frozen.drained() >= 10


def test_broker_killed(home):
    """A new life of the broker: what runs is offered to it and done once, though it takes long. (Of a later stage, whose
    record nobody keeps, it would be done again: the owner submits from the begin.)"""
    with system(home) as it:
        broker = it.broker(YOGI_BROKER_STAGES=STAGES)
        actor = Actor(it, 20, 1500)
        throng = it.throng(40, route=STAGE)
        wait_for(lambda: stage(it)["running"] == 20, "all of its slots to be taken", throng)
        broker.kill()
        broker.wait()
        it.broker(YOGI_BROKER_STAGES=STAGES)
        ends = all_completed(throng)
        equal({end[3] for end in ends.values()}, {0}, "taken over, not lost")
        equal(actor.drained(), 40)


def test_cancelled(home):
    """What nobody wants any more is ended in the middle."""
    file = documents(home)[2]
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.root)) as it:
        it.broker(YOGI_BROKER_STAGES=STAGES)
        it.host("classification")
        actor = Actor(it, 1, 60000)
        submit = home.start(home.real, "submit", file, "--route", f"classification,{STAGE}", env=it.environment(None))
        wait_for(lambda: stage(it)["running"] == 1, "it to begin", submit)
        submit.send_signal(signal.SIGINT)
        _, err = submit.communicate(timeout=SECONDS)
        equal(submit.returncode, 130, err)
        contains(err.decode(), "cancelled")
        equal(stage(it)["running"], 0)
        equal(actor.drained(), 1)


def test_lost_messages(home):
    """A tenth of all messages never comes through: answers are sent again, and what one side has and the other has not is
    found by the digest of tokens."""
    with system(home) as it:
        broker = it.broker(YOGI_BROKER_STAGES=STAGES)
        host = it.host()
        actor = Actor(it, 50, 5, 0.1)
        all_completed(it.throng(500, route=f"noop,{STAGE}"))
        actor.drained()
        drained(host)
        drained(broker)


def test_several_in_turn(home):
    """Stages of theirs and of ours in one route; jobs that fail at ours do not come to it."""
    with system(home) as it:
        it.broker(YOGI_BROKER_STAGES=STAGES)
        it.host()
        actor = Actor(it, 4, 1)
        ends = account(it.throng(60, "", "fail damaged", route=f"noop,{STAGE}"))
        equal(sorted({end[:2] for end in ends.values()}), [("completed", ""), ("failed", "damaged")])
        equal(actor.drained(), 30)


if __name__ == "__main__":
    main(sys.modules[__name__])

#!/usr/bin/python3
"""Jobs of BullMQ's queues whose bridge dies, and its brokers with it: what stages had found is not looked for again."""
import json
import sys

from bridge_gives import rig
from harness import contains, equal, main, wait_for
from system import documents, drained


def add(at, queue, id, data):
    """A job as the scripts of any producer leave it."""
    at.ask("HSET", f"bull:{queue}:{id}", "name", "x", "data", json.dumps(data), "opts", '{"attempts":1}', "timestamp", "1796000000000", "delay", "0",
           "priority", "0")
    at.ask("LPUSH", f"bull:{queue}:wait", id)
    at.ask("ZADD", f"bull:{queue}:marker", "0", "0")


def gone(process):
    process.kill()
    process.wait()


def test_recorded_stages(home):
    """The first host has no llm; the second one, behind another broker and another bridge, has nothing but that and validation."""
    settings = {"YOGI_BULLMQ_QUEUES": "all=classification:through", "YOGI_BULLMQ_LOCK_DURATION": "2000", "YOGI_BULLMQ_STALLED_INTERVAL": "1000",
                "YOGI_BULLMQ_STORE": "never", "YOGI_LOG_LEVEL": "info"}
    with rig(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.root)) as (at, it):
        broker, host = it.processes[0], it.host("classification", "ocr")
        bridge = at.bridge(**settings)
        add(at, "all", "1", {"documentId": "week", "imagePath": documents(home)[1]})
        key = "bull:yogi-record:all:1:1796000000000:0"
        wait_for(lambda: at.ask("GETRANGE", key, 0, 3) == "llm", "what ocr has found to be recorded", bridge)
        for process in (bridge, host, broker):
            gone(process)
        it.broker()
        it.host("llm", "validation")
        bridge = at.bridge(**settings)
        wait_for(lambda: at.ask("ZCARD", "bull:all:completed") == "1", "the job to be completed", bridge)
        result = json.loads(at.ask("HGET", "bull:all:1", "returnvalue"))
        equal(result["documentId"], "week")
        assert result["timetables"][0]["timeblocks"], result
        equal([at.ask("HGET", "bull:all:1", field) for field in ("stc", "atm", "ats")], ["1", "1", "2"])
        log = at.ask("LRANGE", "bull:all:1:logs", 0, -1).splitlines()
        equal([line.split(":")[0] for line in log], ["classification", "ocr", "llm", "validation"])
        wait_for(lambda: at.ask("EXISTS", key) == "0", "the record to go")
        wait_for(lambda: at.ask("HGET", "bull:yogi:all:" + at.ask("HGET", "bull:all:1", "pb"), "completed") == "1", "the counts")
        drained(bridge)


def test_last_words(home):
    """A bridge without Redis says so, and ends at once when it is told to."""
    with rig(home) as (at, it):
        gone(at.redis)
        bridge = it.start("yogi-bridge", "--print-start", env={"REDIS_HOST": str(at.socket), "YOGI_BULLMQ_QUEUES": "q=noop", "YOGI_LOG_LEVEL": "error"})
        equal(bridge.stdout.readline(), b"started q\n")
        line = json.loads(bridge.stderr.readline())
        equal((line["event"], line["level"]), ("redis.away", "error"))
        contains(line["message"], str(at.socket))
        drained(bridge)


if __name__ == "__main__":
    main(sys.modules[__name__])

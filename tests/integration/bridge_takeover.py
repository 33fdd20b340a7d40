#!/usr/bin/python3
"""Jobs of BullMQ's queues whose bridge dies, and its brokers with it: what stages had found is not looked for again."""
import json
import sys

from bridge_gives import rig
from harness import contains, equal, main, wait_for
from manager import Manager
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


MANY = """for i = 1, tonumber(ARGV[1]) do
  redis.call('HSET', 'bull:q:j' .. i, 'name', 'x', 'data', '{"op":"slow","ms":2}', 'opts', '{}', 'timestamp', '1796000000000')
  redis.call('LPUSH', 'bull:q:wait', 'j' .. i)
end
redis.call('ZADD', 'bull:q:marker', 0, '0')"""


def test_connections_lost(home):
    """Answers are lost with connections all the time: no job waits to be found stalled, and none is done twice."""
    count = 1000
    with rig(home) as (at, it):
        bridge = at.bridge(YOGI_BULLMQ_QUEUES="q=noop", YOGI_BULLMQ_CONCURRENCY="20", YOGI_LOG_LEVEL="error")
        at.ask("EVAL", MANY, 0, count)

        def completed():
            at.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            return at.ask("ZCARD", "bull:q:completed") == str(count)

        wait_for(completed, "all jobs to be completed", bridge)
        started = at.ask("EVAL", "local s = 0 for i = 1, tonumber(ARGV[1]) do s = s + redis.call('HGET', 'bull:q:j' .. i, 'ats') end return s", 0, count)
        equal(started, str(count))
        equal([at.ask("LLEN", f"bull:q:{name}") for name in ("wait", "active")], ["0", "0"])
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


def test_ready_when_every_queue_is_fetched(home):
    """To its manager too: not before Redis is there, whose absence its status says, then and later."""
    manager = Manager(f"{home.path}/manager")
    with rig(home) as (at, it):
        gone(at.redis)
        bridge = it.start("yogi-bridge", "--print-ready", env={"REDIS_HOST": str(at.socket), "YOGI_BULLMQ_QUEUES": "q=noop,r=noop", "YOGI_STAGE_LLM": "bullmq",
                                                               "YOGI_LOG_LEVEL": "error", **manager.environment()})
        waits = manager.until("WATCHDOG", bridge, 3)
        contains(waits[-1]["STATUS"], "waits for Redis: ")
        contains(waits[-1]["STATUS"], str(at.socket))
        at.start_redis()
        equal(bridge.stdout.readline(), b"ready q r llm\n")
        at.redis.kill()
        at.redis.wait()
        told = lambda words: manager.listen() or any(words in heard.get("STATUS", "") for heard in manager.heard[len(waits):])
        wait_for(lambda: told("waits for Redis: "), "its status to say that Redis is away", bridge)
        at.start_redis()
        beats = len(manager.heard)
        wait_for(lambda: manager.listen() or any("0 jobs in hand" in heard.get("STATUS", "") for heard in manager.heard[beats:]), "its status to say that it is back",
                 bridge)
        drained(bridge)
        manager.listen()
        said = [(word, words["STATUS"]) for words in manager.heard for word in ("READY", "STOPPING") if word in words]
        equal([word for word, _ in said], ["READY", "STOPPING"])
        equal(said[0][1], "fetches its queues")


if __name__ == "__main__":
    main(sys.modules[__name__])

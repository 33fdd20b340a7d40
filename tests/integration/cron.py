#!/usr/bin/python3
"""Cron patterns beside cron-parser, the library that BullMQ itself asks: patterns, zones and moments by chance, most of them
shortly before the zone's clocks change.

YOGI_CRON_SEED is the seed of another run (each run prints its own), YOGI_CRON_CASES says how many cases.
"""
import datetime
import json
import os
import secrets
import sys
import zoneinfo

from harness import equal, main

CASES = 10000   # some 10 s, nearly all of them cron-parser's
HOUR = 3600_000
MARGIN = 36 * HOUR


def cases(home):
    """Of this run, with what cron-parser says."""
    seed = os.environ.get("YOGI_CRON_SEED") or str(secrets.randbelow(2**31))
    count = os.environ.get("YOGI_CRON_CASES") or str(CASES)
    print(f"seed {seed}, {count} cases")
    got = home.run("node", home.build / "node" / "cron.mjs", seed, count)
    equal((got.code, got.err), (0, ""))
    return [json.loads(line) for line in got.out.splitlines()]


def ours(home, them):
    """What actors/bridge/cron says of the same."""
    def field(value):
        return "" if value is None else str(int(value))
    lines = ["\t".join([it["pattern"], it["zone"], field(it["after"]), field(it["first"]), field(it["last"]), it["seed"],
                        field(it["strict"]), "3"]) for it in them]
    got = home.run(home.build / "bin" / "cronnext", stdin="".join(line + "\n" for line in lines).encode())
    equal((got.code, got.err), (0, ""))
    return got.out.splitlines()


def spoken(line):
    """A line of cronnext, as cron.mjs has it."""
    if line.startswith("refused\t"):
        return "refused"
    return [None if word == "end" else int(word) for word in line.split(" ")]


def data_differ(home, it, got):
    """Whether the zone databases of Node.js and of this system disagree on the time that a case is about."""
    if "refused" in (it["want"], got):
        return False
    times = [t for t in [it["after"], *it["want"], *got] if t is not None]
    span = {"zone": it["zone"], "from": min(times) - MARGIN, "to": max(times) + MARGIN}
    if span["to"] - span["from"] > 4000 * 24 * HOUR:
        return False
    node = home.run("node", home.build / "node" / "cron.mjs", "offsets", stdin=json.dumps(span).encode() + b"\n")
    equal((node.code, node.err), (0, ""))
    zone = zoneinfo.ZoneInfo(it["zone"])
    system = [datetime.datetime.fromtimestamp(at / 1000, zone).utcoffset().total_seconds()
              for at in range(int(span["from"]), int(span["to"]) + 1, HOUR)]
    return json.loads(node.out) != system


def test_as_cron_parser(home):
    them = cases(home)
    others, wrong = 0, []
    for it, line in zip(them, ours(home, them), strict=True):
        got = spoken(line)
        if got != it["want"]:
            if data_differ(home, it, got):
                others += 1
            else:
                wrong.append((it, line))
    refused = sum(it["want"] == "refused" for it in them)
    ended = sum(it["want"] != "refused" and None in it["want"] for it in them)
    print(f"{len(them)} cases, {refused} refused by both, {ended} that end, {others} left out: the zone databases differ")
    for it, line in wrong[:10]:
        print(json.dumps(it, ensure_ascii=False), "\n    we say:", line)
    equal(len(wrong), 0, "cases that differ")
    assert len(them) // 20 < refused < len(them) // 2 and ended and others <= len(them) // 50, "the cases are not what they should be"


if __name__ == "__main__":
    main(sys.modules[__name__])

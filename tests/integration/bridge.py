#!/usr/bin/python3
"""The bridge as a worker of BullMQ: each scenario of tests/node/bridge/scenarios is a case, run with the real npm package of both majors as
client, on real Redis servers, with yogi-bridge as the worker.

    BRIDGE_TEST_WORKER=node bridge.py BUILD CASE     the same with Node's own Worker in its place: what a scenario asks is what BullMQ does

Short forms stand in CI; these make long ones: BRIDGE_TEST_JOBS=10000 (jobs while something is killed), BRIDGE_TEST_BUSY_SECONDS=600 and
BRIDGE_TEST_LOCK_MS=30000 (how long locks must be kept under full load), with BRIDGE_TEST_SECONDS above both.
"""
import os
import re
import sys
from pathlib import Path

from harness import Skip, main

SCENARIOS = Path(__file__).resolve().parents[1] / "node" / "bridge" / "scenarios"


def run(home, file, name):
    """The scenario in a process of Node's, which starts everything else; what it starts dies with it."""
    program = os.environ.get("BRIDGE_TEST_WORKER", home.build / "bin" / "yogi-bridge")
    wishes = {key: value for key, value in os.environ.items() if key.startswith("BRIDGE_TEST_")}
    got = home.run("node", home.build / "node" / "bridge" / "run.mjs", file, name, home.path, program, env=wishes,
                   seconds=float(wishes.get("BRIDGE_TEST_SECONDS", 80)) + 20)
    if got.code == 77:
        raise Skip(got.out.removeprefix("skipped: ").strip())
    assert got.code == 0, got.out + got.err


def cases():
    for path in sorted(SCENARIOS.glob("*.mjs")):
        for name in re.findall(r"^export async function (\w+)", path.read_text(), re.M):
            yield f"test_{path.stem}_{name}", lambda home, file=path.stem, name=name: run(home, file, name)


globals().update(cases())

if __name__ == "__main__":
    main(sys.modules[__name__])

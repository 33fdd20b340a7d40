#!/usr/bin/python3
"""The bridge as a worker of BullMQ: each scenario of tests/node/bridge/scenarios is a case, run with the real npm package of both majors as
client, on real Redis servers, with yogi-bridge as the worker. What jobs of real stages return keeps to its schema.

    BRIDGE_TEST_WORKER=node bridge.py BUILD CASE     the same with Node's own Worker in its place: what a scenario asks is what BullMQ does

Short forms stand in CI; these make long ones: BRIDGE_TEST_JOBS=10000 (jobs while something is killed), BRIDGE_TEST_BUSY_SECONDS=600 and
BRIDGE_TEST_LOCK_MS=30000 (how long locks must be kept under full load), BRIDGE_TEST_SEEDS=100 (draws of jobs by chance, whose end is
compared with that at Node's own Worker), with BRIDGE_TEST_SECONDS above all of them.
"""
import json
import os
import re
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path

from harness import Skip, equal, main

SCENARIOS = Path(__file__).resolve().parents[1] / "node" / "bridge" / "scenarios"


def run(home, file, name):
    """The scenario in a process of Node's, which starts everything else; what it starts dies with it."""
    with SURROUNDINGS.get(file, nothing)(home, name) as system:
        scenario(home, file, name, system)


def scenario(home, file, name, system):
    program = os.environ.get("BRIDGE_TEST_WORKER", home.build / "bin" / "yogi-bridge")
    wishes = {key: value for key, value in os.environ.items() if key.startswith("BRIDGE_TEST_")}
    wishes = {**wishes, "BRIDGE_TEST_ROOT": str(home.root), "BRIDGE_TEST_SYSTEM": json.dumps(system)}
    got = home.run("node", home.build / "node" / "bridge" / "run.mjs", file, name, home.path, program, env=wishes,
                   seconds=float(wishes.get("BRIDGE_TEST_SECONDS", 80)) + 20)
    if got.code == 77:
        raise Skip(got.out.removeprefix("skipped: ").strip())
    assert got.code == 0, got.out + got.err
    check_results(home, sorted(home.path.glob("*/results/*.json")))


def check_results(home, results):
    """What jobs of stages returned keeps to the schemas."""
    if not results:
        return
    import bridge_papers  # takes a while, and most scenarios need none of it
    schemas = bridge_papers.validators(home)
    for path in results:
        stage = path.name.split(".")[0]
        equal(bridge_papers.faults(schemas[f"{stage}.result"], json.loads(path.read_text())), [], path.name)


@contextmanager
def nothing(_home, _name):
    yield None


@contextmanager
def guide(home, name):
    """What the guide's program has beside it: a database, a broker with a host, a gateway, and where it asks for it a bucket with a document."""
    import blobs  # likewise
    import gateways
    import rgw
    from postgres import Postgres
    sheet = home.root / "tests/fixtures/layouts/break-bars-3.xlsx"
    with Postgres(home) as server, rgw.server(home) if name == "row_by_sql" else nullcontext() as s3:
        shared = {"DATABASE_URL": server.url, "YOGI_SOURCE_ROOTS": f"{home.path}:{home.root}"}
        if s3:
            blobs.make_bucket(s3)
            blobs.put(s3, f"{blobs.BUCKET}/uploads/week.xlsx", sheet.read_bytes())
            shared |= {"YOGI_SOURCE_ENDPOINTS": s3.endpoint, "YOGI_SOURCE_NETWORKS": "127.0.0.0/8", **blobs.settings(s3)}
        with gateways.system(home, real=True, **shared) as (system, gateway):
            yield {"environment": {**shared, "YOGI_BROKERS": system.endpoint}, "database": server.url,
                   "gateway": f"http://127.0.0.1:{gateway.port}", "s3Key": "uploads/week.xlsx", "folder": str(home.path),
                   "sheet": str(sheet)}


SURROUNDINGS = {"guide": guide}


def cases():
    for path in sorted(SCENARIOS.glob("*.mjs")):
        for name in re.findall(r"^export async function (\w+)", path.read_text(), re.M):
            yield f"test_{path.stem}_{name}", lambda home, file=path.stem, name=name: run(home, file, name)


globals().update(cases())

if __name__ == "__main__":
    main(sys.modules[__name__])

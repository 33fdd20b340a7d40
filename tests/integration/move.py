#!/usr/bin/python3
"""An installation of the demo goes to Yogi's stores and back: rows, files, what is written meanwhile, kills, bad input.

    move.py BUILD CASE
"""
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import demo
import harness
import rgw
from harness import contains, equal
from postgres import Postgres

BUCKET = "papers"


def s3_environment(server):
    return {"S3_ENDPOINT": server.endpoint, "AWS_ACCESS_KEY_ID": rgw.ID, "AWS_SECRET_ACCESS_KEY": rgw.SECRET, "AWS_REGION": "us-east-1"}


class Move:
    """A demo here, and the command with its addresses."""

    def __init__(self, home, made, to, to_blobs, env=None):
        self.home, self.demo, self.to, self.to_blobs, self.env = home, made, to, to_blobs, env or {}
        self.work = home.path / "work"

    def words(self, command, *more):
        return ["migrate", command, "--from", f"sqlite:{self.demo.database}", "--from-blobs", f"file:{self.demo.uploads}", "--to", self.to,
                "--to-blobs", self.to_blobs, "--work", self.work, *more]

    def run(self, command, *more, good=True, env=None):
        done = self.home.run(self.home.real, *self.words(command, *more), env={**self.env, **(env or {})})
        assert not good or done.code == 0, f"{command}: {done}"
        return done

    def report(self):
        return json.loads((self.work / "report.json").read_text())


@contextlib.contextmanager
def cluster(home, made, to="", prefix=""):
    """PostgreSQL and S3 as the target."""
    with Postgres(home) as server, rgw.server(home) as s3:
        env = s3_environment(s3)
        rgw.make_bucket(s3, BUCKET)
        move = Move(home, made, f"postgres:{server.url}", f"s3://{BUCKET}{prefix}", env)
        move.server, move.s3 = server, s3
        yield move


def local(home, made):
    (home.path / "new").mkdir()
    return Move(home, made, f"sqlite:{home.path}/new/app.db", f"file:{home.path}/new/blobs")


def there_and_back(move, made):
    """The way back into a fresh place gives the demo's own rows and files."""
    rows, files = demo.dump(made.database), demo.files(made.database, made.uploads)
    contains(move.run("plan").out, "rows")
    move.run("run")
    move.run("verify", "--full")
    report = move.report()
    assert report["same"] and report["rollback"]["lossless"], report
    equal({t["table"]: t["source"]["rows"] for t in report["tables"]}, {t: len(r) for t, r in rows.items()})
    equal(report["files"]["checked"], len(files))
    move.run("cutover")
    back = move.home.path / "back"
    back.mkdir()
    done = move.home.run(move.home.real, "migrate", "rollback", "--from", f"sqlite:{back}/app.db", "--from-blobs", f"file:{back}/uploads",
                         "--to", move.to, "--to-blobs", move.to_blobs, "--work", move.work, "--full", env=move.env)
    assert done.code == 0, done
    equal(demo.differences(demo.dump(back / "app.db", {t: set(next(iter(r.values()))) for t, r in rows.items()}), rows), [])
    equal(demo.files(back / "app.db", back / "uploads"), files)


def test_to_the_cluster_and_back(home):
    made = demo.make(home.path / "demo", 60)
    with cluster(home, made, prefix="/school/one") as move:
        there_and_back(move, made)


if __name__ == "__main__":
    harness.main(sys.modules[__name__])

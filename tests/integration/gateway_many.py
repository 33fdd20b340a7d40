#!/usr/bin/python3
"""Several gateways on one PostgreSQL, with files or a bucket: any of them gives what another has taken in, and when one is
killed the others take its work over. Broker, database and bucket are taken away under load and given back: nothing that
was answered is lost, nothing is there twice, nothing has to be started again. They are away for a moment, or for so many
seconds as AWAY_SECONDS in the environment says (`tests/run away`)."""
import contextlib
import hashlib
import http.client
import os
import sys
import threading
import time

import rgw
from blobs import make_bucket, settings
from gateways import add_key, note, nothing_twice, system
from harness import contains, equal, main, wait_for
from postgres import Postgres, quiet


AWAY = float(os.environ.get("AWAY_SECONDS", 0))
PAUSE = 0.1 if AWAY else 0  # between a client's uploads, so that what has gathered in a minute is read soon


class Load:
    """Clients that upload until they are told to end."""

    def __init__(self, *gateways, clients=3):
        self.gateways, self.taken, self.refused, self.strange, self.ending = gateways, {}, [], [], False
        self.threads = [threading.Thread(target=self.work, args=(i,)) for i in range(clients)]

    def work(self, client):
        number = 0
        while not self.ending:
            name, number = f"load-{client}-{number}", number + 1
            gateway = self.gateways[number % len(self.gateways)]
            try:
                got = gateway.upload((name, note(name)), headers={"Idempotency-Key": name})
            except (OSError, http.client.HTTPException):
                continue  # it has been killed
            if got.status == 200:
                self.taken[name] = got.json["documentId"]
                time.sleep(PAUSE)
            elif got.status == 503 and int(got.headers["retry-after"]) > 0:
                self.refused.append(got)
                time.sleep(0.05)  # as it was told, only sooner
            else:
                self.strange.append(got)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        for thread in self.threads:
            thread.join()


def stay_away(it, ready):
    """All the time that something is away it lives, and says whether it is ready."""
    end = time.monotonic() + AWAY
    while True:
        equal(it.ready_state().status, ready)
        equal(it.ask("GET", "/health").status, 200)
        assert it.process.poll() is None, it.err
        if time.monotonic() >= end:
            return
        time.sleep(0.25)


def account(it, load, sql):
    """Everything that was answered has been read, once."""
    equal(load.strange, [])
    for name, document in load.taken.items():
        it.ended(document, "completed")
        equal([b["name"] for b in it.get(f"/timetables/{document}").json["timeblocks"]], [name])
    nothing_twice(sql)


@contextlib.contextmanager
def cluster(home, count=1, **more):
    with Postgres(home, "-c fsync=off") as server, system(home, gateway=False, DATABASE_URL=server.url, YOGI_LEASE_SECONDS="2", YOGI_SWEEP_SECONDS="1",
                                                          YOGI_GRACE_SECONDS="2", **more) as them:
        launched = [them.launch() for _ in range(count)]  # together: they migrate once
        yield server, them, [it.ready() for it in launched]


def test_any_of_three(home):
    """What one has taken in the others give, and wait for; corrections of one are known to all."""
    with cluster(home, 3) as (server, _, (a, b, c)):
        for it in (a, b, c):
            wait_for(lambda it=it: it.ready_state().status == 200, "all to be ready", it.process)
        equal(server.sql("SELECT count(*) = count(DISTINCT number) FROM schema_migrations").strip(), "t", "each migration once")
        one = a.taken(("a", note("Maths", "ocr slow 300")), headers={"Idempotency-Key": "k"})["documentId"]
        waited = b.taken(("a", note("Maths", "ocr slow 300")), headers={"Idempotency-Key": "k"}, query="?wait=60")
        equal((waited["documentId"], waited["status"]), (one, "completed"), waited)
        table = c.get(f"/timetables/{one}")
        equal(table.json, a.get(f"/timetables/{one}").json)
        equal(b.send("PUT", f"/timetables/{one}", {"timeblocks": []}, If_Match=table.headers["etag"]).status, 200)
        equal(c.send("PUT", f"/timetables/{one}", {"timeblocks": []}, If_Match=table.headers["etag"]).status, 412)
        equal(b.get(f"/documents/{one}/file").body, note("Maths", "ocr slow 300").encode())
        slow = a.taken(("b", note("x", "ocr slow 60000")))["documentId"]
        wait_for(lambda: b.status(slow)["status"] == "processing", "it to run")
        begun = time.monotonic()
        equal(c.send("POST", f"/documents/{slow}/cancel").status, 200, "of a run that another has in hand")
        b.ended(b.taken(("c", note("y")))["documentId"], "completed")
        assert time.monotonic() - begun < 30
        for it in (a, b, c):
            it.drained()


def test_pictures(home):
    """What one has drawn the others show; asked at the same time each draws it, and it is kept once; with the document it goes for all."""
    with cluster(home, 2) as (server, them, (a, b)):
        for it in (a, b):
            wait_for(lambda it=it: it.ready_state().status == 200, "all to be ready", it.process)
        document = a.taken(("a", note("Maths", "ocr pages 2", "render slow 1000")), query="?wait=60")["documentId"]
        path = f"/documents/{document}/pages/%d.png?overlay=cells,blocks"
        first = a.get(path % 1)
        equal((first.status, first.headers["content-type"]), (200, "image/png"), first)
        there = b.get(path % 1)
        equal((there.body, there.headers["etag"]), (first.body, first.headers["etag"]))
        contains(b.ask("GET", "/metrics").body.decode(), "yogi_pictures_drawn_total 0\n")
        got = []
        threads = [threading.Thread(target=lambda it=it: got.append(it.get(path % 2))) for it in (a, b) * 4]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(([g.status for g in got], len({g.body for g in got})), ([200] * 8, 1))
        equal(server.sql("SELECT page, count(*) FROM pictures GROUP BY 1 ORDER BY 1").split(), ["1|1", "2|1"])
        equal(len(them.blobs()), 3)
        equal(b.send("DELETE", f"/documents/{document}").status, 200)
        equal([it.get(path % 1).status for it in (a, b)], [404, 404])
        wait_for(lambda: not them.blobs() and server.sql("SELECT count(*) FROM blobs").strip() == "0", "everything to go")
        for it in (a, b):
            it.drained()


def test_one_is_killed(home):
    """Under load: the others take over what it had within its lease, and all is read once."""
    with cluster(home, 3) as (server, _, gateways):
        victim, *others = gateways
        with Load(*gateways, clients=4) as load:
            wait_for(lambda: len(load.taken) > 40, "some load", victim.process)
            slow = victim.taken(("slow", note("slow", "ocr slow 1500")))["documentId"]
            owner = server.sql(f"SELECT owner FROM outbox WHERE document_id = '{slow}'").strip()
            assert owner, "it is in hand"
            victim.kill()
            count = len(load.taken)
            # a lease of 2 s, and 2 s between looks for what nobody has
            wait_for(lambda: server.sql(f"SELECT count(*) FROM outbox WHERE owner = '{owner}'").strip() == "0", "all to be taken over",
                     others[0].process, seconds=30)
            wait_for(lambda: len(load.taken) > count + 20, "more load", others[0].process)
        account(others[0], load, server.sql)
        others[1].ended(slow, "completed")
        for it in others:
            it.drained()


def test_drained_one_hands_over(home):
    """A gateway that ends in order gives its work back at once, whatever its lease."""
    with cluster(home, 1, YOGI_DRAIN_SECONDS="1") as (_, them, (a,)):
        b = them.gateway(YOGI_LEASE_SECONDS="3600")
        one = b.taken(("a", note("x", "ocr slow 3000")))["documentId"]
        wait_for(lambda: a.status(one)["status"] == "processing", "it to run")
        b.drained()
        a.ended(one, "completed")
        a.drained()


def test_broker_killed(home):
    """It comes back knowing nothing: the gateway submits again what is open."""
    with cluster(home) as (server, them, (it,)):
        with Load(it) as load:
            wait_for(lambda: len(load.taken) > 20, "some load", it.process)
            broker = them.processes[0]
            broker.kill()
            broker.wait()
            wait_for(lambda: not it.ready_state().json["brokers"]["ready"], "its absence to be noticed", it.process)
            equal(it.ready_state().status, 200, "uploads are taken without it")
            count = len(load.taken)
            wait_for(lambda: len(load.taken) > count, "an upload that is taken without it", it.process)
            stay_away(it, 200)
            them.broker()
            wait_for(lambda: it.ready_state().json["brokers"]["ready"], "it to be there again", it.process)
        account(it, load, server.sql)
        it.drained()


def test_database_away(home):
    """503 with Retry-After and not ready meanwhile, alive all the time; then it goes on by itself."""
    with cluster(home) as (server, _, (it,)):
        with Load(it) as load:
            wait_for(lambda: len(load.taken) > 20, "some load", it.process)
            quiet(server.stop_command())
            wait_for(lambda: it.ready_state().status == 503, "it to be told", it.process)
            contains(it.ready_state().json["store"]["why"], "PostgreSQL")
            equal(it.ask("GET", "/health").status, 200)
            for path in ("/documents", "/documents/x/status", "/timetables/x"):
                got = it.get(path)
                equal((got.status, got.json["code"], int(got.headers["retry-after"]) > 0), (503, "unavailable", True), got)
            wait_for(lambda: load.refused, "uploads to be refused", it.process)
            stay_away(it, 503)
            count = len(load.taken)
            server.start()
            wait_for(lambda: it.ready_state().status == 200, "it to be there again", it.process)
            wait_for(lambda: len(load.taken) > count + 10, "load again", it.process)
        account(it, load, server.sql)
        it.drained()


def test_bucket(home):
    """Documents in S3: hosts fetch them by presigned URLs; taken away and given back; what is deleted goes."""
    with rgw.server(home) as s3:
        make_bucket(s3)
        where = settings(s3, YOGI_SOURCE_ENDPOINTS=s3.endpoint, YOGI_SOURCE_NETWORKS="127.0.0.0/8")
        with cluster(home, 2, **where) as (server, them, (a, b)):
            got = a.taken(("a", note("Maths")), query="?wait=60")
            equal(got["status"], "completed", got)
            big = b"pages 1\n" + b"x" * 1300000
            large = b.taken(("big", big))["documentId"]
            b.ended(large)
            equal(a.get(f"/documents/{large}/file").body, big)
            equal(b.get(f"/documents/{got['documentId']}/file").body, note("Maths").encode())
            path = f"/documents/{got['documentId']}/pages/1.png"
            picture = a.get(path)
            equal((picture.status, picture.body[:8]), (200, b"\x89PNG\r\n\x1a\n"), picture)
            equal(b.get(path).body, picture.body)
            digest = hashlib.sha256(picture.body).hexdigest()
            equal(home.run(home.build / "bin" / "blob", "get", f"default/{digest}", env=settings(s3)).raw, picture.body)
            equal(them.blobs(), [], "none lies in the folder")
            with Load(a, b) as load:
                wait_for(lambda: len(load.taken) > 10, "some load", a.process)
                s3.stop()
                wait_for(lambda: load.refused, "uploads to be refused", a.process)
                stay_away(a, 503)
                refused = a.get(f"/documents/{large}/file")
                equal((refused.status, "retry-after" in refused.headers), (503, True), refused)
                for shown in (a.get(path), a.get(path + "?overlay=words")):  # what is kept there, and what is not drawn yet
                    equal((shown.status, "retry-after" in shown.headers), (503, True), shown)
                s3.start()
                count = len(load.taken)
                wait_for(lambda: a.ready_state().status == 200, "it to be there again", a.process)
                wait_for(lambda: len(load.taken) > count + 10, "load again", a.process)
            account(b, load, server.sql)
            keys = [f"default/{a.get(f'/documents/{d}').json['sha256']}" for d in (got["documentId"], *list(load.taken.values())[:3])]
            for key in keys:
                equal(home.run(home.build / "bin" / "blob", "get", key, env=settings(s3)).code, 0, key)
            for document in [got["documentId"], large, *load.taken.values()]:
                equal(b.send("DELETE", f"/documents/{document}").status, 200)
            wait_for(lambda: server.sql("SELECT count(*) FROM blobs").strip() == "0", "the sweep", a.process, seconds=60)
            for key in keys:
                contains(home.run(home.build / "bin" / "blob", "get", key, env=settings(s3)).err, "there is no")
            a.drained()
            b.drained()


def test_tenants(home):
    """On PostgreSQL too: what is one tenant's is not there for another."""
    with cluster(home, 1, YOGI_ACCESS="keys") as (server, _, (it,)):
        wait_for(lambda: it.ready_state().status == 200, "the store", it.process)
        one, two = (it.as_key(add_key(server.sql, tenant, f"key-of-{tenant}")) for tenant in ("one", "two"))
        mine = one.taken(("a", note()), query="?wait=60")["documentId"]
        for path in (f"/documents/{mine}", f"/documents/{mine}/status", f"/documents/{mine}/file", f"/timetables/{mine}"):
            equal(one.get(path).status, 200)
            equal(two.get(path).status, 404)
        two.send("DELETE", f"/documents/{mine}")
        equal(one.get(f"/documents/{mine}").status, 200)
        equal(two.get("/documents").json, [])


if __name__ == "__main__":
    main(sys.modules[__name__])

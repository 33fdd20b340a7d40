#!/usr/bin/python3
"""Tenants apart, route by route: each route of the gateway's own table stands here with what a stranger is answered who knows
another tenant's ids. A new route without its line fails the case."""
import json
import re
import subprocess
import sys

from gateways import add_key, note, sqlite, system
from harness import contains, equal, main, wait_for

V1 = "/api/v1"
BLOCKS = {"timeblocks": [{"day": "Monday", "name": "Stolen"}]}

# What a route's :id stands for, and the body that makes it do its work.
OF_DOCUMENT, OF_TABLE, OF_LETTER = ("document",), ("document", "table"), ("letter",)
ONE = {  # as if it were not there
    ("GET", V1 + "/documents/:id"): (OF_DOCUMENT, None),
    ("DELETE", V1 + "/documents/:id"): (OF_DOCUMENT, None),
    ("GET", V1 + "/documents/:id/status"): (OF_DOCUMENT, None),
    ("GET", V1 + "/documents/:id/file"): (OF_DOCUMENT, None),
    ("GET", V1 + "/documents/:id/pages/:n.png"): (OF_DOCUMENT, None),
    ("POST", V1 + "/documents/:id/retry"): (OF_DOCUMENT, {"options": {"gate": 0.5}}),
    ("POST", V1 + "/documents/:id/cancel"): (OF_DOCUMENT, None),
    ("GET", V1 + "/timetables/:id.ics"): (OF_TABLE, None),
    ("GET", V1 + "/timetables/:id.csv"): (OF_TABLE, None),
    ("GET", V1 + "/timetables/:id.html"): (OF_TABLE, None),
    ("GET", V1 + "/timetables/:id.json"): (OF_TABLE, None),
    ("POST", V1 + "/timetables/:id/feed"): (OF_DOCUMENT, None),
    ("DELETE", V1 + "/timetables/:id/feed"): (OF_DOCUMENT, None),
    ("GET", V1 + "/timetables/:id"): (OF_TABLE, None),
    ("PUT", V1 + "/timetables/:id"): (OF_TABLE, BLOCKS),
    ("GET", V1 + "/events/:id"): (OF_DOCUMENT, None),
    ("POST", V1 + "/dead-letters/:id/retry"): (OF_LETTER, None),
}
LISTS = {("GET", V1 + "/documents"), ("GET", V1 + "/timetables"), ("GET", V1 + "/dead-letters")}  # only one's own
WHOLE = {("GET", V1 + "/queues"), ("GET", "/metrics")}  # figures of the whole system, of nobody in particular
MAKES = {("POST", V1 + "/documents/upload"), ("POST", V1 + "/timetables/save-as")}  # something of one's own
BEARER = {("GET", V1 + "/feeds/:token.ics")}  # whoever has the address
SESSION = {  # one's own choice under a session's id, which others may have as well; gateway_llm.py has more of them
    ("GET", V1 + "/llm/settings"): None,
    ("GET", V1 + "/llm/session-status"): None,
    ("POST", V1 + "/llm/extend-session"): {},
    ("POST", V1 + "/llm/validate"): {"provider": "rules"},
    ("POST", V1 + "/llm/settings"): {"provider": "rules"},
    ("DELETE", V1 + "/llm/settings"): None,
    ("GET", V1 + "/llm/providers"): None,
}
OPEN = {("GET", path) for path in ("/", "/first.js", "/style.css", "/docs.js", "/api/docs", "/api/openapi.json", "/health", "/readyz")}


def routes(home):
    out = subprocess.run([home.build / "bin" / "routes"], capture_output=True, text=True, check=True, timeout=60, env=home.environment()).stdout
    return {tuple(line.split()[:2]) for line in out.splitlines()}


class School:
    """One tenant's things: a document that was read, with its timetable and feed, one that failed, one that is being read."""

    def __init__(self, it, mark):
        self.it, self.mark = it, mark
        self.document = it.taken((f"{mark}.txt", note(mark)), query="?wait=60", fields=[("teacher", mark)])["documentId"]
        self.table = it.get(f"/timetables/{self.document}").json["id"]
        self.feed = it.send("POST", f"/timetables/{self.document}/feed").json["path"]
        self.failed = it.taken((f"{mark}-torn.txt", note(mark, "fail damaged torn")), query="?wait=60")["documentId"]
        self.letter = it.get("/dead-letters").json[0]["id"]
        self.choose = {"provider": "claude", "apiKey": "sk-ant-" + mark * 4}
        equal(it.send("POST", "/llm/settings", self.choose, X_Session_Id="one").status, 200)
        self.hung = it.taken((f"{mark}-hung.txt", note(mark, "ocr slow 600000")))["documentId"]
        wait_for(lambda: it.status(self.hung)["status"] == "processing", "it to run")

    def secrets(self):
        return [self.mark, self.document, self.table, self.failed, self.letter, self.hung, self.feed.rsplit("/", 1)[1]]

    def all(self):
        """Everything that can be seen of it, as text."""
        it, said = self.it, []
        for path in ("/documents?limit=1000", "/timetables?limit=1000", "/dead-letters", f"/timetables/{self.document}"):
            said.append(it.get(path).body.decode())
        for document in (self.document, self.failed, self.hung):
            said += [it.get(f"/documents/{document}{rest}").body.decode() for rest in ("", "/status", "/file")]
        said += [it.get(f"/timetables/{self.document}.{form}").body.decode() for form in ("csv", "html", "json")]
        said.append(it.get("/llm/settings", X_Session_Id="one").body.decode())
        said.append(re.sub("DTSTAMP.*", "", it.ask("GET", self.feed).body.decode()))
        return said


def fill(path, value):
    return re.sub(":(id|token)", value, path).replace(":n.", "1.")


def answer(it, method, path, body, thing):
    """Without what is different in every answer."""
    got = it.ask(method, fill(path, thing), None if body is None else json.dumps(body), {"Content-Type": "application/json"})
    said = re.sub(r'"requestId":"[^"]*"|DTSTAMP.*', "", got.body.decode(errors="replace")).replace(thing, "ID")
    return got.status, got.headers.get("etag"), said


def test_every_route_is_here(home):
    groups = [set(ONE), LISTS, WHOLE, MAKES, BEARER, set(SESSION), OPEN]
    equal(sum(map(len, groups)), len(set().union(*groups)), "a route stands in two groups")
    equal(sorted(set().union(*groups)), sorted(routes(home)))


def test_every_route(home):
    """Strangers of each role learn nothing and change nothing; the owner finds everything as it was, and can do it all."""
    with system(home, gateway=False, YOGI_ACCESS="keys", YOGI_WORKERS="2") as them:
        it = them.gateway()
        wait_for(lambda: it.ready_state().status == 200, "the store", it.process)
        sql = sqlite(them)
        mine = School(it.as_key(add_key(sql, "north", "key-of-north", "admin")), "Nightingale")
        strangers = [it.as_key(add_key(sql, "south", f"key-of-{role}", role)) for role in ("teacher", "service", "admin")]
        before = mine.all()
        unknown = "018f0000-0000-7000-8000-000000000000"
        for stranger in strangers:
            for (method, path), (kinds, body) in ONE.items():
                nobody = answer(stranger, method, path, body, unknown)
                assert nobody[0] in (404, 200) and (nobody[0] == 404 or (method, path) == ("DELETE", V1 + "/documents/:id")), (method, path, nobody)
                for kind in kinds:
                    things = [getattr(mine, kind)] + ([mine.failed, mine.hung] if kind == "document" else [])
                    for thing in things:
                        equal(answer(stranger, method, path, body, thing), nobody, f"{method} {path} tells that it is there")
            for method, path in LISTS:
                for query in ("", "?limit=1000", f"?search={mine.mark}", "?offset=0", f"?cursor=2026-01-01+00:00:00~{mine.document}"):
                    got = stranger.ask(method, path + query)
                    assert got.status in (200, 400) and not json.loads(got.body if got.status == 200 else "[]"), (path, query, got)
            for method, path in WHOLE | OPEN:
                said = stranger.ask(method, path).body.decode()
                for secret in mine.secrets():
                    assert secret not in said, (path, secret)
            for (method, path), body in SESSION.items():
                got = stranger.ask(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json", "X-Session-Id": "one"})
                if (method, path.rsplit("/", 1)[1]) in (("GET", "settings"), ("GET", "session-status"), ("POST", "extend-session")):
                    equal(got.status, 404, (method, path))
                assert mine.choose["apiKey"] not in got.body.decode(), (method, path)
            for method, path in BEARER:  # the address is what opens it; a stranger's guess is not one
                token = mine.feed.rsplit("/", 1)[1].removesuffix(".ics")
                for guess in ("0" * 64, mine.document, token[:-1] + ("1" if token[-1] == "0" else "0"), token[:-1], token + "0"):
                    equal(stranger.ask(method, fill(path, guess)).status, 404, guess)
        equal(mine.all(), before, "nothing has changed")
        for stranger in strangers[:1]:
            makes(stranger, mine)
        equal(mine.all(), before, "nor by what others made of their own")
        owner_can(mine)


def makes(stranger, mine):
    """What strangers make is theirs: neither copied from another tenant's bytes nor hung onto its documents, nor under its keys."""
    theirs = stranger.taken((f"{mine.mark}.txt", note(mine.mark)), query="?wait=60", fields=[("teacher", mine.mark)])
    assert theirs["documentId"] != mine.document and "reusedFrom" not in theirs, theirs
    equal(stranger.send("POST", "/timetables/save-as", {"saved_name": "x", "document_id": mine.document, **BLOCKS}).status, 404)
    saved = stranger.send("POST", "/timetables/save-as", {"saved_name": "x", "document_id": theirs["documentId"], **BLOCKS})
    equal(saved.status, 200)
    equal(mine.it.get(f"/timetables/{saved.json['id']}").status, 404)
    equal(mine.it.get(f"/documents/{theirs['documentId']}").status, 404)
    stranger.send("DELETE", f"/documents/{theirs['documentId']}")


def owner_can(mine):
    """The same calls by the owner do what they say: the case would see it if a stranger's did."""
    order = sorted(ONE, key=lambda route: (route[0] == "DELETE", "feed" not in route[1]))
    for method, path in order:
        kinds, body = ONE[method, path]
        for kind in kinds:
            thing = mine.hung if path.endswith("cancel") else getattr(mine, kind)
            got = answer(mine.it, method, path, body, thing)
            assert got[0] in (200, 201), (method, path, got)
    contains(mine.it.get("/documents").body.decode(), mine.failed)
    equal(mine.it.get(f"/documents/{mine.document}").status, 404)


if __name__ == "__main__":
    main(sys.modules[__name__])

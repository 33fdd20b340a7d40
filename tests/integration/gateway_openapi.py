#!/usr/bin/python3
"""The description of the interface (openapi.json) against the interface: every route is described and none besides, and
every answer, good or bad, is one that is described."""
import json
import re
import subprocess
import sys

import jsonschema

from gateways import system
from harness import contains, equal, main, wait_for

ANY = "0" * 36
BLOCKS = [{"day": "Monday", "name": "Maths", "startTime": "9:05", "endTime": "09:50", "notes": None}]


def routes(home):
    """{(method, path in braces)} of the gateway's own table."""
    out = subprocess.run([home.build / "bin" / "routes"], capture_output=True, text=True, check=True, timeout=60,
                         env=home.environment()).stdout
    found = [(line.split()[0], re.sub(r":([a-z]+)", r"{\1}", line.split()[1])) for line in out.splitlines()]
    equal(len(found), len(set(found)), "a route stands in the table twice")
    return set(found)


class Checker:
    """Makes calls, holds each answer against the description, and keeps account."""

    def __init__(self, api, gateway):
        self.api, self.gateway, self.seen = api, gateway, set()

    def resolve(self, part):
        while "$ref" in part:
            node = self.api
            for name in part["$ref"][2:].split("/"):
                node = node[name]
            part = node
        return part

    def ask(self, method, path, status, body=None, headers=None, **values):
        filled = path
        for name, value in values.items():
            filled = filled.replace("{" + name + "}", value)
        query = (headers or {}).pop("query", "")
        content = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        got, answer, text = self.gateway.ask(method, filled + query, content, headers)
        about = f"{method} {filled}{query}: {got} {text[:800]}"
        equal(got, status, about)
        self.check(method, path, got, answer, text, about)
        return json.loads(text) if "json" in answer.get("content-type", "") and text else text

    def check(self, method, path, status, headers, text, about):
        answers = self.api["paths"][path][method.lower()]["responses"]
        assert str(status) in answers, f"an answer that is not described: {about}"
        self.seen.add((method, path, str(status)))
        content = self.resolve(answers[str(status)]).get("content")
        if not content:
            equal(text, b"", about)
            return
        media = headers["content-type"].split(";")[0]
        schema = content.get(media) or content.get("*/*")
        assert schema, f"{media} is not described: {about}"
        if "json" in media:
            validator = jsonschema.Draft202012Validator({**schema["schema"], "components": self.api["components"]})
            problems = [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(json.loads(text))]
            equal(problems, [], about)


def form(*files, **fields):
    parts = [f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n{text}' for name, text in files]
    parts += [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    return ("".join(f"--mark\r\n{part}\r\n" for part in parts) + "--mark--\r\n").encode()


def headers(query="", **more):
    return {"Content-Type": "multipart/form-data; boundary=mark", "query": query, **{k.replace("_", "-"): v for k, v in more.items()}}


def test_routes(home):
    with system(home, gateway=False, host=False, broker=False) as r:
        api = r.gateway().json("GET", "/api/openapi.json")
        described = {(method.upper(), path) for path, item in api["paths"].items() for method in item if method != "parameters"}
        equal(sorted(described), sorted(routes(home)))
        for path, item in api["paths"].items():
            names = set(re.findall(r"{(\w+)}", path))
            checker = Checker(api, None)
            for method, operation in item.items():
                if method == "parameters":
                    continue
                given = [checker.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
                equal({p["name"] for p in given if p["in"] == "path"}, names, path)
                assert operation["summary"] and operation["responses"], path
        for name, schema in api["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
            contains(json.dumps(api), f'"#/components/schemas/{name}"')


def exercise(c, gateway):
    """Every route, well and badly."""
    upload = "/api/v1/documents/upload"
    one = c.ask("POST", upload, 200, form(("week.txt", "Maths")), headers("?wait=60"))["documentId"]
    c.ask("POST", upload, 200, form(("week.txt", "Maths")), headers("?wait=60"))
    two = c.ask("POST", upload, 200, form(("a.txt", "A"), ("b.txt", "fail damaged torn\nB"), teacher="Ms Ada"), headers())["documents"]
    failed = two[1]["documentId"]
    gateway.ended(failed)
    hung = c.ask("POST", upload, 200, form(("h.txt", "hang\nX")), headers())["documentId"]
    c.ask("POST", upload, 400, form(), headers())
    c.ask("POST", upload, 415, b"x")
    c.ask("POST", upload, 400, form(("x", "x"), options="{"), headers())
    c.ask("POST", upload, 200, form(("x", "x")), headers(Idempotency_Key="k"))
    c.ask("POST", upload, 409, form(("x", "y")), headers(Idempotency_Key="k"))

    c.ask("GET", "/api/v1/documents", 200)
    c.ask("GET", "/api/v1/documents", 200, headers={"query": "?limit=1&status=failed&search=b"})
    for query in ("limit=0", "offset=-1", "status=x", "cursor=x"):
        c.ask("GET", "/api/v1/documents", 400, headers={"query": f"?{query}"})
    for path in ("/api/v1/documents/{id}", "/api/v1/documents/{id}/status", "/api/v1/documents/{id}/file"):
        for document in (one, failed, hung):
            c.ask("GET", path, 200, id=document)
        c.ask("GET", path, 404, id=ANY)
        c.ask("GET", path, 404, id="%27%20OR%201")
    picture = "/api/v1/documents/{id}/pages/{n}.png"
    c.ask("GET", picture, 200, headers={"query": "?overlay=cells,blocks"}, id=one, n="1")
    c.ask("GET", picture, 304, headers={"If-None-Match": "*"}, id=one, n="1")
    c.ask("GET", picture, 400, headers={"query": "?overlay=x"}, id=one, n="1")
    c.ask("GET", picture, 404, id=one, n="0")
    c.ask("GET", picture, 404, id=ANY, n="1")
    for document in (failed, hung):
        c.ask("GET", picture, 409, id=document, n="1")
    c.ask("POST", "/api/v1/documents/{id}/retry", 200, {"options": {"gate": 0.5}}, id=failed)
    c.ask("POST", "/api/v1/documents/{id}/retry", 400, b"[", id=failed)
    c.ask("POST", "/api/v1/documents/{id}/retry", 404, id=ANY)
    gateway.ended(failed)
    c.ask("POST", "/api/v1/documents/{id}/cancel", 200, id=hung)
    c.ask("POST", "/api/v1/documents/{id}/cancel", 409, id=one)
    c.ask("POST", "/api/v1/documents/{id}/cancel", 404, id=ANY)

    c.ask("GET", "/api/v1/timetables", 200)
    c.ask("GET", "/api/v1/timetables", 400, headers={"query": "?limit=x"})
    table = "/api/v1/timetables/{id}"
    c.ask("GET", table, 200, id=one)
    c.ask("GET", table, 404, id=ANY)
    edited = c.ask("PUT", table, 200, {"timeblocks": BLOCKS, "class_name": "7b"}, id=one)
    c.ask("GET", table, 200, id=edited["id"])
    c.ask("PUT", table, 400, {"timeblocks": [{"day": "Someday"}]}, id=one)
    c.ask("PUT", table, 404, {"timeblocks": []}, id=ANY)
    c.ask("PUT", table, 412, {"timeblocks": []}, headers={"If-Match": '"old"'}, id=one)
    tag = gateway.ask("GET", f"/api/v1/timetables/{one}")[1]["etag"]
    c.ask("GET", table, 304, headers={"If-None-Match": tag}, id=one)
    c.ask("POST", "/api/v1/timetables/save-as", 200, {"saved_name": "mine", "timeblocks": BLOCKS, "document_id": one})
    c.ask("POST", "/api/v1/timetables/save-as", 400, {"timeblocks": []})
    c.ask("POST", "/api/v1/timetables/save-as", 404, {"saved_name": "mine", "timeblocks": [], "document_id": ANY})
    for ending in ("ics", "csv", "html", "json"):
        c.ask("GET", table + "." + ending, 200, id=one)
        c.ask("GET", table + "." + ending, 404, id=ANY)
    c.ask("GET", table + ".ics", 400, headers={"query": "?from=x"}, id=one)
    feed = c.ask("POST", table + "/feed", 201, id=one)
    c.ask("POST", table + "/feed", 404, id=ANY)
    token = feed["path"].split("/")[-1].split(".")[0]
    c.ask("GET", "/api/v1/feeds/{token}.ics", 200, token=token)
    c.ask("GET", "/api/v1/feeds/{token}.ics", 400, headers={"query": "?tz=x"}, token=token)
    c.ask("DELETE", table + "/feed", 200, id=one)
    c.ask("DELETE", table + "/feed", 404, id=ANY)
    c.ask("GET", "/api/v1/feeds/{token}.ics", 404, token=token)

    c.ask("GET", "/api/v1/events/{id}", 200, id=one)
    c.ask("GET", "/api/v1/events/{id}", 404, id=ANY)
    letters = c.ask("GET", "/api/v1/dead-letters", 200)
    c.ask("GET", "/api/v1/dead-letters", 400, headers={"query": "?limit=x"})
    c.ask("POST", "/api/v1/dead-letters/{id}/retry", 400, b"[", id=letters[0]["id"])
    c.ask("POST", "/api/v1/dead-letters/{id}/retry", 200, id=letters[0]["id"])
    c.ask("POST", "/api/v1/dead-letters/{id}/retry", 404, id=ANY)
    wait_for(lambda: gateway.ask("GET", "/api/v1/queues")[0] == 200, "the broker's figures")
    for path in ("/api/v1/queues", "/metrics", "/health", "/readyz", "/", "/first.js", "/style.css", "/docs.js", "/api/docs",
                 "/api/openapi.json"):
        c.ask("GET", path, 200)
    exercise_llm(c)
    c.ask("DELETE", "/api/v1/documents/{id}", 200, id=one)
    c.ask("DELETE", "/api/v1/documents/{id}", 200, id=ANY)


def exercise_llm(c):
    """The choices of a browser session."""
    def session():
        return {"X-Session-Id": "s"}

    settings, status, validate = "/api/v1/llm/settings", "/api/v1/llm/session-status", "/api/v1/llm/validate"
    c.ask("GET", "/api/v1/llm/providers", 200)
    for path in (settings, status):
        c.ask("GET", path, 400)
        c.ask("GET", path, 404, headers=session())
    c.ask("POST", "/api/v1/llm/extend-session", 404, {}, session())
    for wish in ({"provider": "claude", "apiKey": "sk-ant-1", "timeout": 15}, {"provider": "rules"}):
        c.ask("POST", settings, 200, wish, session())
        for path in (settings, status):
            c.ask("GET", path, 200, headers=session())
    c.ask("POST", "/api/v1/llm/extend-session", 200, {}, session())
    c.ask("POST", "/api/v1/llm/extend-session", 400, {"timeout": 31}, session())
    c.ask("POST", settings, 400, b"[", session())
    c.ask("POST", validate, 200, {"provider": "openai", "apiKey": "sk-1"})
    c.ask("POST", validate, 400, {"provider": "openai", "apiKey": "1"})
    c.ask("POST", validate, 413, b"x" * 5000)
    c.ask("DELETE", settings, 200, headers=session())
    c.ask("DELETE", settings, 400)


def test_answers(home):
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        api = gateway.json("GET", "/api/openapi.json")
        c = Checker(api, gateway)
        exercise(c, gateway)
        good = {(method.upper(), path, status) for path, item in api["paths"].items() for method, operation in item.items()
                if method != "parameters" for status in operation["responses"] if status[0] == "2"}
        equal(sorted(good - c.seen), [], "good answers that are described and were not seen")


def test_without_a_key(home):
    """Every route that needs a key says so in the form that is described; the others say in the description that they need none."""
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys") as r:
        gateway = r.gateway()
        api = gateway.json("GET", "/api/openapi.json")
        c = Checker(api, gateway)
        for path, item in api["paths"].items():
            for method, operation in item.items():
                if method == "parameters":
                    continue
                if operation.get("security") == [{}]:
                    assert gateway.ask(method.upper(), re.sub(r"{\w+}", ANY, path))[0] != 401, path
                else:
                    c.ask(method.upper(), path, 401, headers=headers() if path.endswith("upload") else None, id=ANY, token=ANY, n="1")


def test_away(home):
    """Without a database that answers every route that asks it says 503 as it is described."""
    with system(home, gateway=False, host=False, broker=False, DATABASE_URL="postgresql://app@127.0.0.1:1/none") as r:
        gateway = r.gateway()
        c = Checker(gateway.json("GET", "/api/openapi.json"), gateway)
        for method, path in (("GET", "/api/v1/events/{id}"), ("GET", "/api/v1/timetables/{id}.ics"), ("POST", "/api/v1/timetables/{id}/feed"),
                             ("GET", "/api/v1/queues"), ("GET", "/readyz")):
            c.ask(method, path, 503, id=ANY)
        c.ask("GET", "/health", 200)
        c.ask("GET", "/metrics", 200)


if __name__ == "__main__":
    main(sys.modules[__name__])

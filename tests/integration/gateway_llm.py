#!/usr/bin/python3
"""Providers of models per browser session: the six routes as the demo's own client uses them, on both databases; API keys that
nobody sees again, tenants and sessions apart, sizes, time, keys of the vault that change, and no address that may not be asked."""
import http.server
import json
import os
import stat
import sys
import threading
from contextlib import contextmanager

from gateways import add_key, system
from harness import contains, equal, main, wait_for
from postgres import Postgres

V1 = "/api/v1/llm"
KEY = "sk-ant-api03-MOST-SECRET-0123456789"
SESSION = "session_1767225600000_k3j4h5g6f7d"


class Client:
    """The demo's web page: services/api.ts and context/LLMContext.tsx, call by call."""

    def __init__(self, gateway, session=SESSION, headers=None):
        self.gateway, self.session, self.headers = gateway, session, headers or {}

    def ask(self, method, path, body=None, status=200, session=True):
        headers = {"Content-Type": "application/json", **self.headers, **({"x-session-id": self.session} if session else {})}
        return self.gateway.json(method, V1 + path, body, headers, status)

    def providers(self):
        return self.ask("GET", "/providers", session=False)["providers"]

    def settings(self, status=200):
        return self.ask("GET", "/settings", status=status)

    def save(self, provider, model=None, key=None, timeout=None, status=200):
        wish = {"provider": provider, "model": model, "apiKey": key, "timeout": timeout, "sessionId": self.session}
        return self.ask("POST", "/settings", {k: v for k, v in wish.items() if v is not None}, status)

    def validate(self, provider, key, model=None, status=200):
        return self.ask("POST", "/validate", {"provider": provider, "apiKey": key, "model": model}, status, session=False)

    def extend(self, timeout=None, status=200):
        return self.ask("POST", "/extend-session", {} if timeout is None else {"timeout": timeout}, status)

    def status(self, status=200):
        return self.ask("GET", "/session-status", status=status)

    def clear(self):
        return self.ask("DELETE", "/settings")


def flow(gateway):
    """First visit to last: nothing chosen; a key validated, saved, shown to be there; extended; replaced; cleared."""
    page = Client(gateway)
    providers = {p["id"]: p for p in page.providers()}
    for one in providers.values():
        assert {"id", "name", "description", "models", "requiresApiKey"} <= set(one), one
        equal(one["requiresApiKey"], bool(one["models"]), one)
    equal([(p["id"], p["usable"]) for p in providers.values()], [("rules", True), ("claude", False), ("openai", False)])
    contains(providers["claude"]["note"], "no engine anthropic")
    contains(page.settings(404)["error"], "No LLM settings found for this session")
    equal(page.status(404), {"exists": False, "message": "Session expired or not found"})
    contains(page.extend(status=404)["error"], "Session not found")
    contains(page.save("claude", status=400)["error"], "API key is required for this provider")
    contains(page.save(None, status=400)["error"], "Provider is required")
    contains(page.save("tesseract", status=400)["error"], "Invalid provider. Must be one of: rules, claude, openai")
    contains(page.save("claude", key="sk-no", status=400)["error"], "begins with sk-ant-")
    page.settings(404)  # what was refused is not kept

    equal(page.validate("claude", KEY)["valid"], True)
    model = providers["claude"]["models"][1]["id"]
    saved = page.save("claude", model, KEY, 15)
    equal((saved["success"], saved["provider"], saved["model"], saved["usable"]), (True, "claude", model, False), saved)
    contains(saved["note"], "documents are read by the engine rules")
    got = page.settings()
    equal((got["provider"], got["model"], got["hasApiKey"], got["usable"]), ("claude", model, True, False), got)
    there = page.status()
    equal((there["exists"], there["provider"], there["model"], there["hasApiKey"], there["timeout"]), (True, "claude", model, True, 15))
    equal(page.extend()["timeout"], 15)
    later = page.status()["expiresAt"]
    equal(page.extend(30)["timeout"], 30)
    assert page.status()["expiresAt"] > later
    equal(page.status()["timeout"], 15, "what was chosen stays")

    page.save("openai", "gpt-4o", "sk-other")
    equal((page.settings()["model"], page.status()["timeout"]), ("gpt-4o", 7))
    page.save("openai", None, "sk-other")
    equal(page.settings()["model"], providers["openai"]["models"][0]["id"], "the first where none is named")
    page.save(page.providers()[0]["id"], timeout=7)  # Skip: the first provider, without a key
    got = page.settings()
    equal((got["provider"], got["hasApiKey"], got["usable"], "model" in got, "note" in got), ("rules", False, True, False, False))
    for _ in range(2):
        equal(page.clear(), {"success": True, "message": "LLM settings cleared"})
        page.settings(404)
    # the id in the body or the query, where there is no header
    equal(gateway.json("POST", V1 + "/settings", {"provider": "rules", "sessionId": "s1"})["provider"], "rules")
    equal(gateway.json("GET", V1 + "/settings?sessionId=s1")["provider"], "rules")
    equal(gateway.json("GET", V1 + "/session-status?sessionId=s1")["exists"], True)
    gateway.json("DELETE", V1 + "/settings?sessionId=s1")
    gateway.json("GET", V1 + "/settings?sessionId=s1", status=404)


def apart(r, gateway, database):
    """The same session id of another tenant, or of another key of the same one, is another session; reading is not writing."""
    keys = {name: {"X-Api-Key": add_key(database, tenant, "yogi_" + name * 16)}
            for name, tenant in (("ab", "one"), ("cd", "one"), ("ef", "two"))}
    pages = {name: Client(gateway, headers=headers) for name, headers in keys.items()}
    pages["ab"].save("claude", key=KEY)
    for name in ("cd", "ef"):
        pages[name].settings(404)
        pages[name].status(404)
        pages[name].extend(status=404)
        pages[name].clear()
        pages[name].save("rules")
    equal(pages["ab"].settings()["hasApiKey"], True)
    equal(pages["cd"].settings()["provider"], "rules")
    Client(gateway, "another", keys["ab"]).settings(404)
    # a row moved into another session does not open there
    rows = database("SELECT session FROM llm_choices WHERE secret IS NOT NULL")
    equal(len(rows), 1, rows)
    database("UPDATE llm_choices SET secret = (SELECT secret FROM llm_choices WHERE secret IS NOT NULL), provider = 'claude' "
             "WHERE tenant = 'two'")
    got = pages["ef"].settings()
    equal((got["hasApiKey"], got["usable"]), (False, False))
    contains(got["note"], "is another's; enter it again")
    for page in pages.values():
        page.clear()


@contextmanager
def on_sqlite(home, **settings):
    import contextlib
    import sqlite3

    def run(text):
        with contextlib.closing(sqlite3.connect(home.path / "data" / "app.db", timeout=30, isolation_level=None)) as database:
            return [database.execute(one).fetchall() for one in text.split(";")][-1]
    with system(home, gateway=False, host=False, broker=False, **{"YOGI_LOG_LEVEL": "info", **settings}) as r:
        yield r, run


@contextmanager
def on_postgres(home, **settings):
    with Postgres(home, "-c fsync=off") as server:
        with system(home, gateway=False, host=False, broker=False, DATABASE_URL=server.url, **settings) as r:
            yield r, lambda text: server.sql(text).split("\n")[:-1]


def everything(home, place):
    with place(home) as (r, database):
        gateway = r.gateway()
        flow(gateway)
        apart(r, gateway, database)


def test_sqlite(home):
    everything(home, on_sqlite)


def test_postgres(home):
    everything(home, on_postgres)


def test_postgres_gateways(home):
    """With one key of the vault, what one gateway has encrypted another opens; with two it says why not."""
    with on_postgres(home, YOGI_VAULT_KEY="ab" * 32) as (r, _):
        Client(r.gateway()).save("claude", key=KEY)
        equal(Client(r.gateway()).settings()["hasApiKey"], True)
        got = Client(r.gateway(YOGI_VAULT_KEY="cd" * 32)).settings()
        equal(got["hasApiKey"], False)
        contains(got["note"], "it was encrypted under another key than this gateway has now (YOGI_VAULT_KEY")


# ---- the secret ----


def test_secret(home):
    """An API key is in no file of the data, in no log and in no answer, whatever goes well or badly; and the vault's is its
    owner's alone."""
    with on_sqlite(home, YOGI_LOG_LEVEL="debug") as (r, database):
        gateway = r.gateway()
        page, answers = Client(gateway), []
        answers.append(page.validate("claude", KEY))
        answers.append(page.save("claude", key=f" {KEY}\n"))
        answers += [page.settings(), page.status(), page.extend()]
        for bad in ('{"provider": "claude", "apiKey": "%s"' % KEY, '["%s"]' % KEY, '{"apiKey": "%s", "apiKey": ""}' % KEY,
                    '{"apiKey": %s}' % KEY, '{"provider": "%s"}' % KEY, '{"provider": "claude", "apiKey": "\\u00e9%s"}' % KEY,
                    '{"provider": "openai", "apiKey": "x%s"}' % KEY, '{"provider": "claude", "apiKey": "%s\\r\\nX: y"}' % KEY):
            for path in ("/settings", "/validate"):
                answers.append(gateway.json("POST", V1 + path, bad, {"x-session-id": "s2"}, 400))
        equal(gateway.json("GET", V1 + "/settings", headers={"x-session-id": SESSION, "x-internal-request": "true"})["hasApiKey"], True)
        assert KEY[6:] not in json.dumps(answers), "an answer has the key"
        ((secret,),) = database("SELECT secret FROM llm_choices WHERE secret IS NOT NULL")
        assert len(secret) > 60, secret
        database("PRAGMA wal_checkpoint(PASSIVE)")
        files = [p for p in (home.path / "data").rglob("*") if p.is_file()]
        assert any(p.name == "app.db" for p in files) and secret.encode() in b"".join(p.read_bytes() for p in files)
        for path in files:
            assert KEY.encode()[6:] not in path.read_bytes(), path
            assert SESSION.encode() not in path.read_bytes(), path
        vault = home.path / "data" / "vault.key"
        equal(stat.S_IMODE(os.stat(vault).st_mode), 0o600)
        said = gateway.drained()
        contains(said, "/api/v1/llm/settings")
        assert KEY[6:] not in said and vault.read_text().strip() not in said, "a key is in the log"


def test_vault(home):
    """A key of the vault that has gone or changed makes API keys useless, says so, and breaks nothing; what is no key stops
    the start with a sentence that does not hold it."""
    with on_sqlite(home) as (r, _):
        vault = home.path / "data" / "vault.key"
        gateway = r.gateway()
        Client(gateway).save("claude", key=KEY)
        gateway.drained()
        kept = vault.read_text()
        vault.unlink()
        gateway = r.gateway()  # makes a new one
        page = Client(gateway)
        got = page.settings()
        equal((got["provider"], got["hasApiKey"], got["usable"]), ("claude", False, False))
        contains(got["note"], "it was encrypted under another key than this gateway has now")
        equal((page.status()["exists"], page.status()["hasApiKey"]), (True, False))
        page.extend()
        page.save("openai", key="sk-1")
        equal(page.settings()["hasApiKey"], True)
        page.clear()
        page.save("claude", key=KEY)
        gateway.drained()
        gateway = r.gateway(YOGI_VAULT_KEY=vault.read_text().strip())  # the same one by a setting
        equal(Client(gateway).settings()["hasApiKey"], True)
        gateway.drained()
        home.file("vault-file", kept)
        gateway = r.gateway(YOGI_VAULT_KEY_FILE=str(home.path / "vault-file"))
        equal(Client(gateway).settings()["hasApiKey"], False)
        gateway.drained()

        def refused(sentence, **env):
            got = home.run(home.build / "bin" / "yogi-gateway", env={**r.settings, **env})
            equal((got.code, len(got.err.splitlines())), (2, 1), got)
            contains(got.err, sentence)
            assert "abcdef" not in got.err and kept.strip() not in got.err, got

        refused("YOGI_VAULT_KEY: the key is not 64 hex digits; make one by: openssl rand -hex 32", YOGI_VAULT_KEY="abcdef")
        vault.chmod(0o640)
        refused("vault.key may be read by others than its owner (mode 0640): chmod 600 it")
        vault.chmod(0o600)
        vault.write_text("abcdef\n")
        refused("vault.key: the key is not 64 hex digits")
        contains(home.run(home.real, "config", env={"YOGI_VAULT_KEY": kept.strip()}).out, "YOGI_VAULT_KEY=********\n")


# ---- limits ----


def test_limits(home):
    with on_sqlite(home) as (r, database):
        gateway = r.gateway()
        page = Client(gateway)

        def refused(path, body, sentence, status=400, session="s"):
            got = gateway.json("POST", V1 + path, body, {"x-session-id": session}, status)
            contains(got["error"], sentence)

        refused("/settings", {"provider": "claude", "apiKey": "sk-ant-" + "x" * 506}, "apiKey has more than 512 bytes")
        page.save("claude", key="sk-ant-" + "x" * 505)
        refused("/settings", {"provider": "claude", "apiKey": KEY, "model": "x" * 129}, "model has more than 128 bytes")
        refused("/settings", {"provider": "claude", "apiKey": KEY, "model": "a b"}, "model has characters")
        refused("/settings", {"provider": "x" * 65}, "provider has more than 64 bytes")
        refused("/settings", {"provider": 7}, "provider is a text or null")
        refused("/settings", {"provider": "claude", "apiKey": "sk-ant-a b"}, "apiKey has characters that no API key has")
        refused("/settings", {"provider": "rules", "x": "y" * 5000}, "", 413)
        refused("/settings", {"provider": "rules"}, "1 to 200 visible ASCII characters", session="x" * 201)
        refused("/settings", {"provider": "rules", "sessionId": "a b"}, "1 to 200 visible ASCII characters", session="")
        refused("/settings", {"provider": "rules"}, "Session ID is required", session="")
        for path in ("/settings", "/session-status"):
            contains(gateway.json("GET", V1 + path, status=400)["error"], "Session ID is required")
        for timeout in (0, -1, 31, 1e99, "x", "7 ", True, [7]):
            refused("/extend-session", {"timeout": timeout}, "a number of minutes, from 1 to 30")
            page.save("rules", timeout=timeout)
            equal(page.status()["timeout"], 7, timeout)
        for timeout, minutes in ((15, 15), ("30", 30), (8, 7)):
            page.save("rules", timeout=timeout)
            equal(page.status()["timeout"], minutes, timeout)
        page.save("claude", "any-model-of-tomorrow:8b/x", KEY)
        equal(page.settings()["model"], "any-model-of-tomorrow:8b/x")
        # its time is over
        database("UPDATE llm_choices SET expires_at = '2020-01-01 00:00:00.000'")
        page.settings(404)
        page.status(404)
        # so many sessions and no more
        database("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO llm_choices SELECT "
                 "'default', 's' || i, 'rules', NULL, NULL, 7, '2999-01-01 00:00:00.000' FROM n")
        contains(page.save("rules", status=429)["error"], "5000 sessions have made a choice")


def test_roles(home):
    """No route without a key where keys are needed; the browser's question before another site's page is answered."""
    with on_sqlite(home, YOGI_ACCESS="keys", YOGI_ORIGINS="https://demo.example") as (r, _):
        gateway = r.gateway()
        for method, path in (("GET", "/providers"), ("GET", "/settings"), ("POST", "/settings"), ("DELETE", "/settings"),
                             ("POST", "/validate"), ("POST", "/extend-session"), ("GET", "/session-status")):
            equal(gateway.ask(method, V1 + path, headers={"x-session-id": "s"})[0], 401, path)
        status, headers, _ = gateway.ask("OPTIONS", V1 + "/settings", headers={
            "Origin": "https://demo.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-session-id"})
        equal(status, 204)
        contains(headers["access-control-allow-headers"].lower(), "x-session-id")


# ---- asking the provider ----


class Provider:
    """A server of models that takes one key."""

    def __enter__(self):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                given = self.headers.get("x-api-key") or self.headers.get("Authorization", "").replace("Bearer ", "")
                status = {"sk-ant-good": 200, "local": 200, "sk-ant-moved": 302, "sk-ant-busy": 429, "sk-ant-odd": 404}.get(given, 401)
                body = b'{"data": []}'
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://localhost:{self.server.server_port}/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_asked(home):
    """The server that the operator has named is asked, where its address is allowed, with the key and no redirect."""
    with Provider() as it, on_sqlite(home, YOGI_SOURCE_NETWORKS="127.0.0.0/8", YOGI_ANTHROPIC_URL=it.url + "/base/", YOGI_OPENAI_URL=it.url,
                                     YOGI_LOG_LEVEL="debug") as (r, _):
        gateway = r.gateway()
        page = Client(gateway)
        got = page.validate("claude", "sk-ant-good")
        equal((got["valid"], got["checked"]), (True, "server"))
        path, headers = it.seen.pop()
        equal((path, headers["x-api-key"], headers["anthropic-version"]), ("/base/v1/models", "sk-ant-good", "2023-06-01"))
        assert "authorization" not in headers, headers
        equal(page.validate("openai", "local")["valid"], True)  # a server of one's own has keys of its own form
        path, headers = it.seen.pop()
        equal((path, headers["authorization"]), ("/v1/models", "Bearer local"))
        contains(page.validate("claude", "sk-ant-bad", status=400)["error"], "does not take this API key")
        it.seen.clear()
        contains(page.validate("claude", "sk-ant-moved", status=502)["error"], "it redirects, where it should answer itself")
        equal([path for path, _ in it.seen], ["/base/v1/models"], "a key went elsewhere")
        contains(page.validate("claude", "sk-ant-busy", status=503)["error"], "cannot be told now")
        contains(page.validate("claude", "sk-ant-odd", status=502)["error"], "look at YOGI_ANTHROPIC_URL")
        it.seen.clear()
        page.save("claude", key="sk-ant-unasked")
        equal(it.seen, [], "saving asks nobody")
        it.server.shutdown()
        it.server.server_close()
        contains(page.validate("claude", "sk-ant-good", status=503)["error"], "cannot be told now")
        said = gateway.drained()
        assert "sk-ant" not in said, said


def test_not_asked(home):
    """No private address that is not listed, whatever the setting says; and users name no server."""
    with Provider() as it, on_sqlite(home, YOGI_ANTHROPIC_URL=it.url) as (r, _):
        gateway = r.gateway()
        got = Client(gateway).validate("claude", "sk-ant-good", status=502)
        contains(got["error"], "is not public, and no network that is allowed (YOGI_SOURCE_NETWORKS)")
        gateway.json("POST", V1 + "/validate", {"provider": "openai", "apiKey": "sk-1", "url": it.url, "baseUrl": it.url, "endpoint": it.url})
        equal(it.seen, [])
        for bad in ("ftp://x", "api.anthropic.com", "https://user@x", "https://a https://b"):
            got = home.run(home.build / "bin" / "yogi-gateway", env={**r.settings, "YOGI_OPENAI_URL": bad})
            equal((got.code, len(got.err.splitlines())), (2, 1), got)
            contains(got.err, "YOGI_OPENAI_URL: ")


def test_slow_provider(home):
    """Servers that do not answer hold two threads at most, and the interface goes on."""
    import socket
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with on_sqlite(home, YOGI_SOURCE_NETWORKS="127.0.0.0/8", YOGI_ANTHROPIC_URL=url) as (r, _):
            gateway = r.gateway()
            page = Client(gateway)
            answers = []
            threads = [threading.Thread(target=lambda: answers.append(gateway.ask(
                "POST", V1 + "/validate", json.dumps({"provider": "claude", "apiKey": "sk-ant-x"}))[0::2])) for _ in range(12)]
            for thread in threads:
                thread.start()
            page.save("rules")
            equal(page.settings()["provider"], "rules")
            wait_for(lambda: len(answers) >= 10, "all but those that wait for the server")
            for _ in range(len(threads) - len(answers)):
                silent.accept()[0].close()
            for thread in threads:
                thread.join()
            equal({status for status, _ in answers}, {503})
            said = [json.loads(body)["error"] for _, body in answers]
            equal(sum("other API keys are being looked at" in one for one in said) >= 8, True, said)
            assert any("cannot be told now" in one for one in said), said


if __name__ == "__main__":
    main(sys.modules[__name__])

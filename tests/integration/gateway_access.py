#!/usr/bin/python3
"""Who may use the gateway: API keys and their command, tokens of other systems, tenants apart, rates."""
import base64
import hashlib
import hmac
import http.server
import json
import re
import socket
import sys
import threading
import time

from gateways import system
from harness import contains, equal, main, wait_for

SECRET = "a secret that is long enough for HMAC-SHA256"
ANY = "0" * 36


def tokens(r, *words, code=0):
    done = r.home.run(r.home.real, "tokens", *words, env={**r.settings, "YOGI_LOG_LEVEL": "error"})
    equal(done.code, code, done)
    return done.out if code == 0 else done.err


def new_key(r, name, *options):
    out = tokens(r, "new", name, *options)
    return re.search(r"^id +(\S+)$", out, re.M)[1], {"X-Api-Key": re.search(r"^key +(\S+)$", out, re.M)[1]}


def test_keys(home):
    """A key opens what is its tenant's from the moment it is made to the moment it is revoked."""
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys") as r:
        gateway = r.gateway()
        for headers in ({}, {"X-Api-Key": "yogi_" + "0" * 64}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"}):
            status, answer, body = gateway.ask("GET", "/api/v1/documents", headers=headers)
            equal((status, answer["www-authenticate"]), (401, "Bearer"), body)
        for path in ("/health", "/readyz"):
            equal(gateway.ask("GET", path)[0], 200, path)
        one, key = new_key(r, "Ms Ada")
        equal(gateway.json("GET", "/api/v1/documents", headers=key), [])
        equal(gateway.json("GET", "/api/v1/documents", headers={"Authorization": f"bearer {key['X-Api-Key']}"}), [])
        listed = tokens(r, "list")
        contains(listed, f"{one}  default           teacher")
        assert key["X-Api-Key"] not in listed
        stored = b"".join(p.read_bytes() for p in (home.path / "data").rglob("app.db*"))
        assert one.encode() in stored and key["X-Api-Key"].encode() not in stored, "the database has the key itself"
        contains(tokens(r, "revoke", one), "is revoked")
        equal(gateway.ask("GET", "/api/v1/documents", headers=key)[0], 401)
        contains(tokens(r, "list"), "revoked")
        contains(tokens(r, "revoke", one), "is revoked")  # once more
        contains(tokens(r, "revoke", ANY, code=3), "there is no key")


def test_command(home):
    with system(home, gateway=False, host=False, broker=False) as r:
        contains(tokens(r, "--help"), "yogi tokens revoke ID")
        contains(tokens(r, "new", code=2), "takes one name")
        contains(tokens(r, code=2), "new, list or revoke?")
        contains(tokens(r, "make", "x", code=2), "there is no yogi tokens make")
        contains(tokens(r, "new", "x", "--role", "boss", code=2), "--role is teacher, admin or service")
        contains(tokens(r, "new", "x", "--tenant", "No Good", code=3), "tenant")
        contains(tokens(r, "new", "x", "--days", "-1", code=2), "days")
        for tenant in ("b", "a"):
            new_key(r, f"of {tenant}", "--tenant", tenant, "--days", "30")
        lines = tokens(r, "list").splitlines()[1:]
        equal([line.split()[1] for line in lines], ["a", "b"])
        equal(len(tokens(r, "list", "--tenant", "a").splitlines()), 2)
        assert all(re.search(r"20\d\d-\d\d-\d\d  20\d\d-\d\d-\d\d  valid", line) for line in lines), lines


def test_roles(home):
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys") as r:
        gateway = r.gateway()
        seen = {}
        for role in ("teacher", "service", "admin"):
            _, key = new_key(r, role, "--role", role)
            seen[role] = [gateway.ask("GET", path, headers=key)[0] for path in ("/api/v1/documents", "/metrics")]
        equal(seen, {"teacher": [200, 403], "service": [200, 200], "admin": [200, 200]})


# ---- tokens of others ----

def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).rstrip(b"=").decode()


def signed(claims, secret=SECRET, header=None):
    text = f"{b64({'alg': 'HS256', 'typ': 'JWT', **(header or {})})}.{b64(claims)}"
    return f"{text}.{b64(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def claims(**more):
    return {k: v for k, v in {"sub": "ada", "tenant": "one", "role": "teacher", "exp": time.time() + 600, **more}.items() if v is not None}


def test_hs256(home):
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys", YOGI_JWT_SECRET=SECRET, YOGI_JWT_ISSUER="https://id.example",
             YOGI_JWT_AUDIENCE="yogi") as r:
        gateway = r.gateway(YOGI_LOG_LEVEL="info")

        def ask(token, path="/api/v1/documents"):
            status, _, body = gateway.ask("GET", path, headers={"Authorization": f"Bearer {token}"})
            return status, json.loads(body).get("detail", "") if status >= 400 and body[:1] == b"{" else ""

        def good(**more):
            return claims(iss="https://id.example", aud="yogi", **more)

        equal(ask(signed(good())), (200, ""))
        bearer = {"Authorization": f"Bearer {signed(good())}"}
        document = gateway.hand_in("Maths", headers=bearer)["documentId"]
        equal(gateway.json("GET", f"/api/v1/documents/{document}", headers=bearer)["id"], document)
        equal(ask(signed(good(tenant="two")), f"/api/v1/documents/{document}")[0], 404, "another tenant's")
        equal(ask(signed({**good(), "aud": ["other", "yogi"]})), (200, ""))
        equal(ask(signed(good()), "/metrics")[0], 403)
        equal(ask(signed(good(role="service")), "/metrics")[0], 200)
        now = time.time()
        token = signed(good())
        head, body, signature = token.split(".")
        for bad, why in [
                (signed(good(exp=now - 3600)), "expired"), (signed(good(exp=None)), "exp"), (signed(good(exp="soon")), "exp"),
                (signed(good(nbf=now + 3600)), "not valid yet"), (signed({**good(), "iss": "https://evil.example"}), "issuer"),
                (signed({**good(), "aud": "other"}), "audience"), (signed({**good(), "aud": {"yogi": 1}}), "audience"),
                (signed(good(tenant=None)), "tenant"), (signed(good(tenant="../x")), "tenant"), (signed(good(tenant=7)), "tenant"),
                (signed(good(role=None)), "role"), (signed(good(role="root")), "role"), (signed(good(), "another secret " * 4), "signature"),
                (f"{head}.{b64(good(tenant='two'))}.{signature}", "signature"), (f"{head}.{body}.", ""), (f"{head}.{body}.AAAA", "signature"),
                (f"{b64({'alg': 'none'})}.{b64(good())}.", ""), (f"{b64({'alg': 'none'})}.{b64(good())}.{signature}", ""),
                (signed(good(), header={"alg": "HS512"}), "algorithm"), (signed(good(), header={"alg": "RS256"}), "algorithm"),
                (signed(good(), header={"crit": ["exp"]}), "critical"), (signed(good(), header={"alg": 7}), ""),
                (signed([1]), "JSON object"), (signed(good(note="x" * 9000)), "malformed"),
                ("eyJ.eyJ.eyJ", "malformed"), ("eyJhbGciOiJIUzI1NiJ9..", "")]:
            status, said = ask(bad)
            equal(status, 401, f"{bad[:80]} {said}")
            contains(said, why, bad[:80])
        said = gateway.drained()
        assert signature not in said and SECRET not in said, "a token is in the log"


def rsa_pair():
    from cryptography.hazmat.primitives.asymmetric import rsa
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(pair, kid):
    numbers = pair.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "use": "sig", "n": b64(numbers.n.to_bytes(256, "big")), "e": b64(numbers.e.to_bytes(3, "big"))}


def rs256(pair, kid, content):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding
    text = f"{b64({'alg': 'RS256', **({'kid': kid} if kid else {})})}.{b64(content)}"
    return {"Authorization": f"Bearer {text}.{b64(pair.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"}


def test_jwks_file(home):
    """Keys of a file, which are read again when it changes; a public key is no secret of HMAC."""
    one, two = rsa_pair(), rsa_pair()
    path = home.path / "keys.json"
    path.write_text(json.dumps({"keys": [{"kty": "EC", "kid": "e"}, public(one, "one")]}))
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys", YOGI_JWT_KEYS=str(path)) as r:
        gateway = r.gateway()

        def status(headers):
            return gateway.ask("GET", "/api/v1/documents", headers=headers)[0]

        equal(status(rs256(one, "one", claims())), 200)
        equal(status(rs256(one, None, claims())), 200)  # the only one there is
        equal(status(rs256(two, "one", claims())), 401)
        equal(status(rs256(two, "two", claims())), 401)
        for secret in (json.dumps(public(one, "one")), public(one, "one")["n"]):
            equal(status({"Authorization": f"Bearer {signed(claims(), secret, {'kid': 'one'})}"}), 401)
        fresh = home.path / "fresh.json"
        fresh.write_text(json.dumps({"keys": [public(two, "two")]}))
        fresh.replace(path)
        wait_for(lambda: status(rs256(two, "two", claims())) == 200, "the new key")
        equal(status(rs256(one, "one", claims())), 401, "the old key is known no more")
    for text in ("nothing", "[]", '{"keys": 1}'):
        path.write_text(text)
        done = home.run(home.build / "bin" / "yogi-gateway", env={**r.settings, "YOGI_JWT_KEYS": str(path)})
        equal(done.code, 2, done)
        contains(done.err, "YOGI_JWT_KEYS")
    done = home.run(home.build / "bin" / "yogi-gateway", env={**r.settings, "YOGI_JWT_KEYS": "", "YOGI_JWT_SECRET": "short"})
    equal(done.code, 2, done)
    contains(done.err, "32 at least")


def test_jwks_away(home):
    """A server of keys that does not answer is asked again now and then, and that it is away is said once."""
    pair = rsa_pair()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # a port that is somebody's, and does not answer
        place = f"http://127.0.0.1:{nobody.getsockname()[1]}/keys?token=secret"
        with system(home, gateway=False, host=False, YOGI_ACCESS="keys", YOGI_JWT_KEYS=place) as r:
            gateway = r.gateway()
            end = time.monotonic() + 11  # it asks again within that time
            while time.monotonic() < end:
                equal(gateway.ask("GET", "/api/v1/documents", headers=rs256(pair, "one", claims()))[0], 401)
                time.sleep(0.5)
            said = [json.loads(line) for line in gateway.drained().splitlines() if '"jwks.' in line]
        equal([line["event"] for line in said], ["jwks.fault"], said)
        contains(said[0]["place"], "http://127.0.0.1:")
        assert "secret" not in json.dumps(said), said


def test_jwks_url(home):
    """Keys of a server."""
    pair = rsa_pair()
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            body = json.dumps({"keys": [public(pair, "one")]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys", YOGI_JWT_KEYS=f"http://127.0.0.1:{server.server_port}/keys?x=1") as r:
        gateway = r.gateway()
        equal(asked, ["/keys?x=1"])
        for _ in range(5):
            equal(gateway.ask("GET", "/api/v1/documents", headers=rs256(pair, "one", claims()))[0], 200)
            equal(gateway.ask("GET", "/api/v1/documents", headers=rs256(pair, "other", claims()))[0], 401)
        assert len(asked) <= 2, f"unknown keys make it ask again and again: {asked}"
        equal(gateway.drained(), "")
    server.shutdown()


# ---- rates ----

def test_rate(home):
    """So many calls and no more, for each key by itself; more as time goes by."""
    with system(home, gateway=False, host=False, YOGI_ACCESS="keys", YOGI_RATE="20") as r:
        gateway = r.gateway()
        _, one = new_key(r, "one")
        _, two = new_key(r, "two")
        answers = [gateway.ask("GET", "/api/v1/documents", headers=one) for _ in range(21)]
        equal([status for status, _, _ in answers[:20]], [200] * 20)
        equal([answers[0][1][f"ratelimit-{n}"] for n in ("limit", "remaining")], ["20", "19"])
        refused = [gateway.ask("GET", "/api/v1/documents", headers=one) for _ in range(3)]
        status, headers, body = next(a for a in answers[20:] + refused if a[0] != 200)
        equal((status, json.loads(body)["code"], headers["ratelimit-remaining"]), (429, "too-often", "0"))
        assert 1 <= int(headers["retry-after"]) <= 3, headers
        equal(gateway.ask("GET", "/api/v1/documents", headers=two)[0], 200, "another key has its own")
        equal(gateway.ask("GET", "/health")[0], 200)
        wait_for(lambda: gateway.ask("GET", "/api/v1/documents", headers=one)[0] == 200, "another call")


if __name__ == "__main__":
    main(sys.modules[__name__])

#!/usr/bin/python3
"""Fetching documents (proto/fetch) from a real small HTTP server and from files: what comes, and each refusal with its one
clear sentence. tests/tools/fetching.c does it as a host does."""
import hashlib
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager

from harness import Skip, contains, equal, main

CONTENT = b"a week in bytes " * 5000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the path; self.server.seen are the requests, self.server.home the released event of the slow ones."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers)))
        name = self.path.split("?")[0].strip("/").split("/")
        try:
            getattr(self, "do_" + name[0].replace("-", "_"))(*name[1:])
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def send(self, status, body=b"", **headers):
        self.send_response(status)
        for key, value in {"Content-Length": len(body), **headers}.items():
            if value is not None:
                self.send_header(key.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_good(self):
        self.send(200, CONTENT)

    def do_empty(self):
        self.send(200, b"")

    def do_status(self, number):
        self.send(int(number), b"<error>sorry</error>")

    def do_long_error(self):
        self.send(500, b"x" * 1000000)

    def do_to(self, *where):
        self.send(302, b"moved", Location="/" + "/".join(where))

    def do_away(self):
        self.send(307, b"", Location=self.server.away)

    def do_nowhere(self):
        self.send(302)

    def do_chunked(self):  # no length told, more than allowed
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def do_claims(self, number):
        self.send(200, b"x", Content_Length=number)
        self.close_connection = True

    def do_short(self):
        self.send(200, b"half", Content_Length=1000)
        self.close_connection = True

    def do_rude(self):
        self.close_connection = True

    def do_babble(self):
        self.wfile.write(b"\x00\x01 this is not HTTP\r\n\r\n")
        self.close_connection = True

    def do_headers(self):
        self.send_response(200)
        for i in range(2000):
            self.send_header(f"X-{i}", "y" * 80)
        self.send(200, b"x")

    def do_silent(self):
        self.server.stop.wait(60)
        self.close_connection = True

    def do_stalls(self):
        self.send(200, b"half", Content_Length=1000)
        self.wfile.flush()
        self.server.stop.wait(60)
        self.close_connection = True

    def do_trickle(self):  # a byte at a time, for ever
        self.send(200, b"", Content_Length=100000)
        while not self.server.stop.wait(0.02):
            self.wfile.write(b"x")
            self.wfile.flush()
        self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256  # many come at once: none is to wait for a second SYN

    def handle_error(self, *_):  # a client that leaves in the middle is what is tested
        pass


@contextmanager
def serving(host="127.0.0.1", context=None):
    family = Server.address_family
    Server.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        server = Server((host, 0), Handler)
    finally:
        Server.address_family = family
    server.seen, server.stop, server.away = [], threading.Event(), ""
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.base = f"{'https' if context else 'http'}://{'[' + host + ']' if ':' in host else host}:{server.server_port}"
    try:
        yield server
    finally:
        server.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def fetch(home, urls, *options, env=None, code=0):
    """What became of the URLs, in their order."""
    got = home.run(home.build / "bin" / "fetching", *options, *urls, env=env)
    equal(got.code, code, got)
    if code:
        return got.err
    ends = sorted((json.loads(line) for line in got.out.splitlines()), key=lambda end: end["number"])
    for end in ends:
        equal(bool(end["sealed"]), end["fault"] == "none", end)
    home.turns = int(got.err.split(" turns")[0])
    return ends


def open_to(server, *more):
    return ["--endpoints", server.base, "--networks", "127.0.0.0/8 ::1", *more]


def refused(home, url, options, fault, sentence):
    (end,) = fetch(home, [url], *options)
    equal((end["fault"], end["text"]), (fault, sentence))
    equal((end["bytes"], end["sha256"]), (0, ""))


# ---- what comes ----


def test_good(home):
    with serving() as server:
        ends = fetch(home, [server.base + "/good?X-Signature=secret"] * 3, *open_to(server), "--expect", DIGEST.upper(),
                     "--size", len(CONTENT))
        for end in ends:
            equal((end["fault"], end["bytes"], end["file"], end["sha256"]), ("none", len(CONTENT), len(CONTENT), DIGEST))
        path, headers = server.seen[0]
        equal(path, "/good?X-Signature=secret")  # the server gets all of it
        contains(headers["User-Agent"], "yogi/")
        for name in ("Cookie", "Authorization", "Referer"):
            assert name not in headers, headers


def test_many_at_once(home):
    """More than may run together, good and bad mixed: each ends once, and the slow ones hold up nobody."""
    with serving() as server:
        urls = [server.base + ("/good", "/status/404", "/to/good", "/silent")[i % 4] for i in range(80)]
        ends = fetch(home, urls, *open_to(server), "--at-once", 16, "--stall-ms", 1500)
        equal(len(ends), 80)
        for i, end in enumerate(ends):
            equal(end["fault"], ("none", "input", "none", "timeout")[i % 4], end)


def test_waits_without_turning(home):
    """While a server is silent nothing is to be done, and nothing is done."""
    with serving() as server:
        fetch(home, [server.base + "/silent"], *open_to(server), "--stall-ms", 1000)
        assert home.turns < 60, home.turns


def test_redirects(home):
    with serving() as server, serving() as other:
        server.away = other.base + "/good"
        both = ["--endpoints", f"{server.base},{other.base}", "--networks", "127.0.0.1"]
        for url in ("/to/good", "/to/to/to/good", "/away"):
            (end,) = fetch(home, [server.base + url], *both)
            equal((end["fault"], end["sha256"]), ("none", DIGEST), url)
        equal(len(other.seen), 1)


def test_ipv6(home):
    try:
        with serving("::1") as server:
            (end,) = fetch(home, [server.base + "/good"], *open_to(server))
            equal(end["fault"], "none", end)
            refused(home, server.base + "/good", ["--endpoints", server.base, "--networks", "127.0.0.0/8"], "input",
                    f"{server.base}/…: its address ::1 is not public, and no network that is allowed (YOGI_SOURCE_NETWORKS)")
    except OSError as error:
        raise Skip(f"no IPv6 here: {error}")


def certificate(home, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={name}", "-keyout", "key", "-out", "certificate"],
                   cwd=home.path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.path / "certificate", home.path / "key")
    return context


def test_tls(home):
    with serving(context=certificate(home, "IP:127.0.0.1")) as server:
        (end,) = fetch(home, [server.base + "/good"], *open_to(server), "--authorities", home.path / "certificate")
        equal((end["fault"], end["sha256"]), ("none", DIGEST), end)
        refused(home, server.base + "/good", open_to(server), "unreachable",
                f"{server.base}/…: its certificate is not trusted (YOGI_SOURCE_AUTHORITIES)")


def test_certificate_of_another(home):
    with serving(context=certificate(home, "IP:127.0.0.2")) as server:
        refused(home, server.base + "/good", open_to(server, "--authorities", home.path / "certificate"), "unreachable",
                f"{server.base}/…: its certificate is not trusted (YOGI_SOURCE_AUTHORITIES)")


# ---- where it may not go ----


def test_other_endpoints(home):
    with serving() as server, serving() as other:
        refused(home, other.base + "/good?secret", open_to(server), "input",
                f"{other.base}/…: its endpoint is not one that may be fetched from (YOGI_SOURCE_ENDPOINTS)")
        server.away = other.base + "/good?secret"
        refused(home, server.base + "/away", open_to(server), "input",
                f"{server.base}/…: it redirects to: {other.base}/…: its endpoint is not one that may be fetched from "
                "(YOGI_SOURCE_ENDPOINTS)")
        equal(other.seen, [])


def test_other_schemes(home):
    with serving() as server:
        refused(home, "ftp://127.0.0.1/x", open_to(server), "input", "ftp:…: only file, http and https are fetched")
        refused(home, "not a url", open_to(server), "input", "a text that is no URL: it is not a URL")
        user = server.base.replace("//", "//me:password@")
        refused(home, user + "/good", open_to(server), "input",
                f"{server.base}/…: it carries a user or a password, which is not allowed")
        equal(server.seen, [])


def test_redirect_to_a_file(home):
    (home.path / "secret").write_text("x")
    with serving() as server:
        server.away = f"file://{home.path}/secret"
        refused(home, server.base + "/away", open_to(server, "--roots", home.path), "input",
                f"{server.base}/…: it redirects to a file")


def test_addresses(home):
    """A name may lead anywhere: it is the address that counts, at the moment of connecting."""
    with serving() as server:
        closed = ["--endpoints", f"{server.base} http://localhost:{server.server_port} http://0.0.0.0:{server.server_port}"]
        for host, shown in {"127.0.0.1": "127.0.0.1", "0.0.0.0": "0.0.0.0"}.items():
            url = f"http://{host}:{server.server_port}"
            refused(home, url + "/good", closed, "input", f"{url}/…: its address {shown} is not public, and no network that "
                    "is allowed (YOGI_SOURCE_NETWORKS)")
        (end,) = fetch(home, [f"http://localhost:{server.server_port}/good"], *closed)
        equal(end["fault"], "input")
        contains(end["text"], "is not public")
        refused(home, server.base + "/good", [*closed, "--networks", "10.0.0.0/8"], "input",
                f"{server.base}/…: its address 127.0.0.1 is not public, and no network that is allowed (YOGI_SOURCE_NETWORKS)")
        equal(server.seen, [])


def test_no_proxy(home):
    """A proxy of the environment would connect to addresses that nobody has looked at."""
    with serving() as server, serving() as proxy:
        env = {"http_proxy": proxy.base, "all_proxy": proxy.base, "HTTP_PROXY": proxy.base}
        (end,) = fetch(home, [server.base + "/good"], *open_to(server), env=env)
        equal(end["fault"], "none", end)
        equal(proxy.seen, [])


def test_redirect_loop(home):
    with serving() as server:
        server.away = server.base + "/away"
        refused(home, server.base + "/away", open_to(server), "input", f"{server.base}/…: it redirects more than 3 times")
        equal(len(server.seen), 4)
        refused(home, server.base + "/nowhere", open_to(server), "input", f"{server.base}/…: it redirects to nowhere")


# ---- what is not taken ----


def test_too_large(home):
    with serving() as server:
        for path in ("/chunked", "/claims/99999999999"):
            refused(home, server.base + path, open_to(server, "--bytes", 1 << 20), "too-large",
                    f"{server.base}/…: it has more than the 1 MB that are fetched (YOGI_SOURCE_BYTES)")
        refused(home, server.base + "/good", open_to(server, "--bytes", 1 << 20, "--size", 2 << 20), "too-large",
                f"{server.base}/…: it has more than the 1 MB that are fetched (YOGI_SOURCE_BYTES)")
        (end,) = fetch(home, [server.base + "/good"], *open_to(server, "--bytes", len(CONTENT)))
        equal(end["fault"], "none", "a document may be as large as the limit")
        (end,) = fetch(home, [server.base + "/good"], *open_to(server, "--bytes", len(CONTENT) - 1))
        equal(end["fault"], "too-large")


def test_other_bytes(home):
    with serving() as server:
        refused(home, server.base + "/good", open_to(server, "--expect", "0" * 64), "damaged",
                f"{server.base}/…: its SHA-256 is {DIGEST[:16]}…, not the {'0' * 16}… that was announced")
        refused(home, server.base + "/good", open_to(server, "--size", 7), "damaged",
                f"{server.base}/…: it has {len(CONTENT)} bytes, not the 7 that were announced")
        refused(home, server.base + "/empty", open_to(server), "damaged", f"{server.base}/…: it has no bytes")


def test_answers(home):
    with serving() as server:
        rows = {"401": ("source-expired", "it may no longer be fetched (HTTP 401); it needs a new URL"),
                "403": ("source-expired", "it may no longer be fetched (HTTP 403); it needs a new URL"),
                "410": ("source-expired", "it may no longer be fetched (HTTP 410); it needs a new URL"),
                "404": ("input", "it is not there (HTTP 404)"),
                "400": ("input", "its server answers HTTP 400, not 200"),
                "206": ("input", "its server answers HTTP 206, not 200"),
                "429": ("unreachable", "its server cannot serve it now (HTTP 429)"),
                "500": ("unreachable", "its server cannot serve it now (HTTP 500)"),
                "503": ("unreachable", "its server cannot serve it now (HTTP 503)")}
        for number, (fault, sentence) in rows.items():
            refused(home, f"{server.base}/status/{number}", open_to(server), fault, f"{server.base}/…: {sentence}")
        refused(home, server.base + "/long-error", open_to(server), "unreachable",
                f"{server.base}/…: its server cannot serve it now (HTTP 500)")


def test_broken_connections(home):
    with serving() as server:
        for path in ("/short", "/rude"):
            refused(home, server.base + path, open_to(server), "unreachable", f"{server.base}/…: the connection broke off")
        for path in ("/babble", "/headers"):
            (end,) = fetch(home, [server.base + path], *open_to(server))
            equal(end["fault"], "unreachable", end)
    refused(home, server.base + "/good", open_to(server), "unreachable", f"{server.base}/…: nobody listens there")
    refused(home, "http://nobody.invalid/x", ["--endpoints", "http://nobody.invalid"], "unreachable",
            "http://nobody.invalid/…: its host name cannot be resolved")


def test_headers_without_end(home):
    with serving() as server:
        refused(home, server.base + "/headers", open_to(server), "unreachable",
                f"{server.base}/…: its answer has more than 64 kB of headers")


def test_silence_and_trickle(home):
    with serving() as server:
        for path in ("/silent", "/stalls"):
            refused(home, server.base + path, open_to(server, "--stall-ms", 1000), "timeout",
                    f"{server.base}/…: nothing came for 1 s (YOGI_SOURCE_STALL_SECONDS)")
        refused(home, server.base + "/trickle", open_to(server, "--stall-ms", 900, "--total-ms", 2000), "timeout",
                f"{server.base}/…: it takes longer than 2 s (YOGI_SOURCE_SECONDS)")


def test_cancel(home):
    with serving() as server:
        equal(fetch(home, [server.base + "/silent", server.base + "/good"] * 4, *open_to(server), "--cancel"), [])


# ---- files ----


def test_files(home):
    root = home.path / "documents"
    root.mkdir()
    (root / "a week.pdf").write_bytes(CONTENT)
    (root / "link.pdf").symlink_to(root / "a week.pdf")
    (home.path / "secret").write_bytes(b"secret")
    (root / "out").symlink_to(home.path)
    options = ["--roots", root, "--expect", DIGEST]
    (end,) = fetch(home, [f"file://{root}/a%20week.pdf"], *options)
    equal((end["fault"], end["bytes"], end["sha256"]), ("none", len(CONTENT), DIGEST), end)
    for name, sentence in {"missing": "there is no such file", "link.pdf": "a symbolic link in its path is not followed",
                           "out/secret": "a part of its path is no folder (or a symbolic link)",
                           "%2e%2e/secret": "its path goes through . or .."}.items():
        refused(home, f"file://{root}/{name}", options, "input", f"file://{root}/{name}: {sentence}")
    refused(home, f"file://{home.path}/secret", options, "input",
            f"file://{home.path}/secret: it is not below a folder that may be read (YOGI_SOURCE_ROOTS)")
    refused(home, f"file://{root}/a%20week.pdf", ["--roots", root, "--bytes", 1000], "too-large",
            f"file://{root}/a%20week.pdf: it has more than the 0 MB that are fetched (YOGI_SOURCE_BYTES)")
    refused(home, f"file://{root}/a%20week.pdf", [], "input",
            f"file://{root}/a%20week.pdf: it is not below a folder that may be read (YOGI_SOURCE_ROOTS)")


def test_large_file_in_steps(home):
    """It is read in blocks, with room for others between them."""
    (home.path / "large").write_bytes(os.urandom(1 << 20) * 20)
    (end,) = fetch(home, [f"file://{home.path}/large"], "--roots", home.path)
    equal((end["fault"], end["bytes"]), ("none", 20 << 20))
    assert home.turns >= 80, home.turns


def test_wrong_settings(home):
    for options, part in {("--roots", "documents"): '"documents" is not an absolute path',
                          ("--endpoints", "example.org"): "is not an endpoint",
                          ("--networks", "10.0.0.0/40"): '"10.0.0.0/40" is not a network'}.items():
        contains(fetch(home, ["file:///x"], *options, code=2), part)


if __name__ == "__main__":
    main(sys.modules[__name__])

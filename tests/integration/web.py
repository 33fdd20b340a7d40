#!/usr/bin/python3
"""The gateway's HTTP server (gateway/http), by raw sockets and by curl against tests/tools/webserver.c: routes, bodies, forms,
limits and their times, streams, answers that come later, the end of the server."""
import gzip
import hashlib
import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

from harness import Skip, contains, equal, main, wait_for


class Server:
    def __init__(self, home, limits, env=None):
        arguments = [word for name, number in limits.items() for word in (f"--{name.replace('_', '-')}", str(number))]
        self.log = home.path / "log"
        self.spool = home.path / "spool"
        self.spool.mkdir()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([home.build / "bin" / "webserver", self.spool, *arguments], stdout=subprocess.PIPE,
                                            stderr=log, env=home.environment(env))
        line = self.process.stdout.readline().decode()
        assert line.startswith("ready "), self.log.read_text()
        self.port = int(line.split()[1])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 60)

    def raw(self, request, half=False):
        """All that comes until the server closes. half: it hears at once that no more is sent."""
        with self.connect() as s:
            s.sendall(request)
            if half:
                s.shutdown(socket.SHUT_WR)
            return read_all(s)

    def ask(self, method, path, body=None, headers=None):
        """(status, headers in lower case, body) by Python's client."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, headers or {}, encode_chunked="Transfer-Encoding" in (headers or {}))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content

    def counts(self):
        return json.loads(self.ask("GET", "/counts")[2])

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def read_all(s):
    parts = []
    try:
        while part := s.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@contextmanager
def server(home, code=0, env=None, **limits):
    it = Server(home, limits, env)
    try:
        yield it
        it.process.send_signal(signal.SIGTERM)
        equal(it.process.wait(timeout=60), code, it.log.read_text()[-3000:])
    finally:
        if it.process.poll() is None:
            it.process.kill()
            it.process.wait()


def problem(answer, status, code):
    equal(answer[0], status, answer)
    equal(answer[1]["content-type"], "application/problem+json")
    told = json.loads(answer[2])
    equal((told["status"], told["code"], told["error"]), (status, code, told["detail"]))
    equal(told["requestId"], answer[1]["x-request-id"])
    return told["detail"]


# ---- routes ----

def test_routes(home):
    with server(home) as it:
        equal(it.ask("GET", "/hello/anna")[2], b"hello anna")
        equal(it.ask("GET", "/hello/a%2Fb%20c%C3%A9")[2], "hello a/b cé".encode())
        equal(it.ask("GET", "/calendar/anna.b.ics")[2], b"calendar of anna.b")
        for path in ("/", "/hello", "/hello/", "/hello/a/", "/hello/a/b", "/calendar/.ics", "/calendar/anna", "/hello/a/../b", "//hello/a"):
            problem(it.ask("GET", path), 404, "not-found")
        for path in ("/hello/%", "/hello/%4", "/hello/%zz", "/hello/a%00b", "/hello/%ff", "/hello/%C3%28"):
            problem(it.ask("GET", path), 400, "bad-path")
        equal(it.ask("GET", "/query?text=a+b%26c&number=7")[2], b"a b&c 7")
        equal(it.ask("GET", "/query")[2], b"- 10")
        equal(it.ask("GET", "/query?text")[2], b" 10")
        for number in ("0", "101", "x", "", "7x", "99999999999999999999", "-1", "%207"):
            contains(problem(it.ask("GET", f"/query?number={number}"), 400, "bad-parameter"), "from 1 to 100")


def test_methods(home):
    with server(home) as it:
        status, headers, body = it.ask("HEAD", "/hello/anna")
        equal((status, headers["content-length"], body), (200, "10", b""))
        answer = it.ask("POST", "/hello/anna")
        problem(answer, 405, "method-not-allowed")
        equal(answer[1]["allow"], "GET, HEAD, OPTIONS")
        problem(it.ask("BREW", "/hello/anna"), 405, "method-not-allowed")
        status, headers, _ = it.ask("OPTIONS", "/locked")
        equal((status, headers["allow"]), (204, "PUT, GET, HEAD, OPTIONS"))
        problem(it.ask("OPTIONS", "/nothing"), 404, "not-found")


def test_headers_of_every_answer(home):
    with server(home) as it:
        for path in ("/hello/a", "/nothing"):
            headers = it.ask("GET", path)[1]
            equal(headers["x-content-type-options"], "nosniff")
            equal(headers["cache-control"], "no-store")
            contains(headers["content-security-policy"], "default-src 'none'")
            assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["x-request-id"]), headers
            assert "access-control-allow-origin" not in headers
        equal(it.ask("GET", "/hello/a", headers={"X-Request-Id": "mine-7"})[1]["x-request-id"], "mine-7")
        for bad in ("a b", "x" * 65, "a\tb", 'a"b'):
            assert it.ask("GET", "/hello/a", headers={"X-Request-Id": bad})[1]["x-request-id"] != bad


def test_pages_of_other_origins(home):
    with server(home, origins="https://a.example https://b.example") as it:
        answer = it.ask("GET", "/hello/a", headers={"Origin": "https://b.example"})
        equal((answer[1]["access-control-allow-origin"], answer[1]["vary"]), ("https://b.example", "Origin"))
        assert "access-control-allow-origin" not in it.ask("GET", "/hello/a", headers={"Origin": "https://a.example.evil"})[1]
        answer = it.ask("OPTIONS", "/locked", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"})
        equal(answer[0], 204)
        contains(answer[1]["access-control-allow-methods"], "PUT")
        contains(answer[1]["access-control-allow-headers"], "If-Match")


def test_tags_and_packing(home):
    with server(home) as it:
        status, headers, body = it.ask("GET", "/tagged")
        equal((status, headers["etag"], headers["cache-control"], len(body)), (200, '"v7"', "private, no-cache", 4390))
        for tag in ('"v7"', 'W/"v7"', '"v6", "v7"', "*"):
            equal(it.ask("GET", "/tagged", headers={"If-None-Match": tag})[0::2], (304, b""), tag)
        for tag in ('"v6"', "v7", '"v77"'):
            equal(it.ask("GET", "/tagged", headers={"If-None-Match": tag})[0], 200, tag)
        for accept in ("gzip", "deflate, gzip;q=0.5", "*"):
            _, headers, packed = it.ask("GET", "/tagged", headers={"Accept-Encoding": accept})
            equal((headers["content-encoding"], gzip.decompress(packed)), ("gzip", body))
            assert len(packed) < len(body) / 2
        for accept in ("", "deflate", "gzip;q=0", "identity, *;q=0"):
            assert "content-encoding" not in it.ask("GET", "/tagged", headers={"Accept-Encoding": accept})[1], accept
        assert "content-encoding" not in it.ask("GET", "/hello/a", headers={"Accept-Encoding": "gzip"})[1]


# ---- bodies ----

def test_bodies(home):
    with server(home) as it:
        for body in (b"", b"x", os.urandom(100000)):
            equal(it.ask("POST", "/echo", body)[2], body)
        equal(it.ask("POST", "/echo", iter([b"ab", b"cd"]), {"Transfer-Encoding": "chunked"})[2], b"abcd")
        problem(it.ask("POST", "/echo", b"x" * 100001), 413, "too-large")
        problem(it.ask("POST", "/wake/a", b"x"), 413, "too-large")
        got = it.raw(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nabc")
        assert got.startswith(b"HTTP/1.1 100 Continue\r\n") and got.endswith(b"abc"), got
        got = it.raw(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 413 "), got


def test_body_without_a_length_is_held_to_its_limit(home):
    """A chunked one tells its size too late: what is over is read past a little, so that the sender sees the answer."""
    with server(home) as it:
        for size in (100001, 600000):
            problem(it.ask("POST", "/echo", iter([b"x" * 1000] * (size // 1000 + 1)), {"Transfer-Encoding": "chunked"}), 413, "too-large")
        with it.connect() as s:
            s.sendall(b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            sent = 0
            try:
                while sent < 50 << 20:
                    s.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                    sent += 65536
            except (BrokenPipeError, ConnectionResetError):
                pass
            assert sent < 20 << 20, f"{sent} bytes were taken"
        equal(it.ask("GET", "/hello/a")[0], 200)


def test_two_lengths(home):
    with server(home) as it:
        for head in (b"Content-Length: 3\r\nContent-Length: 4", b"Content-Length: 3\r\nTransfer-Encoding: chunked",
                     b"Content-Length: 3x", b"Content-Length: -3", b"Content-Length: +3", b"Content-Length:"):
            got = it.raw(b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + head + b"\r\n\r\nxyz\r\n0\r\n\r\n")
            assert got.startswith(b"HTTP/1.1 400 ") and b"xyz" not in got.split(b"\r\n\r\n", 1)[1], (head, got)  # no part of an id


def test_malformed_heads(home):
    with server(home, idle_ms=2000, head_ms=2000) as it:
        flood = b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(100))
        for request in (b"GET /hello/a HTTP/1.1\r\nHost: a\r\n" + flood + b"\r\n", b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"):
            got = it.raw(request)
            assert re.match(rb"HTTP/1\.1 4(13|14|31) ", got), got[:200]
        for request in (b"\0\1\2\3\r\n\r\n", b"GET\r\n\r\n", os.urandom(2000) + b"\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"):
            it.raw(request + b"\r\n", half=True)
        got = it.raw(b"GET /hello/a HTTP/1.1\r\n\r\n", half=True)
        assert got.startswith(b"HTTP/1.1 400 "), got  # RFC 9112, 3.2: no Host
        equal(it.ask("GET", "/hello/a")[0], 200)


def test_one_connection_many_requests(home):
    """Refusals do not cost the connection, where no body was on its way."""
    with server(home) as it:
        connection = http.client.HTTPConnection("127.0.0.1", it.port, timeout=60)
        for path, status in [("/hello/a", 200), ("/nothing", 404), ("/locked", 401), ("/query?number=x", 400), ("/hello/b", 200)] * 3:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            equal(answer.status, status)
        equal(it.counts()["connections"], 2)
        connection.close()
        with it.connect() as s:  # pipelined
            s.sendall(b"GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n" * 4 + b"GET /hello/z HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            got = read_all(s)
            equal((got.count(b"hello a"), got.count(b"hello z")), (4, 1))


# ---- forms ----

def form(*parts):
    body = b"".join(b"--BBB\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return body + b"--BBB--\r\n", {"Content-Type": "multipart/form-data; boundary=BBB"}


def test_forms(home):
    files = [os.urandom(5 << 20), b"", b"--BBB\n--BBB--"]
    with server(home) as it:
        parts = [(b'name="file"; filename="a%d.pdf"' % i, content) for i, content in enumerate(files)]
        body, headers = form(parts[0], (b'name="name"', "Klasse 4é".encode()), *parts[1:])
        status, _, told = it.ask("POST", "/form", body, headers)
        equal(status, 201, told)
        told = json.loads(told)
        equal(told["name"], "Klasse 4é")
        want = [{"name": f"a{i}.pdf", "field": "file", "bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for i, c in enumerate(files)]
        equal(told["files"], [w for w in want if w["bytes"]] if len(told["files"]) == 2 else want)
        body, headers = form((b'name="file"; filename="a.pdf"', files[0]))
        equal(it.ask("POST", "/back", body, headers)[2], files[0])
        equal(home.names("spool"), [])


def test_wrong_forms(home):
    with server(home) as it:
        problem(it.ask("POST", "/form", b"a=1", {"Content-Type": "application/x-www-form-urlencoded"}), 415, "not-a-form")
        problem(it.ask("POST", "/form", b"{}", {"Content-Type": "application/json"}), 415, "not-a-form")
        problem(it.ask("POST", "/form", b"x", {"Content-Type": "multipart/form-data"}), 415, "not-a-form")
        body, headers = form((b'name="file"; filename="a"', b"x" * 1000))
        problem(it.ask("POST", "/form", body[:-200], headers), 400, "bad-form")
        problem(it.ask("POST", "/form", b"nothing of a form", headers), 400, "bad-form")
        body, headers = form(*[(b'name="file"; filename="a"', b"x")] * 17)
        problem(it.ask("POST", "/form", body, headers), 413, "bad-form")
        body, headers = form((b'name="name"', b"x" * 70000))
        problem(it.ask("POST", "/form", body, headers), 413, "bad-form")
        body, headers = form((b'name="name"', b"a\xff"))
        problem(it.ask("POST", "/form", body, headers), 400, "bad-form")
        body, headers = form((b'name="name"', b"a\0b"))
        problem(it.ask("POST", "/form", body, headers), 400, "bad-form")
        body, headers = form((b'name="file"; filename="' + b"n" * 9000 + b'"', b"x"), (b'name="name"', b"y"))
        status, _, told = it.ask("POST", "/form", body, headers)
        assert status == 201 and len(json.loads(told)["files"][0]["name"]) == 255 or status == 400, (status, told)
        body, headers = form((b'name="file"; filename="../../etc/passwd\x1b[2J"', b"x"))
        name = json.loads(it.ask("POST", "/form", body, headers)[2])["files"][0]["name"]
        assert "\x1b" not in name, name
        equal(home.names("spool"), [])


def test_key_is_asked_before_the_body(home):
    """Nothing of a stranger's upload is read or kept."""
    with server(home) as it:
        got = it.raw(b"POST /locked-form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=BBB\r\nContent-Length: 8000000\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 401 "), got
        problem(it.ask("PUT", "/locked", b"x" * 1000), 401, "no-key")
        key = {"X-Api-Key": "open sesame"}
        equal(it.ask("PUT", "/locked", b"x" * 5000000, key)[2], b"x" * 5000000)
        equal(it.ask("PUT", "/locked", b"", key)[2], b"")
        got = it.raw(b"PUT /locked HTTP/1.1\r\nHost: a\r\nX-Api-Key: open sesame\r\nConnection: close\r\nContent-Length: 3\r\n"
                     b"Expect: 100-continue\r\n\r\nabc")
        assert got.endswith(b"abc"), got
        equal(it.ask("GET", "/locked", headers=key)[0], 200)


def test_half_uploads_leave_nothing(home):
    with server(home) as it:
        for _ in range(20):
            with it.connect() as s:
                s.sendall(b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=BBB\r\nContent-Length: 1000000\r\n\r\n"
                          b'--BBB\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"x" * 50000)
        wait_for(lambda: it.counts()["connections"] == 1, "the connections to be gone")
        equal(home.names("spool"), [])
        fds = wait_for(lambda: len(os.listdir(f"/proc/{it.process.pid}/fd")) < 30, "descriptors to be closed")
        assert fds


# ---- limits ----

def test_slow_senders(home):
    """A byte now and then does not keep a connection: head and body have a time in total."""
    with server(home, head_ms=1500, body_ms=2500, idle_ms=60000) as it:
        def trickle(start, piece):
            with it.connect() as s:
                begun = time.monotonic()
                s.sendall(start)
                s.settimeout(0.1)
                got = b""
                while time.monotonic() < begun + 60:
                    try:
                        s.sendall(piece)
                        part = s.recv(1000)
                        if not part:
                            break
                        got += part
                    except socket.timeout:
                        continue
                    except (BrokenPipeError, ConnectionResetError):
                        break
                return time.monotonic() - begun, got
        took, got = trickle(b"GET /hello/a HTTP/1.1\r\nHost: a\r\n", b"X: y\r\n")
        assert 1 < took < 30 and (not got or got.startswith(b"HTTP/1.1 408 ")), (took, got)
        took, got = trickle(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n", b"x")
        assert 2 < took < 30 and (not got or got.startswith(b"HTTP/1.1 408 ")), (took, got)
        if got:
            told = json.loads(got.split(b"\r\n\r\n", 1)[1])
            equal((told["status"], told["code"], told["error"]), (408, "too-slow", told["detail"]))
        assert it.counts()["overdue"] >= 2


def test_idle_connections(home):
    with server(home, idle_ms=1000, head_ms=1000) as it:
        with it.connect() as silent, it.connect() as quiet:
            quiet.sendall(b"GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n")
            contains(quiet.recv(5000).decode(), "hello a")
            equal(silent.recv(10), b"")
            equal(quiet.recv(10), b"")


def test_reader_that_does_not_read(home):
    with server(home, answer_ms=1500, idle_ms=60000) as it:
        body, headers = form((b'name="file"; filename="a"', b"x" * (7 << 20)))
        with it.connect() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.sendall(f"POST /back HTTP/1.1\r\nHost: a\r\nContent-Type: {headers['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            wait_for(lambda: it.counts()["overdue"] == 1, "the end of its time")


def test_many_connections_of_one_address(home):
    with server(home, address_most=10) as it:
        held = [it.connect() for _ in range(30)]
        alive = []
        for s in held:
            try:
                s.sendall(b"GET /hello/a HTTP/1.1\r\nHost: a\r\n\r\n")
                alive.append(s.recv(5000).startswith(b"HTTP/1.1 200"))
            except (BrokenPipeError, ConnectionResetError):
                alive.append(False)
        equal(sum(alive), 10)
        for s in held:
            s.close()
        wait_for(lambda: b"hello" in it.raw(b"GET /hello/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "room again")


def test_idle_thousands(home):
    """Of one address too: each costs a little, and others are served beside them. The server takes the descriptors that it needs,
    whatever soft limit it is started with."""
    count = 5000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 2000:
        raise Skip(f"only {hard} open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    with server(home, idle_ms=120000, head_ms=120000) as it:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        before = memory(it.process.pid)
        held = [it.connect() for _ in range(count)]
        wait_for(lambda: it.counts()["connections"] > count, "all connections")
        equal(it.ask("GET", "/hello/a")[0], 200)
        grown = memory(it.process.pid) - before
        assert grown < count * 80 * 1024, f"{grown} bytes for {count} connections"
        for s in held:
            s.close()
        wait_for(lambda: it.counts()["connections"] == 1, "their end", seconds=60)


def test_few_descriptors(home):
    """Where the system gives fewer, fewer connections are taken, and those are served: none is taken that cannot be."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    pid = os.fork()
    if not pid:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400))
            few_descriptors(home)
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
        os._exit(1)
    equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, hard)


def few_descriptors(home):
    with server(home) as it:
        (said,) = [line for line in it.lines() if line["event"] == "http.descriptors"]
        equal((said["limit"], said["connections"]), (400, 272))
        held = [it.connect() for _ in range(300)]
        body, headers = form((b'name="file"; filename="a"', b"x" * 100000))
        held[0].sendall(f"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: {headers['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        assert held[0].recv(100).startswith(b"HTTP/1.1 201"), "an upload among them"
        for s in held:
            s.close()
        wait_for(lambda: b"hello" in it.raw(b"GET /hello/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "room again", seconds=60)


def memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read())[1]) * 1024


def test_more_than_can_be_done(home):
    """What waits for a thread is bounded: the rest is told to come back."""
    with server(home, threads=1, waiting_most=2) as it:
        answers, threads = [], []
        for _ in range(12):
            threads.append(threading.Thread(target=lambda: answers.append(it.ask("GET", "/slow?ms=500"))))
            threads[-1].start()
        for thread in threads:
            thread.join()
        statuses = sorted(a[0] for a in answers)
        # one runs and two wait, but for one that is just being taken from those that wait
        assert statuses.count(200) >= 2 and statuses.count(503) >= 1 and set(statuses) == {200, 503}, statuses
        refused = next(a for a in answers if a[0] == 503)
        problem(refused, 503, "busy")
        equal(refused[1]["retry-after"], "1")


def test_memory_of_bodies(home):
    with server(home, memory_most=1000000) as it:
        with it.connect() as s:
            s.sendall(b"PUT /locked HTTP/1.1\r\nHost: a\r\nX-Api-Key: open sesame\r\nContent-Length: 5000000\r\n\r\n")
            s.sendall(b"x" * 2000000)
            wait_for(lambda: it.ask("POST", "/echo", b"x")[0] == 503, "the limit")
            problem(it.ask("POST", "/echo", b"x"), 503, "busy")
            equal(it.ask("GET", "/hello/a")[0], 200)
        wait_for(lambda: it.ask("POST", "/echo", b"x")[0] == 200, "room again")


def test_clients_that_leave_at_once(home):
    """Bytes and the end of the connection come together: it is over at once, not only when its time is up."""
    with server(home) as it:
        it.process.send_signal(signal.SIGSTOP)
        with it.connect() as s:
            s.sendall(b"PUT /locked HTTP/1.1\r\nHost: a\r\nX-Api-Key: open sesame\r\nContent-Length: 5000000\r\n\r\nxyz")
        with it.connect() as s:
            s.sendall(b"PUT /lock")
        it.process.send_signal(signal.SIGCONT)
        wait_for(lambda: it.counts()["connections"] == 1, "the end of those that left", seconds=15)


# ---- later ----

def test_parked_calls(home):
    with server(home) as it:
        equal(it.ask("GET", "/park/a?ms=300")[2], b"turn 1")
        equal(it.ask("GET", "/park/a?ms=60000&early=1")[2], b"turn 1")
        got = []
        thread = threading.Thread(target=lambda: got.append(it.ask("GET", "/park/b?ms=60000")[2]))
        thread.start()
        wait_for(lambda: it.counts()["parked"] == 1, "it to be parked")
        equal(it.ask("POST", "/wake/nobody")[2], b"woken")
        equal(it.counts()["parked"], 1)
        it.ask("POST", "/wake/b")
        thread.join(60)
        equal(got, [b"turn 1"])
        many = [threading.Thread(target=lambda: got.append(it.ask("GET", "/park/c?ms=1000")[2])) for _ in range(50)]
        for thread in many:
            thread.start()
        for thread in many:
            thread.join(60)
        equal(len(got), 51)


def test_client_that_left_while_parked(home):
    with server(home) as it:
        with it.connect() as s:
            s.sendall(b"GET /park/a?ms=500 HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_for(lambda: it.counts()["parked"] == 1, "it to be parked")
        wait_for(lambda: it.counts() == {**it.counts(), "parked": 0, "connections": 1}, "its end")


# ---- streams ----

class Events:
    def __init__(self, it, path, headers=""):
        self.socket = it.connect()
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n{headers}\r\n".encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()

    def line(self):
        return self.answer.readline().decode()


def test_streams(home):
    with server(home) as it:
        events = Events(it, "/stream/a", "Last-Event-ID: 41\r\n")
        equal(events.answer.getheader("Content-Type"), "text/event-stream")
        equal((events.line(), events.line()), ("data: after 41\n", "\n"))
        for i in range(100):
            equal(it.ask("POST", "/send/a", f"id: {i}\ndata: event {i}\n\n".encode())[2], b"sent")
            equal((events.line(), events.line(), events.line()), (f"id: {i}\n", f"data: event {i}\n", "\n"))
        equal(it.counts()["streams"], 1)
        it.ask("POST", "/end/a")
        equal(events.answer.read(), b"")
        wait_for(lambda: it.counts()["streams"] == 0, "its end")
        equal(it.ask("POST", "/send/a", b"data: x\n\n")[2], b"gone")


def test_quiet_streams_show_that_they_are_alive(home):
    with server(home, stream_quiet_ms=500) as it:
        events = Events(it, "/stream/a")
        events.line(), events.line()
        equal(events.line(), ":\n")
        events.answer.close()
        events.socket.close()
        wait_for(lambda: it.counts()["streams"] == 0, "the end of a stream whose client has gone")


def test_stream_that_is_not_read(home):
    with server(home) as it:
        events = Events(it, "/stream/a")
        wait_for(lambda: it.ask("POST", "/send/a", b"data: " + b"x" * 50000 + b"\n\n")[2] == b"gone", "the end of its room")
        events.answer.close()
        events.socket.close()
        wait_for(lambda: it.counts()["streams"] == 0, "its end")


def test_too_many_streams(home):
    with server(home, streams_most=3) as it:
        open_ones = [Events(it, f"/stream/{i}") for i in range(3)]
        answer = it.ask("GET", "/stream/x")
        problem(answer, 503, "busy")
        open_ones[0].answer.close()
        open_ones[0].socket.close()
        wait_for(lambda: (it.ask("POST", "/send/0", b":\n\n"), it.counts()["streams"] == 2)[1], "room")
        equal(Events(it, "/stream/y").line(), "data: after -\n")


# ---- the end ----

def test_end_under_load(home):
    """Told to end: what runs is answered, what is parked is told to ask elsewhere, streams end, nothing is broken off."""
    with server(home) as it:
        answers = []
        threads = [threading.Thread(target=lambda p=path: answers.append(it.ask("GET", p)[0])) for path in ["/slow?ms=1000"] * 2 + ["/park/a?ms=60000"] * 5]
        for thread in threads:
            thread.start()
        events = Events(it, "/stream/a")
        wait_for(lambda: it.counts() == {**it.counts(), "parked": 5, "begun": 8}, "all to have begun")
        it.process.send_signal(signal.SIGTERM)
        contains(events.answer.read().decode(), "after -")
        for thread in threads:
            thread.join(60)
        equal(sorted(answers), [200] * 7)
        equal(it.process.wait(60), 0)


def test_end_while_threads_wake(home):
    """Told to end in the very moment in which a thread of libmicrohttpd has something to do: the listener is let go once."""
    late = {"LD_PRELOAD": str(next(home.build.rglob("*slow_epoll.so"))), "ASAN_OPTIONS": "verify_asan_link_order=0"}
    with server(home, env=late) as it:
        ended = threading.Event()

        def ask():
            while not ended.is_set():
                try:
                    it.ask("GET", "/hello/a")
                except (OSError, http.client.HTTPException):
                    continue
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            it.ask("GET", "/slow?ms=100")
            it.process.send_signal(signal.SIGTERM)
            equal(it.process.wait(60), 0, it.log.read_text()[-500:])
        finally:
            ended.set()
            for thread in threads:
                thread.join(60)


def test_port_in_use(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        got = home.run(home.build / "bin" / "webserver", home.path, "--port", taken.getsockname()[1])
        equal(got.code, 1, got)
        contains(got.err, "cannot be listened at")
        contains(got.err, "YOGI_PORT")
    with server(home) as it:  # one of ours is no exception: each would get some of the connections
        equal(home.run(home.build / "bin" / "webserver", home.path, "--port", it.port).code, 1)
        equal(it.ask("GET", "/hello/a")[0], 200)
    home.run("rmdir", "spool")
    with server(home, port=it.port) as again:  # and one that follows another need not wait
        equal(again.ask("GET", "/hello/a")[0], 200)


def test_access_log(home):
    with server(home) as it:
        it.ask("GET", "/hello/anna?secret=1")
        it.ask("PUT", "/locked", b"abc", {"X-Api-Key": "open sesame", "X-Request-Id": "r1"})
        rows = wait_for(lambda: len(it.lines()) >= 2 and it.lines(), "two lines")
        equal({k: rows[0][k] for k in ("event", "method", "path", "status", "address")},
              {"event": "http.answer", "method": "GET", "path": "/hello/anna", "status": 200, "address": "127.0.0.1"})
        equal({k: rows[1][k] for k in ("bytesIn", "bytesOut", "user", "request")}, {"bytesIn": 3, "bytesOut": 3, "user": "ali", "request": "r1"})
        assert "secret" not in it.log.read_text() and "sesame" not in it.log.read_text()


if __name__ == "__main__":
    main(sys.modules[__name__])

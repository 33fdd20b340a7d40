#!/usr/bin/python3
"""What owners hand in by mistake or malice, through a whole system of broker, host and worker: a source that may not or cannot
be fetched, a document that is not the one announced, a dossier that is none. Each is one failed job with a clear sentence that names
what and where, never a crash or a hang, and the host does the next job as if nothing had been."""
import os
import re
import signal
import sys
import time

from fetch import CONTENT, DIGEST, Handler, serving
from harness import SECONDS, children, contains, equal, main, wait_for
from system import all_completed, documents, drained, system, workers

ATTEMPTS = 5  # of tests/tools/throng.c


def failed(it, source, fault, sentence, *options):
    """A job with this source fails so; and the host is none the worse for it."""
    given = ("-s", source) if source is not None else ()
    throng = it.start("throng", *given, *options, it.endpoint, 1, "classification")
    out, err = throng.communicate(timeout=SECONDS)
    equal((throng.returncode, err), (0, b""), out)
    out = out.decode()
    contains(out, f"end 0 failed {fault} crashes=0 losses=0\n", source)
    said = re.findall(r"^said 0 (.*)$", out, re.M)
    equal(said, [sentence], source)
    all_completed(it.throng(1, route="noop"))


def hosted(it, **settings):
    it.broker()
    return it.host("classification", "noop", **settings)


def test_not_allowed(home):
    """Other schemes, folders and endpoints; what is no URL; none at all."""
    home.file("week.txt", "x")
    os.mkdir(home.path / "folder")
    os.symlink("/etc/hostname", home.path / "link")
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.path)) as it, serving() as server:
        host = hosted(it)
        failed(it, "ftp://example.org/week.pdf", "input", "ftp:…: only file, http and https are fetched")
        failed(it, "gopher://example.org/1", "input", "gopher:…: only file, http and https are fetched")
        failed(it, "not a url", "input", "a text that is no URL: it is not a URL")
        failed(it, "", "input", "the job names no source for its document")
        failed(it, None, "input", "the job names no source for its document")
        failed(it, "file:///etc/hostname", "input", "file:///etc/hostname: it is not below a folder that may be read (YOGI_SOURCE_ROOTS)")
        failed(it, f"{server.base}/good?secret", "input",
               f"{server.base}/…: its endpoint is not one that may be fetched from (YOGI_SOURCE_ENDPOINTS)")
        failed(it, server.base.replace("//", "//me:password@") + "/good", "input",
               f"{server.base}/…: it carries a user or a password, which is not allowed")
        failed(it, f"file://{home.path}/missing", "input", f"file://{home.path}/missing: there is no such file")
        failed(it, f"file://{home.path}/link", "input", f"file://{home.path}/link: a symbolic link in its path is not followed")
        failed(it, f"file://{home.path}/folder", "input", f"file://{home.path}/folder: it is not an ordinary file")
        equal(server.seen, [])
        drained(host)


def test_private_addresses(home):
    """An endpoint that is allowed by name and not by address; and with its network allowed it is read."""
    with system(home, YOGI_WORKERS="1") as it, serving() as server:
        host = hosted(it, YOGI_SOURCE_ENDPOINTS=server.base)
        failed(it, f"{server.base}/good", "input",
               f"{server.base}/…: its address 127.0.0.1 is not public, and no network that is allowed (YOGI_SOURCE_NETWORKS)")
        equal(server.seen, [])
        drained(host)


def test_other_than_announced(home):
    """Wrong hash, wrong size, too large, empty, gone, refused."""
    home.file("large", b"x" * (2 << 20))
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.path), YOGI_SOURCE_BYTES="1M",
                YOGI_SOURCE_NETWORKS="127.0.0.0/8") as it, serving() as server:
        host = hosted(it, YOGI_SOURCE_ENDPOINTS=server.base)
        good, where = f"{server.base}/good", f"{server.base}/…"
        failed(it, good, "damaged", f"{where}: its SHA-256 is {DIGEST[:16]}…, not the {'0' * 16}… that was announced", "-d", "0" * 64)
        failed(it, good, "damaged", f"{where}: it has {len(CONTENT)} bytes, not the 7 that were announced", "-b", 7)
        limit = "it has more than the 1 MB that are fetched (YOGI_SOURCE_BYTES)"
        failed(it, f"file://{home.path}/large", "too-large", f"file://{home.path}/large: {limit}")
        failed(it, f"{server.base}/chunked", "too-large", f"{where}: {limit}")
        failed(it, f"{server.base}/claims/9999999999", "too-large", f"{where}: {limit}")
        failed(it, good, "too-large", f"{where}: {limit}", "-b", 2 << 20)
        failed(it, f"{server.base}/empty", "damaged", f"{where}: it has no bytes")
        failed(it, f"{server.base}/status/404", "input", f"{where}: it is not there (HTTP 404)")
        drained(host)


def test_servers_that_fail(home):
    """Tried as often as is allowed, and no longer."""
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_NETWORKS="127.0.0.0/8", YOGI_SOURCE_STALL_SECONDS="1") as it, serving() as server:
        host = hosted(it, YOGI_SOURCE_ENDPOINTS=server.base + " http://127.0.0.1:1")
        where = f"{server.base}/…"
        failed(it, f"{server.base}/status/503", "unreachable", f"{where}: its server cannot serve it now (HTTP 503)")
        equal(len(server.seen), ATTEMPTS)
        failed(it, f"{server.base}/short", "unreachable", f"{where}: the connection broke off")
        failed(it, f"{server.base}/silent", "timeout", f"{where}: nothing came for 1 s (YOGI_SOURCE_STALL_SECONDS)")
        failed(it, "http://127.0.0.1:1/x", "unreachable", "http://127.0.0.1:1/…: nobody listens there")
        drained(host)


def test_no_dossier(home):
    with system(home, YOGI_WORKERS="1") as it:
        host = hosted(it)
        throng = it.start("throng", "-g", it.endpoint, 1, "classification")
        out, err = throng.communicate(timeout=SECONDS)
        equal((throng.returncode, err), (0, b""), out)
        contains(out.decode(), "end 0 failed bad-message crashes=0 losses=0\nsaid 0 malformed message")
        all_completed(it.throng(1, route="noop"))
        drained(host)


def test_changed_after_it_was_sent(home):
    """As a person sees it: the document was changed between `yogi submit` and the host that fetches it; it names the file, and the
    other one is read."""
    good = documents(home)[1]
    name = home.file("week.png", open(good, "rb").read())
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=f"{home.path}:{os.path.dirname(good)}") as it:
        it.broker()
        submit = it.start("yogi", "submit", name, good, "--format", "json")
        wait_for(lambda: queued(home, it) == 2, "both are at the broker", submit)
        home.file("week.png", b"quite another document")
        it.host("classification", "ocr", "llm", "validation")
        out, err = submit.communicate(timeout=SECONDS)
        equal((submit.returncode, len(out.splitlines())), (4, 1), err)
        equal(len(err.splitlines()), 1, err)
        contains(err.decode(), f"yogi: week.png: file://{home.path}/week.png: it has 22 bytes, not the ")


def queued(home, it):
    """Jobs at the broker."""
    import json
    got = home.run(home.real, "stats", "--json", env=it.environment(None))
    return json.loads(got.out)["figures"]["jobs"] if got.code == 0 else 0


def test_fetched_ahead(home):
    """Where documents are long on the way, the next one is fetched while a worker has another: the only one that reads stands still
    with the first, and the second is fetched nevertheless; the third is not."""
    week = open(documents(home)[1], "rb").read()

    def slowly(handler):
        time.sleep(0.5)  # of the server
        handler.send(200, week)

    Handler.do_week = slowly
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_NETWORKS="127.0.0.0/8") as it, serving() as server:
        it.broker()
        host = it.host("classification", "ocr", YOGI_SOURCE_ENDPOINTS=server.base)

        def reads(count):
            return it.start("throng", "-s", f"{server.base}/week", it.endpoint, count, "classification,ocr")

        all_completed(counted(reads(1), 1))
        (reader,) = [pid for pid, line in children(host.pid).items() if line == "yogi-worker ocr"]
        os.kill(reader, signal.SIGSTOP)
        server.seen.clear()
        throng = counted(reads(3), 3)
        wait_for(lambda: len(server.seen) >= 3 + 2, "three were classified, and two of them are to be read", throng)
        equal(len(server.seen), 5)
        os.kill(reader, signal.SIGCONT)
        all_completed(throng)
        equal(len(server.seen), 6)
        drained(host)


def counted(throng, count):
    throng.count, throng.kept = count, b""
    return throng


def test_many_bad_ones_among_good_ones(home):
    """Two workers, and every other document cannot be had: the good ones are done meanwhile."""
    with system(home, YOGI_SOURCE_NETWORKS="127.0.0.0/8", YOGI_SOURCE_STALL_SECONDS="1") as it, serving() as server:
        host = hosted(it, YOGI_SOURCE_ENDPOINTS=server.base)
        wait_for(lambda: len(workers(host)) == 4, "its workers", host)
        bad = [it.start("throng", "-s", f"{server.base}/{what}", it.endpoint, 1, "classification")
               for what in ("stalls", "status/404", "headers", "babble")]
        all_completed(it.throng(300))
        for throng in bad:
            out, err = throng.communicate(timeout=SECONDS)
            equal((throng.returncode, err), (0, b""), out)
            equal(out.decode().count("end "), 1, out)
        drained(host)


if __name__ == "__main__":
    main(sys.modules[__name__])

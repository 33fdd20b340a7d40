#!/usr/bin/python3
"""Pictures of pages (GET /documents/:id/pages/:n.png) over the real wire: drawn once by the stage render, kept as a blob as
long as they show what is stored, seen by their tenant alone; what cannot be drawn is said at once and why."""
import concurrent.futures
import hashlib
import signal
import struct
import sys
import time
import zlib

from gateways import STAGES, add_key, note, sqlite, system
from harness import SECONDS, contains, equal, main, wait_for

NOWHERE = "018f0000-0000-7000-8000-000000000000"
SIGN = b"\x89PNG\r\n\x1a\n"
QUICK = {"YOGI_SWEEP_SECONDS": "1", "YOGI_GRACE_SECONDS": "1"}


def sheet(it, document, page=1, overlay=None, **headers):
    return it.get(f"/documents/{document}/pages/{page}.png" + ("" if overlay is None else f"?overlay={overlay}"), **headers)


def drawn(it, document, page=1, overlay=None):
    """A picture that must be there: its bytes."""
    got = sheet(it, document, page, overlay)
    equal((got.status, got.headers["content-type"], got.body[:8]), (200, "image/png", SIGN), got)
    equal(got.headers["x-content-type-options"], "nosniff")
    return got.body


def said(it, *where):
    """What the trial worker was told to draw (tests/tools/trial_worker.c)."""
    return drawn(it, *where)[8:].decode()


def refused(got, status, code, *parts):
    equal((got.status, got.headers["content-type"]), (status, "application/problem+json"), got)
    equal((got.json["status"], got.json["code"]), (status, code), got)
    for part in parts:
        contains(got.json["detail"], part)
    equal("retry-after" in got.headers, status == 503 or "still" in got.json["detail"], got)
    assert "etag" not in got.headers, got


def stage(it, figure):
    """What the broker has told of the stage render, a second ago at most; 0 before."""
    got = it.get("/queues")
    return sum(s[figure] for s in got.json["stages"] if s["stage"] == "render") if got.status == 200 else 0


def at_it(it):
    wait_for(lambda: stage(it, "running"), "an actor to be at it")


def rows(png):
    """Height and width of a PNG that holds together: its chunks and every line of it."""
    at, data, head = 8, b"", None
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at:at + 8])
        body = png[at + 8:at + 8 + size]
        equal(struct.unpack(">I", png[at + 8 + size:at + 12 + size])[0], zlib.crc32(kind + body), kind)
        head = body if kind == b"IHDR" else head
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    equal((at, kind), (len(png), b"IEND"))
    width, height, depth, colour = struct.unpack(">IIBB", head[:10])
    equal(len(zlib.decompress(data)), height * (1 + width * depth * {0: 1, 2: 3, 6: 4}[colour] // 8))
    return width, height


# ---- what is drawn ----


def test_draws(home):
    """A photo, a PDF of several pages, a DOCX (which has no picture: its page is drawn from what it says); with layers, without
    any, upright and as large as a screen."""
    files = ["tests/fixtures/synth/syn-04-photo.jpg", "tests/fixtures/schools/two-page-week-1.pdf", "tests/fixtures/intake/days-as-columns.docx"]
    with system(home, real=True) as (_, it):
        for name in files:
            document = it.taken((name, (home.root / name).read_bytes()), query="?wait=90")["documentId"]
            pages = it.get(f"/documents/{document}").json["pages"]
            equal(pages, 2 if name.endswith("pdf") else 1, name)
            for page in range(1, pages + 1):
                bare, whole = drawn(it, document, page), drawn(it, document, page, "cells,words,blocks,confidences")
                width, height = rows(bare)
                assert 1500 <= max(width, height) <= 2600, (width, height)
                equal(rows(whole), (width, height + 34), "the legend below it")
                assert whole != bare
            refused(sheet(it, document, pages + 1), 404, "no-page", f"there is no page {pages + 1}: the document has {pages}")
        it.drained()


def test_layers(home):
    """What is asked for is what is drawn, in whatever order it is named; every choice is a picture of its own."""
    with system(home) as (them, it):
        document = it.taken(("a", note("Maths", "ocr pages 3")), query="?wait=60")["documentId"]
        for asked, told in ((None, "none"), ("", "none"), ("none", "none"), ("cells", "cells"), ("blocks,cells", "cells,blocks"),
                            ("confidences,words,words", "words,confidences"), ("cells%2Cwords%2Cblocks%2Cconfidences", "cells,words,blocks,confidences")):
            for page in (1, 3):
                equal(said(it, document, page, asked), f"page {page} of 1 overlay {told} blocks Maths")
        equal(len(sqlite(them)("SELECT * FROM pictures")), 10)


def test_tags(home):
    """Unchanged is unchanged, also before anybody has drawn it; HEAD has the same headers; nobody in between may keep it."""
    with system(home) as (_, it):
        document = it.taken(("a", note()), query="?wait=60")["documentId"]
        got = sheet(it, document, 1, "cells")
        tag = got.headers["etag"]
        equal(got.headers["cache-control"], "private, no-cache")
        again = sheet(it, document, 1, "cells")
        equal((again.headers["etag"], again.body), (tag, got.body))
        kept = sheet(it, document, 1, "cells", If_None_Match=f'"x", W/{tag}')
        equal((kept.status, kept.body, kept.headers["etag"]), (304, b"", tag))
        head = it.ask("HEAD", f"/api/v1/documents/{document}/pages/1.png?overlay=cells")
        equal((head.status, head.body, head.headers["content-length"]), (200, b"", str(len(got.body))))
        tags = {sheet(it, document, 1, o).headers["etag"] for o in (None, "cells", "words", "cells,words")} | {tag}
        equal(len(tags), 4)
        wait_for(lambda: stage(it, "done") == 4, "each to have been drawn once")


def test_an_edit_shows(home):
    """A timetable that was corrected is drawn as it stands in the store; the picture before goes, with its blob. So does a page that
    is read again."""
    with system(home, **QUICK) as (them, it):
        document = it.taken(("a", note()), query="?wait=60")["documentId"]
        before = sheet(it, document, 1, "blocks")
        contains(before.body.decode("latin-1"), "blocks Maths")
        blobs = [f"default/{hashlib.sha256(body).hexdigest()}" for body in (note().encode(), before.body)]
        equal(them.blobs(), sorted(blobs))
        block = {"day": "Monday", "startTime": "09:00", "endTime": "10:00"}
        equal(it.send("PUT", f"/timetables/{document}", {"timeblocks": [{**block, "name": "Music"}, {**block, "name": "Art", "day": "Friday"}]}).status, 200)
        after = sheet(it, document, 1, "blocks", If_None_Match=before.headers["etag"])
        equal(after.status, 200, after)
        contains(after.body.decode("latin-1"), "blocks Music Art")
        wait_for(lambda: them.blobs() == sorted([blobs[0], f"default/{hashlib.sha256(after.body).hexdigest()}"]), "the old picture to be swept")
        equal(it.send("POST", f"/documents/{document}/retry", {}).status, 200)
        it.ended(document)
        again = sheet(it, document, 1, "blocks", If_None_Match=after.headers["etag"])
        equal(again.status, 200, again)
        contains(again.body.decode("latin-1"), "blocks Music Art")  # approved: a new run leaves it
        equal(len(sqlite(them)("SELECT * FROM pictures")), 1)
        it.drained()


def test_once(home):
    """Asked for by many at the same time it is drawn once, and all get the same; other pages are drawn beside it."""
    with system(home, YOGI_WORKERS="2") as (_, it):
        document = it.taken(("a", note("Maths", "ocr pages 4", "render slow 1500")), query="?wait=60")["documentId"]
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            asked = [pool.submit(sheet, it, document, 1 + i % 2, "cells") for i in range(24)]
            # those who wait hold no thread: everybody else is served
            began = time.monotonic()
            equal(it.get(f"/documents/{document}").status, 200)
            assert time.monotonic() - began < 20
            got = [f.result() for f in asked]
        equal([g.status for g in got], [200] * 24)
        equal(len({g.body for g in got[::2]}), 1)
        equal(len({g.body for g in got}), 2)
        wait_for(lambda: stage(it, "done") >= 2, "the broker's figures")
        equal(stage(it, "done"), 2)
        drawn(it, document, 2, "cells")
        metrics = it.ask("GET", "/metrics").body.decode()
        contains(metrics, "yogi_pictures_drawn_total 2\n")
        contains(metrics, "yogi_pictures_in_hand 0\n")
        contains(metrics, "yogi_pictures_failed_total 0\n")


# ---- what is not ----


def test_questions(home):
    """Pages, documents and layers that there are not, in every spelling."""
    with system(home) as (_, it):
        document = it.taken(("a", note("Maths", "ocr pages 2")), query="?wait=60")["documentId"]
        for page in ("0", "00", "01", "-1", "+1", "1e0", "1.0", "%31%00", "1%2F..", "%D9%A1", "9" * 40, "x", "1;", "18446744073709551617"):
            got = sheet(it, document, page)
            assert got.status in (400, 404), (page, got)
        equal(sheet(it, document, "%31").status, 200)
        for layers in ("cell", "CELLS", "cells,,words", "cells,", ",", "all", "none,cells", "cells%20", "cells%0A", "%2e%2e%2f", "x" * 5000):
            refused(sheet(it, document, 1, layers), 400, "bad-parameter", "there are cells, words, blocks and confidences")
        for other in (NOWHERE, "x", "%27%20OR%201", "a" * 600, "..", "%2e%2e"):
            assert sheet(it, other).status in (400, 404), other
        refused(sheet(it, NOWHERE), 404, "not-found")
        for method in ("POST", "PUT", "DELETE"):
            equal(it.ask(method, f"/api/v1/documents/{document}/pages/1.png").status, 405)
        for path in ("pages", "pages/", "pages/1", "pages/1.jpg", "pages/.png", "pages/1.png/x"):
            equal(it.get(f"/documents/{document}/{path}").status, 404, path)
        it.drained()


def test_not_read(home):
    """Not yet, or not at all; by an actor that has nothing to say of it."""
    with system(home) as (_, it):
        slow = it.taken(("a", note("A", "ocr slow 3000")))["documentId"]
        refused(sheet(it, slow), 409, "not-read", "still being read")
        torn = it.taken(("b", note("B", "ocr fail damaged it is torn")), query="?wait=60")["documentId"]
        refused(sheet(it, torn), 409, "not-read", "was not read", "it is torn")
        other = it.taken(("c", note("C", "classification end not-a-timetable a cat")), query="?wait=60")["documentId"]
        refused(sheet(it, other), 409, "not-read", "a cat")
        it.ended(slow, "completed")
        contains(said(it, slow), "blocks A")
        stopped = it.taken(("d", note("D", "ocr hang")))["documentId"]
        equal(it.send("POST", f"/documents/{stopped}/cancel", {}).status, 200)
        refused(sheet(it, stopped), 409, "not-read", "was not read")


def test_faults(home):
    """The stage fails, gives no picture, or one that is too large; another try may do better."""
    with system(home, YOGI_WORKERS="2") as (_, it):
        def of(*orders):
            return it.taken(("a", note("Maths", *orders)), query="?wait=60")["documentId"]
        refused(sheet(it, of("render fail damaged it is torn")), 409, "damaged", "the page cannot be drawn: it is torn")
        refused(sheet(it, of("render fail usage no such page here")), 404, "no-page", "no such page here")
        refused(sheet(it, of("render fail memory")), 503, "memory")
        refused(sheet(it, of("render scrawl")), 503, "bad-message", "without a picture")
        refused(sheet(it, of("render crash")), 409, "poison")
        refused(sheet(it, of("render draw 30")), 409, "too-large", "30 MB", "24 MB")
        large = of("render draw 23")
        equal(len(drawn(it, large)) >> 20, 23)
        it.drained()


def test_nobody_draws(home):
    """Without a host of render, and without a broker, that is said in a while and not waited for; with them it goes on."""
    with system(home, host=False, YOGI_WORKERS="1") as (them, it):
        readers = them.start(them.trial(), *STAGES[:-1])
        document = it.taken(("a", note()), query="?wait=60")["documentId"]
        refused(sheet(it, document), 503, "no-actor", "no actor host serves the stage render")
        host = them.start(them.trial(), "render")
        wait_for(lambda: sheet(it, document).status == 200, "the picture")
        broker = them.processes[0]
        broker.kill()
        broker.wait()
        equal(sheet(it, document).status, 200, "what has been drawn needs nobody")
        refused(sheet(it, document, 1, "cells"), 503, "unavailable", "no broker is heard")
        them.broker()
        wait_for(lambda: sheet(it, document, 1, "cells").status == 200, "the picture")
        assert host.poll() is None and readers.poll() is None


def test_actor_killed(home):
    """The host is killed while it draws: another one draws, and the caller notices nothing but the time."""
    with system(home, host=False) as (them, it):
        them.start(them.trial(), *STAGES[:-1])
        document = it.taken(("a", note("Maths", "render slow 1500")), query="?wait=60")["documentId"]
        first = them.start(them.trial(), "render")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(sheet, it, document)
            at_it(it)
            first.kill()
            first.wait()
            them.start(them.trial(), "render")
            got = asked.result()
        equal((got.status, got.body[:8]), (200, SIGN), got)


# ---- whose they are, and how long they stay ----


def test_tenants(home):
    """Another tenant's pages are not there; the same bytes are drawn and kept for each by itself."""
    with system(home, YOGI_ACCESS="keys") as (them, it):
        sql = sqlite(them)
        wait_for(lambda: it.ready_state().status == 200, "the schema")
        north, south = (it.as_key(add_key(sql, tenant, f"key-{tenant}")) for tenant in ("north", "south"))
        refused_key = sheet(it.as_key(None), NOWHERE)
        equal(refused_key.status, 401, refused_key)
        mine = north.taken(("a", note()), query="?wait=60")["documentId"]
        body = drawn(north, mine, 1, "cells")
        refused(sheet(south, mine, 1, "cells"), 404, "not-found")
        refused(sheet(south, mine, 1, "cells", If_None_Match="*"), 404, "not-found")
        theirs = south.taken(("a", note()), query="?wait=60")["documentId"]
        equal(drawn(south, theirs, 1, "cells"), body)
        digest = hashlib.sha256(body).hexdigest()
        equal([b for b in them.blobs() if digest in b], [f"north/{digest}", f"south/{digest}"])
        equal(sql("SELECT tenant, count(*) FROM pictures GROUP BY 1 ORDER BY 1"), [("north", 1), ("south", 1)])


def test_delete(home):
    """With the document go its pictures and their blobs, but for what another document has too."""
    with system(home, **QUICK) as (them, it):
        sql = sqlite(them)
        one, two = (it.taken(("a", note()), query="?wait=60" + more)["documentId"] for more in ("", "&fresh=1"))
        body = drawn(it, one, 1, "cells")
        equal(drawn(it, two, 1, "cells"), body)  # the same picture: one blob
        drawn(it, one, 1, "words")
        picture = f"default/{hashlib.sha256(body).hexdigest()}"
        own = it.taken(("picture.png", body))["documentId"]  # and somebody hands the picture in
        equal(len(them.blobs()), 3)
        for document, left in ((one, 2), (two, 1)):
            equal(it.send("DELETE", f"/documents/{document}").status, 200)
            refused(sheet(it, document, 1, "cells"), 404, "not-found")
            wait_for(lambda: len(them.blobs()) == left, "what nobody has to be swept")
            assert picture in them.blobs()
        equal(it.get(f"/documents/{own}/file").body, body)
        equal(it.send("DELETE", f"/documents/{own}").status, 200)
        wait_for(lambda: not them.blobs() and sql("SELECT (SELECT count(*) FROM blobs) + (SELECT count(*) FROM pictures)") == [(0,)], "everything to go")
        it.drained()


def test_deleted_while_drawn(home):
    """A document that goes while its page is drawn leaves nothing behind."""
    with system(home, **QUICK) as (them, it):
        document = it.taken(("a", note("Maths", "render slow 2000")), query="?wait=60")["documentId"]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(sheet, it, document)
            at_it(it)
            equal(it.send("DELETE", f"/documents/{document}").status, 200)
            refused(asked.result(), 404, "not-found")
        wait_for(lambda: stage(it, "done") == 1, "the picture to be drawn")
        wait_for(lambda: not them.blobs() and sqlite(them)("SELECT count(*) FROM blobs") == [(0,)], "everything to go")
        it.drained()


def test_forgotten(home):
    """A picture that is old is forgotten, and drawn again when somebody asks; so is one whose object has been lost."""
    with system(home, **QUICK) as (them, it):
        document = it.taken(("a", note()), query="?wait=60")["documentId"]
        body = drawn(it, document)
        sqlite(them)("UPDATE pictures SET created_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '-8 days')")
        wait_for(lambda: len(them.blobs()) == 1 and sqlite(them)("SELECT count(*) FROM pictures") == [(0,)], "it to be forgotten")
        equal(drawn(it, document), body)
        equal(len(them.blobs()), 2)
        (them.data / "blobs" / "default" / hashlib.sha256(body).hexdigest()).unlink()
        equal(drawn(it, document), body)
        equal(len(them.blobs()), 2)
        it.drained()


def test_after_a_kill(home):
    """A gateway that is killed while it draws: the next one draws, and nothing of the first is left over."""
    with system(home, gateway=False, YOGI_LEASE_SECONDS="1", **QUICK) as them:
        it = them.gateway()
        document = it.taken(("a", note("Maths", "render slow 1500")), query="?wait=60")["documentId"]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(sheet, it, document)
            at_it(it)
            it.kill()
            assert asked.exception(SECONDS), asked
        it = them.gateway()
        drawn(it, document)
        equal(len(them.blobs()), 2)
        equal(list((them.data / "spool").iterdir()), [])
        it.drained()


def test_ends_while_it_draws(home):
    """Told to end, the gateway does so in order, whoever waits for a page."""
    with system(home) as (_, it):
        document = it.taken(("a", note("Maths", "render slow 20000")), query="?wait=60")["documentId"]
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(sheet, it, document)
            at_it(it)
            it.process.send_signal(signal.SIGTERM)
            refused(asked.result(), 503, "ending")
        it.gone(0)


if __name__ == "__main__":
    main(sys.modules[__name__])

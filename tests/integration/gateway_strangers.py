#!/usr/bin/python3
"""The gateway as somebody meets it who has read what it promises and guesses the rest: what is asked in a slightly other form than
ours, what is sent again, and what cannot be done, each with an answer that can be acted upon."""
import json
import socket
import sys

from gateway import refused
from gateways import Answer, form, note, sqlite, system
from harness import SECONDS, contains, equal, main, wait_for

UPLOAD = "/api/v1/documents/upload"


def raw(it, request, half=False):
    """All that is answered to these bytes. half: nothing more will come, and the sender says so."""
    with socket.create_connection(("127.0.0.1", it.port), timeout=SECONDS) as line:
        line.sendall(request)
        if half:
            line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(65536):
            parts.append(part)
        return b"".join(parts)


def answer(text):
    """The status of an answer as it came over the wire, its headers as they came, and its body's JSON."""
    head, _, body = text.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), json.loads(body)


# ---- uploads ----

def test_no_file(home):
    """No body, a form of nothing, a form without a file: the demo's words, whatever the type says."""
    with system(home, host=False) as (_, it):
        for body, headers in ((None, {}), (b"", {"Content-Type": "application/json"}), (b"--xyz--\r\n", {"Content-Type": "multipart/form-data; boundary=xyz"})):
            got = it.ask("POST", UPLOAD, body, headers)
            refused(got, 400, "no-file")
            equal(got.json["error"], "No file provided")
        refused(it.upload(fields=[("name", "x")]), 400, "no-file")
        refused(it.ask("POST", UPLOAD, b"{}", {"Content-Type": "application/json"}), 415, "not-a-form")
        refused(it.upload(("a", "x"), headers={"Content-Encoding": "gzip"}), 415, "packed")


def test_same_key_same_answer(home):
    """What a key was answered is answered again, whatever has become of the document meanwhile."""
    with system(home) as (_, it):
        def send(key, text=note()):
            return it.taken(("a", text), headers={"Idempotency-Key": key})
        first = send("one")
        equal(first["status"], "uploaded")
        it.ended(first["documentId"], "completed")
        equal(send("one"), first)
        copied = send("two")
        equal(copied["reusedFrom"], first["documentId"])
        for _ in range(2):
            equal(send("two"), copied)
        failed = send("three", note("x", "fail damaged torn"))
        it.ended(failed["documentId"], "failed")
        equal(send("three", note("x", "fail damaged torn")), failed)
        got = it.taken(("a", note("x", "fail damaged torn")), headers={"Idempotency-Key": "three"}, query="?wait=60")
        equal((got["status"], got["errorCode"]), ("failed", "damaged"), "who waits hears what has become of it")


def test_options(home):
    """What no stage could follow is refused at once."""
    with system(home, host=False) as (_, it):
        for pages in ("zz", "3-1", "0", "1,,2", "-", "1,", "1-2-3"):
            refused(it.upload(("a", "x"), fields=[("options", json.dumps({"pages": pages}))]), 400, "bad-options", "pages")
        for pages in ("1", "1-3,5", "2-", "-2", " 1 , 2 - 4"):
            it.taken(("a", "x"), fields=[("options", json.dumps({"pages": pages}))], query="?fresh=1")


def test_name_of_the_original(home):
    """A download has the name that it was handed in under, in a form that breaks no header."""
    names = {"week.pdf": "attachment; filename=\"week.pdf\"; filename*=UTF-8''week.pdf",
             "Klasse 5b – Plän.pdf": "attachment; filename=\"Klasse 5b ___ Pl__n.pdf\"; filename*=UTF-8''Klasse%205b%20%E2%80%93%20Pl%C3%A4n.pdf",
             "../a;b\\c'd.pdf": "attachment; filename=\".._a_b_c_d.pdf\"; filename*=UTF-8''..%2Fa%3Bb%5Cc%27d.pdf"}
    with system(home, host=False) as (_, it):
        for name, wanted in names.items():
            one = it.taken((name, "x"))["documentId"]
            equal(it.get(f"/documents/{one}/file").headers["content-disposition"], wanted)


# ---- reading again ----

def test_again_from_a_stage(home):
    """What the stages before it have found stays, and only it and those behind it run; with other options too."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths")), query="?wait=60")["documentId"]
        table = it.get(f"/timetables/{one}").json

        def again(body, path="retry"):
            before = it.status(one)["run"]
            equal(it.send("POST", f"/documents/{one}/{path}", body).status, 200)
            got = it.ended(one)
            assert got["run"] != before
            return got["status"], [s["stage"] for s in got["stages"] if s["run"] == got["run"]]
        equal(again({"from": "validation"}), ("completed", ["validation"]))
        equal(again({"from": "llm", "options": {"gate": 0.5}}), ("completed", ["llm", "validation"]))
        equal(again({"stage": "ocr"}), ("completed", ["ocr", "llm", "validation"]))
        equal(again({"from": "classification"}), ("completed", ["classification", "ocr", "llm", "validation"]))
        equal(again(None, "retry?from=validation"), ("completed", ["validation"]))
        now = it.get(f"/timetables/{one}").json
        equal((now["id"], now["timeblocks"]), (table["id"], table["timeblocks"]))
        for wrong in ("render", "bogus", "", 3):
            refused(it.send("POST", f"/documents/{one}/retry", {"from": wrong}), 400, "bad-stage", "classification, ocr, llm, validation")
        failed = it.taken(("b", note("x", "ocr fail damaged torn")), query="?wait=60")["documentId"]
        refused(it.send("POST", f"/documents/{failed}/retry", {"from": "llm"}), 409, "not-read", "from the beginning")
        letter = it.get("/dead-letters").json[0]["id"]
        refused(it.send("POST", f"/dead-letters/{letter}/retry", {"from": "llm"}), 409, "not-read")
        equal(it.send("POST", f"/dead-letters/{letter}/retry", {"from": "classification"}).status, 200)


def test_read_again_from_a_stage(home):
    """The real stages, from one to the next: the same page gives the same blocks, and another gate another verdict."""
    file = home.root / "tests/fixtures/layouts/asc-like-1.pdf"
    with system(home, real=True) as (_, it):
        one = it.taken((file.name, file.read_bytes()), query="?wait=60")["documentId"]
        blocks = it.get(f"/timetables/{one}").json["timeblocks"]
        for stage in ("validation", "llm", "ocr"):
            equal(it.send("POST", f"/documents/{one}/retry", {"from": stage}).status, 200)
            it.ended(one, "completed")
            equal(it.get(f"/timetables/{one}").json["timeblocks"], blocks, stage)
        equal(it.send("POST", f"/documents/{one}/retry", {"from": "validation", "options": {"gate": 1}}).status, 200)
        it.ended(one, "needs_review")


def test_progress_without_a_stream(home):
    """Whoever asks again and again sees how far it is, and where."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths", "ocr slow 120000")))["documentId"]
        seen = wait_for(lambda: (s := it.status(one))["step"] == "ocr" and s, "its second stage")
        equal((seen["percentage"], seen["status"]), (10, "processing"))
        equal(it.send("POST", f"/documents/{one}/cancel").status, 200)
        seen = it.ended(one, "cancelled")
        equal((seen["percentage"], seen["step"]), (100, None))


# ---- timetables ----

def test_edits(home):
    """Tags in every form that RFC 9110 has, and that proxies make of them; which block is wrong, as programs count too."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths")), query="?wait=60")["documentId"]
        good = {"day": "Monday", "name": "Maths"}

        def put(tag):
            return it.send("PUT", f"/timetables/{one}", {"timeblocks": [good]}, **({"If-Match": tag} if tag else {}))
        tag = it.get(f"/timetables/{one}").headers["etag"]
        contains(tag, it.get(f"/timetables/{one}").json["id"], "a timetable that takes another's place has another tag")
        for shape in ("%s", "W/%s", '"other", %s', "*"):
            got = put(shape % tag if "%s" in shape else shape)
            equal(got.status, 200, (shape, got))
            old, tag = tag, got.headers["etag"]
            assert old != tag
        for wrong in (old, '"other"', "other", f"{old}, W/{old}"):
            refused(put(wrong), 412, "changed")
        refused(it.send("PUT", f"/timetables/{one}", {"timeblocks": [good, {**good, "day": "Moonday"}]}), 400, "bad-timetable", "timeblock 2", "timeblocks[1]")
        refused(it.send("PUT", f"/timetables/{one}", {"timeblocks": [good, {**good, "name": " \t"}]}), 400, "bad-timetable", "name is needed")
        for name in ("", "  ", None):
            refused(it.send("POST", "/timetables/save-as", {"saved_name": name, "timeblocks": [good]}), 400, "bad-timetable", "saved_name is needed")


def test_what_people_write_is_sure(home):
    """What somebody has approved is certain, in calendars too; what a machine has read is as sure as it says."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths", "review")), query="?wait=60")["documentId"]
        contains(it.get(f"/timetables/{one}.ics").body.decode(), "STATUS:TENTATIVE")
        block = {"day": "Monday", "name": "Maths", "startTime": "9:00", "confidence": 0.2}
        equal(it.send("PUT", f"/timetables/{one}", {"timeblocks": [block, {**block, "name": "Mine", "confidence": None}]}).status, 200)
        saved = it.send("POST", "/timetables/save-as", {"saved_name": "s", "timeblocks": [{"day": "Monday", "name": "Maths", "startTime": "9:00"}]}).json["id"]
        for which in (one, saved):
            calendar = it.get(f"/timetables/{which}.ics").body.decode()
            assert "TENTATIVE" not in calendar and "STATUS:CONFIRMED" in calendar, calendar
            equal({b["confidence"] for b in it.get(f"/timetables/{which}.json").json["timetables"][0]["timeblocks"]}, {1})


def test_calendar_of_nothing(home):
    """A week without a block that has a day and a time is no fault of the server's."""
    with system(home) as (_, it):
        one = it.taken(("a", note("Maths")), query="?wait=60")["documentId"]
        feed = it.send("POST", f"/timetables/{one}/feed").json["path"]
        equal(it.send("PUT", f"/timetables/{one}", {"timeblocks": []}).status, 200)
        refused(it.get(f"/timetables/{one}.ics"), 409, "empty-calendar", "empty")
        refused(it.ask("GET", feed), 409, "empty-calendar", "empty")
        for ending in ("csv", "html", "json"):
            equal(it.get(f"/timetables/{one}.{ending}").status, 200)


def test_lists(home):
    """A question that is left empty is not asked; a cursor goes into an address as it is."""
    with system(home, host=False) as (_, it):
        for i in range(3):
            it.taken((f"{i}", f"{i}"))
        equal(len(it.get("/documents?status=&search=&cursor=").json), 3)
        got = it.get("/documents?limit=2")
        cursor = got.headers["x-next-cursor"]
        assert all(c.isalnum() or c in "-._~:" for c in cursor), cursor
        equal([d["filename"] for d in got.json + it.get(f"/documents?limit=2&cursor={cursor}").json], ["2", "1", "0"])


# ---- over the wire ----

def test_answers_before_the_end(home):
    """Whoever sends first and reads then gets to know why it was refused, and the connection serves it further."""
    with system(home, host=False, YOGI_ACCESS="keys") as (them, it):
        from gateways import add_key
        wait_for(lambda: it.ready_state().status == 200, "the database", it.process)
        key = add_key(sqlite(them), "north", "k" * 40)
        large, kind = form([("big", b"x" * (52 << 20))])
        small, small_kind = form([("a", b"x" * 300000)])
        import http.client
        line = http.client.HTTPConnection("127.0.0.1", it.port, timeout=SECONDS)

        def send(method, path, body, headers):
            line.request(method, path, body, headers)
            socket_before = line.sock
            got = Answer.of(line.getresponse())
            equal(line.sock, socket_before, "the connection goes on")
            return got
        refused(send("POST", UPLOAD, small, {"Content-Type": small_kind}), 401, "no-key")
        refused(send("POST", UPLOAD, small, {"Content-Type": small_kind, "X-Api-Key": "wrong"}), 401, "bad-key")
        refused(send("POST", UPLOAD, b"x" * 300000, {"X-Api-Key": key}), 415, "not-a-form")
        refused(send("POST", UPLOAD, large, {"Content-Type": kind, "X-Api-Key": key}), 413, "too-large")
        refused(send("PUT", "/api/v1/timetables/x", b"x" * (3 << 20), {"X-Api-Key": key}), 413, "too-large")
        refused(send("POST", "/api/v1/nowhere", b"x" * 100000, {"X-Api-Key": key}), 404, "not-found")
        equal(send("POST", UPLOAD, small, {"Content-Type": small_kind, "X-Api-Key": key}).status, 200)
        line.close()


def test_half_a_request(home):
    """A body that is cut off by a sender that still listens has an answer, but where libmicrohttpd sees the end first and closes at once:
    it does so where the end comes after the bytes before it, which chance decides here."""
    with system(home, host=False) as (_, it):
        head = b"POST /api/v1/llm/validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{"
        said = next(filter(None, (raw(it, head, half=True) for _ in range(50))))
        status, said, body = answer(said)
        equal((status, body["status"], body["code"], body["error"]), (400, 400, "cut-off", body["detail"]))
        contains(said.lower(), "content-type: application/problem+json")
        contains(said.lower(), "connection: close")
        equal(it.get("/documents").json, [])


def test_framing(home):
    """What two readers could take in two ways is refused at once; the form that proxies use is taken."""
    with system(home, host=False) as (_, it):
        for lines in (b"Host: a\r\nHost: b\r\n", b"Host: a\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n", b"Host: a\r\nTransfer-Encoding: gzip, chunked\r\n",
                      b"Host: a\r\nTransfer-Encoding: identity\r\n"):
            status, _, body = answer(raw(it, b"POST /api/v1/llm/validate HTTP/1.1\r\nConnection: close\r\n" + lines + b"\r\n{}"))
            equal((status, body["code"]), (400, "bad-framing"), lines)
        for target in (b"http://yogi.example/health", b"http://yogi.example:4000/health?x=1"):
            assert raw(it, b"GET " + target + b" HTTP/1.1\r\nHost: yogi.example\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 "), target
        assert raw(it, b"GET http://yogi.example HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").startswith(b"HTTP/1.1 200 ")


def test_other_origins(home):
    """A page of another origin may read every header that this interface speaks of."""
    with system(home, host=False, YOGI_ORIGINS="https://a.example") as (_, it):
        shown = it.get("/documents", Origin="https://a.example").headers["access-control-expose-headers"].lower()
        for name in ("etag", "location", "retry-after", "x-request-id", "x-next-cursor", "ratelimit-remaining", "content-disposition"):
            contains(shown, name)


def test_deletes_with_bodies(home):
    """Clients that send something along with every DELETE get what they want; a session is found in the body too."""
    with system(home, host=False) as (_, it):
        one = it.taken(("a", "x"))["documentId"]
        equal(it.send("DELETE", f"/documents/{one}", {}).status, 200)
        equal(it.send("POST", "/llm/settings", {"provider": "anthropic", "apiKey": "sk-ant-1", "sessionId": "s"}).json["provider"], "claude")
        equal(it.send("DELETE", "/llm/settings", {"sessionId": "s"}).status, 200)
        equal(it.get("/llm/settings?sessionId=s").status, 404)


if __name__ == "__main__":
    main(sys.modules[__name__])

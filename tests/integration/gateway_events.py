#!/usr/bin/python3
"""Server-sent events of documents: the demo's form, from any gateway, gone on with after a break, ended after the end."""
import sys
import time

from gateways import system
from harness import children, equal, main, wait_for
from postgres import Postgres


def check_whole(events, document):
    """A stream from its beginning: connected, progress that does not fall, one end, in the demo's form."""
    equal(events[0], {"type": "connected", "documentId": document})
    assert all(event["documentId"] == document for event in events), events
    kinds = [event["type"] for event in events]
    equal(kinds, ["connected"] + ["progress"] * (len(kinds) - 2) + ["complete"], events)
    shares = [event["percentage"] for event in events[1:-1]]
    equal(shares, sorted(shares))
    assert all(0 <= share <= 100 for share in shares) and all(event["step"] for event in events[1:-1]), events
    end = events[-1]
    equal(end["timetableData"]["document_id"], document)
    assert end["timetableData"]["timeblocks"][0]["name"], end
    assert end["status"] in ("completed", "needs_review"), end


def test_live(home):
    """Watched from its beginning; the stream ends by itself a second after the end."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in("slow 400\nMaths")["documentId"]
        stream = gateway.events(document)
        equal((stream.answer.status, stream.answer.getheader("Content-Type")), (200, "text/event-stream"))
        events = []
        while not events or events[-1]["type"] != "complete":
            events.append(stream.next())
        told = time.monotonic()
        equal(stream.next(), None)
        lasted = time.monotonic() - told
        assert 0.5 < lasted < 30, f"it ended {lasted:.2f} s after its last event"
        check_whole(events, document)
        # a second client, who comes late, gets the same
        again = gateway.events(document)
        check_whole(again.rest(), document)
        equal(again.last, stream.last)
        # and one who has seen it all but the end gets the end
        late = gateway.events(document, {"Last-Event-ID": str(stream.last - 1)}).rest()
        equal([event["type"] for event in late], ["connected", "complete"])
        late = gateway.events(document, {"Last-Event-ID": str(stream.last)}).rest()
        equal([event["type"] for event in late], ["connected", "complete"], "one who comes back after the end is told at once")


def test_failure(home):
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in("fail damaged the page is torn\nMaths")["documentId"]
        end = gateway.events(document).rest()[-1]
        equal((end["type"], end["documentId"], end["errorCode"]), ("error", document, "damaged"))
        equal(end["error"], "the page is torn")
        equal(sorted(end["errorDetails"]), ["hint", "model", "provider", "step"])
        equal(end["errorDetails"]["hint"], "the document is damaged")


def test_again(home):
    """A retried document's stream does not end with the earlier run's end."""
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in("slow 700\nMaths", query="?wait=60")["documentId"]
        first = gateway.events(document)
        first.rest()
        gateway.json("POST", f"/api/v1/documents/{document}/retry")
        stream = gateway.events(document)
        events = stream.rest()
        check_whole(events, document)
        assert stream.last > first.last, (stream.last, first.last)


def test_cancelled_and_deleted(home):
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        document = gateway.hand_in("hang\nMaths")["documentId"]
        stream = gateway.events(document)
        equal(stream.next()["type"], "connected")
        gateway.json("POST", f"/api/v1/documents/{document}/cancel")
        end = stream.rest()[-1]
        equal((end["type"], end["errorCode"]), ("error", "cancelled"))
        other = gateway.hand_in("hang\nPhysics")["documentId"]
        stream = gateway.events(other)
        equal(stream.next()["type"], "connected")
        gateway.json("DELETE", f"/api/v1/documents/{other}")
        end = stream.rest()[-1]
        equal((end["type"], end["errorCode"], end["status"]), ("error", "deleted", "deleted"))
        status, _, body = gateway.ask("GET", f"/api/v1/events/{other}")
        equal(status, 404, body)


def test_any_gateway(home):
    """The work is one gateway's; the streams of another tell the same."""
    with Postgres(home, "-c fsync=off") as server, system(home, gateway=False, DATABASE_URL=server.url, YOGI_WORKERS="2") as r:
        one, two = r.gateway(), r.gateway()
        document = one.hand_in("slow 600\nMaths")["documentId"]
        streams = [two.events(document), one.events(document), two.events(document)]
        whole = [stream.rest() for stream in streams]
        for events in whole:
            check_whole(events, document)
        equal(whole[0][-1], whole[1][-1])


def memory(pid):
    """Bytes that a process has by itself."""
    for line in open(f"/proc/{pid}/smaps_rollup"):
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024


def test_many(home):
    """Many streams of one document and of others: all get their end; a client that goes is forgotten."""
    with system(home, gateway=False, host=False) as r:
        gateway = r.gateway()
        documents = [gateway.hand_in(f"Maths {i}")["documentId"] for i in range(10)]
        streams = [gateway.events(documents[i % 10]) for i in range(200)]
        for stream in streams:
            equal(stream.next()["type"], "connected")
        for stream in streams[:20]:
            stream.answer.close()
            stream.connection.close()
        r.host()
        for i, stream in enumerate(streams[20:], 20):
            end = stream.rest()[-1]
            equal((end["type"], end["documentId"]), ("complete", documents[i % 10]))
        figures = gateway.ask("GET", "/metrics")[2].decode()
        wait_for(lambda: "yogi_http_streams 0" in gateway.ask("GET", "/metrics")[2].decode(), f"no stream any more\n{figures[:200]}")


if __name__ == "__main__":
    main(sys.modules[__name__])

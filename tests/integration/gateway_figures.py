#!/usr/bin/python3
"""What the gateway tells of the system: dead letters and another try, queues for what starts and stops hosts, metrics."""
import json
import re
import shutil
import subprocess
import sys

from gateways import STAGES, system
from harness import contains, equal, main, wait_for


def queues(gateway):
    status, _, body = gateway.ask("GET", "/api/v1/queues")
    return {stage["stage"]: stage for stage in json.loads(body)["stages"]} if status == 200 else None


def test_dead_letters(home):
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        equal(gateway.json("GET", "/api/v1/dead-letters"), [])
        documents = [gateway.hand_in(f"fail damaged torn {i}\nMaths", query="?wait=60")["documentId"] for i in range(5)]
        letters = gateway.json("GET", "/api/v1/dead-letters")
        equal([letter["document_id"] for letter in letters], documents[::-1], "newest first")
        letter = letters[0]
        equal((letter["stage"], letter["error"], letter["message"]), ("classification", "damaged", "torn 4"))
        equal(letter["inputs"]["filename"], "week.txt")
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT[0-9:.]+Z", letter["created_at"]), letter
        # by pages
        found, cursor = [], ""
        while True:
            status, headers, body = gateway.ask("GET", f"/api/v1/dead-letters?limit=2{cursor}")
            equal(status, 200, body)
            found += [letter["id"] for letter in json.loads(body)]
            if "x-next-cursor" not in headers:
                break
            cursor = "&cursor=" + headers["x-next-cursor"].replace(" ", "%20").replace("+", "%2B")
        equal(found, [letter["id"] for letter in letters])
        # another try takes it off the list while it runs, and puts it there again when it fails once more
        answer = gateway.json("POST", f"/api/v1/dead-letters/{letter['id']}/retry")
        equal(answer, {"documentId": documents[4], "status": "uploaded"})
        equal(gateway.ended(documents[4])["status"], "failed")
        again = gateway.json("GET", "/api/v1/dead-letters")
        equal([letter["document_id"] for letter in again], documents[::-1])
        assert again[0]["id"] != letter["id"], "it is another run's"
        equal(gateway.ask("POST", f"/api/v1/dead-letters/{letter['id']}/retry")[0], 404)
        equal(gateway.ask("POST", "/api/v1/dead-letters/nothing/retry")[0], 404)
        for query in ("limit=0", "limit=x", "limit=1001", "cursor=x", "cursor=x~y"):
            equal(gateway.ask("GET", f"/api/v1/dead-letters?{query}")[0], 400, query)


def test_queues(home):
    """Work that waits for a host is seen, its age grows, and the host is seen when it comes."""
    with system(home, gateway=False, host=False) as r:
        gateway = r.gateway()
        wait_for(lambda: queues(gateway), "the broker's figures")
        for i in range(3):
            gateway.hand_in(f"slow 1500\nMaths {i}")
        first = wait_for(lambda: (q := queues(gateway)) and q["classification"]["runnable"] == 3 and q, "three jobs that wait")
        equal([first["classification"][n] for n in ("running", "workers", "hosts")], [0, 0, 0])
        age = first["classification"]["oldestMs"]
        wait_for(lambda: queues(gateway)["classification"]["oldestMs"] > age, "their age grows")
        r.host()
        seen = wait_for(lambda: (q := queues(gateway)) and q["classification"]["running"] and q, "work")
        assert seen["classification"]["workers"] >= 1 and seen["classification"]["hosts"] == 1, seen
        assert set(STAGES) <= set(seen), seen
        wait_for(lambda: queues(gateway)["validation"]["done"] == 3, "the end of all")


def test_no_broker(home):
    """No figures are not the figures of an idle system."""
    with system(home, gateway=False, host=False, broker=False) as r:
        status, headers, body = r.gateway().ask("GET", "/api/v1/queues")
        equal((status, json.loads(body)["code"]), (503, "no-broker"))
        assert int(headers["retry-after"]) >= 1


def test_two_brokers(home):
    """The figures of all brokers are added up."""
    with system(home, gateway=False, host=False, broker=False) as r:
        ends = [f"ipc://{home.path}/b{i}" for i in range(2)]
        brokers = [r.broker(end) for end in ends]
        r.settings["YOGI_BROKERS"] = " ".join(ends)
        gateway = r.gateway()
        wait_for(lambda: gateway.ask("GET", "/api/v1/queues")[0] == 200 and
                 gateway.json("GET", "/api/v1/queues")["brokers"] == {"known": 2, "heard": 2}, "both brokers")
        for i in range(8):
            gateway.hand_in(f"Maths {i}")
        wait_for(lambda: queues(gateway)["classification"]["runnable"] == 8, "the jobs of both")
        brokers[0].kill()
        brokers[0].wait()
        wait_for(lambda: gateway.json("GET", "/api/v1/queues")["brokers"]["heard"] == 1, "the dead one counts no more", seconds=60)


def samples(text):
    return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text, re.M)}


def test_metrics(home):
    with system(home, gateway=False, YOGI_WORKERS="2") as r:
        gateway = r.gateway()
        gateway.hand_in("Maths", query="?wait=60")
        gateway.hand_in("fail damaged torn\nMaths", query="?wait=60")
        wait_for(lambda: 'yogi_stage_done_total{stage="validation"} 1' in gateway.ask("GET", "/metrics")[2].decode(), "the brokers' figures")
        status, headers, body = gateway.ask("GET", "/metrics")
        equal((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        figures = samples(body.decode())
        equal([figures[f"yogi_outbox_{n}_total"] for n in ("submitted", "finished", "failed")], [2, 1, 1])
        equal([figures["yogi_store_ready"], figures["yogi_outbox_brokers_connected"]], [1, 1])
        assert figures['yogi_http_answers_total{class="2xx"}'] >= 2, figures
        assert figures['yogi_stage_workers{stage="ocr"}'] >= 1, figures
        every = re.findall(r"^# TYPE (\S+) (\S+)$", body.decode(), re.M)
        equal(len(every), len(set(name for name, _ in every)), "each family is told once")
        equal([name for name, kind in every if (kind == "counter") != name.endswith("_total")], [])
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, timeout=60)
            equal((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        else:
            print("promtool is not installed: its check is left out")


def test_parts(home):
    """Liveness asks for nothing; metrics are told without a broker."""
    with system(home, gateway=False, host=False, broker=False) as r:
        gateway = r.gateway()
        equal(gateway.json("GET", "/health")["status"], "healthy")
        contains(gateway.ask("GET", "/metrics")[2].decode(), "yogi_outbox_brokers_connected 0\n")


if __name__ == "__main__":
    main(sys.modules[__name__])

#!/usr/bin/python3
"""yogi logs: the lines of one document out of the logs of many processes, in the order of their times."""
import json
import random
import re
import sys
import urllib.request

from harness import SECONDS, contains, equal, main, wait_for

DOCUMENT, OTHER = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"


def line(second, process, event, **fields):
    return json.dumps({"time": f"2026-01-31T08:30:{second:02d}.000Z", "level": "info", "process": process, "event": event, **fields},
                      separators=(",", ":"))


def test_merges(home):
    """From files and the standard input, with what kubectl puts before each line, and with what is no line of ours."""
    about = [line(1, "yogi-gateway", "http.answer", path=f"/api/v1/documents/{DOCUMENT}"),
             line(2, "yogi-gateway", "run.begin", job="run-1", document=DOCUMENT),
             line(3, "yogi-actor", "job.failed", job="run-1", message='a " quoted one'),
             line(3, "yogi-actor", "job.failed", job="run-1", message="the same time, behind it"),
             line(4, "yogi-gateway", "run.begin", job="run-2", document=DOCUMENT),
             line(5, "yogi-actor", "job.failed", job="run-2"), line(6, "yogi-gateway", "run.end", job="run-2")]
    others = [line(2, "yogi-gateway", "run.begin", job="run-3", document=OTHER), line(3, "yogi-actor", "job.failed", job="run-3"),
              line(4, "yogi-broker", "broker.drains", jobs=1), "no line of ours", "{", '{"time":"yesterday","job":"run-1"}',
              '{"time":"2026', "x" * 200000 + DOCUMENT]
    hosts = [text for text in about + others if "yogi-actor" in text]
    gateways = [text for text in about + others if text not in hosts]
    random.Random(7).shuffle(gateways)
    home.file("gateway.log", "\n".join(gateways))
    piped = "".join(f"[pod/ocr-worker-{i}/ocr-worker] {text}\n" for i, text in enumerate(hosts)).encode()
    got = home.run(home.real, "logs", DOCUMENT, "gateway.log", "-", stdin=piped)
    equal(got.code, 0, got.err)
    equal(got.out.splitlines(), about)
    equal(home.run(home.real, "logs", OTHER, "gateway.log", "-", stdin=piped).out.splitlines(), others[:2])


def test_refuses(home):
    home.file("empty.log", "")
    for arguments, code, word in (([], 2, "which document"), (["week.pdf"], 2, "no id"), ([DOCUMENT, "missing.log"], 3, "missing.log"),
                                  ([DOCUMENT, "empty.log"], 3, "YOGI_LOG_LEVEL"), ([DOCUMENT, "."], 3, "cannot be read")):
        got = home.run(home.real, "logs", *arguments)
        equal(got.code, code, got)
        contains(got.err, word)


def test_of_a_running_system(home):
    """A document that goes through a system: its run's begin and end, and no other document's."""
    up = home.start(home.build / "bin/yogi-up", env={"YOGI_DATA": str(home.path / "data"), "YOGI_PORT": "0", "YOGI_WORKERS": "1",
                                                     "YOGI_LOG_LEVEL": "info"})
    try:
        url = wait_for(lambda: re.search(rb"open (http\S+)", up.stdout.readline()), "the gateway", up, SECONDS)[1].decode()
        ids = []
        for name in ("synth/syn-39-png.png", "synth/syn-01-png.png"):
            page = (home.root / "tests/fixtures" / name).read_bytes()
            head = f'--mark\r\nContent-Disposition: form-data; name="file"; filename="{name[6:]}"\r\nContent-Type: image/png\r\n\r\n'
            request = urllib.request.Request(f"{url}/api/v1/documents/upload?wait=60", head.encode() + page + b"\r\n--mark--\r\n",
                                             {"Content-Type": "multipart/form-data; boundary=mark"})
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:
                ids.append(json.load(answer)["documentId"])
    finally:
        up.terminate()
        _, err = up.communicate(timeout=SECONDS)
    home.file("all.log", err)
    for one in ids:
        got = home.run(home.real, "logs", one, "all.log")
        equal(got.code, 0, got.err)
        lines = [json.loads(text) for text in got.out.splitlines()]
        events = [text["event"] for text in lines if text["event"].startswith("run.")]
        equal(events, ["run.begin", "run.end"])
        equal([text["time"] for text in lines], sorted(text["time"] for text in lines))
        assert not any(other in got.out for other in ids if other != one)


if __name__ == "__main__":
    main(sys.modules[__name__])

"""flow: people who hand in documents through HTTP at whatever gateway a Service gives them, wait for each and look whether its
timetable is the right one; and the account at the end: all that was taken in has been read, once."""
import http.client
import itertools
import json
import threading
import time

from gateways import ENDED, Gateway
from harness import equal, wait_for

FIELDS = ("day", "name", "startTime", "endTime")
GIVE_UP = 120  # seconds for one document


class Remote(Gateway):
    """A gateway somewhere on the network."""

    def __init__(self, host, port, key=None):
        self.host, self.port, self.key = host, port, key


def blocks(timeblocks):
    return sorted(tuple(block[field] for field in FIELDS) for block in timeblocks)


def expected(home, paths):
    """{path: timeblocks} as `yogi read` gives them."""
    read = home.run(home.real, "read", *paths)
    equal(read.code, 0, read)
    found = {}
    for path, line in zip(paths, read.out.splitlines()):
        found[path] = blocks(block for table in json.loads(line)["timetables"] for block in table["timeblocks"])
        assert found[path], path
    return found


class Flow:
    """with Flow(wanted) as flow: clients at work. gateways is what the Service gives, and may change all the time."""

    def __init__(self, wanted, gateways, clients):
        self.wanted, self.gateways, self.ending = wanted, gateways, False
        self.done, self.faults, self.seconds, self.retries = {}, [], [], 0
        self.threads = [threading.Thread(target=self.work, args=(i,), daemon=True) for i in range(clients)]

    def work(self, client):
        try:
            for number, path in enumerate(itertools.cycle(self.wanted)):
                if self.ending:
                    return
                if number % len(self.threads) == client:
                    self.one(f"client-{client}-{number}{path.suffix}", path)
        except Exception as why:  # pylint: disable=broad-except
            self.faults.append(f"client {client}: {type(why).__name__}: {why}")

    def asked(self, question):
        """The answer of a gateway to question(gateway): of another one where the first is gone or has no time."""
        end = time.monotonic() + GIVE_UP
        for turn in itertools.count():
            among = self.gateways
            try:
                got = question(among[turn % len(among)])
                if got.status != 503:
                    return got
                time.sleep(0.2)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
            self.retries += 1
            assert time.monotonic() < end, "no gateway answers"

    def one(self, name, path):
        begun = time.monotonic()
        content = path.read_bytes()
        got = self.asked(lambda it: it.upload((name, content), headers={"Idempotency-Key": name}))
        equal(got.status, 200, got)
        document = got.json["documentId"]
        state = wait_for(lambda: self.ended(document), f"the end of {name}, {document}", seconds=GIVE_UP)
        assert state["status"] in ("completed", "needs_review"), state
        table = self.asked(lambda it: it.get(f"/timetables/{document}"))
        equal(blocks(table.json["timeblocks"]), self.wanted[path], name)
        self.done[name] = document
        self.seconds.append(time.monotonic() - begun)

    def ended(self, document):
        got = self.asked(lambda it: it.get(f"/documents/{document}/status"))
        equal(got.status, 200, got)
        if got.json["status"] in ENDED:
            return got.json
        time.sleep(0.1)
        return None

    def sound(self):
        assert not self.faults, "\n".join(self.faults)
        return True

    def more(self, count, what):
        """Waits until so many more documents have been read."""
        wanted = len(self.done) + count
        wait_for(lambda: self.sound() and (len(self.done) >= wanted or time.sleep(0.05)), f"{count} more documents: {what}", seconds=GIVE_UP)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        for thread in self.threads:
            thread.join(GIVE_UP)

    def account(self, sql):
        """sql: gives rows as psql prints them."""
        self.sound()
        wait_for(lambda: sql("SELECT count(*) FROM outbox").strip() == "0", "an empty outbox")
        equal(sorted(sql("SELECT id FROM documents").split()), sorted(self.done.values()), "documents that were answered, and no others")
        equal(sql("SELECT document_id FROM timetables GROUP BY 1 HAVING count(*) > 1").strip(), "", "no timetable twice")
        equal(sql("SELECT count(DISTINCT document_id) FROM timetables").strip(), str(len(self.done)), "a timetable of each")
        equal(sql("SELECT run FROM processing_jobs GROUP BY run, job_type HAVING count(*) > 1").strip(), "", "no stage twice")

    def __str__(self):
        took = sorted(self.seconds)
        return (f"{len(took)} documents, each in {took[len(took) // 2]:.1f} s (median), {took[-1]:.1f} s (longest); "
                f"{self.retries} calls were made once more")

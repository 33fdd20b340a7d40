#!/usr/bin/python3
"""The system of the overlay `dev`, as pods on this machine: a school hands in its weeks through HTTP while pods of every kind are
killed. Whatever was taken in is read, right, and once.

    YOGI_PODS_KILLS=200 YOGI_PODS_SEED=7 tests/run pods       the long form; each kind of pod in turn, in the order of the seed
"""
import hashlib
import json
import os
import random
import re
import sys
import threading
import time

import kubelet
import papers
from gateways import Gateway, nothing_twice
from harness import SECONDS, contains, equal, main, wait_for

KILLS = int(os.environ.get("YOGI_PODS_KILLS", "0"))  # 0: each pod that may be killed, once
SEED = int(os.environ.get("YOGI_PODS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
VICTIMS = ("api-service", "classification-worker", "ocr-worker", "llm-worker", "validator-worker", "broker", "bullmq-bridge")
GATEWAYS = 2
UNDER_WAY = 4  # documents that are handed in and not yet read: enough that each kill meets some
QUEUED = 4  # jobs in Redis
SAMPLE = "tests/fixtures/schools/am-pm-2.jpg"
ANSWER = 10  # seconds for one call: a pod that is taken away with its address does not even close a connection
LATE = 240  # seconds that what was killed may take to its end


class Service(Gateway):
    """The Service of the gateways: calls go to its pods in turn, and to another where one dies before it has answered."""

    def __init__(self, cluster, key=None):
        self.cluster, self.key, self.turn = cluster, key, 0

    def place(self):
        pods = self.cluster.of("api-service")
        if not pods:
            raise ConnectionError("no gateway")
        self.turn += 1
        return pods[self.turn % len(pods)].address, 4000

    def ask(self, method, path, body=None, headers=None, seconds=SECONDS):
        def once():
            try:
                answer = super(Service, self).ask(method, path, body, headers, ANSWER)
                return answer if answer.status != 503 else None
            except Exception as fault:  # of http.client there are many kinds
                equal(isinstance(fault, OSError) or type(fault).__module__ == "http.client", True, repr(fault))
                time.sleep(0.05)
        return wait_for(once, f"an answer to {method} {path}", seconds=seconds)


class School:
    """Hands in weeks, a few at a time, until it is told to stop."""

    def __init__(self, service):
        self.service, self.weeks, self.fault, self.stop = service, {}, None, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def hand_in(self, number):
        name, content, blocks = papers.week(number)
        answer = self.service.taken((name, content), headers={"Idempotency-Key": name})
        self.weeks[answer["documentId"]] = name, blocks

    def work(self):
        try:
            waiting = []
            while not self.stop.is_set():
                waiting = [d for d in waiting if self.service.status(d)["status"] != "completed"]
                while len(waiting) < UNDER_WAY:
                    self.hand_in(len(self.weeks))
                    waiting.append(list(self.weeks)[-1])
                time.sleep(0.1)
        except BaseException as fault:
            self.fault = fault

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def check(self):
        """All of it has been read, and is right."""
        for document, (name, blocks) in self.weeks.items():
            self.service.ended(document, "completed", seconds=LATE)
            equal(found(self.service.get(f"/timetables/{document}").json), blocks, name)


def found(table):
    return sorted((b["day"], b["startTime"], b["endTime"], b["name"]) for b in table["timeblocks"])


def command(home, start):
    """A command of the page of the manifests, without what kubectl needs for it."""
    page = (home.root / "deploy/kubernetes/README.md").read_text()
    return re.search(rf"^    kubectl exec deployment/api-service -- ({start}.*)$", page, re.M)[1].split()


def new_key(home, them, role="teacher"):
    words = [role if word == "teacher" else word for word in command(home, "yogi tokens new")]
    made = them.of("api-service")[0].run(*words)
    equal(made.code, 0, made)
    return re.search(r"^key +(\S+)$", made.out, re.M)[1]


def check_sample(home, service):
    """A document as a page of the demo sees it: handed in, watched, and its week at the end."""
    truth = json.loads((home.root / SAMPLE).with_suffix(".truth.json").read_text())["timetables"]
    document = service.taken(("sample.jpg", (home.root / SAMPLE).read_bytes()))["documentId"]
    events = service.events(document).rest()
    equal((events[0]["type"], events[-1]["type"]), ("connected", "complete"), events)
    assert [e for e in events if e["type"] == "progress"], events
    for table in (events[-1]["timetableData"], service.get(f"/timetables/{document}").json):
        equal(found(table), found(truth[0]), "the sample")
    equal(service.get(f"/documents/{document}/file").body, (home.root / SAMPLE).read_bytes(), "from the bucket")


def check_scaling(home, them):
    """What KEDA asks for stands where the manifests say."""
    queues = Service(them, new_key(home, them, "admin")).get("/queues").json
    for stage in ("classification", "ocr", "llm", "validation"):
        (row,) = [s for s in queues["stages"] if s["stage"] == stage]
        assert row["hosts"] > 0 and row["runnable"] == 0, row
    (store,) = [s for s in queues["stages"] if s["stage"] == "store"]
    assert store["hosts"] > 0, f"gateways keep what owners without a database hand in: {store}"


class Queue:
    """Jobs that a program of BullMQ adds in Redis, for documents in the bucket."""

    def __init__(self, home, them):
        self.home, self.blocks = home, {}
        self.redis = them.of("redis")[0].address + ":6379"
        s3 = them.of("s3")[0].address
        jobs = []
        for number in range(1000, 1000 + QUEUED):
            name, content, self.blocks[f"job-{number}"] = papers.week(number)
            done = home.run("curl", "-sS", "--fail-with-body", "-X", "PUT", "--data-binary", "@-", "--aws-sigv4", "aws:amz:us-east-1:s3",
                            "--user", "yogi-dev:yogi-dev-secret", "-H", f"x-amz-content-sha256: {hashlib.sha256(content).hexdigest()}",
                            f"http://{s3}:9000/learning-yogi-documents/school/{name}", stdin=content)
            equal(done.code, 0, done)
            jobs.append({"documentId": f"job-{number}", "s3Key": f"school/{name}"})
        self.ask("add", json.dumps(jobs))

    def ask(self, *words):
        what, *more = words
        got = self.home.run("node", self.home.build / "node/gives.mjs", "6", self.redis, what, "classification", *more)
        equal((got.code, got.err), (0, ""))
        return json.loads(got.out)

    def check(self, service):
        """All have been read, are right, and are kept by the gateways under their own names."""
        seen = wait_for(lambda: (s := self.ask("show"))["counts"]["completed"] + s["counts"]["failed"] == QUEUED and s, "the jobs in Redis",
                        seconds=LATE)
        for job in seen["jobs"]:
            equal(job["state"], "completed", job)
            equal(found(job["returnvalue"]["timetables"][0]), self.blocks[job["id"]], job["id"])
            equal(found(service.get(f"/timetables/{job['id']}").json), self.blocks[job["id"]], f"kept of {job['id']}")
        equal(sorted(job["id"] for job in seen["jobs"]), sorted(self.blocks))


def kill_all(them, chance, school):
    """Each kind in turn; the container alone, or the whole pod."""
    victims = [(pod.kind, pod.number) for pod in them.pods if pod.kind in VICTIMS]
    chance.shuffle(victims)
    for turn in range(KILLS or len(victims)):
        kind, number = victims[turn % len(victims)]
        (pod,) = [pod for pod in them.of(kind) if pod.number == number]
        begun, how = time.monotonic(), chance.choice((them.kill, them.replace))
        how(pod)
        assert not school.fault, repr(school.fault)
        print(f"{how.__name__} {pod.name}: {time.monotonic() - begun:.1f} s, {len(school.weeks)} documents handed in", flush=True)
        if kind in ("api-service", "broker"):  # as the controller, which goes on to the next when one is back; the others must not be needed
            them.ready(*them.of(kind))


def check_database(postgres, count):
    def sql(text):
        got = postgres.run("psql", "-U", "postgres", "-d", "learningyogi", "-v", "ON_ERROR_STOP=1", "-qAtc", text)
        equal((got.code, got.err), (0, ""))
        return got.out

    nothing_twice(sql)
    equal(int(sql("SELECT count(*) FROM documents")), count)


def check_end(them, chance):
    """Told to end with work in hand, a pod ends in order; none has been said dead by its own probe."""
    for pod in list(them.pods):
        wait_for(lambda pod=pod: pod.good("livenessProbe"), f"{pod.name} alive", seconds=30)
    for kind in VICTIMS:
        pod = chance.choice(them.of(kind))
        equal(them.delete(pod), 0, pod.name)


def test_pods(home):
    chance = random.Random(SEED)
    print(f"YOGI_PODS_SEED={SEED}", flush=True)
    begun = time.monotonic()

    def say(what):
        print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)

    with kubelet.cluster(home, "dev", {"api-service": GATEWAYS}) as them:
        them.play(lambda pods: chance.sample(pods, len(pods)))
        say("all pods play")
        for pods in ([p for p in them.pods if p.kind not in VICTIMS], [p for p in them.pods if p.kind in VICTIMS]):
            them.ready(*pods)
            say(f"ready: {', '.join(pod.name for pod in pods)}")
        service = Service(them, new_key(home, them))
        check_sample(home, service)
        check_scaling(home, them)
        say("the sample is right")
        queue = Queue(home, them)
        with School(service) as school:
            kill_all(them, chance, school)
        assert not school.fault, repr(school.fault)
        say(f"{len(school.weeks)} documents handed in")
        school.check()
        queue.check(service)
        say("all are right")
        check_database(them.of("postgres")[0], len(school.weeks) + QUEUED + 1)
        check_end(them, chance)
        say("each kind has ended in order")
    say("nothing is left")


if __name__ == "__main__":
    main(sys.modules[__name__])

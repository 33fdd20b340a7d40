#!/usr/bin/python3
"""The system of the overlay `dev`, as pods on this machine: a school hands in its weeks through HTTP while pods of every kind are
killed. Whatever was taken in is read, right, and once.

    YOGI_PODS_KILLS=200 YOGI_PODS_SEED=7 tests/run pods       the long form: PostgreSQL and Redis too; in the order of the seed
"""
import hashlib
import json
import os
import random
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import kube
import kubelet
import papers
from gateways import Gateway, nothing_twice
from harness import SECONDS, contains, equal, main, wait_for

KILLS = int(os.environ.get("YOGI_PODS_KILLS", "0"))  # 0: each of Yogi's own pods once
SEED = int(os.environ.get("YOGI_PODS_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
VICTIMS = ("api-service", "classification-worker", "ocr-worker", "llm-worker", "validator-worker", "broker", "bullmq-bridge")
KEPT = {"postgres": ("kill", "replace"), "redis": ("kill",)}  # whose data outlive a pod, or a container at least; a bucket's here neither
ALL_OF_A_KIND = 0.2
GATEWAYS = 2
SOON = {"YOGI_LEASE_SECONDS": "5", "YOGI_BULLMQ_LOCK_DURATION": "10000", "YOGI_BULLMQ_STALLED_INTERVAL": "3000"}  # what the dead had is free
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
                if answer.status not in (429, 503):
                    return answer
                time.sleep(0.2)
            except Exception as fault:  # of http.client there are many kinds
                equal(isinstance(fault, OSError) or type(fault).__module__ == "http.client", True, repr(fault))
                time.sleep(0.05)
        return wait_for(once, f"an answer to {method} {path}", seconds=seconds)

    def status(self, document):
        time.sleep(0.05)  # a key may make so many calls a minute, and no more
        return super().status(document)


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
    """A command of the page of the manifests, from behind its start."""
    page = (home.root / "deploy/kubernetes/README.md").read_text()
    return re.search(rf"^    {start}(.*)$", page, re.M)[1]


def new_key(home, them, role="teacher"):
    words = command(home, "kubectl exec deployment/api-service -- ").replace("teacher", role).split()
    made = them.of("api-service")[0].run(*words)
    equal(made.code, 0, made)
    return re.search(r"^key +(\S+)$", made.out, re.M)[1]


def check_page(home, service):
    """The page's way to a first timetable; the pod's address stands for the port that kubectl would forward."""
    _, content, _ = papers.week(3)
    home.file("week.pdf", content)
    line = "curl -sS" + command(home, "curl").replace("KEY", service.key).replace("127.0.0.1:4000", "{}:{}".format(*service.place()))
    got = home.run("sh", "-c", line)
    equal((got.code, json.loads(got.out or "{}").get("status")), (0, "completed"), got)


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
    """What KEDA asks for stands where the manifests say; gateways serve a stage too, which keeps what owners without a database hand in."""
    queues = Service(them, new_key(home, them, "admin")).get("/queues").json
    rows = {row["stage"]: row for row in queues["stages"]}
    for stage in ("classification", "ocr", "llm", "validation", "store"):
        assert rows[stage]["hosts"] > 0 and isinstance(rows[stage]["runnable"], int), rows[stage]


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

    def check(self, service, sql):
        """All have been read, are right, and are kept by the gateways, each once, under their own names."""
        seen = wait_for(lambda: (s := self.ask("show"))["counts"]["completed"] + s["counts"]["failed"] == QUEUED and s, "the jobs in Redis",
                        seconds=LATE)
        for job in seen["jobs"]:
            equal(job["state"], "completed", job)
            equal(found(job["returnvalue"]["timetables"][0]), self.blocks[job["id"]], job["id"])
            (kept,) = sql(f"SELECT id FROM documents WHERE external_id = '{job['id']}'").split()
            equal(found(service.get(f"/timetables/{kept}").json), self.blocks[job["id"]], f"kept of {job['id']}")
        equal(sorted(job["id"] for job in seen["jobs"]), sorted(self.blocks))


def kill_all(them, chance, school):
    """Each in turn; the container alone, or the whole pod; in the long form now and then all of a kind together."""
    victims = [(pod.kind, pod.number) for pod in them.pods if pod.kind in VICTIMS or KILLS and pod.kind in KEPT]
    chance.shuffle(victims)
    for turn in range(KILLS or len(victims)):
        kind, number = victims[turn % len(victims)]
        all_of_it = KILLS and chance.random() < ALL_OF_A_KIND
        pods = [pod for pod in them.of(kind) if all_of_it or pod.number == number]
        begun, how = time.monotonic(), chance.choice(KEPT.get(kind, ("kill", "replace")))
        getattr(them, how)(*pods)
        assert not school.fault, repr(school.fault)
        them.watch()
        print(f"{how} {' '.join(pod.name for pod in pods)}: {time.monotonic() - begun:.1f} s, {len(school.weeks)} documents handed in", flush=True)
        if kind in ("api-service", "broker"):
            them.ready(*them.of(kind))


def database(them):
    """Runs SQL in the pod of PostgreSQL; what psql prints."""
    (postgres,) = them.of("postgres")

    def sql(text):
        got = postgres.run("psql", "-U", "postgres", "-d", "learningyogi", "-v", "ON_ERROR_STOP=1", "-qAtc", text)
        equal((got.code, got.err), (0, ""))
        return got.out
    return sql


def check_policies(home, them):
    """The network policies of production let pods talk to whom they talk to here, where what production has outside is inside, and
    to nobody else. The bridge signs by a key here; by a role of a cloud's it would ask for it."""
    them.watch()
    outside = {443: ("s3", 9000), 5432: ("postgres", 5432), 6379: ("redis", 6379)}
    allowed = {app: {outside[port] if whom is None else (whom, port) for whom, port in edges}
               for app, edges in kube.edges(kube.built(home, "production")).items()}
    allowed["bullmq-bridge"].remove(("s3", 9000))
    equal({kind: them.talked.get(kind, set()) for kind in allowed}, allowed)
    equal(them.talked.keys() - allowed.keys(), set(), "none but these begin to talk")


def check_end(them, chance):
    """Each lives by its own probe and has never ended by itself; told to end, a pod of each kind does so in order."""
    own = [pod for pod in them.pods if pod.kind in VICTIMS]
    for pod in own:
        wait_for(lambda pod=pod: pod.good("livenessProbe"), f"{pod.name} alive", seconds=30)
    chosen = [chance.choice(them.of(kind)) for kind in VICTIMS]
    with ThreadPoolExecutor(len(chosen)) as hands:
        equal(dict(zip(VICTIMS, hands.map(them.delete, chosen))), dict.fromkeys(VICTIMS, 0))
    for pod in own:
        if pod not in chosen:  # they were looked at when they went
            pod.check()


def test_pods(home):
    chance = random.Random(SEED)
    print(f"YOGI_PODS_SEED={SEED}", flush=True)
    begun = time.monotonic()

    def say(what):
        print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)

    with kubelet.cluster(home, "dev", {"api-service": GATEWAYS}, SOON) as them:
        them.play(lambda pods: chance.sample(pods, len(pods)))
        say("all pods play")
        for pods in ([p for p in them.pods if p.kind not in VICTIMS], [p for p in them.pods if p.kind in VICTIMS]):
            them.ready(*pods)
            say(f"ready: {', '.join(pod.name for pod in pods)}")
        service = Service(them, new_key(home, them))
        check_page(home, service)
        check_sample(home, service)
        them.watch()
        check_scaling(home, them)
        say("the sample is right")
        queue = Queue(home, them)
        with School(service) as school:
            kill_all(them, chance, school)
        assert not school.fault, repr(school.fault)
        say(f"{len(school.weeks)} documents handed in")
        school.check()
        sql = database(them)
        queue.check(service, sql)
        nothing_twice(sql)
        equal(int(sql("SELECT count(*) FROM documents")), len(school.weeks) + QUEUED + 2)
        say("all are right")
        check_policies(home, them)
        check_end(them, chance)
        say("each kind has ended in order")
    say("nothing is left")


if __name__ == "__main__":
    main(sys.modules[__name__])

#!/usr/bin/python3
"""Brokers, actor hosts and owners as real processes over ipc and tcp: work flows, documents are read as `yogi read` reads
them, and whatever is killed, frozen or drained, every job ends exactly once. The owner is tests/tools/throng.c, which
keeps account; YOGI_LOG_LEVEL stays at error, so that what a process writes is worth looking at."""
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import zmq

from harness import SECONDS, children, contains, equal, is_alive, main, wait_for

FIXTURES = "tests/fixtures/layouts"


class System:
    """Processes of one case; those that still run at its end are killed."""

    def __init__(self, home, listen=None, **settings):
        self.home, self.processes = home, []
        self.endpoint = listen or f"ipc://{home.path}/broker"
        self.settings = {"YOGI_WORKERS": "2", **settings}

    def environment(self, extra):
        return {**self.settings, "YOGI_BROKERS": self.endpoint, **(extra or {})}

    def start(self, program, *arguments, env=None, stdin=subprocess.DEVNULL):
        process = self.home.start(self.home.build / "bin" / program, *arguments, env=self.environment(env), stdin=stdin)
        self.processes.append(process)
        return process

    def broker(self, listen=None, **env):
        process = self.start("yogi-broker", env={"YOGI_BROKER_LISTEN": listen or self.endpoint, **env})
        line = process.stdout.readline().decode()
        assert line.startswith("ready "), (line, process.stderr.read())
        process.endpoint = line.split()[1]
        return process

    def host(self, *stages, **env):
        return self.start("yogi-actor", *(stages or ("noop",)), env=env)

    def throng(self, count, *wishes, route="noop", brokers=None, options=()):
        process = self.start("throng", *options, brokers or self.endpoint, count, route, *wishes)
        process.count, process.kept = count, b""
        return process

    def close(self):
        for process in self.processes:
            process.kill()
            process.communicate()


@contextmanager
def system(home, listen=None, **settings):
    made = System(home, listen, **settings)
    try:
        yield made
    finally:
        made.close()


def workers(host):
    """Those of a host that are ready or busy."""
    return [pid for pid, line in children(host.pid).items() if line.startswith("yogi-worker")]


def account(throng):
    """Waits for an owner's end: {its number: (outcome, fault, crashes, losses)} of every job. Each has ended once."""
    out, err = throng.communicate(timeout=SECONDS)
    out = (throng.kept + out).decode()
    equal((throng.returncode, err), (0, b""), out[-2000:])
    ends = {}
    for number, outcome, fault, crashes, losses in re.findall(r"^end (\d+) (\w+) (\S*) crashes=(\d+) losses=(\d+)$", out, re.M):
        assert int(number) not in ends, f"job {number} ended twice"
        ends[int(number)] = (outcome, fault, int(crashes), int(losses))
    equal(sorted(ends), list(range(throng.count)))
    contains(out, f"jobs {throng.count} ")
    contains(out, " again 0 elsewhere 0 ")
    return ends


def all_completed(throng):
    ends = account(throng)
    equal({n: e for n, e in ends.items() if e[0] != "completed"}, {})
    return ends


def drained(process):
    """Told to end, it does so in order and a sanitizer has nothing to say; what it has said on its standard error."""
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=SECONDS)
    equal(process.returncode, 0, err)
    assert b"Sanitizer" not in err and b"runtime error" not in err, err
    return err.decode()


def some_ended(throng, count):
    """Waits until so many of its jobs have ended in all; what is read is kept for the account."""
    while throng.kept.count(b"\nend ") < count:
        block = os.read(throng.stdout.fileno(), 65536)
        assert block, f"the owner ended: {throng.stderr.read()}"
        throng.kept += block


# ---- work flows ----


def run_noop(home, listen):
    with system(home, listen) as it:
        broker = it.broker()
        it.endpoint = broker.endpoint
        host = it.host()
        all_completed(it.throng(300))
        drained(host)
        drained(broker)


def test_noop_over_ipc(home):
    run_noop(home, None)


def test_noop_over_tcp(home):
    run_noop(home, "tcp://127.0.0.1:*")


def test_both_at_once(home):
    """One broker at two addresses; the host uses one, the owner the other."""
    with system(home) as it:
        broker = it.broker(listen=f"{it.endpoint} tcp://127.0.0.1:*")
        tcp = broker.stdout.readline().decode().split()[1]
        it.host(YOGI_BROKERS=tcp)
        all_completed(it.throng(100))


def test_several_stages(home):
    """A broker that knows other stages by name: one host serves them all in turn, and a job of a stage that nobody
    serves fails when its patience is over."""
    with system(home) as it:
        it.broker(YOGI_BROKER_STAGES="noop validation store:1")
        it.host("noop", "validation")
        all_completed(it.throng(20, route="noop,validation"))
        equal({e[:2] for e in account(it.throng(3, route="noop,store")).values()}, {("failed", "no-actor")})


def documents(home):
    return [str(home.root / FIXTURES / name) for name in ("asc-like-1.pdf", "asc-like-2.png", "break-bars-3.xlsx")]


def test_documents(home):
    """Through two hosts a document is read exactly as `yogi read` reads it."""
    files = documents(home)
    read = home.run(home.real, "read", *files)
    equal(read.code, 0, read)
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=str(home.root / FIXTURES)) as it:
        it.broker()
        first, second = it.host("classification", "ocr"), it.host("llm", "validation")
        got = home.run(home.real, "submit", *files, env=it.environment(None))
        equal(got.code, 0, got)
        equal(got.err, "")
        got, want = [json.loads(line) for line in got.out.splitlines()], [json.loads(line) for line in read.out.splitlines()]
        equal(len(got), len(files))
        for one, other in zip(got, want):
            assert one["timetables"] and one["timetables"][0]["timeblocks"], one
            for part in ("document", "classification", "timetables", "checks", "outcome"):
                equal(one[part], other[part], part)
        drained(first)
        drained(second)


def test_documents_that_fail(home):
    """Each with its own sentence and exit code; the others are read."""
    good = documents(home)[0]
    home.file("letter.txt", "Dear parents, this is no timetable.\n")
    home.file("damaged.pdf", b"%PDF-1.4\n" + b"\x00garbage" * 40)
    home.file("empty", "")
    with system(home, YOGI_WORKERS="1", YOGI_SOURCE_ROOTS=f"{home.root / FIXTURES}:{home.path}") as it:
        it.broker()
        it.host("classification", "ocr", "llm", "validation")
        env = it.environment(None)
        got = home.run(home.real, "submit", "letter.txt", good, "damaged.pdf", "empty", "nothing", env=env)
        equal(got.code, 1, got)
        equal(len(got.out.splitlines()), 1)
        for sentence in ("yogi: letter.txt: ", "yogi: damaged.pdf: ", "yogi: empty: is empty", "yogi: nothing: cannot be opened"):
            contains(got.err, sentence)
        got = home.run(home.real, "submit", "/etc/hostname", env=env)
        equal(got.code, 3, got)
        contains(got.err, "it is not below a folder that may be read (YOGI_SOURCE_ROOTS)")
        got = home.run(home.real, "submit", good, "--route", "classification,magic", env=env)
        equal(got.code, 2, got)
        contains(got.err, "a stage of the route is not known here")


def test_nobody_answers(home):
    home.file("a", "x")
    for endpoint in (f"ipc://{home.path}/nobody", "tcp://127.0.0.1:1"):
        got = home.run(home.real, "submit", "a", "--wait", "1", env={"YOGI_BROKERS": endpoint})
        equal(got.code, 1, got)
        contains(got.err, f"yogi: no broker has answered at {endpoint} in 1 s")


def test_stats(home):
    """The figures of two brokers: each by itself as JSON, both together as a table; one that is away is left out."""
    with system(home) as it:
        first, second = f"ipc://{home.path}/one", f"ipc://{home.path}/two"
        it.endpoint = f"{first} {second}"
        it.broker(listen=first)
        broker = it.broker(listen=second)
        it.host(YOGI_WORKERS="3", YOGI_PREFETCH="1")
        for one, count in ((first, 30), (second, 12)):
            all_completed(it.throng(count, brokers=one))
            account(it.throng(2, "fail damaged", brokers=one))
        env = it.environment(None)
        got = home.run(home.real, "stats", "--json", env=env)
        equal((got.code, got.err), (0, ""), got)
        figures = {line["broker"]: line["figures"] for line in map(json.loads, got.out.splitlines())}
        equal(sorted(figures), [first, second])
        stages = {name: {s["stage"]: s for s in figures[name]["stages"]}["noop"] for name in figures}
        equal([stages[n]["done"] for n in (first, second)], [30, 12])
        equal([stages[n]["failed"] for n in (first, second)], [2, 2])
        equal([stages[n]["actors"] for n in (first, second)], [1, 1])
        equal(sum(stages[n]["slots"] for n in (first, second)), 4)
        equal([figures[n]["jobs"] for n in (first, second)], [0, 0])
        got = home.run(home.real, "stats", env=env)
        equal(got.code, 0, got)
        row = next(line.split() for line in got.out.splitlines() if line.startswith("noop"))
        equal(row[5:10], ["2", "4", "42", "4", "0"], got)
        contains(got.out, "2 of 2 brokers answer")
        broker.kill()
        got = home.run(home.real, "stats", "--json", env=env)
        equal([json.loads(line)["broker"] for line in got.out.splitlines()], [first])


# ---- how a host keeps busy, and how it idles ----


def test_new_host(home):
    """A host that has just been started has work within a second of being ready, although there is a busy one."""
    with system(home, YOGI_WORKERS="1") as it:
        it.broker()
        it.host()
        throng = it.throng(40, "slow 200")
        some_ended(throng, 2)
        host = it.host()
        (worker,) = wait_for(lambda: workers(host), "its worker", host)
        begin = time.monotonic()
        wait_for(lambda: utime_quiet(worker), "its first job", host)
        assert time.monotonic() - begin < 1 + SLACK, time.monotonic() - begin
        all_completed(throng)


SLACK = 5  # seconds that a loaded machine may add


def test_nothing_waits_behind_a_long_one(home):
    """A host that has learnt that jobs take microseconds has many of them; when they take seconds, it gives those back that wait
    while another host is idle. One after another on the first host they would take 16 s."""
    with system(home, YOGI_WORKERS="1") as it:
        it.broker()
        first = it.host()
        all_completed(it.throng(2000))
        begin = time.monotonic()
        throng = it.throng(8, "slow 2000")
        (worker,) = workers(first)
        wait_for(lambda: utime_quiet(worker), "the first of them", first)
        hosts = [it.host() for _ in range(3)]
        equal({e[1:] for e in all_completed(throng).values()}, {("", 0, 0)})
        assert time.monotonic() - begin < 10 + SLACK, time.monotonic() - begin
        for host in (first, *hosts):
            drained(host)


def test_crash_among_many(home):
    """Jobs that were handed over together with one that crashes are done, and nothing is counted against them."""
    with system(home, YOGI_WORKERS="1") as it:
        it.broker()
        host = it.host()
        all_completed(it.throng(1000))
        manners = [""] * 99 + ["crash"]
        for number, end in account(it.throng(200, *manners)).items():
            equal(end, ("failed", "poison", 3, 0) if number % 100 == 99 else ("completed", "", 0, 0), number)
        drained(host)


def turns(pid):
    """How often the threads of a process have waited."""
    count = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as file:
            count += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", file.read(), re.M).group(1))
    return count


def test_idle_host(home):
    """Without work a host wakes for heartbeats alone, its own and its brokers': each is two wake-ups of two threads; and it is
    small."""
    with system(home, YOGI_WORKERS="3") as it:
        first, second = f"ipc://{home.path}/one", f"ipc://{home.path}/two"
        it.endpoint = f"{first} {second}"
        it.broker(listen=first)
        it.broker(listen=second)
        host = it.host("noop", "validation")
        wait_for(lambda: len(workers(host)) == 6, "its workers", host)
        all_completed(it.throng(100, brokers=first))
        fewest = min(turns_in_a_while(host, 3) for _ in range(2))  # what was begun may still ring out
        assert 3 <= fewest <= 3 * 2 * 8, f"{fewest} wake-ups in 3 s"  # it hears and is heard, and no more
        if "YOGI_SANITIZE:STRING=\n" in (home.build / "CMakeCache.txt").read_text():
            with open(f"/proc/{host.pid}/smaps_rollup", encoding="ascii") as file:
                pss_kb = int(re.search(r"^Pss:\s*(\d+)", file.read(), re.M).group(1))
            assert pss_kb <= 12 * 1024, f"{pss_kb} kB"
        drained(host)


def turns_in_a_while(host, seconds):
    before, end = turns(host.pid), time.monotonic() + seconds
    while time.monotonic() < end:
        assert host.poll() is None
        time.sleep(0.1)  # the while that is measured
    return turns(host.pid) - before


def test_leaves(home):
    """Who asks or submits and goes is not counted as an owner any more."""
    with system(home, YOGI_WORKERS="1") as it:
        broker = it.broker()
        it.host("noop")
        home.file("a", "x")
        for _ in range(3):
            equal(home.run(home.real, "stats", env=it.environment(None)).code, 0)
        equal(home.run(home.real, "submit", "a", "--route", "noop", env=it.environment(None)).code, 0)

        def owners():
            got = home.run(home.real, "stats", "--json", env=it.environment(None))
            return json.loads(got.out)["figures"]["owners"]
        wait_for(lambda: owners() == 1, "nobody but who asks", broker)


# ---- what a document does to its worker ----


def test_own_faults(home):
    """Crashing, hanging and eating memory end as poison after three times, each with its cause, and take nobody along."""
    manners = ["", "crash", "hang", "eat", "exit", "garbage", "fail damaged", "end not-a-timetable", "parts 20"]
    with system(home, YOGI_JOB_SECONDS="1", YOGI_WORKER_MEMORY="512M") as it:
        it.broker()
        host = it.host()
        ends = account(it.throng(2 * len(manners), *manners))
        for number, end in ends.items():
            manner = manners[number % len(manners)]
            if manner in ("", "parts 20", "end not-a-timetable"):
                equal(end, ("completed", "", 0, 0), manner)
            elif manner == "fail damaged":
                equal(end, ("failed", "damaged", 0, 0), manner)
            else:
                equal(end, ("failed", "poison", 3, 0), manner)
        drained(host)


def test_killed_workers(home):
    """Kills from outside are losses, which do not make a job poison."""
    with system(home) as it:
        it.broker()
        host = it.host()
        throng = it.throng(40, "slow 100")
        for _ in range(6):
            victims = wait_for(lambda: workers(host), "a worker", host)
            os.kill(victims[0], signal.SIGKILL)
            wait_for(lambda: not is_alive(victims[0]), "its end")
        ends = all_completed(throng)
        equal({e[2] for e in ends.values()}, {0})


# ---- what is killed, frozen, drained ----


def test_killed_hosts(home):
    """Hosts die by SIGKILL under load, again and again, and others take their place."""
    with system(home) as it:
        it.broker()
        hosts = [it.host() for _ in range(3)]
        throng = it.throng(500, "slow 20")
        some_ended(throng, 50)
        for _ in range(6):
            victim = hosts.pop(0)
            wait_for(lambda: workers(victim), "its workers", victim)
            orphans = workers(victim)
            victim.kill()
            victim.wait()
            hosts.append(it.host())
            wait_for(lambda: not any(is_alive(pid) for pid in orphans), "the end of its workers")
        ends = all_completed(throng)
        equal({e[2] for e in ends.values()}, {0})
        assert any(e[3] for e in ends.values()), "no job was lost: the kills hit nothing"
        for host in hosts:
            drained(host)


def test_killed_under_full_credit(home):
    """Thousands of jobs in full frames: hosts without workers (tests/tools/echo.c), a hundred jobs in each one's hands,
    are killed in the middle of them."""
    with system(home) as it:
        broker = it.broker(YOGI_BROKER_STAGES="a b c d")
        hosts = {name: it.start("echo", it.endpoint, "100", name) for name in "abcd"}
        throng = it.throng(6000, route="a,b,c,d")
        for name, done in zip("cabd", (500, 1500, 2500, 3500)):
            some_ended(throng, done)
            hosts[name].kill()
            hosts[name] = it.start("echo", it.endpoint, "100", name)
        while throng.poll() is None:
            block = os.read(throng.stdout.fileno(), 65536)
            throng.kept += block
            if not block:
                break
        all_completed(throng)
        for host in hosts.values():
            drained(host)
        drained(broker)


def test_frozen_host(home):
    """A host that freezes loses its jobs within 5 s; what it says when it thaws is dropped, and it works on."""
    with system(home) as it:
        broker = it.broker()
        frozen = it.host()
        throng = it.throng(20, "slow 300")
        some_ended(throng, 2)
        frozen.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        it.host()
        all_completed(throng)
        assert time.monotonic() - begin < 5 + 20 * 0.3 / 2 + 4, time.monotonic() - begin
        frozen.send_signal(signal.SIGCONT)
        all_completed(it.throng(50, "slow 10"))
        drained(frozen)
        drained(broker)


def test_killed_broker(home):
    """A broker that comes back knows nothing: owners submit again, hosts offer what runs."""
    with system(home) as it:
        broker = it.broker()
        host = it.host()
        throng = it.throng(300, "slow 10")
        for done in (30, 60):
            some_ended(throng, done)
            broker.kill()
            broker.wait()
            broker = it.broker()
        all_completed(throng)
        drained(host)
        drained(broker)


def test_two_brokers(home):
    """Jobs move from a broker that is killed to the other one. Answers for the dead one are kept until the grace time."""
    with system(home, YOGI_DRAIN_SECONDS="2") as it:
        first, second = f"ipc://{home.path}/one", f"ipc://{home.path}/two"
        it.endpoint = f"{first} {second}"
        broker = it.broker(listen=first)
        it.broker(listen=second)
        hosts = [it.host(), it.host()]
        throng = it.throng(300, "slow 10")
        some_ended(throng, 40)
        broker.kill()
        all_completed(throng)
        for host in hosts:
            drained(host)


def test_drained_host(home):
    """SIGTERM under load: nothing is lost, nothing counted against a job, and it ends well before its grace time."""
    with system(home) as it:
        it.broker()
        leaving, staying = it.host(), it.host()
        throng = it.throng(200, "slow 20")
        some_ended(throng, 20)
        drained(leaving)
        equal({e[1:] for e in all_completed(throng).values()}, {("", 0, 0)})
        drained(staying)


def test_grace_time(home):
    """What does not end in time is given up, and somebody else does it."""
    with system(home) as it:
        it.broker()
        leaving = it.host(YOGI_DRAIN_SECONDS="1", YOGI_WORKERS="1", YOGI_PREFETCH="0")
        throng = it.throng(1, "slow 6000")
        (worker,) = wait_for(lambda: workers(leaving), "its worker", leaving)
        wait_for(lambda: utime_quiet(worker), "the job's begin", leaving)
        begin = time.monotonic()
        drained(leaving)
        assert time.monotonic() - begin < 5, time.monotonic() - begin
        it.host()
        all_completed(throng)


def utime_quiet(pid):
    """Whether a worker waits inside a job: in poll of a time-out, which a worker without a job does not."""
    try:
        with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
            words = file.read().split()
    except OSError:
        return False
    return len(words) > 3 and words[0] == "7" and int(words[2], 16) == 0


def test_drained_broker(home):
    """It takes no new jobs, lets those that it has come to their end, and goes."""
    with system(home) as it:
        broker = it.broker()
        it.host()
        throng = it.throng(100, "slow 10")
        some_ended(throng, 5)
        drained(broker)
        it.broker()
        all_completed(throng)


def test_full_frames(home):
    """Thousands of documents through four stages as fast as they go, with RECORDs and without: frames are full, and drive looks at every
    document that comes back."""
    with system(home) as it:
        broker = it.broker(YOGI_BROKER_STAGES="a b c d")
        for options in ((), ("-R",), ("-R", "-h", 8, "-c", 3)):
            drive = it.start("drive", *options, it.endpoint, 4000, "a,b,c,d", stdin=subprocess.PIPE)
            out, err = drive.communicate(b"\n", timeout=SECONDS)
            equal((drive.returncode, err), (0, b""))
            contains(out.decode(), "documents=4000 ")
        drained(broker)


# ---- an owner that stops reading ----


def figures_of(home, it):
    got = home.run(home.real, "stats", "--json", env=it.environment(None))
    equal(got.code, 0, got)
    return json.loads(got.out)["figures"]


def peak_bytes(process):
    """The most memory that it has had resident."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"^VmHWM:\s+(\d+) kB", file.read(), re.M)[1]) * 1024


def test_stopped_owner(home):
    """An owner is stopped while large results wait for it. Others go on, the broker keeps its results once and not a second time in its
    sockets, what is more than it may keep is refused, not dropped; and when the owner goes on it gets everything."""
    size, documents, budget = 200000, 1500, 256 << 20
    with system(home) as it:
        broker = it.broker(YOGI_BROKER_STAGES="first second", YOGI_BROKER_BYTES=str(budget),
                           ASAN_OPTIONS="quarantine_size_mb=1")  # what was freed does not count

        def drive(count, *options):
            process = it.start("drive", "-h", 0, *options, it.endpoint, count, "first,second", stdin=subprocess.PIPE)
            equal(process.stdout.readline(), b"go\n")
            process.stdin.write(b"\n")
            process.stdin.flush()
            return process

        stopped = drive(documents, "-b", size, "-w", documents)
        full = wait_for(lambda: (f := figures_of(home, it))["refused"] and f, "the broker to be full", stopped)
        stopped.send_signal(signal.SIGSTOP)
        assert full["jobs"] * size > budget / 2, full
        hosts = [it.start("echo", it.endpoint, 10, stage) for stage in ("first", "second")]
        out, err = drive(3000, "-b", 200).communicate(timeout=SECONDS)
        contains(out.decode(), "documents=3000 ", err)
        kept = wait_for(lambda: (f := figures_of(home, it))["recordBytes"] == size * f["jobs"] and f, "all its work to be done")
        assert kept["jobs"] >= full["jobs"], (kept, full)
        most = 1.5 * kept["recordBytes"] + (32 << 20)  # twice would be its sockets' copies
        assert peak_bytes(broker) < most, (peak_bytes(broker), kept["recordBytes"])
        stopped.send_signal(signal.SIGCONT)
        out, err = stopped.communicate(timeout=SECONDS)
        contains(out.decode(), f"documents={documents} ", err)
        for process in (*hosts, broker):
            drained(process)


# ---- strangers and operators ----


def test_garbage(home):
    """Whoever talks nonsense to the port is cut off or counted; the others work on."""
    with system(home, "tcp://127.0.0.1:*") as it:
        broker = it.broker()
        it.endpoint = broker.endpoint
        host, port = broker.endpoint[len("tcp://"):].rsplit(":", 1)
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL" + bytes(16) + b"\x00" + bytes(31)
        ready = b"\x04\x26\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER\x08Identity\x00\x00\x00\x00"[:1]
        nonsense = [os.urandom(4096), b"GET / HTTP/1.1\r\n\r\n", b"", greeting[:20], greeting + os.urandom(500),
                    greeting + ready + b"\xff" * 100, greeting + b"\x06" + b"\xff" * 8 + b"x" * 1000]
        it.host()
        throng = it.throng(200, "slow 5")
        held = []
        for bytes_ in nonsense:
            stranger = socket.create_connection((host, int(port)))
            stranger.sendall(bytes_)
            held.append(stranger)
        all_completed(throng)
        for stranger in held:
            stranger.close()
        drained(broker)


def test_garbage_in_frames(home):
    """The same from strangers who speak ZeroMQ well: random and cut frames, wrong versions, commands that there are not, answers with
    tokens that nobody has given, a million tiny messages. It is counted, no more: jobs end, and the broker stays small."""
    golden = {path.stem: path.read_bytes() for path in (home.root / "tests/fixtures/protocol/v1").glob("*.bin")}
    with system(home) as it:
        broker = it.broker(ASAN_OPTIONS="quarantine_size_mb=1")  # what was freed does not count
        it.host()
        before, throng = peak_bytes(broker), it.throng(300, "slow 5")
        context = zmq.Context()
        strangers = [context.socket(zmq.DEALER) for _ in range(3)]
        for stranger in strangers:
            stranger.linger = 0
            stranger.connect(it.endpoint)
        nobody, actor, flood = strangers
        chance = random.Random(7)
        for body in golden.values():
            cuts = [body[:chance.randrange(len(body))] for _ in range(5)]
            # an envelope is an array, of which the first two are the version and the command
            wrong = [body[:1] + b"\x7f" + body[2:], body[:2] + b"\x7f" + body[3:], body[:2] + b"\xcc\xff" + body[3:]]
            for frame in (*cuts, *wrong, body + b"\0", chance.randbytes(100), b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"):
                nobody.send(frame)
            nobody.send_multipart([body, body])
        actor.send(golden["hello_actor"])
        for _ in range(100):  # of jobs and sessions that nobody has
            for name in ("done", "failed", "started", "return", "progress", "ack"):
                actor.send(golden[name])
        for _ in range(1000000):
            flood.send(b"x")
        all_completed(throng)
        counted = wait_for(lambda: (f := figures_of(home, it))["bad"] >= 1000000 and f, "all of it to be counted", broker, seconds=90)
        assert counted["stale"] >= 100, counted
        assert peak_bytes(broker) - before < 200 << 20, (before, peak_bytes(broker))
        for stranger in strangers:
            stranger.close()
        context.term()
        all_completed(it.throng(100))
        drained(broker)


def refused(home, program, sentence, *arguments, **env):
    got = home.run(home.build / "bin" / program, *arguments, env=env)
    equal(got.code, 2, got)
    contains(got.err, sentence)
    equal(len(got.err.splitlines()), 1, got)


def test_wrong_settings(home):
    path = f"ipc://{home.path}/broker"
    refused(home, "yogi-broker", "reaches beyond this machine and there are no CURVE keys", YOGI_BROKER_LISTEN="tcp://0.0.0.0:4010")
    refused(home, "yogi-broker", 'YOGI_BROKER_LISTEN: "nonsense" is no endpoint', YOGI_BROKER_LISTEN="nonsense")
    refused(home, "yogi-broker", "YOGI_BROKER_LISTEN: cannot listen at", YOGI_BROKER_LISTEN=f"ipc://{home.path}/no/such/folder")
    refused(home, "yogi-broker", "YOGI_BROKER_STAGES: ocr stands there twice", YOGI_BROKER_LISTEN=path, YOGI_BROKER_STAGES="ocr ocr")
    refused(home, "yogi-broker", "YOGI_BROKER_JOBS", YOGI_BROKER_LISTEN=path, YOGI_BROKER_JOBS="0")
    refused(home, "yogi-broker", "it takes no arguments", "--port")
    refused(home, "yogi-actor", "it needs the stages to serve")
    refused(home, "yogi-actor", 'there is no stage "orc"', "orc")
    refused(home, "yogi-actor", "the stage ocr is named twice", "ocr", "llm", "ocr")
    refused(home, "yogi-actor", "YOGI_BROKERS: no endpoint is named", "noop", YOGI_BROKERS=" ")
    refused(home, "yogi-actor", "reaches beyond this machine", "noop", YOGI_BROKERS="tcp://192.0.2.1:4010")
    refused(home, "yogi-actor", "YOGI_BROKER", "noop", YOGI_BROKER="x")
    with system(home) as it:
        it.broker()
        refused(home, "yogi-broker", "is in use: is a broker running there already?", YOGI_BROKER_LISTEN=path)
        all_completed_with_host(it)


def all_completed_with_host(it):
    """The broker whose address another one wanted is none the worse for it."""
    it.host()
    all_completed(it.throng(10))


if __name__ == "__main__":
    main(sys.modules[__name__])

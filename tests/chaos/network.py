#!/usr/bin/python3
"""Brokers, hosts and owners on several machines (net.py): 5 % of the packets lost, a line of 50 ms, links that are cut without
anybody being told, machines that lose their power. What the protocol promises about time is measured here; a loaded machine may
need longer at times, so the best of several tries must be within the promise."""
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import net
from audit import audit
from parts import Part, Town

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
from harness import Skip, equal, main  # noqa: E402

FIXTURES = "tests/fixtures/layouts"
FILES = ("asc-like-1.pdf", "break-bars-3.xlsx")  # what is read quickly, under sanitizers too
READING = ("classification", "ocr", "llm", "validation")
LOOK_S = 0.02     # between two looks whether something has happened
WAIT_S = 90       # for what must happen, on a machine of any speed
LOSS = 0.05
DELAY_MS = 50
TRIES = 4
BACK_S = 2.0      # PROTOCOL.md and the README: a broker that restarts finds hosts and owners back
LOST_S = 5.0      # a host that is silent has lost its jobs
CUT_S = 8         # into the wait that TCP doubles: it would try again at 15 s
FOUND_S = 5.0     # after a cut: an attempt of 2 s, a wait of 1 s, HELLO


@contextmanager
def town(home, **settings):
    """Machines, or the reason why there are none."""
    network = net.Net()
    if not network.real or not network.filters:
        raise Skip(network.reason)
    made = Town(home.build, home.path, network)
    made.settings.update(settings)
    try:
        yield made
    finally:
        made.close()


def start(it, *parts):
    for part in parts:
        part.start()


def check(it):
    faults = it.look()
    assert not faults, "\n".join(faults)
    return True


def until(it, condition, what):
    end = time.monotonic() + WAIT_S
    while check(it) and not condition():
        assert time.monotonic() < end, f"waited {WAIT_S} s in vain for {what}"
        time.sleep(LOOK_S)


def figures(it, broker):
    """What the broker says of itself; None when it does not answer."""
    got = subprocess.run([it.build / "bin/yogi", "stats", "--json", "--wait", "1"], capture_output=True, timeout=WAIT_S, check=False,
                         env=it.environment({"YOGI_BROKERS": broker.endpoint}), stdin=subprocess.DEVNULL)
    return json.loads(got.stdout)["figures"] if got.returncode == 0 else None


def stage(it, broker, name, what):
    told = figures(it, broker)
    return next(row[what] for row in told["stages"] if row["stage"] == name) if told else 0


def finished(owner):
    return owner.journal.read_bytes().count(b"\nfinish ") if owner.journal.exists() else 0


def settled(it, *owners):
    """The owners end when all their jobs have: each exactly once, and as it should."""
    for owner in owners:
        owner.end()
    until(it, lambda: all(owner.state == "down" for owner in owners), "the end of all jobs")
    account = audit(owners)
    equal(account.faults(), [], account)
    print(account)
    return account


def ended(it, *parts):
    for part in parts:
        part.end()
    until(it, lambda: all(part.state == "down" for part in parts), "their end")
    equal({part.name: part.said() for part in it.of("broker") + it.of("host") + it.of("owner") if part.said()}, {})


def proxy(it, machine, broker):
    """A line of DELAY_MS to the broker; returns its part and its endpoint."""
    part = it.add(Part(it, "proxy", "line", machine, [sys.executable, "-B", Path(__file__).with_name("delay.py"), machine.address, 4010,
                                                      broker.machine.address, 4010, DELAY_MS], {}))
    return part, f"tcp://{machine.address}:4010"


def noops(it, name, *stages, **env):
    return it.host(name, it.net.machine(name), *stages, program="noops/yogi-actor", YOGI_WORKERS="1", YOGI_DRAIN_SECONDS="2", **env)


# ---- work across a network ----


def test_documents(home):
    """Read over a network that loses packets and has a long line in it, just as `yogi read` reads them: from files, and
    fetched by http from the owner's machine."""
    folder = home.root / FIXTURES
    files = [str(folder / name) for name in FILES]
    read = home.run(home.real, "read", *files)
    equal(read.code, 0, read)
    with town(home) as it:
        owner_machine, desk = it.net.machine("owner"), it.key("desk", "owner")
        broker = it.broker("broker", it.net.machine("broker"))
        line, far = proxy(it, it.net.machine("line"), broker)
        env = {"YOGI_WORKERS": "1", "YOGI_SOURCE_ROOTS": str(folder), "YOGI_SOURCE_NETWORKS": "10.83.0.0/16",
               "YOGI_SOURCE_ENDPOINTS": f"http://{owner_machine.address}:8000"}
        server = it.add(Part(it, "server", "server", owner_machine, [sys.executable, "-m", "http.server", "--bind", owner_machine.address,
                                                                     "--directory", folder, "8000"], {}))
        near = it.host("near", it.net.machine("near"), "classification", "ocr", **env)
        away = it.host("away", it.net.machine("away"), "llm", "validation", YOGI_BROKERS=far, **env)
        owner = it.owner("keeper", owner_machine, 20, 4,
                         *(f"{','.join(READING)}:http://{owner_machine.address}:8000/{name}" for name in FILES))
        for name in ("broker", "near", "away", "owner"):
            it.net.machine(name).lossy(LOSS)
        start(it, broker)
        until(it, lambda: figures(it, broker), "the broker")
        start(it, line, server, near, away)
        submit = [str(word) for word in (home.real, "submit", *files, "--wait", WAIT_S)]
        got = subprocess.run(owner_machine.wrap(submit), capture_output=True, timeout=WAIT_S, check=False,
                             env=it.environment(desk))
        equal((got.returncode, got.stderr), (0, b""))
        for one, other in zip(map(json.loads, got.stdout.splitlines()), map(json.loads, read.out.splitlines())):
            for part in ("classification", "timetables", "checks", "outcome"):
                equal(one[part], other[part], part)
        start(it, owner)
        until(it, lambda: finished(owner) >= 2 * len(FILES), "documents by http")
        equal(settled(it, owner).ends.keys(), {"completed"})
        ended(it, near, away, broker)


def test_load(home):
    """Three hosts, one of them behind a long line, two brokers, two owners: everything loses packets, every job ends once."""
    with town(home) as it:
        brokers = [it.broker(name, it.net.machine(name), YOGI_BROKER_STAGES="one two three four") for name in ("north", "south")]
        line, far = proxy(it, it.net.machine("line"), brokers[0])
        hosts = [noops(it, "east", "one", "two", "three"), noops(it, "west", "two", "three", "four"),
                 noops(it, "away", "one", "two", "three", "four", YOGI_BROKERS=f"{far} {brokers[1].endpoint}")]
        owners = [it.owner(name, it.net.machine(name), 100, 60, "one,two,three,four:", "two,four:slow 20", "one,three:parts 9")
                  for name in ("red", "blue")]
        for machine in it.net.machines.values():
            machine.lossy(LOSS)
        start(it, line, *brokers, *hosts, *owners)
        until(it, lambda: all(finished(owner) >= 200 for owner in owners), "many jobs' end")
        settled(it, *owners)
        ended(it, *hosts, *brokers)


# ---- what is promised about time ----


def best(measure, promise, what):
    """The promise is kept in one of TRIES."""
    took = []
    while len(took) < TRIES and (not took or min(took) > promise):
        took.append(measure())
    print(f"{what}: {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    assert min(took) <= promise, f"{what}: {took}, promised {promise} s"


def test_broker_returns(home):
    """A broker that was killed and started again has all hosts and owners back within 2 s."""
    with town(home) as it:
        broker = it.broker("broker", it.net.machine("broker"), YOGI_BROKER_STAGES="one two three four")
        hosts = [noops(it, name, "one", "two") for name in ("east", "west")]
        owners = [it.owner(name, it.net.machine(name), 20, 30, "one,two:") for name in ("red", "blue")]
        start(it, broker, *hosts, *owners)

        def everybody():
            told = figures(it, broker)
            return told and told["actors"] == len(hosts) and told["owners"] > len(owners) and told["finished"] > 5

        def measure():
            broker.kill()
            broker.start()
            begin = time.monotonic()
            until(it, everybody, "everybody's return")
            return time.monotonic() - begin
        until(it, everybody, "everybody")
        best(measure, BACK_S, "back after a restart of the broker")
        settled(it, *owners)
        ended(it, *hosts, broker)


def test_broker_behind_a_cut(home):
    """A network that was away is in use again soon after it is back, though TCP by itself waits longer and longer."""
    with town(home) as it:
        broker = it.broker("broker", it.net.machine("broker"), YOGI_BROKER_STAGES="one two three four")
        host = noops(it, "east", "one")
        plain = host.machine.wrap(["sh", "-c", "echo 0 > /proc/sys/net/ipv4/tcp_syn_linear_timeouts"])
        subprocess.run(plain, check=False, stderr=subprocess.DEVNULL)  # as kernels before 6.5 have it: 1, 3, 7, 15 s
        broker.start()
        until(it, lambda: figures(it, broker), "the broker")

        def measure():
            broker.machine.deaf()
            host.start()
            begin = time.monotonic()
            until(it, lambda: time.monotonic() - begin > CUT_S, "a cut")
            broker.machine.heal()
            begin = time.monotonic()
            until(it, lambda: (figures(it, broker) or {"actors": 0})["actors"] == 1, "the host")
            took = time.monotonic() - begin
            host.kill()
            until(it, lambda: (figures(it, broker) or {"actors": 1})["actors"] == 0, "its end")
            return took
        best(measure, FOUND_S, "found after a cut")


def test_host_away(home):
    """A host that freezes, and one to which nothing comes and from which nothing goes, without a word to anybody: it has lost its
    jobs within 5 s; what it says when it is back is dropped by its tokens."""
    with town(home) as it:
        broker = it.broker("broker", it.net.machine("broker"), YOGI_BROKER_STAGES="one two three four")
        hosts = [noops(it, name, "one") for name in ("east", "west")]
        owner = it.owner("red", it.net.machine("red"), 20, 8, "one:slow 700")
        start(it, broker, *hosts, owner)

        def everybody():
            told = figures(it, broker)
            return told and told["actors"] == len(hosts)

        def measure(away, back):
            until(it, everybody, "the hosts")
            before, stale = stage(it, broker, "one", "lost"), figures(it, broker)["stale"]
            until(it, lambda: stage(it, broker, "one", "running") >= 2, "running jobs")
            away()
            begin = time.monotonic()
            until(it, lambda: stage(it, broker, "one", "lost") > before, "lost jobs")
            took = time.monotonic() - begin
            back()
            until(it, everybody, "its return")
            until(it, lambda: figures(it, broker)["stale"] > stale, "its late answers")
            return took

        def cut():
            hosts[1].machine.deaf()
            hosts[1].machine.mute()
        best(lambda: measure(hosts[0].freeze, hosts[0].thaw), LOST_S, "lost by a frozen host")
        best(lambda: measure(cut, hosts[1].machine.heal), LOST_S, "lost by one behind a cut")
        settled(it, owner)
        ended(it, *hosts, broker)


if __name__ == "__main__":
    if "--list" not in sys.argv:
        net.enter()
    main(sys.modules[__name__])

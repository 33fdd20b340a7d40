#!/usr/bin/python3
"""The programs as services of a manager (systemd): a socket of the test stands for it and hears that each is ready, alive
and ending, from a path and from an abstract name."""
import os
import select
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from harness import SECONDS, Skip, children, contains, equal, main, wait_for


class Manager:
    """Listens at a name; heard are the datagrams as dictionaries."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.name, self.heard = name, []

    def listen(self, seconds=0):
        while select.select([self.socket], [], [], seconds)[0]:
            datagram = self.socket.recv(65536).decode()
            self.heard.append(dict(line.split("=", 1) for line in datagram.split("\n")))

    def until(self, word, process, count=1):
        """Waits until it has heard the word so many times; all that was heard until then."""
        end = time.monotonic() + SECONDS
        while sum(word in words for words in self.heard) < count:
            assert process.poll() is None or word == "STOPPING", (word, process.returncode, process.stderr.read(), self.heard)
            assert time.monotonic() < end, f"waited in vain for {word}: {self.heard}"
            self.listen(0.1)
        return [words for words in self.heard if word in words]

    def environment(self, patience_us=300_000):
        return {"NOTIFY_SOCKET": self.name, "WATCHDOG_USEC": str(patience_us)}


@contextmanager
def started(home, manager, program, *arguments, **env):
    process = home.start(home.build / "bin" / program, *arguments, env={**manager.environment(), **env})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def live_and_end(manager, process):
    """From its start to its end: ready once, beats that go on, an end that is said. What was heard of its being ready."""
    ready = manager.until("READY", process)
    beats = manager.until("WATCHDOG", process, 3)
    assert all(words["WATCHDOG"] == "1" and words["STATUS"] for words in beats), beats
    process.send_signal(signal.SIGTERM)
    manager.until("STOPPING", process)
    _, err = process.communicate(timeout=SECONDS)
    equal(process.returncode, 0, err)
    manager.listen()
    equal([sum(word in words for words in manager.heard) for word in ("READY", "STOPPING")], [1, 1], manager.heard)
    order = [word for words in manager.heard for word in words if word in ("READY", "STOPPING")]
    equal(order, ["READY", "STOPPING"])
    return ready[0]


def test_broker(home):
    for name in (f"{home.path}/manager", f"@yogi-test-{os.getpid()}"):
        manager = Manager(name)
        listen = f"ipc://{home.path}/broker"
        with started(home, manager, "yogi-broker", YOGI_BROKER_LISTEN=listen) as broker:
            equal(live_and_end(manager, broker), {"READY": "1", "STATUS": listen})


def test_actor_is_ready_when_a_broker_is_heard(home):
    endpoint = f"ipc://{home.path}/broker"
    manager, other = Manager(f"{home.path}/manager"), Manager(f"{home.path}/other")
    with started(home, manager, "yogi-actor", "noop", YOGI_BROKERS=endpoint, YOGI_WORKERS="1") as actor:
        manager.until("STATUS", actor)
        wait_for(lambda: children(actor.pid), "workers", actor)
        manager.listen()
        assert not any("READY" in words for words in manager.heard), manager.heard
        worker = next(iter(children(actor.pid)))
        with open(f"/proc/{worker}/environ", "rb") as environment:
            assert b"NOTIFY_SOCKET" not in environment.read()
        with started(home, other, "yogi-broker", YOGI_BROKER_LISTEN=endpoint):
            live_and_end(manager, actor)


def test_gateway(home):
    manager = Manager(f"{home.path}/manager")
    with started(home, manager, "yogi-gateway", YOGI_DATA=str(home.path / "data"), YOGI_PORT="0",
                 YOGI_BROKERS=f"ipc://{home.path}/broker") as gateway:
        live_and_end(manager, gateway)
    contains(manager.until("WATCHDOG", gateway)[-1]["STATUS"], "0 of 1 brokers heard")


def test_bridge_is_ready_when_its_queues_are_there(home):
    if not (home.build / "bin/yogi-bridge").exists():
        raise Skip("the bridge is not built here")
    manager, endpoint, redis = Manager(f"{home.path}/manager"), f"ipc://{home.path}/broker", home.path / "redis.sock"
    server = None
    try:
        with started(home, manager, "yogi-bridge", YOGI_BROKERS=endpoint, REDIS_URL=f"unix://{redis}",
                     YOGI_BULLMQ_QUEUES="classification=classification") as bridge:
            contains(manager.until("WATCHDOG", bridge, 3)[-1]["STATUS"], "waits for Redis")
            assert not any("READY" in words for words in manager.heard), manager.heard
            server = home.start("redis-server", "--port", 0, "--unixsocket", redis, "--save", "", stdout=subprocess.DEVNULL)
            with started(home, Manager(f"{home.path}/other"), "yogi-broker", YOGI_BROKER_LISTEN=endpoint):
                live_and_end(manager, bridge)
    finally:
        if server:
            server.kill()
            server.communicate()


def test_up_speaks_for_its_services(home):
    manager = Manager(f"{home.path}/manager")
    with started(home, manager, "yogi-up", YOGI_DATA=str(home.path / "data"), YOGI_PORT="0", YOGI_WORKERS="1") as up:
        contains(manager.until("READY", up)[0]["STATUS"], "http://127.0.0.1:")
        up.send_signal(signal.SIGTERM)
        manager.until("STOPPING", up)
        up.communicate(timeout=SECONDS)
        manager.listen()
        said = [word for words in manager.heard for word in words if word in ("READY", "STOPPING")]
        equal(said, ["READY", "STOPPING"])


def test_a_hung_broker_falls_silent(home):
    """The loop that does the work says the beats: frozen, it says none."""
    manager = Manager(f"{home.path}/manager")
    with started(home, manager, "yogi-broker", YOGI_BROKER_LISTEN=f"ipc://{home.path}/broker") as broker:
        manager.until("WATCHDOG", broker, 2)
        broker.send_signal(signal.SIGSTOP)
        wait_for(lambda: open(f"/proc/{broker.pid}/stat").read().rsplit(")", 1)[1].split()[0] == "T", "its stop")
        manager.listen()
        count = len(manager.heard)
        manager.listen(0.5)  # longer than the patience
        equal(len(manager.heard), count)
        broker.send_signal(signal.SIGCONT)
        manager.until("WATCHDOG", broker, count)


def test_a_failed_start_says_why(home):
    manager = Manager(f"{home.path}/manager")
    with started(home, manager, "yogi-broker", YOGI_BROKER_LISTEN="tcp://nowhere") as broker:
        broker.communicate(timeout=SECONDS)
        manager.listen()
        assert broker.returncode != 0
        contains(manager.heard[-1]["STATUS"], "YOGI_BROKER_LISTEN")


def health(home, path, *options):
    return home.run(home.real, "health", *options, env={"YOGI_HEALTH": str(path)})


def test_health_of_a_container(home):
    """Without a manager the same is kept in a file, which tells a probe: not started, starting, ready, hung, ended."""
    path, endpoint = home.path / "health", f"ipc://{home.path}/broker"
    missing = health(home, path)
    equal(missing.code, 1)
    contains(missing.err, "has not started")
    actor = home.start(home.build / "bin/yogi-actor", "noop", env={"YOGI_BROKERS": endpoint, "YOGI_WORKERS": "1",
                                                                   "YOGI_HEALTH": str(path)})
    broker = None
    try:
        wait_for(lambda: health(home, path).code == 0, "a sign of life", actor)
        waits = health(home, path, "--ready")
        equal(waits.code, 1)
        contains(waits.out, "alive: starts")
        broker = home.start(home.build / "bin/yogi-broker", env={"YOGI_BROKER_LISTEN": endpoint})
        wait_for(lambda: health(home, path, "--ready").code == 0, "its being ready", actor)
        equal(home.run(home.real, "stats", "--once", env={"YOGI_BROKERS": endpoint, "YOGI_HEALTH": str(path)}).code, 0)
        contains(health(home, path, "--ready").out, "alive: is ready", "a command leaves the file as it is")
        actor.send_signal(signal.SIGTERM)
        actor.communicate(timeout=SECONDS)
        ended = health(home, path, "--ready")
        equal(ended.code, 1)
        contains(ended.out, "ends")
    finally:
        for process in filter(None, (actor, broker)):
            process.kill()
            process.communicate()


def test_health_of_something_else(home):
    for content in ("", "yogi ready\n", "x" * 320, f"yogi ready {2**62} in the future".ljust(319) + "\n",
                    "yogi resting 1 x".ljust(319) + "\n"):
        home.file("health", content)
        seen = health(home, home.path / "health")
        equal(seen.code, 1, content)
        contains(seen.err, "holds no state of a service")
    home.file("health", "yogi ready 1 long ago".ljust(319) + "\n")
    seen = health(home, home.path / "health")
    equal(seen.code, 1)
    contains(seen.out, "no sign of life")
    equal(health(home, home.path / "health", "now").code, 2)
    equal(home.run(home.real, "health").code, 2)


if __name__ == "__main__":
    main(sys.modules[__name__])

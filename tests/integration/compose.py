#!/usr/bin/python3
"""deploy/compose.yaml, brought up for real: by podman-compose, and by docker-compose over the API that podman serves. Everything is
healthy within a minute of its images' being there, a document is read through HTTP, and nothing is left when it is down. Port 4000
and all else are those of the test's own namespaces (tests/chaos/net.py)."""
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "chaos"))
import images  # noqa: E402
import net  # noqa: E402
import papers  # noqa: E402
from gateways import Gateway  # noqa: E402
from harness import Skip, equal, main, wait_for  # noqa: E402
from podman import Engine  # noqa: E402
from pods import found  # noqa: E402
from readme import commands, runs  # noqa: E402

MINUTE = 60
FEW = 4  # documents: one of each kind of file


class Local(Gateway):
    """The port that is published on this machine."""

    def __init__(self, key=None):
        self.key, self.port = key, 4000


class Compose:
    program = None

    def __init__(self, home):
        self.home = home
        self.file = home.root / "deploy/compose.yaml"
        self.services = yaml.safe_load(self.file.read_text())["services"]
        self.engine = Engine(home, images.store(home))
        self.engine.command += ["--network-config-dir", f"{home.path}/networks"]
        self.before = self.all()
        self.environment = {"CONTAINERS_CONF": f"{home.path}/containers.conf"}

    def command(self, *words):
        """With a file on top that keeps a sanitizer from tracing, which a container does not let it do."""
        own = {name: {"environment": {"ASAN_OPTIONS": "detect_leaks=0"}} for name, it in self.services.items() if it["image"] == "yogi"}
        self.home.file("own.yaml", yaml.dump({"services": own}))
        return self.home.run(self.program, "-f", self.file, "-f", self.home.path / "own.yaml", *words, env=self.environment)

    def good(self, *words):
        done = self.command(*words)
        equal(done.code, 0, done)
        return done

    def containers(self):
        """{service: name of its container}"""
        rows = json.loads(self.engine.run("ps", "-a", "--format", "json").out or "[]")
        return {row["Labels"]["com.docker.compose.service"]: row["Names"][0] for row in rows}

    def all(self):
        """Names of whatever there is of containers, volumes, networks and pods."""
        return {kind: sorted(self.engine.run(kind, "ls", "-q").out.split()) for kind in ("container", "volume", "network", "pod")}

    def healthy(self):
        """Services whose own check says that they are well; podman leaves it to systemd to ask, which is not here."""
        return {service for service, name in self.containers().items() if self.engine.run("healthcheck", "run", name).code == 0}

    def forget(self):
        """What the program is known to leave, and nothing else of it."""


class PodmanCompose(Compose):
    program = "podman-compose"

    def forget(self):
        """Its version 1.0 never takes its network away."""
        equal(self.engine.run("network", "rm", "deploy_default").code, 0)


class DockerCompose(Compose):
    """docker-compose of the first version, which obeys conditions. It does not know that a file may have a name."""
    program = "docker-compose"

    def __enter__(self):
        text = re.sub(r"^name: .*$", "", self.file.read_text(), flags=re.M)
        self.file = self.home.path / self.home.file("deploy/compose.yaml", text)
        socket = self.home.path / "podman.sock"
        self.environment["DOCKER_HOST"] = f"unix://{socket}"
        self.server = subprocess.Popen([*map(str, self.engine.command), "system", "service", "--time=0", f"unix://{socket}"],
                                       env=self.home.environment(self.environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(socket.exists, "podman's API", seconds=MINUTE)
        self.ended = threading.Event()
        self.asker = threading.Thread(target=self.ask)
        self.asker.start()
        return self

    def ask(self):
        """As systemd would have containers asked how they are."""
        while not self.ended.wait(1):
            self.healthy()

    def __exit__(self, *_):
        self.ended.set()
        self.asker.join()
        self.server.kill()
        self.server.wait()


WORDS = "docker compose -f deploy/compose.yaml "  # of the README; the words after them are those of any program of this kind


def check(it, *typed):
    begun = time.monotonic()
    up, key, down = (command.removeprefix(WORDS).split() for command in typed)
    equal((up, key[0], down[0]), (["up", "--wait"], "exec", "down"))
    it.good("up", "-d")  # and --wait is done here
    wait_for(lambda: set(it.services) == it.healthy(), "everything to be healthy", seconds=4 * MINUTE)
    took, busy = time.monotonic() - begun, max(1, os.getloadavg()[0] / os.cpu_count())
    print(f"healthy after {took:.1f} s on a machine with {busy:.1f} times its work", flush=True)
    assert took <= MINUTE * busy, "a minute, on a machine of its own"
    made = it.good("exec", "-T", *key[1:])
    service = Local(re.search(r"^key +(\S+)", made.out, re.M)[1])
    for number in range(FEW):
        name, content, blocks = papers.week(number)
        taken = service.taken((name, content), query="?wait=60")
        equal(taken["status"], "completed", taken)
        equal(found(service.get(f"/timetables/{taken['documentId']}").json), blocks, name)
    it.good(*down, "-v")
    it.forget()
    equal(it.all(), it.before, "nothing is left")


@contextmanager
def composed(home, kind):
    if not shutil.which(kind.program):
        raise Skip(f"there is no {kind.program} here")
    if os.geteuid() != 0:
        raise Skip("containers are run by root here")
    network = net.Net()
    if not network.real:
        raise Skip(network.reason)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/dev/shm"], check=True)  # podman's locks are the test's own
    it = kind(home)
    own = " ".join(map(str, [shutil.which("podman"), *it.engine.command[1:]]))
    tool = home.path / home.file("tools/podman", f'#!/bin/sh\nexec {own} "$@"\n')
    tool.chmod(0o755)
    it.environment["PATH"] = f"{tool.parent}:{os.environ['PATH']}"
    try:
        yield it
    except BaseException:
        for service, name in it.containers().items():
            said = it.engine.run("logs", "--tail", "15", name)
            print(f"---- {service}: {it.engine.run('healthcheck', 'run', name)}\n{said.out[-1500:]}{said.err[-1500:]}")
        raise
    finally:
        it.engine.run("rm", "-a", "-f", "-t", "0")
        it.engine.close()
        net.sweep(home.path)


@runs("container/README.md", starts=WORDS)
def test_podman_compose(home, page):
    with composed(home, PodmanCompose) as it:
        check(it, *page.take_all())


def test_docker_compose(home):
    """The slower one: only when asked for."""
    if not os.environ.get("YOGI_LONG"):
        raise Skip("another of the same kind: YOGI_LONG=1")
    with composed(home, DockerCompose) as it, it:
        check(it, *(c.text for c in commands(home.root) if c.text.startswith(WORDS)))


if __name__ == "__main__":
    if "--list" not in sys.argv and os.geteuid() == 0:
        net.enter()
    main(sys.modules[__name__])

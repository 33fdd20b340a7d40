#!/usr/bin/python3
"""A mixed run: the overlay `mixed` as pods of this build's image, PostgreSQL and a bucket outside of it, and hosts of OCR on machines
of their own, each in a network namespace, booted by systemd and joined by `yogi-host join` over TCP with CURVE. Nothing of it
has a name outside of the test's own namespaces, which the kernel takes away with it.

Documents flow through HTTP all the time, while each stage grows and shrinks, in pods and outside.

    YOGI_MIXED_ROUNDS=20 YOGI_MIXED_SEED=7 tests/run mixed      the long form: so many changes more, in the order of the seed
"""
import base64
import json
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "chaos"))
import images  # noqa: E402
import kube  # noqa: E402
import kubelet  # noqa: E402
import net  # noqa: E402
import pods  # noqa: E402
import readme  # noqa: E402
from bare import Host  # noqa: E402
from gateways import nothing_twice  # noqa: E402
from harness import SECONDS, Skip, contains, equal, main, wait_for  # noqa: E402
from podman import Engine  # noqa: E402

STAGES = ("classification-worker", "ocr-worker", "llm-worker", "validator-worker")
PODS = {"broker": 2, "api-service": 1, **dict.fromkeys(STAGES, 1), "bullmq-bridge": 0}
MANAGED = "10.85.0"  # network of what the cluster has not, in the test's own namespaces
POSTGRES, BUCKET = f"{MANAGED}.2", f"{MANAGED}.3"
OUTSIDE = ("10.83.255.1", "10.83.255.2")  # addresses of a load balancer: the brokers, for machines outside
ROUNDS = int(os.environ.get("YOGI_MIXED_ROUNDS", "0"))
SEED = int(os.environ.get("YOGI_MIXED_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 30)
QUIET = "detect_leaks=0"  # a container lets nobody be traced
TABLES = ("iptables", "-w")


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def together(*deeds):
    """All at the same time, to their end; the first that failed is raised."""
    with ThreadPoolExecutor(len(deeds)) as hands:
        for done in [hands.submit(deed) for deed in deeds]:
            done.result()


class Cluster(kubelet.Cluster):
    """One that grows and shrinks."""
    words = ""  # the last of those that have ended

    def remove(self, pod, *how):
        self.words = pod.logs()
        super().remove(pod, *how)

    def end(self, pod):
        """Within its grace period, and without a word of a sanitizer."""
        equal(self.delete(pod), 0, f"{pod.name}: {self.words[-3000:]}")
        assert "Sanitizer" not in self.words and "runtime error" not in self.words, f"{pod.name}: {self.words}"

    def scale(self, kind, count):
        """New pods beside the old ones; it is the oldest that go."""
        workload = next(o for o in self.objects.values() if o["kind"] in kube.PODS and o["metadata"]["name"] == kind)
        old = self.of(kind)
        for _ in range(count - len(old)):
            self.ready(self.start(workload, None))
        for pod in old[:max(len(old) - count, 0)]:
            self.end(pod)

    def close(self):
        """All pods at the same time, then whatever is left."""
        if self.pods:
            together(*(lambda pod=pod: self.podman.run("pod", "rm", "-f", "-t", "0", pod.name) for pod in self.pods))
        super().close()

    def change(self, secret, name, text):
        """A new value of a Secret, which stands in the files of the pods that have it."""
        self.objects["Secret", secret]["data"][name] = base64.b64encode(text.encode()).decode()
        for pod in self.pods:
            spec = pod.template["spec"]
            for volume in spec["volumes"]:
                if volume.get("secret", {}).get("secretName") == secret:
                    self.secret(volume["secret"], spec["securityContext"]["fsGroup"], pod.name, volume["name"])


class Site:
    """All of it, on the networks of net.Net."""

    def __init__(self, home, network):
        self.home, self.net, self.hosts, self.cluster = home, network, [], None
        self.engine = Engine(home, images.store(home))
        self.engine.command += ["--network-config-dir", f"{home.path}/networks"]

    # ---- what is managed elsewhere ----

    def managed(self):
        made = self.engine.run("network", "create", "--subnet", f"{MANAGED}.0/24", "managed")
        equal(made.code, 0, made)
        self.postgres = self.engine.start("postgres", "--network", f"managed:ip={POSTGRES}", "-e", "POSTGRES_PASSWORD=postgres", "-e",
                                          "POSTGRES_DB=learningyogi", "localhost/postgres:15")
        folder = '["/bin/sh", "-c", "mkdir -p /data/learning-yogi-documents && exec minio server /data"]'
        self.engine.start("s3", "--network", f"managed:ip={BUCKET}", "--entrypoint", folder, "-e", "MINIO_ROOT_USER=yogi-mixed", "-e",
                          "MINIO_ROOT_PASSWORD=yogi-mixed-secret", "localhost/minio/minio:latest")
        wait_for(lambda: self.engine.run("exec", self.postgres, "pg_isready", "-h", POSTGRES).code == 0, "PostgreSQL", seconds=SECONDS)
        there = f"http://{BUCKET}:9000/minio/health/ready"
        wait_for(lambda: self.home.run("curl", "-sf", there).code == 0, "the bucket's server", seconds=SECONDS)

    def sql(self, text):
        done = self.engine.run("exec", self.postgres, "psql", "-U", "postgres", "-d", "learningyogi", "-qAtc", text)
        equal(done.code, 0, done)
        return done.out

    # ---- the cluster ----

    def objects(self):
        """The overlay below a kustomization of one's own, which sets what the README leaves to it, and its Secrets."""
        below = os.path.relpath(self.home.root / "deploy/kubernetes/overlays/mixed", self.home.path / "own")
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "yogi"}, "data": {
            "S3_ENDPOINT": f"http://{BUCKET}:9000", "S3_ADDRESSING": "path", "YOGI_SOURCE_ENDPOINTS": f"http://{BUCKET}:9000",
            "YOGI_SOURCE_NETWORKS": f"{MANAGED}.0/24", "ASAN_OPTIONS": QUIET}}
        self.home.file("own/config.yaml", yaml.dump(config))
        self.home.file("own/kustomization.yaml", yaml.dump({"namespace": "yogi", "bases": [below], "patchesStrategicMerge": ["config.yaml"]}))
        made = self.home.run("kubectl", "kustomize", "own")
        equal(made.code, 0, made.err)
        return [o for o in yaml.safe_load_all(made.out) if o] + kubelet.secrets(self.home) + [
            secret("db-secret", url=f"postgresql://postgres:postgres@{POSTGRES}:5432/learningyogi"),
            secret("s3-secret", id="yogi-mixed", secret="yogi-mixed-secret")]

    def start(self):
        self.cluster = Cluster(self.home, self.engine, self.objects(), PODS)
        self.own = base64.b64decode(self.cluster.objects["Secret", "broker-keys"]["data"]["allow"]).decode()
        together(self.managed, self.cluster.play)
        self.cluster.ready()
        for table, chain in (("nat", "PREROUTING"), ("filter", "FORWARD")):
            run(*TABLES, "-t", table, "-N", "OUTSIDE")
            run(*TABLES, "-t", table, "-I", chain, "-i", "bridge", "-j", "OUTSIDE")
        for address in OUTSIDE:
            run("ip", "address", "add", f"{address}/32", "dev", "bridge")
        self.open()

    def open(self):
        """The Services of the overlay for brokers, as a load balancer makes them, and for machines outside its NetworkPolicy."""
        objects = self.cluster.objects
        rules = objects["NetworkPolicy", "broker"]["spec"]["ingress"]
        inner = [port["port"] for rule in rules if any("ipBlock" in one for one in rule["from"]) for port in rule["ports"]]
        bridge = json.loads(self.engine.run("network", "inspect", self.cluster.network).out)[0]["network_interface"]
        for table in ("nat", "filter"):
            run(*TABLES, "-t", table, "-F", "OUTSIDE")
        for broker, address in zip(sorted(self.cluster.of("broker"), key=lambda pod: pod.number), OUTSIDE):
            (port,) = objects["Service", f"{broker.name}-outside"]["spec"]["ports"]
            run(*TABLES, "-t", "nat", "-A", "OUTSIDE", "-d", address, "-p", "tcp", "--dport", str(port["port"]), "-j", "DNAT",
                "--to-destination", f"{broker.address}:{broker.port(port['targetPort'])}")
            for allowed in inner:
                run(*TABLES, "-A", "OUTSIDE", "-d", broker.address, "-p", "tcp", "--dport", str(allowed), "-j", "ACCEPT")
        run(*TABLES, "-A", "OUTSIDE", "-o", bridge, "-j", "REJECT")

    def roll_brokers(self):
        """One after the other is ended and there again under its name, as `kubectl rollout restart` does it."""
        for pod in sorted(self.cluster.of("broker"), key=lambda one: -one.number):
            self.cluster.end(pod)
            self.cluster.ready(self.cluster.start(pod.workload, pod.number))
            self.open()

    # ---- machines outside ----

    def host(self, name):
        place = self.net.machine(name)
        run("ip", "-n", name, "route", "add", "default", "via", "10.83.0.1")
        it = Host(self.home, place, YOGI_SOURCE_ENDPOINTS=f"http://{BUCKET}:9000", YOGI_SOURCE_NETWORKS=f"{MANAGED}.0/24",
                  YOGI_WORKERS=1, ASAN_OPTIONS=QUIET)
        self.hosts.append(it)
        return it

    def key(self, host):
        """A pair for it, brought there with the brokers' public key. Its line of the allow-list."""
        made = self.home.run(self.home.real, "keys", "new", host.place.name, "--role", "actor:ocr")
        equal(made.code, 0, made)
        self.home.file("broker.cert", base64.b64decode(self.cluster.objects["Secret", "ocr-worker-keys"]["data"]["broker.cert"]))
        host.bring(self.home.path / f"{host.place.name}.cert_secret", self.home.path / "broker.cert")
        return made.out

    def allow(self, *lines):
        """The list of the cluster's own and these, which the brokers read again on SIGHUP."""
        self.cluster.change("broker-keys", "allow", self.own + "".join(lines))
        for pod in self.cluster.of("broker"):
            equal(self.engine.run("kill", "--signal", "HUP", pod.box).code, 0)

    def close(self):
        together(*(it.close for it in self.hosts), self.cluster.close if self.cluster else self.engine.close)
        self.engine.close()


def secret(name, **values):
    return {"kind": "Secret", "metadata": {"name": name}, "data": {k: base64.b64encode(v.encode()).decode() for k, v in values.items()}}


@contextmanager
def site(home):
    if os.geteuid() != 0:
        raise Skip("containers are run by root here")
    network = net.Net()
    if not network.filters:
        raise Skip(network.reason)
    run("mount", "-t", "tmpfs", "none", "/dev/shm")  # podman's locks are the test's own
    run("sysctl", "-q", "net.ipv4.ip_forward=1")
    it = Site(home, network)
    try:
        yield it
    except BaseException:
        for pod in it.cluster.pods if it.cluster else ():
            print(f"---- {pod.name}\n{pod.logs()[-2000:]}")
        raise
    finally:
        it.close()
        net.sweep(home.path)


# ---- one after the other ----

BROKERS = " ".join(f"tcp://{address}:4010" for address in OUTSIDE)


def typed(host, word):
    """A command of the README of systemd, as it is typed there for this one."""
    (line,) = [c.text for c in readme.commands(host.home.root) if c.text.startswith(f"yogi-host {word}")]
    here = {"tcp://10.0.0.1:4010": f"'{BROKERS}'", "host-1": host.place.name, "ocr llm": "ocr"} if word == "join" else {}
    return readme.fill(line, here)


def join(host, **env):
    words = " ".join(f"{name}={value}" for name, value in env.items())
    return host.command(f"{words} {typed(host, 'join')}")


def check_stranger(it, host, line):
    """A key that is not on the list: the machine says so, and the broker. Once the list has it, it is in by itself."""
    refused = join(host, YOGI_HOST_WAIT=5)
    equal(refused.code, 1, refused)
    contains(refused.err, "does not let this key in: is YOGI_KEYS on its allow-list")
    contains(refused.err, "It goes on trying")
    for broker in it.cluster.of("broker"):
        contains(broker.logs(), f"{host.place.address} with the key {line.split()[0]} is not on the allow-list")
    it.allow(line)
    wait_for(lambda: host.state() == "active", f"{host.place.name} to be let in", seconds=SECONDS)


def check_ways(it, host):
    """What the policies leave to a machine outside: brokers and the bucket, and nothing else of the cluster."""
    for address in OUTSIDE:
        assert host.reaches(address, 4010)
    assert host.reaches(BUCKET, 9000)
    assert not host.reaches(it.cluster.of("api-service")[0].address, 4000), "a gateway's pod"


def join_in(host):
    joined = join(host, YOGI_HOST_WAIT=90)
    equal((joined.code, host.state()), (0, "active"), f"{joined}\n{host.journal()}")


def drain(host):
    gone = host.command(typed(host, "drain"))
    equal((gone.code, host.state()), (0, "inactive"), gone)
    end = host.journal("host.ends")[-1]
    equal(end["jobs"], 0, end)


class Story:
    """What befalls a site while a school hands in its weeks."""

    def __init__(self, it, school):
        self.it, self.school, self.begun, self.out = it, school, time.monotonic(), set()
        self.lines = {host: it.key(host) for host in it.hosts}

    def say(self, what):
        print(f"{time.monotonic() - self.begun:6.1f} s, {len(self.school.weeks):4} documents handed in: {what}", flush=True)

    def more(self, count):
        """Waits until so many more have been read, for which others are handed in."""
        wanted = len(self.school.weeks) + count
        wait_for(lambda: self.school.fault or len(self.school.weeks) >= wanted, f"{count} more documents", seconds=pods.LATE)
        assert not self.school.fault, repr(self.school.fault)

    def outside(self):
        """All OCR by machines outside: one that was refused at first, then another in its place as it is taken off the list."""
        first, second = self.it.hosts
        check_stranger(self.it, first, self.lines[first])
        check_ways(self.it, first)
        self.say("host-1 was refused, and then let in")
        self.it.cluster.scale("ocr-worker", 0)
        self.more(4)
        self.say("OCR is outside alone")
        self.it.allow(*self.lines.values())
        join_in(second)
        self.it.allow(self.lines[second])
        first.hears("host.refused", "this key was taken off the broker's allow-list")
        self.more(4)
        self.say("host-1 was taken off the list, host-2 does all OCR")
        self.it.allow(*self.lines.values())
        self.it.cluster.scale("ocr-worker", 1)
        together(*(lambda host=host: drain(host) for host in self.it.hosts))
        self.say("machines outside are drained")

    def inside(self):
        """Each stage of pods, and the gateways, by one more, and without the first."""
        kinds = (*STAGES, "api-service")
        together(*(lambda kind=kind: self.it.cluster.scale(kind, 2) for kind in kinds))
        self.more(4)
        together(*(lambda kind=kind: self.it.cluster.scale(kind, 1) for kind in kinds))
        self.say("each stage has grown and shrunk")

    # ---- one of many ----

    def befall(self, chance):
        what = chance.choice((self.scale, self.scale, self.scale, self.come_or_go, self.come_or_go, self.roll))
        what(chance)
        self.more(2)

    def scale(self, chance):
        kind = chance.choice((*STAGES, "api-service"))
        least = 0 if kind == "ocr-worker" and self.out else 1
        count = chance.randint(least, 3)
        self.it.cluster.scale(kind, count)
        self.say(f"{kind}: {count}")

    def come_or_go(self, chance):
        host = chance.choice(self.it.hosts)
        if host not in self.out:
            join_in(host)
            self.out.add(host)
            self.say(f"{host.place.name} has joined")
        elif self.out - {host} or self.it.cluster.of("ocr-worker"):
            drain(host)
            self.out.remove(host)
            self.say(f"{host.place.name} is drained")

    def roll(self, _):
        self.it.roll_brokers()
        self.say("brokers were rolled")


def test_hosts_outside(home):
    chance, begun = random.Random(SEED), time.monotonic()
    with site(home) as it:
        hosts = [it.host("host-1"), it.host("host-2")]
        together(it.start, *(host.start for host in hosts))
        print(f"{time.monotonic() - begun:.1f} s: pods play and machines are booted; seed {SEED}", flush=True)
        with pods.School(pods.Service(it.cluster, pods.new_key(home, it.cluster))) as school:
            story = Story(it, school)
            story.outside()
            story.inside()
            for _ in range(ROUNDS):
                story.befall(chance)
        assert not school.fault, repr(school.fault)
        school.check()
        nothing_twice(it.sql)
        equal(it.sql("SELECT count(*) FROM documents").strip(), str(len(school.weeks)))
        story.say("all are right, and none is there twice")
    print(f"{time.monotonic() - begun:.1f} s: nothing is left", flush=True)


if __name__ == "__main__":
    if "--list" not in sys.argv and os.geteuid() == 0:
        net.enter()
    main(sys.modules[__name__])

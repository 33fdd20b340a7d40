#!/usr/bin/python3
"""A mixed run: the overlay `mixed` as pods of this build's image, PostgreSQL and a bucket outside of it, and hosts of OCR on machines
of their own, each in a network namespace, booted by systemd and joined by `yogi-host join` over TCP with CURVE. Nothing of it
has a name outside of the test's own namespaces, which the kernel takes away with it.

Documents flow through HTTP all the time, while each stage grows and shrinks, in pods and outside. YOGI_LONG=1: for minutes."""
import base64
import os
import re
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
from bare import Host  # noqa: E402
from cluster import Cluster  # noqa: E402
from flow import Flow, Remote, expected  # noqa: E402
from harness import SECONDS, Skip, contains, equal, main, wait_for  # noqa: E402
from podman import Engine  # noqa: E402

PAPERS = ("syn-39-png.png", "syn-28-xlsx.xlsx", "syn-10-pdf.pdf", "syn-35-docx.docx", "syn-16-scan.pdf")
STAGES = ("classification_worker", "ocr_worker", "llm_worker", "validator_worker")
PODS, MANAGED = "10.84.0", "10.85.0"  # networks of podman in the test's own namespaces
POSTGRES, BUCKET = f"{MANAGED}.2", f"{MANAGED}.3"
OUTSIDE = "10.83.255"  # where brokers are for machines outside: addresses of a load balancer
ROUNDS = 10 if os.environ.get("YOGI_LONG") else 1
QUIET = "detect_leaks=0"  # a container lets nobody be traced


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def together(*deeds):
    """All at the same time; the first that fails is raised."""
    faults = []

    def guarded(deed):
        try:
            deed()
        except BaseException as why:  # pylint: disable=broad-except
            faults.append(why)
    threads = [threading.Thread(target=guarded, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


class Site:
    """All of it, on the networks of net.Net."""

    def __init__(self, home, network):
        self.home, self.net, self.key = home, network, None
        self.engine = Engine(home, images.store(home))
        self.engine.command += ["--network-config-dir", f"{home.path}/networks"]
        self.hosts, self.cluster = [], None

    # ---- what is managed elsewhere ----

    def networks(self):
        for name, prefix in (("pods", PODS), ("managed", MANAGED)):
            made = self.engine.run("network", "create", "--subnet", f"{prefix}.0/24", "--gateway", f"{prefix}.1", name)
            equal(made.code, 0, made)

    def managed(self):
        self.postgres = self.engine.start("postgres", "--network", f"managed:ip={POSTGRES}", "-e", "POSTGRES_PASSWORD=postgres", "-e",
                                          "POSTGRES_DB=learningyogi", "localhost/postgres:15")
        make = '["/bin/sh", "-c", "mkdir -p /data/learning-yogi-documents && exec minio server /data"]'
        self.bucket = self.engine.start("s3", "--network", f"managed:ip={BUCKET}", "--entrypoint", make, "-e", "MINIO_ROOT_USER=yogi-mixed",
                                        "-e", "MINIO_ROOT_PASSWORD=yogi-mixed-secret", "localhost/minio/minio:latest")
        wait_for(lambda: self.engine.run("exec", self.postgres, "pg_isready", "-h", POSTGRES).code == 0, "PostgreSQL", seconds=SECONDS)
        there = f"http://{BUCKET}:9000/minio/health/ready"
        wait_for(lambda: self.home.run("curl", "-sf", there).code == 0, "the bucket's server", seconds=SECONDS)

    def sql(self, text):
        done = self.engine.run("exec", self.postgres, "psql", "-U", "postgres", "-d", "learningyogi", "-qAtc", text)
        equal(done.code, 0, done)
        return done.out

    # ---- the cluster ----

    def objects(self):
        """The overlay, with what the README asks to be set by one's own kustomization on top of it."""
        below = os.path.relpath(self.home.root / "deploy/kubernetes/overlays/mixed", self.home.path / "own")
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "yogi"}, "data": {
            "S3_ENDPOINT": f"http://{BUCKET}:9000", "S3_ADDRESSING": "path", "YOGI_SOURCE_ENDPOINTS": f"http://{BUCKET}:9000",
            "YOGI_SOURCE_NETWORKS": f"{MANAGED}.0/24", "ASAN_OPTIONS": QUIET}}
        self.home.file("own/config.yaml", yaml.dump(config))
        self.home.file("own/kustomization.yaml", yaml.dump({"namespace": "yogi", "bases": [below], "patchesStrategicMerge": ["config.yaml"]}))
        made = self.home.run("kubectl", "kustomize", "own")
        equal(made.code, 0, made.err)
        return [o for o in yaml.safe_load_all(made.out) if o]

    def secrets(self):
        printed = self.home.run(self.home.real, "keys", "--kubernetes")
        equal(printed.code, 0, printed)
        own = {s["metadata"]["name"]: s["stringData"] for s in yaml.safe_load_all(printed.out) if s}
        return {**own, "db-secret": {"url": f"postgresql://postgres:postgres@{POSTGRES}:5432/learningyogi"},
                "s3-secret": {"id": "yogi-mixed", "secret": "yogi-mixed-secret"}}

    def start_pods(self):
        """Brokers first; the others wait for them anyway."""
        self.objects_made = self.objects()
        self.cluster = Cluster(self.home, self.engine, "pods", self.objects_made, self.secrets())
        together(*(lambda i=i: self.cluster.start("broker", i, f"ip={PODS}.{10 + i}") for i in range(2)), self.managed)
        self.cluster.scale(api_service=1, **dict.fromkeys(STAGES, 1))
        made = self.cluster.run("api-service", 0, "yogi", "tokens", "new", "desk", "--role", "teacher")
        equal(made.code, 0, made)
        self.key = re.search(r"\S{30,}", made.out)[0]
        self.open()

    def open(self):
        """The two Services of the overlay, as a load balancer of the cluster makes them, and its NetworkPolicy for those outside."""
        run("ip", "address", "add", f"{OUTSIDE}.1/32", "dev", "bridge")
        run("ip", "address", "add", f"{OUTSIDE}.2/32", "dev", "bridge")
        rules = next(o for o in self.objects_made if o["kind"] == "NetworkPolicy" and o["metadata"]["name"] == "broker")["spec"]["ingress"]
        (port,), = ([p["port"] for p in rule["ports"]] for rule in rules if any("ipBlock" in one for one in rule["from"]))
        for i in range(2):
            service = next(o for o in self.objects_made if o["kind"] == "Service" and o["metadata"]["name"] == f"broker-{i}-outside")
            given, = (p["port"] for p in service["spec"]["ports"])
            run("iptables", "-w", "-t", "nat", "-I", "PREROUTING", "-d", f"{OUTSIDE}.{i + 1}", "-p", "tcp", "--dport", str(given), "-j", "DNAT",
                "--to-destination", f"{PODS}.{10 + i}:{port}")
        run("iptables", "-w", "-I", "FORWARD", "-i", "bridge", "-d", f"{PODS}.0/24", "-j", "REJECT")
        for i in range(2):
            run("iptables", "-w", "-I", "FORWARD", "-i", "bridge", "-d", f"{PODS}.{10 + i}", "-p", "tcp", "--dport", str(port), "-j", "ACCEPT")

    def gateways(self):
        return [Remote(self.cluster.address("api-service", i), 4000, self.key) for i in self.cluster.pods["api-service"]]

    # ---- machines outside ----

    def host(self, name):
        place = self.net.machine(name)
        run("ip", "-n", name, "route", "add", "default", "via", "10.83.0.1")
        it = Host(self.home, place, YOGI_SOURCE_ENDPOINTS=f"http://{BUCKET}:9000", YOGI_SOURCE_NETWORKS=f"{MANAGED}.0/24",
                  YOGI_WORKERS=1, ASAN_OPTIONS=QUIET)
        self.hosts.append(it)
        return it

    def new_key(self, name):
        """A pair, brought to the machine with the brokers' public key; its line of the allow-list."""
        made = self.home.run(self.home.real, "keys", "new", name, "--role", "actor:ocr")
        equal(made.code, 0, made)
        self.home.file("broker.cert", self.cluster.secret("ocr-worker-keys", "broker.cert"))
        return made.out

    def allow(self, text):
        """A new list, which the brokers read again on SIGHUP."""
        self.cluster.put_secret("broker-keys", {"allow": text})
        for i in self.cluster.pods["broker"]:
            self.cluster.signal("broker", i, "HUP")

    def close(self):
        for it in self.hosts:
            it.close()
        if self.cluster:
            self.cluster.close()
        self.engine.close()
        subprocess.run(["umount", "-l", self.home.path / "store/overlay"], capture_output=True, check=False)


@contextmanager
def site(home):
    if os.geteuid() != 0:
        raise Skip("containers are run by root here")
    network = net.Net()
    if not network.real or not network.filters:
        raise Skip(network.reason)
    run("mount", "-t", "tmpfs", "none", "/dev/shm")  # podman's locks are the test's own
    run("sysctl", "-q", "net.ipv4.ip_forward=1")
    it = Site(home, network)
    try:
        it.networks()
        yield it
    except BaseException:
        for owner, numbers in (it.cluster.pods if it.cluster else {}).items():
            for number in numbers:
                print(f"---- {owner}-{number}\n{it.cluster.logs(owner, number)[-2000:]}")
        raise
    finally:
        it.close()


# ---- one after the other ----


JOIN = f"yogi-host join 'tcp://{OUTSIDE}.1:4010 tcp://{OUTSIDE}.2:4010' %s.cert_secret broker.cert ocr"


def bring(it, host, name):
    host.bring(it.home.path / f"{name}.cert_secret", it.home.path / "broker.cert")
    return JOIN % name


def stranger(it, host, line):
    """A key that is not on the list: the machine says so, and no document comes to it. Then it is put there."""
    command = bring(it, host, "host-1")
    refused = host.command(command)
    print(refused, host.status(), host.journal(), sep="\n")
    ...


def test_hosts_outside(home):
    begun = time.monotonic()

    def say(what):
        print(f"{time.monotonic() - begun:6.1f} s  {what}", flush=True)
    papers = [home.root / "tests/fixtures/synth" / name for name in PAPERS]
    with site(home) as it:
        first, second = it.host("host-1"), it.host("host-2")
        together(it.start_pods, first.start, second.start)
        say("pods and machines stand")
        wanted = expected(home, papers)
        say("expected")
        with Flow(wanted, it.gateways(), 4) as flow:
            line = it.new_key("host-1")
            flow.more(3, "from the pods alone")
            say("first")
            stranger(it, first, line)
        say(flow)
        flow.account(it.sql)


if __name__ == "__main__":
    if "--list" not in sys.argv and os.geteuid() == 0:
        net.enter()
    main(sys.modules[__name__])

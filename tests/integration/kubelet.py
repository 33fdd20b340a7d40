"""kubelet: the pods of an overlay on this machine, as podman plays them.

    with kubelet.cluster(home, "dev", {"api-service": 2}) as them:
        them.play()                             all pods, in any order
        pod = them.of("ocr-worker")[0]
        them.ready(pod); pod.run("yogi", ...)   its readiness probe; a command in its container
        them.kill(pod)                          SIGKILL: the container starts again in its pod
        them.replace(pod)                       SIGKILL, and another pod with another name and address in its place

What podman 4.3 cannot do is done here, and is all that is changed of a pod:

    Deployments, StatefulSets   are pods with numbers, as their controllers would make them
    Services                    are aliases of their pods in the network, which has the cluster's names so; ports are not translated
    ports                       would be published on this machine
    volumes                     are folders of this machine with the owners, modes and links of Kubernetes' own, with fsGroup, which podman
                                does not know; a claim's folder outlives its pod
    probes                      are asked here: podman runs those of HTTP by a shell and curl in the container, which has none
    preStop                     is run here, before a pod is told to end
    images                      are never fetched; sanitizers do not look for leaks, as the libraries' that we know of are listed in no image
"""
import base64
import copy
import http.client
import ipaddress
import json
import os
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import yaml

import images
import kube
from harness import Skip, equal, wait_for
from podman import Engine

PROBE_SECONDS = 10
EPHEMERAL = 32768  # ports from here on are the calling side's
START_SECONDS = 180  # as long as a startupProbe waits


class Pod:
    """One pod; its container is the only one."""

    def __init__(self, workload, number, name, address, podman):
        self.workload, self.number, self.name, self.address, self.podman = workload, number, name, str(address), podman
        self.template = workload["spec"]["template"]
        (self.container,) = self.template["spec"]["containers"]
        self.box = f"{name}-{self.container['name']}"
        self.killed = 0  # times that its container was

    @property
    def kind(self):
        return self.workload["metadata"]["name"]

    def run(self, *command):
        return self.podman.run("exec", self.box, *command)

    def port(self, port):
        return next((p["containerPort"] for p in self.container.get("ports", []) if p.get("name") == port), port)

    def good(self, probe):
        """Whether a probe of its container ("readinessProbe") says so; one that is not there does."""
        asked = self.container.get(probe)
        if not asked:
            return True
        if "exec" in asked:
            return self.run(*asked["exec"]["command"]).code == 0
        connection = http.client.HTTPConnection(self.address, self.port(asked["httpGet"]["port"]), timeout=PROBE_SECONDS)
        try:
            connection.request("GET", asked["httpGet"]["path"])
            return 200 <= connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def logs(self):
        said = self.podman.run("logs", self.box)
        return said.out + said.err

    def check(self):
        """Its container has never ended by itself, and neither a sanitizer nor a library has had anything to say."""
        said = self.logs()
        for word in ("Sanitizer", "runtime error", "Fontconfig error"):
            assert word not in said, f"{self.name}: {said[-5000:]}"
        equal(self.state()["RestartCount"], self.killed, f"{self.name} starts again and again: {said[-3000:]}")

    def state(self):
        return json.loads(self.podman.run("inspect", self.box).out)[0]


class Cluster:
    def __init__(self, home, podman, objects, replicas):
        self.home, self.podman, self.replicas = home, podman, replicas
        self.objects = {kube.key(o): o for o in objects}
        self.pods, self.made, self.lock = [], 0, threading.Lock()
        self.kinds, self.talked = {}, {}  # of pods by address; {kind: {(kind, port) that it began to talk to}}
        self.network = f"yogi-{os.getpid()}"
        made = podman.run("network", "create", self.network)
        if made.code != 0:
            raise Skip(f"no network can be made here: {made.err.strip()[-300:]}")
        tried = podman.run("run", "--rm", "--network", self.network, "localhost/redis:7", "--version")
        if tried.code != 0:
            raise Skip(f"containers cannot have a network here: {tried.err.strip()[-300:]}")
        seen = json.loads(podman.run("network", "inspect", self.network).out)[0]
        self.addresses = iter(list(ipaddress.ip_network(seen["subnets"][0]["subnet"]).hosts())[9:])
        self.config = home.path / home.file("config.yaml", yaml.safe_dump_all(o for o in objects if o["kind"] == "ConfigMap"))
        for secret in self.kind("Secret"):
            equal(podman.run("secret", "create", secret["metadata"]["name"], "-", stdin=json.dumps(secret["data"]).encode()).code, 0)

    def kind(self, kind):
        return [o for (of, _), o in self.objects.items() if of == kind]

    def of(self, kind):
        return [pod for pod in self.pods if pod.kind == kind]

    # ---- what a pod is made of ----

    def aliases(self, pod):
        """The names of its Services, and its own behind that of a StatefulSet."""
        labels = pod.template["metadata"]["labels"]
        found = [s["metadata"]["name"] for s in self.kind("Service")
                 if s["spec"].get("selector") and s["spec"]["selector"].items() <= labels.items()]
        if "serviceName" in pod.workload["spec"]:
            found.append(f"{pod.name}.{pod.workload['spec']['serviceName']}")
        return found

    def folder(self, group, *names):
        """An empty volume as Kubernetes makes it."""
        path = self.home.path.joinpath("volumes", *names)
        if not path.exists():
            path.mkdir(parents=True)
            os.chown(path, 0, group or 0)
            path.chmod(0o2777 if group else 0o777)
        return path

    def secret(self, source, group, *names):
        """Files behind two links, so that all are changed at once, here too when it is asked again; the group of the pod may read what
        its owner may."""
        data = self.objects["Secret", source["secretName"]]["data"]
        path = self.folder(group, *names)
        version = f"..{len(list(path.glob('..[0-9]*')))}"
        (path / version).mkdir()
        mode = source.get("defaultMode", 0o644)
        for name, text in data.items():
            file = path / version / name
            file.write_bytes(base64.b64decode(text))
            os.chown(file, 0, group or 0)
            file.chmod(mode | (mode & 0o400) >> 3 if group else mode)
        (path / "..next").symlink_to(version)
        (path / "..next").replace(path / "..data")
        for name in data:
            if not (path / name).is_symlink():
                (path / name).symlink_to(f"..data/{name}")
        return path

    def volumes(self, pod):
        spec = pod.template["spec"]
        group = spec.get("securityContext", {}).get("fsGroup")
        made = {c["metadata"]["name"]: self.folder(group, "claims", pod.kind, str(pod.number), c["metadata"]["name"])
                for c in pod.workload["spec"].get("volumeClaimTemplates", [])}
        for volume in spec.get("volumes", []):
            assert len(volume) == 2 and ("emptyDir" in volume or "secret" in volume), volume
            names = (pod.name, volume["name"])
            made[volume["name"]] = self.secret(volume["secret"], group, *names) if "secret" in volume else self.folder(group, *names)
        return [{"name": name, "hostPath": {"path": str(path), "type": "Directory"}} for name, path in made.items()]

    def manifest(self, pod):
        spec = copy.deepcopy(pod.template["spec"])
        spec["volumes"] = self.volumes(pod)
        (container,) = spec["containers"]
        for name in ("ports", "lifecycle", "startupProbe", "livenessProbe", "readinessProbe"):
            container.pop(name, None)
        container["imagePullPolicy"] = "Never"
        container["env"] = [*container.get("env", []), {"name": "ASAN_OPTIONS", "value": "detect_leaks=0"}]
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod.name, "labels": pod.template["metadata"]["labels"]}, "spec": spec}

    # ---- what becomes of it ----

    def start(self, workload, number):
        with self.lock:
            self.made += 1
            address = next(self.addresses)
            name = workload["metadata"]["name"] + f"-{number if workload['kind'] == 'StatefulSet' else self.made}"
        pod = Pod(workload, number, name, address, self.podman)
        network = ",".join([f"{self.network}:ip={pod.address}", *(f"alias={name}" for name in self.aliases(pod))])
        played = self.podman.run("kube", "play", "--network", network, "--configmap", self.config, "-",
                                 stdin=yaml.safe_dump(self.manifest(pod)).encode())
        equal(played.code, 0, f"{pod.name}: {played.err[-2000:]}")
        with self.lock:
            self.pods.append(pod)
            self.kinds[pod.address] = pod.kind
        return pod

    def play(self, order=sorted):
        """All pods of the overlay. order: of the pairs of a workload's name and a number."""
        wanted = [(name, number) for name, (workload, _) in kube.pods(self.objects.values()).items()
                  for number in range(self.replicas.get(name, workload["spec"]["replicas"]))]
        workloads = {o["metadata"]["name"]: o for o in self.objects.values() if o["kind"] in kube.PODS}
        with ThreadPoolExecutor(2) as hands:
            list(hands.map(lambda it: self.start(workloads[it[0]], it[1]), order(wanted)))

    def ready(self, *pods, seconds=START_SECONDS):
        for pod in pods or tuple(self.pods):
            try:
                wait_for(lambda pod=pod: pod.good("readinessProbe"), f"{pod.name} to be ready", seconds=seconds)
            except AssertionError:
                print(pod.name, pod.logs()[-3000:])
                raise

    def watch(self):
        """Adds to self.talked what connections of pods to ports of pods there are, or were a moment ago, by the kernel's tables."""
        for box in json.loads(self.podman.run("ps", "--format", "json").out):
            kind = next((pod.kind for pod in self.pods if pod.box in box["Names"]), None)
            try:
                lines = Path(f"/proc/{box['Pid']}/net/tcp").read_text().splitlines()[1:]
            except OSError:
                continue  # it has just ended
            for host, port in (line.split()[2].split(":") for line in lines):
                whom = self.kinds.get(str(ipaddress.ip_address(bytes.fromhex(host)[::-1])))
                if kind and whom and int(port, 16) < EPHEMERAL:
                    self.talked.setdefault(kind, set()).add((whom, int(port, 16)))

    def process(self, pod):
        """The number of its first process, and since when it is there."""
        seen = pod.state()["State"]
        return seen["Pid"], seen["StartedAt"]

    def kill(self, *pods):
        """SIGKILL to all at once; podman starts each container again, as the pod's restart policy has it."""
        before = {pod: self.process(pod) for pod in pods}
        for pod, (number, _) in before.items():
            os.kill(number, signal.SIGKILL)
            pod.killed += 1
        for pod, (_, since) in before.items():
            wait_for(lambda: (now := self.process(pod))[0] and now[1] != since, f"{pod.name} to start again", seconds=START_SECONDS)

    def remove(self, pod):
        pod.check()
        self.pods.remove(pod)
        self.podman.run("pod", "kill", pod.name)  # rm alone takes seconds
        gone = self.podman.run("pod", "rm", "-f", "-t", "0", pod.name)
        equal(gone.code, 0, gone)
        shutil.rmtree(self.home.path / "volumes" / pod.name, ignore_errors=True)  # it may have had claims alone

    def replace(self, *pods):
        """SIGKILL, and when all are gone, as their controller does, others in their places."""
        for pod in pods:
            self.remove(pod)
        for pod in pods:
            self.start(pod.workload, pod.number)

    def delete(self, pod):
        """Told to end, as the controller does it: preStop, SIGTERM, and SIGKILL after the grace period. Its exit code."""
        before = pod.container.get("lifecycle", {}).get("preStop")
        if before:
            equal(pod.run(*before["exec"]["command"]).code, 0)
        self.podman.run("stop", "-t", pod.template["spec"]["terminationGracePeriodSeconds"], pod.box)
        code = pod.state()["State"]["ExitCode"]
        self.remove(pod)
        return code

    def close(self):
        self.podman.run("pod", "kill", "-a")
        self.podman.run("pod", "rm", "-f", "-a", "-t", "0")
        self.podman.run("network", "rm", "-f", self.network)


def secrets(home):
    """Those of `yogi keys --kubernetes`, as a cluster keeps them."""
    printed = home.run(home.real, "keys", "--kubernetes")
    equal(printed.code, 0, printed.err)
    made = [o for o in yaml.safe_load_all(printed.out) if o]
    for o in made:
        o["data"] = {name: base64.b64encode(text.encode()).decode() for name, text in o.pop("stringData").items()}
    return made


@contextmanager
def cluster(home, overlay, replicas=None, settings=None):
    """replicas: as `kubectl scale` would set them. settings: put into the ConfigMap of all pods."""
    objects = kube.built(home, overlay) + secrets(home)
    next(o for o in objects if kube.key(o) == ("ConfigMap", "yogi"))["data"].update(settings or {})
    podman = Engine(home, images=images.store(home))
    try:
        made = Cluster(home, podman, objects, replicas or {})
        try:
            yield made
        finally:
            made.close()
    finally:
        podman.close()

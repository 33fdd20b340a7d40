"""cluster: what a kustomization has of Deployments and StatefulSets, as pods of podman on one network of one machine. A pod is its
template as `podman kube play` takes it; this is the rest that a cluster does: replicas, names of pods by DNS, probes, and an end by
SIGTERM within the grace period. Where podman is not as Kubernetes is, the template is changed, and here it says how and why."""
import base64
import copy
import http.client
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

import yaml

from harness import SECONDS, equal, wait_for

KINDS = ("Deployment", "StatefulSet")
GROUP = 65532  # fsGroup of the pods
AT_ONCE = 4    # pods that are started or stopped side by side


class Cluster:
    """objects: of the kustomization; secrets: {name: {key: text}}; image: what stands for the manifests' own."""

    def __init__(self, home, engine, network, objects, secrets, image="localhost/yogi:latest"):
        self.home, self.engine, self.network, self.image = home, engine, network, image
        self.owners = {o["metadata"]["name"]: o for o in objects if o["kind"] in KINDS}
        self.pods = {name: [] for name in self.owners}  # numbers of those that run
        config = next(o for o in objects if o["kind"] == "ConfigMap")
        self.config = home.path / home.file("config.yaml", yaml.dump(config))
        for name, files in secrets.items():
            self.put_secret(name, files)
            values = {key: base64.b64encode(text.encode()).decode() for key, text in files.items()}
            made = engine.run("secret", "create", name, "-", stdin=json.dumps(values).encode())
            equal(made.code, 0, made)

    # ---- secrets ----

    def put_secret(self, name, files):
        """Files of a folder, as pods mount a Secret: podman's pods have no volume of Secrets, so that it is a folder of the machine."""
        folder = self.home.path / "secrets" / name
        folder.mkdir(parents=True, exist_ok=True)
        for key, text in files.items():
            file = folder / key
            file.write_text(text)
            os.chown(file, 0, GROUP)
            file.chmod(0o440)

    def secret(self, name, key):
        return (self.home.path / "secrets" / name / key).read_text()

    # ---- one pod ----

    def name(self, owner, number):
        return f"{owner}-{number}"

    def container(self, owner, number):
        pod, = self.owners[owner]["spec"]["template"]["spec"]["containers"]
        return f"{self.name(owner, number)}-{pod['name']}"

    def pod(self, owner, number):
        pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(self.owners[owner]["spec"]["template"])}
        name, spec = self.name(owner, number), pod["spec"]
        pod["metadata"]["name"] = name
        container, = spec["containers"]
        container["image"] = self.image
        container.pop("ports", None)  # they would be published on the machine
        for volume in spec.get("volumes", []):
            if "secret" in volume:
                volume["hostPath"] = {"path": str(self.home.path / "secrets" / volume.pop("secret")["secretName"])}
            else:  # volumes of one name would be one volume, whosever they are
                mount, = (m for m in container["volumeMounts"] if m["name"] == volume["name"])
                volume["name"] = mount["name"] = f"{name}-{volume['name']}"
        return pod

    def start(self, owner, number, *options):
        """options: of the network, as ip=ADDRESS. Its names are those that a Service gives it."""
        name = self.name(owner, number)
        file = self.home.file(f"pods/{name}.yaml", yaml.dump(self.pod(owner, number)))
        network = ",".join((f"alias={name}", f"alias={name}.{owner}", f"alias={owner}", *options))
        played = self.engine.run("kube", "play", "--configmap", self.config, "--network", f"{self.network}:{network}", file)
        equal(played.code, 0, played)
        self.pods[owner].append(number)
        wait_for(lambda: self.ready(owner, number), f"{name} to be ready", seconds=SECONDS)

    def ready(self, owner, number):
        """Its readiness probe."""
        container, = self.owners[owner]["spec"]["template"]["spec"]["containers"]
        probe = container["readinessProbe"]
        if "exec" in probe:
            return self.run(owner, number, *probe["exec"]["command"]).code == 0
        port = next(p["containerPort"] for p in container["ports"] if p["name"] == probe["httpGet"]["port"])
        connection = http.client.HTTPConnection(self.address(owner, number), port, timeout=5)
        try:
            connection.request("GET", probe["httpGet"]["path"])
            return connection.getresponse().status == 200
        except OSError:
            time.sleep(0.1)  # nobody listens yet
            return False
        finally:
            connection.close()

    def address(self, owner, number):
        seen = self.engine.run("pod", "inspect", self.name(owner, number), "--format", "{{.InfraContainerID}}").out.strip()
        return json.loads(self.engine.run("inspect", seen).out)[0]["NetworkSettings"]["Networks"][self.network]["IPAddress"]

    def stop(self, owner, number):
        """As a cluster does it: its preStop, then SIGTERM, and SIGKILL after the grace period, which must not be needed."""
        spec = self.owners[owner]["spec"]["template"]["spec"]
        hook = spec["containers"][0].get("lifecycle", {}).get("preStop")
        if hook:
            self.run(owner, number, *hook["exec"]["command"])
        name = self.name(owner, number)
        self.pods[owner].remove(number)
        stopped = self.engine.run("pod", "stop", "-t", spec["terminationGracePeriodSeconds"], name)
        code = self.engine.run("inspect", self.container(owner, number), "--format", "{{.State.ExitCode}}").out.strip()
        equal((stopped.code, code), (0, "0"), f"{name}: {self.logs(owner, number)}")
        said = self.logs(owner, number)
        assert "Sanitizer" not in said and "runtime error" not in said, said
        self.engine.run("pod", "rm", "-f", "-t", "0", name)
        self.engine.run("volume", "rm", "-f", *(f"{name}-{v['name']}" for v in spec.get("volumes", []) if "emptyDir" in v))

    def run(self, owner, number, *words):
        return self.engine.run("exec", self.container(owner, number), *words)

    def signal(self, owner, number, name):
        equal(self.engine.run("kill", "--signal", name, self.container(owner, number)).code, 0)

    def logs(self, owner, number):
        shown = self.engine.run("logs", self.container(owner, number))
        return shown.out + shown.err

    # ---- many ----

    def scale(self, **wanted):
        """{owner, with _ for -: replicas}: new ones beside the old, which then are the ones to go, as with a new version."""
        starts, stops = [], []
        for owner, count in wanted.items():
            owner = owner.replace("_", "-")
            running = sorted(self.pods[owner])
            first = max(running, default=-1) + 1
            starts += [(owner, first + i) for i in range(count - len(running))]
            stops += [(owner, number) for number in running[:max(len(running) - count, 0)]]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda one: self.start(*one), starts))
            list(pool.map(lambda one: self.stop(*one), stops))

    def close(self):
        """Everything goes, in whatever state."""
        self.engine.run("pod", "rm", "-a", "-f", "-t", "0")
        self.engine.run("volume", "rm", "-a", "-f")

#!/usr/bin/python3
"""What the READMEs of deploy/ say to type at kubectl is typed, at a cluster of the test (cluster.py): there is none to be had
from Debian's packages, so what an API server answers is made up, and whatever would run in a pod runs on this machine."""
import base64
import json
import re
import shutil
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager

from cluster import DOCUMENT, Cluster
from harness import SECONDS, Skip, contains, equal, main, wait_for
from readme import fill, runs

FIXTURE = "tests/fixtures/synth/syn-39-png.png"
TYPED = '''#!/usr/bin/python3
# kubectl, but for what needs a node: `exec` runs the program here when the pods are there, `port-forward` is left to the test
import json, os, subprocess, sys
real, words = "{real}", sys.argv[1:]
if words[:1] not in (["exec"], ["port-forward"]):
    os.execv(real, [real, *words])
thing = json.loads(subprocess.run([real, "get", words[1], "-o", "json"], check=True, capture_output=True).stdout)
if words[0] == "exec":
    assert words[2] == "--" and thing["kind"] in ("Pod", "Deployment"), words
    os.execvp(words[3], words[3:])
outside, inside = words[2].split(":")
assert int(inside) in [port["port"] for port in thing["spec"]["ports"]], thing["spec"]
print(f"Forwarding from 127.0.0.1:{{outside}} -> {{inside}}")
'''


class Desk:
    """Somebody in the repository's root, with kubectl and yogi."""

    def __init__(self, home, cluster):
        self.home, self.cluster = home, cluster
        real = shutil.which("kubectl")
        tools = home.path / home.file("tools/kubectl", TYPED.format(real=real))
        tools.chmod(0o755)
        self.more = {"YOGI_DATA": str(home.path / "data")}
        self.path = f"{tools.parent}:{home.build / 'bin'}"
        (home.path / "deploy").symlink_to(home.root / "deploy")

    def type(self, command, code=0):
        done = self.home.run("sh", "-c", command, env={**self.cluster.environment(self.path), **self.more})
        equal(done.code, code, f"{command}\n{done}")
        return done.out

    def install(self, overlay):
        self.type("yogi keys --kubernetes | kubectl apply -f -")
        self.type(f"kubectl apply -k deploy/kubernetes/overlays/{overlay}")


@contextmanager
def desk(home):
    if not shutil.which("kubectl"):
        raise Skip("there is no kubectl here")
    with Cluster(home) as cluster:
        yield Desk(home, cluster)


def named(pod):
    """Secrets and ConfigMaps that a pod does not start without: {(plural, name)}."""
    found = set()
    for container in pod["spec"]["containers"]:
        for source in container.get("envFrom", []):
            found.add(("configmaps", source["configMapRef"]["name"]))
        for variable in container.get("env", []):
            reference = variable.get("valueFrom", {}).get("secretKeyRef")
            if reference and not reference.get("optional"):
                found.add(("secrets", reference["name"]))
    for volume in pod["spec"].get("volumes", []):
        if "secret" in volume and not volume["secret"].get("optional"):
            found.add(("secrets", volume["secret"]["secretName"]))
    return found


def check_pods_could_start(cluster, namespace):
    pods = cluster.things("pods", namespace)
    wanted = {key for pod in pods.values() for key in named(pod)}
    assert len(pods) > 8 and len(wanted) > 8, (pods.keys(), wanted)
    there = {(plural, name) for plural in ("secrets", "configmaps") for name in cluster.things(plural, namespace)}
    equal(wanted - there, set(), "named by pods, and made by no command")


@contextmanager
def running(home, data):
    """A system of this machine, for what is typed at the pods' own; its address."""
    up = home.start(home.build / "bin/yogi-up", env={"YOGI_DATA": data, "YOGI_PORT": "0", "YOGI_WORKERS": "1"})
    try:
        line = wait_for(lambda: re.search(rb"open http://127.0.0.1:(\d+)", up.stdout.readline()), "the gateway", up, SECONDS)
        yield line[1].decode()
    finally:
        up.kill()
        up.communicate()


@runs("kubernetes/README.md", "From an empty cluster to a first timetable")
def test_first_timetable(home, page):
    shutil.copy(home.root / FIXTURE, home.path / "week.pdf")  # a name says nothing
    with desk(home) as it, running(home, it.more["YOGI_DATA"]) as port:
        contains(it.type(page.take("yogi keys --kubernetes")), "secret/broker-keys created")
        contains(it.type(page.take("kubectl apply -k")), "deployment.apps/api-service created")
        check_pods_could_start(it.cluster, "default")
        contains(it.type(page.take("kubectl rollout status")), "successfully rolled out")
        key = re.search(r"^key +(\S+)$", it.type(page.take("kubectl exec")), re.M)[1]
        it.type(page.take("kubectl port-forward"))
        document = json.loads(it.type(page.take("curl", {"KEY": key, "127.0.0.1:4000": f"127.0.0.1:{port}"})))
        equal(document["status"], "completed", document)
        said = it.type(page.take("kubectl logs", {"DOCUMENT": DOCUMENT})).splitlines()
        equal(len(said), sum("yogi" in pod["metadata"]["labels"] for pod in it.cluster.things("pods").values()), said)
        wrong = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/documents", headers={"Authorization": "Bearer " + key[:-1]})
        try:
            urllib.request.urlopen(wrong, timeout=SECONDS)
        except urllib.error.HTTPError as answer:
            equal(answer.code, 401)
        else:
            raise AssertionError("any key is taken")


@runs("kubernetes/README.md", "Production")
def test_production(home, page):
    with desk(home) as it:
        it.more["DATABASE_URL"] = "postgresql://yogi@db/learningyogi"
        contains(it.type(page.take("kubectl apply -f deploy/")), "namespace/yogi created")
        it.type(page.take("kubectl config set-context"))
        it.type(page.take("kubectl create secret"))
        it.type(page.take("yogi keys --kubernetes"))
        it.type(page.take("kubectl apply -k"))
        url = it.cluster.things("secrets", "yogi")["db-secret"]["data"]["url"]
        equal(base64.b64decode(url).decode(), it.more["DATABASE_URL"])
        equal(it.cluster.things("deployments"), {}, "nothing is beside the namespace")
        check_pods_could_start(it.cluster, "yogi")


@runs("kubernetes/README.md", "Growing, shrinking, going")
def test_grows_and_goes(home, page):
    with desk(home) as it:
        it.install("dev")
        it.type(page.take("kubectl scale"))
        equal(len([name for name in it.cluster.things("pods") if name.startswith("ocr-worker-")]), 8)
        it.type(page.take("kubectl delete -k"))
        equal({**it.cluster.things("pods"), **it.cluster.things("services")}, {})


@runs("kubernetes/README.md", "Hosts outside")
def test_hosts_outside(home, page):
    """The allow-list that brokers have then is one that they take, with the pods on it and the host."""
    with desk(home) as it:
        it.type("kubectl apply -f deploy/kubernetes/overlays/production/namespace.yaml")
        it.type("kubectl config set-context --current --namespace=yogi")
        it.install("mixed")
        for start in ("kubectl get secret broker-keys", "yogi keys new", "kubectl patch", "kubectl rollout restart",
                      "kubectl get secret ocr-worker-keys"):
            it.type(page.take(start))
        contains(it.type(page.take("kubectl get services")), "broker-1-outside")
        home.file("given", base64.b64decode(it.cluster.things("secrets", "yogi")["broker-keys"]["data"]["allow"]))
        listed = home.run(home.real, "keys", "list", "given")
        equal(listed.code, 0, listed)
        names = re.findall(r"^\S+ (\S+)", listed.out, re.M)
        assert len(names) == 7 and "host-1" in names and "api-service" in names, listed
        equal(home.run(home.real, "config", env={"YOGI_KEYS": "host-1.cert_secret", "YOGI_BROKER_KEY": "broker.cert"}).code, 0)
        contains((home.path / "broker.cert").read_text(), "public-key")
        template = it.cluster.things("statefulsets", "yogi")["broker"]["spec"]["template"]["metadata"]
        assert "kubectl.kubernetes.io/restartedAt" in template["annotations"], template


def check_table(it, text):
    """The commands of ours that stand beside the guide's."""
    places = {"POD": "api-service-0", "DOCUMENT": DOCUMENT, "FILE...": "gateway.log"}
    rows = re.findall(r"^\| `.*? \| (.*) \|$", text, re.M)
    commands = [c for row in rows for c in re.findall(r"`((?:kubectl|yogi) [^`]*)`", row)]
    assert len(commands) > 4, rows
    it.home.file("gateway.log", json.dumps({"time": "2026-01-31T08:30:01.000Z", "document": DOCUMENT}) + "\n")
    for command in commands:
        words = {word: value for word, value in places.items() if word in command}
        done = it.home.run("sh", "-c", fill(command, words), env={**it.cluster.environment(it.path), **it.more})
        assert done.code != 2 and "Usage" not in done.err, f"{command}\n{done}"


@runs("prometheus/README.md", starts="kubectl ")
def test_runbooks(home, page):
    with desk(home) as it:
        it.type("kubectl apply -f deploy/kubernetes/overlays/production/namespace.yaml")
        it.type("kubectl config set-context --current --namespace=yogi")
        it.type("kubectl create secret generic db-secret --from-literal=url=postgresql://yogi@db/learningyogi")
        it.install("autoscale")
        said = {command: it.type(command) for command in page.take_all()}
        equal(sorted(c for c, out in said.items() if not out and " events " not in c and "app=postgres" not in c), [], "nothing is said")
        contains(said["kubectl get hpa"], "ocr-worker")
        contains(said["kubectl describe pod -l app=api-service"], "api-service-2")
        check_table(it, (home.root / "deploy/prometheus/README.md").read_text())


if __name__ == "__main__":
    main(sys.modules[__name__])

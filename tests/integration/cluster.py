"""cluster: as much of a Kubernetes cluster as kubectl needs to be typed at. Its API server keeps objects in memory, says of each
command what a real one would (namespaces that are missing, objects that are there already), and takes every Deployment and
StatefulSet for started at once: its pods are there and ready. No node is behind it: what runs in a pod (`kubectl exec`) the
case's own `kubectl`, which is put before the real one, runs on this machine with the settings of the pod.

It does not check objects; judge.mjs does (kube.py).
"""
import base64
import copy
import json
import os
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KINDS = {  # group/version: {plural: (kind, whether it belongs to a namespace)}
    "v1": {"namespaces": ("Namespace", False), "pods": ("Pod", True), "secrets": ("Secret", True), "services": ("Service", True),
           "configmaps": ("ConfigMap", True), "events": ("Event", True), "persistentvolumeclaims": ("PersistentVolumeClaim", True),
           "serviceaccounts": ("ServiceAccount", True)},
    "apps/v1": {"deployments": ("Deployment", True), "statefulsets": ("StatefulSet", True), "replicasets": ("ReplicaSet", True)},
    "autoscaling/v2": {"horizontalpodautoscalers": ("HorizontalPodAutoscaler", True)},
    "policy/v1": {"poddisruptionbudgets": ("PodDisruptionBudget", True)},
    "networking.k8s.io/v1": {"ingresses": ("Ingress", True), "networkpolicies": ("NetworkPolicy", True)},
    "metrics.k8s.io/v1beta1": {"pods": ("PodMetrics", True)},
    "keda.sh/v1alpha1": {"scaledobjects": ("ScaledObject", True), "triggerauthentications": ("TriggerAuthentication", True)},
}
SHORT = {"horizontalpodautoscalers": ["hpa"], "pods": ["po"], "deployments": ["deploy"]}
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
RUNS_PODS = ("deployments", "statefulsets")
CREATED = "2026-01-01T00:00:00Z"
DOCUMENT = "01890a5d-ac96-774b-bcce-b302099a8057"  # every pod has one line about it in its log
EMPTY_SCHEMA = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
PATH = re.compile(r"^/(?:api|apis)/(?P<version>v1|[^/]+/[^/]+)(?:/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[a-z]+)"
                  r"(?:/(?P<name>[^/]+))?(?:/(?P<part>[a-z]+))?$")


class Refusal(Exception):
    def __init__(self, code, reason, message):
        super().__init__(message)
        self.code, self.reason = code, reason


def merged(old, new):
    """A merge patch (RFC 7386); lists of things with names are merged by them, as a strategic one does."""
    if isinstance(old, dict) and isinstance(new, dict):
        made = dict(old)
        for key, value in new.items():
            if key.startswith("$"):
                continue
            if value is None:
                made.pop(key, None)
            else:
                made[key] = merged(made.get(key), value)
        return made
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(v, dict) and "name" in v for v in old + new):
        named = {v["name"]: v for v in old}
        return list({**named, **{v["name"]: merged(named.get(v["name"]), v) for v in new}}.values())
    return new


def selected(thing, query):
    """Whether labels and fields are those that are asked for."""
    labels = thing["metadata"].get("labels", {})
    for part in filter(None, query.get("labelSelector", [""])[0].split(",")):
        key, value = re.split("==?", part, maxsplit=1)
        if labels.get(key) != value:
            return False
    for part in filter(None, query.get("fieldSelector", [""])[0].split(",")):
        path, value = re.split("==?", part, maxsplit=1)
        found = thing
        for name in path.split("."):
            found = found.get(name, "") if isinstance(found, dict) else ""
        if found != value:
            return False
    return True


def fields(data):
    """A message of protobuf: {number: [value]}, of which those with a length are bytes."""
    made, at = {}, 0

    def number():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte, at, shift = data[at], at + 1, shift + 7
            value |= (byte & 0x7f) << (shift - 7)
            if byte < 0x80:
                return value
    while at < len(data):
        tag, value = number(), number()
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        made.setdefault(tag >> 3, []).append(value)
    return made


def sent(body):
    """What kubectl sends: JSON, or for the few kinds that it makes by itself (`kubectl create`) protobuf."""
    if not body.startswith(b"k8s\0"):
        return json.loads(body)
    envelope = fields(body[4:])
    version, kind = (fields(envelope[1][0])[n][0].decode() for n in (1, 2))
    thing = fields(envelope[2][0])
    made = {"apiVersion": version, "kind": kind, "metadata": {"name": fields(thing[1][0])[1][0].decode()}}
    if kind == "Secret":
        rows = [fields(row) for row in thing.get(2, [])]
        made["data"] = {row[1][0].decode(): base64.b64encode(row[2][0]).decode() for row in rows}
    return made


class Objects:
    """What the cluster has: {(plural, namespace, name): object}."""

    def __init__(self):
        self.things, self.lock, self.count = {}, threading.RLock(), 0
        self.put("namespaces", "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})

    def put(self, plural, namespace, thing):
        meta = thing["metadata"]
        self.count += 1
        old = self.things.get((plural, namespace, meta["name"]))
        meta.update(resourceVersion=str(self.count), uid=old["metadata"]["uid"] if old else str(uuid.uuid4()),
                    creationTimestamp=CREATED, generation=1)
        if namespace:
            meta["namespace"] = namespace
        if plural == "secrets":
            self.settle_secret(thing)
        self.things[plural, namespace, meta["name"]] = thing
        if plural in RUNS_PODS:
            self.settle_pods(namespace, thing)
        return thing

    @staticmethod
    def settle_secret(thing):
        thing.setdefault("type", "Opaque")
        written = thing.pop("stringData", {})
        thing.setdefault("data", {}).update({k: base64.b64encode(v.encode()).decode() for k, v in written.items()})

    def settle_pods(self, namespace, owner):
        """Its pods, as many as are wanted, all ready; it is told so."""
        spec, name = owner["spec"], owner["metadata"]["name"]
        count = spec.setdefault("replicas", 1)
        ready = ("replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "currentReplicas")
        owner["status"] = {"observedGeneration": 1, **{k: count for k in ready}}
        self.drop_pods(namespace, owner)
        for number in range(count):
            template = copy.deepcopy(spec["template"])
            meta = {**template["metadata"], "name": f"{name}-{number}", "ownerReferences": [{
                "apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": name, "uid": owner["metadata"]["uid"], "controller": True}]}
            states = [{"name": c["name"], "image": c["image"], "imageID": "", "ready": True, "restartCount": 0, "started": True,
                       "state": {"running": {"startedAt": CREATED}}} for c in template["spec"]["containers"]]
            self.put("pods", namespace, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"], "status": {
                "phase": "Running", "containerStatuses": states, "conditions": [{"type": "Ready", "status": "True"}]}})

    def drop_pods(self, namespace, owner):
        def owned(thing):
            return any(o["uid"] == owner["metadata"]["uid"] for o in thing["metadata"].get("ownerReferences", []))
        for key in [k for k, v in self.things.items() if k[:2] == ("pods", namespace) and owned(v)]:
            del self.things[key]

    def find(self, plural, namespace, name):
        thing = self.things.get((plural, namespace, name))
        if not thing:
            raise Refusal(404, "NotFound", f'{plural} "{name}" not found')
        return thing

    def create(self, plural, namespace, thing):
        name = thing["metadata"]["name"]
        if namespace:
            self.find("namespaces", "", namespace)
        if (plural, namespace, name) in self.things:
            raise Refusal(409, "AlreadyExists", f'{plural} "{name}" already exists')
        return self.put(plural, namespace, thing)

    def patch(self, plural, namespace, name, change):
        return self.put(plural, namespace, merged(copy.deepcopy(self.find(plural, namespace, name)), change))

    def delete(self, plural, namespace, name):
        thing = self.find(plural, namespace, name)
        if plural in RUNS_PODS:
            self.drop_pods(namespace, thing)
        del self.things[plural, namespace, name]
        return {"kind": "Status", "apiVersion": "v1", "status": "Success", "details": {"name": name, "uid": thing["metadata"]["uid"]}}

    def listed(self, plural, namespace, query):
        return [v for k, v in sorted(self.things.items()) if k[0] == plural and namespace in (None, k[1]) and selected(v, query)]


def discovery(path):
    """What there is, as kubectl asks for it before anything else; None: it is no such question."""
    if path == "/version":
        return {"major": "1", "minor": "26", "gitVersion": "v1.26.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    groups = [v.split("/") for v in KINDS if "/" in v]
    if path == "/apis":
        made = [{"name": g, "versions": [{"groupVersion": f"{g}/{v}", "version": v}], "preferredVersion": {
            "groupVersion": f"{g}/{v}", "version": v}} for g, v in groups]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": made}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version not in KINDS:
        return None
    rows = [{"name": n, "singularName": k.lower(), "kind": k, "namespaced": inside, "verbs": VERBS, "shortNames": SHORT.get(n, [])}
            for n, (k, inside) in KINDS[version].items()]
    rows += [{"name": f"{n}/scale", "kind": "Scale", "group": "autoscaling", "version": "v1", "namespaced": True,
              "singularName": "", "verbs": ["get", "patch", "update"]} for n in RUNS_PODS if n in KINDS[version]]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": rows}


def scale_of(thing):
    meta = {k: thing["metadata"][k] for k in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")}
    count = thing["spec"]["replicas"]
    return {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": meta, "spec": {"replicas": count}, "status": {"replicas": count}}


def metrics_of(pod):
    containers = [{"name": c["name"], "usage": {"cpu": "10m", "memory": "20Mi"}} for c in pod["spec"]["containers"]]
    return {"kind": "PodMetrics", "apiVersion": "metrics.k8s.io/v1beta1", "timestamp": CREATED, "window": "30s", "containers": containers,
            "metadata": {"name": pod["metadata"]["name"], "namespace": pod["metadata"]["namespace"], "creationTimestamp": CREATED}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle_call(self):
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if address.path == "/openapi/v2":  # no schema, so kubectl judges nothing by itself
                return self.answer(200, b"", EMPTY_SCHEMA)
            told = discovery(address.path)
            if told is None:
                with self.server.objects.lock:
                    told = self.call(address.path, parse_qs(address.query), body)
            self.answer(200, told, "text/plain" if isinstance(told, bytes) else "application/json")
        except Refusal as refusal:
            self.server.refused.append(f"{self.command} {self.path}: {refusal}")
            self.answer(refusal.code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": refusal.code,
                                       "reason": refusal.reason, "message": str(refusal)})

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_call

    def call(self, path, query, body):
        seen = PATH.match(path)
        plural, version = seen and seen["plural"], seen and seen["version"]
        if not seen or plural not in KINDS.get(version, {}):
            raise Refusal(404, "NotFound", "the server could not find the requested resource")
        kind, _ = KINDS[version][plural]
        objects, name, namespace = self.server.objects, seen["name"], seen["namespace"] or ("" if plural == "namespaces" else None)
        if version.startswith("metrics"):
            pods = objects.listed("pods", namespace, query)
            return {"kind": "PodMetricsList", "apiVersion": version, "metadata": {}, "items": [metrics_of(p) for p in pods]}
        if seen["part"] == "log":
            line = {"time": CREATED.replace("Z", ".000Z"), "level": "info", "process": name, "event": "job.end", "document": DOCUMENT}
            return json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if seen["part"] == "scale":
            if self.command != "GET":
                objects.patch(plural, namespace, name, {"spec": {"replicas": sent(body)["spec"]["replicas"]}})
            return scale_of(objects.find(plural, namespace, name))
        if name is None and self.command == "GET":
            return {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"},
                    "items": objects.listed(plural, namespace, query)}
        if self.command == "GET":
            return objects.find(plural, namespace, name)
        if self.command == "POST":
            return objects.create(plural, namespace, sent(body))
        if self.command == "DELETE":
            return objects.delete(plural, namespace, name)
        return objects.patch(plural, namespace, name, sent(body))


CONFIG = """apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
contexts: [{name: test, context: {cluster: test, user: test}}]
users: [{name: test, user: {}}]
current-context: test
"""


class Cluster:
    """Started by `with`; typed at by commands in the environment `environment`."""

    def __init__(self, home):
        self.home, self.objects = home, Objects()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.objects, self.server.refused, self.server.daemon_threads = self.objects, [], True
        home.file("kubeconfig", CONFIG % self.server.server_port)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def environment(self, path):
        """path: folders of programs."""
        return {"KUBECONFIG": f"{self.home.path}/kubeconfig", "HOME": str(self.home.path), "PATH": f"{path}:{os.environ['PATH']}"}

    def things(self, plural, namespace="default"):
        return {k[2]: v for k, v in self.objects.things.items() if k[:2] == (plural, namespace)}

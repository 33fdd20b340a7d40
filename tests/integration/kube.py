#!/usr/bin/python3
"""Manifests: every overlay builds, each object is of the type of its kind to the last key, what one names another has, and what
is said of settings, roles, stages and keys is what the programs know."""
import json
import re
import shutil
import sys

import yaml

from harness import Skip, contains, equal, main
from readme import runs

OVERLAYS = {"base": "base", **{n: f"overlays/{n}" for n in ("dev", "production", "autoscale", "autoscale-keda", "mixed")}}
PODS = ("Deployment", "StatefulSet")
BRIDGE = {"REDIS_HOST", "REDIS_PORT"}  # known where yogi-bridge is built


def built(home, name):
    if not shutil.which("kubectl"):
        raise Skip("there is no kubectl here")
    made = home.run("kubectl", "kustomize", home.root / "deploy/kubernetes" / OVERLAYS[name])
    equal(made.code, 0, made.err)
    objects = [d for d in yaml.safe_load_all(made.out) if d]
    for secret in (o for o in objects if o["kind"] == "Secret"):  # kustomize breaks their lines, which is no part of base64
        secret["data"] = {name: "".join(text.split()) for name, text in secret["data"].items()}
    return objects


def key(thing):
    return thing["kind"], thing["metadata"]["name"]


def pods(objects):
    """{name: (object, pod template)} of all that runs pods."""
    return {o["metadata"]["name"]: (o, o["spec"]["template"]) for o in objects if o["kind"] in PODS}


def containers(objects, image=None):
    for name, (_, template) in pods(objects).items():
        for container in template["spec"]["containers"]:
            if image is None or container["image"].split(":")[0] == image:
                yield name, template, container


def judged(home, objects):
    home.file("objects.json", json.dumps(objects))
    node = home.build / "kube"
    return home.run("node", "judge.mjs", home.path / "objects.json", cwd=node)


# ---- types ----


def test_types(home):
    """All objects of all overlays, each once."""
    objects = {json.dumps(o, sort_keys=True): o for name in OVERLAYS for o in built(home, name)}
    assert len(objects) > 40, len(objects)
    equal(judged(home, list(objects.values())).out.strip(), "")


def test_faults_are_found(home):
    """The judge finds what is wrong, unknown or missing, and says where."""
    objects = built(home, "base")
    by_key = {key(o): o for o in objects}
    by_key["Deployment", "ocr-worker"]["spec"]["template"]["spec"]["containers"][0]["comand"] = ["x"]
    by_key["Deployment", "llm-worker"]["spec"]["replicas"] = "two"
    del by_key["Deployment", "validator-worker"]["spec"]["selector"]
    by_key["Service", "broker"]["kind"] = "Servce"
    seen = judged(home, objects)
    equal(seen.code, 1)
    for name, word in (("ocr-worker", "comand"), ("llm-worker", "replicas"), ("validator-worker", "selector"), ("broker", "Servce")):
        assert re.search(rf"^\w+ {name}: .*{word}|{word} {name}", seen.out, re.M), (name, seen.out)
    assert "api-service" not in seen.out, seen.out


# ---- what one names another has ----


def check_references(objects, given):
    """given: names of Secrets that are not among the objects."""
    there = {key(o) for o in objects}
    for name, (thing, template) in pods(objects).items():
        labels = template["metadata"]["labels"]
        equal({k: labels.get(k) for k in thing["spec"]["selector"]["matchLabels"]}, thing["spec"]["selector"]["matchLabels"], name)
        volumes = {v["name"]: v for v in template["spec"].get("volumes", [])}
        volumes |= {c["metadata"]["name"]: c for c in thing["spec"].get("volumeClaimTemplates", [])}
        used = {m["name"] for c in template["spec"]["containers"] for m in c.get("volumeMounts", [])}
        equal(used, set(volumes), f"volumes of {name}")
        if thing["kind"] == "StatefulSet":
            assert ("Service", thing["spec"]["serviceName"]) in there, name
        text = json.dumps(template)
        for secret in re.findall(r'"secretName": "([^"]+)"', text) + re.findall(r'"secretKeyRef": {[^}]*"name": "([^"]+)"', text):
            assert ("Secret", secret) in there or secret in given, f"{name} names the Secret {secret}"
        for config in re.findall(r'"configMapRef": {"name": "([^"]+)"', text):
            assert ("ConfigMap", config) in there, config
    for o in objects:
        if o["kind"] == "Service" and o["spec"].get("selector"):
            chosen = [t for _, t in pods(objects).values()
                      if all(t["metadata"]["labels"].get(k) == v for k, v in o["spec"]["selector"].items()
                             if not k.startswith("statefulset."))]
            ports = {p for t in chosen for c in t["spec"]["containers"] for q in c.get("ports", []) for p in q.values()}
            for port in o["spec"]["ports"]:
                assert port.get("targetPort", port["port"]) in ports, key(o)
        target = o.get("spec", {}).get("scaleTargetRef")
        if target:
            assert ("Deployment", target["name"]) in there, key(o)
    scaled = [o["spec"]["scaleTargetRef"]["name"] for o in objects if "scaleTargetRef" in o.get("spec", {})]
    equal(len(scaled), len(set(scaled)), "two scalers of one thing work against each other")


def secrets_of_keys(home):
    printed = home.run(home.real, "keys", "--kubernetes")
    equal(printed.code, 0, printed.err)
    return {s["metadata"]["name"]: s["stringData"] for s in yaml.safe_load_all(printed.out) if s}


def test_references(home):
    keys = set(secrets_of_keys(home))
    for name in OVERLAYS:
        objects = built(home, name)
        equal(len({key(o) for o in objects}), len(objects), name)
        check_references(objects, keys | ({"db-secret", "s3-secret"} if name != "dev" else set()))
    assert keys == {f"{name}-keys" for name, _, _ in containers(built(home, "base"), "yogi")} | {"vault-secret"}, keys


def test_guide_names(home):
    base = {key(o): o for o in built(home, "base")}
    api = base["Deployment", "api-service"]
    equal(api["spec"]["replicas"], 3)
    container = api["spec"]["template"]["spec"]["containers"][0]
    equal(container["ports"][0]["containerPort"], 4000)
    url = next(e for e in container["env"] if e["name"] == "DATABASE_URL")
    equal(url["valueFrom"]["secretKeyRef"], {"name": "db-secret", "key": "url"})
    equal([(p["port"], p["targetPort"]) for p in base["Service", "api-service"]["spec"]["ports"]], [(80, 4000)])
    for name in ("classification-worker", "ocr-worker", "llm-worker", "validator-worker", "bullmq-bridge"):
        assert ("Deployment", name) in base, name
    dev = {key(o) for o in built(home, "dev")}
    assert {("StatefulSet", "postgres"), ("Service", "postgres"), ("Deployment", "redis"), ("Service", "redis-service")} <= dev, dev


def edges(objects):
    """By the network policies: {app: {(whom, port) that it may begin to talk to}}; whom is an app, or None outside the cluster."""
    found = {}
    for policy in (o for o in objects if o["kind"] == "NetworkPolicy"):
        app = policy["spec"]["podSelector"].get("matchLabels", {}).get("app")
        for rule in policy["spec"].get("egress", []):
            for to in rule["to"]:
                whom = to["podSelector"]["matchLabels"]["app"] if "podSelector" in to else None
                found.setdefault(app, set()).update((whom, port["port"]) for port in rule["ports"] if port["port"] != 53)
    return found


def test_policies(home):
    """Each has one that closes both ways; what one may talk to lets it in; nothing else is let in by its own kind."""
    for name in ("production", "autoscale", "autoscale-keda", "mixed"):
        objects = built(home, name)
        policies = {o["metadata"]["name"]: o["spec"] for o in objects if o["kind"] == "NetworkPolicy"}
        equal(set(policies), {*pods(objects), "closed"}, name)
        equal(policies.pop("closed"), {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        for app, spec in policies.items():
            equal((spec["podSelector"], spec["policyTypes"]), ({"matchLabels": {"app": app}}, ["Ingress", "Egress"]), name)
        asked = {app for app, whom in edges(objects).items() if ("broker", 4010) in whom}
        (rule,) = policies["broker"]["ingress"]
        equal(rule["ports"], [{"port": 4010}])
        let_in = [v for peer in rule["from"] for e in peer.get("podSelector", {}).get("matchExpressions", []) for v in e["values"]]
        equal(sorted(let_in), sorted(asked), name)
        equal({port for _, port in set().union(*edges(objects).values())}, {4010, 443, 5432, 6379}, name)
        equal({app for app, spec in policies.items() if "ingress" in spec}, {"api-service", "broker"}, name)


def test_workloads_survive_a_node(home):
    """Each has a budget and is spread over nodes and zones."""
    objects = built(home, "production")
    equal({o["metadata"]["name"] for o in objects if o["kind"] == "PodDisruptionBudget"}, set(pods(objects)))
    for name, (_, template) in pods(objects).items():
        spread = template["spec"]["topologySpreadConstraints"]
        equal([c["topologyKey"] for c in spread], ["kubernetes.io/hostname", "topology.kubernetes.io/zone"], name)
        for constraint in spread:
            equal(constraint["labelSelector"]["matchLabels"], {"app": name})


def test_scaling(home):
    """Workers by CPU and by what waits at their stages; by KEDA as the gateways tell it; the bridge by its queues in Redis."""
    stages = {name: c["args"][1] for name, _, c in containers(built(home, "base"), "yogi") if c["args"][0] == "actor"}
    queues = {pair.split("=")[0] for _, _, c in containers(built(home, "base"), "yogi") for e in c["env"] if e["name"] == "YOGI_BULLMQ_QUEUES"
              for pair in e["value"].split(",")}
    hpas = {o["metadata"]["name"]: o["spec"]["metrics"] for o in built(home, "autoscale") if o["kind"] == "HorizontalPodAutoscaler"}
    equal(set(hpas), set(stages))
    for name, (cpu, waits) in hpas.items():
        equal(cpu["resource"]["name"], "cpu", name)
        equal(waits["external"]["metric"], {"name": "yogi_stage_runnable", "selector": {"matchLabels": {"stage": stages[name]}}})
    for overlay, wanted in (("autoscale", {"bullmq-bridge"}), ("autoscale-keda", {"bullmq-bridge", *stages})):
        scaled = {o["metadata"]["name"]: o["spec"]["triggers"] for o in built(home, overlay) if o["kind"] == "ScaledObject"}
        equal(set(scaled), wanted, overlay)
        equal({t["metadata"]["listName"] for t in scaled.pop("bullmq-bridge")}, {f"bull:{queue}:wait" for queue in queues})
        for name, (trigger,) in scaled.items():
            contains(trigger["metadata"]["url"], "http://api-service.yogi/api/v1/queues")
            equal(trigger["metadata"]["valueLocation"], f'stages.#(stage=="{stages[name]}").runnable', name)


# ---- what the programs know ----


def known_settings(home):
    names = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", home.run(home.real, "config").out, re.M))
    if not (home.build / "bin/yogi-bridge").exists():
        names |= BRIDGE
    return names | {n + "_FILE" for n in names}


def test_settings(home):
    """Every setting of the manifests exists, and its value is one that the program takes."""
    known = known_settings(home)
    for name in OVERLAYS:
        objects = built(home, name)
        config = next(o for o in objects if key(o) == ("ConfigMap", "yogi"))["data"]
        equal(set(config) - known, set(), name)
        for pod, _, container in containers(objects, "yogi"):
            values = {e["name"]: e.get("value") for e in container["env"]}
            equal(set(values) - known, set(), pod)
            given = {**config, **{k: v for k, v in values.items() if v is not None}}
            given = {k: v for k, v in given.items() if k not in BRIDGE}
            taken = home.run(home.real, "config", env=given)
            equal(taken.code, 0, f"{pod}: {taken.err}")
            effective = dict(re.findall(r"^([A-Z][A-Z0-9_]+)=(.*)$", taken.out, re.M))
            equal({k: effective[k] for k in given}, given, pod)


def test_roles(home):
    """Arguments name commands and stages that there are; a grace period is longer than the drain; brokers are all named."""
    commands = set(re.findall(r"^  (\w+)", home.run(home.real, "help").out, re.M)) | {"bridge"}
    stages, allow = set(), secrets_of_keys(home)["broker-keys"]["allow"]
    for name in OVERLAYS:
        objects = built(home, name)
        config = next(o for o in objects if key(o) == ("ConfigMap", "yogi"))["data"]
        for pod, template, container in containers(objects, "yogi"):
            role, *rest = container["args"]
            assert role in commands, (pod, role)
            drain = int({e["name"]: e.get("value") for e in container["env"]}.get("YOGI_DRAIN_SECONDS") or config["YOGI_DRAIN_SECONDS"])
            wait = int(container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["0"])[-1])
            assert template["spec"]["terminationGracePeriodSeconds"] >= drain + wait + 10, pod
            if role == "actor":
                stages |= set(rest)
                allowed = re.search(rf"^\S+\s+{pod}\s+(\S+)$", allow, re.M)
                equal(allowed and allowed[1], "actor:" + ",".join(rest), allow)
        equal(re.search(r"^\S+\s+api-service\s+(.+)$", allow, re.M)[1], "owner actor:store")
        broker = next(o for o in objects if key(o) == ("StatefulSet", "broker"))
        equal(config["YOGI_BROKERS"].split(), [f"tcp://broker-{i}.broker:4010" for i in range(broker["spec"]["replicas"])])
    equal(stages, {"classification", "ocr", "llm", "validation", "render"})


def test_pods_are_restricted(home):
    """What the profile `restricted` of pod security asks for, and more: nothing is written, nobody is root, no name is waited for for long."""
    for name in OVERLAYS:
        for pod, template, container in containers(built(home, name), "yogi"):
            spec, own = template["spec"]["securityContext"], container["securityContext"]
            assert spec["runAsNonRoot"] and spec["runAsUser"] and spec["seccompProfile"] == {"type": "RuntimeDefault"}, pod
            assert not own["allowPrivilegeEscalation"] and own["readOnlyRootFilesystem"], pod
            equal(own["capabilities"], {"drop": ["ALL"]}, pod)
            equal({o["name"]: o["value"] for o in template["spec"]["dnsConfig"]["options"]}, {"timeout": "1", "attempts": "1"}, pod)
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                assert probe in container, (pod, probe)
            assert "memory" in container["resources"]["limits"] and "cpu" in container["resources"]["requests"], pod


def test_keys_let_pods_in(home):
    """The Secrets as files, as a pod has them: a broker and a host of their keys find each other over TCP."""
    secrets = secrets_of_keys(home)
    for name, files in secrets.items():
        for file, text in files.items():
            path = home.path / home.file(f"{name}/{file}", text)
            path.chmod(0o600)
    env = {"YOGI_KEYS": "broker-keys/own.cert_secret", "YOGI_BROKER_ALLOW": "broker-keys/allow"}
    broker = home.start(home.build / "bin/yogi-broker", env={**env, "YOGI_BROKER_LISTEN": "tcp://127.0.0.1:*"})
    hosts = []
    try:
        endpoint = broker.stdout.readline().decode().split()[1]
        for pod, stage in (("llm-worker", "llm"), ("validator-worker", "validation"), ("llm-worker", "validation")):
            hosts.append(home.start(home.build / "bin/yogi-actor", stage, env={
                "YOGI_KEYS": f"{pod}-keys/own.cert_secret", "YOGI_BROKER_KEY": f"{pod}-keys/broker.cert", "YOGI_BROKERS": endpoint,
                "YOGI_WORKERS": "1", "YOGI_LOG_LEVEL": "error"}))
        equal([h.stdout.readline().decode() for h in hosts[:2]], ["ready llm\n", "ready validation\n"])
        contains(hosts[2].stderr.readline().decode(), "host.refused")  # a key serves its own stages alone
    finally:
        for process in (*hosts, broker):
            process.kill()
            process.communicate()
    assert re.fullmatch("[0-9a-f]{64}", secrets["vault-secret"]["key"])
    assert secrets_of_keys(home)["vault-secret"] != secrets["vault-secret"]


def test_readme(home):
    """What Secrets the README lists the manifests use; every overlay has its line. Its commands are typed by kubectl.py."""
    text = (home.root / "deploy/kubernetes/README.md").read_text()
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \| `[a-z]", text.split("## Production")[1], re.M))
    equal(listed, {"db-secret", "s3-secret", "vault-secret", "api-tls", "keda-secret"})
    named = json.dumps([built(home, name) for name in OVERLAYS])
    equal([name for name in listed if f'"{name}"' not in named], [])
    overlays = set(re.findall(r"^\| `([a-z-]+)` \| [^`]", text, re.M)) | {"autoscale", "mixed"}
    equal(set(OVERLAYS) - overlays, {"base"})


def test_compose(home):
    """compose.yaml says the same of settings and roles as the program; each service is there that another waits for."""
    services = yaml.safe_load((home.root / "deploy/compose.yaml").read_text())["services"]
    known, commands = known_settings(home), set(re.findall(r"^  (\w+)", home.run(home.real, "help").out, re.M)) | {"bridge"}
    for name, service in services.items():
        equal(set(service.get("depends_on", {})) - set(services), set(), name)
        if service["image"] != "yogi":
            assert service["healthcheck"]["test"], name
            continue
        assert service["command"][0] in commands, name
        given = service["environment"]
        equal(set(given) - known, set(), name)
        taken = home.run(home.real, "config", env={k: v for k, v in given.items() if k not in BRIDGE})
        equal(taken.code, 0, f"{name}: {taken.err}")
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name


if __name__ == "__main__":
    main(sys.modules[__name__])

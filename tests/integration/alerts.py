#!/usr/bin/python3
"""Alerts, runbooks and the dashboard: every figure that they name is one that a gateway tells, every alert has its page, and
the alerts ring when they should; Prometheus itself reads them as the README sets it."""
import json
import re
import shutil
import socket
import sys
import urllib.request
from contextlib import contextmanager

import yaml

from harness import SECONDS, Skip, contains, equal, main, wait_for
from readme import fill, runs

WORDS = re.compile(r"\b(yogi_[a-z_]+|process_[a-z_]+)\b")


def folder(home):
    return home.root / "deploy/prometheus"


def rules(home):
    return yaml.safe_load((folder(home) / "alerts.yaml").read_text())["groups"][0]["rules"]


@contextmanager
def gateway(home, **settings):
    """Its address."""
    settings = {"YOGI_DATA": str(home.path / "data"), "YOGI_PORT": "0", "YOGI_BROKERS": f"ipc://{home.path}/broker", **settings}
    process = home.start(home.build / "bin/yogi-gateway", env=settings)
    try:
        yield process.stdout.readline().decode().split()[1]
    finally:
        process.kill()
        process.communicate()


def asked(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def told(home):
    """Names of the figures that a gateway tells, those of stages too, which there are when a broker is heard."""
    with gateway(home) as url:
        return set(re.findall(r"^# TYPE (\S+)", asked(url + "/metrics"), re.M))


def test_scraped(home):
    """A Prometheus that is set as the README says comes in by its key, and reads a gateway's figures and the rules."""
    if not shutil.which("prometheus"):
        raise Skip("there is no prometheus here")
    text = re.search(r"```text\n# prometheus.yml\n(.*?)```", (folder(home) / "README.md").read_text(), re.S)[1]
    with gateway(home, YOGI_ACCESS="keys") as url:
        made = home.run(home.real, "tokens", "new", "prometheus", "--role", "service", env={"YOGI_DATA": str(home.path / "data")})
        home.file("yogi.key", re.search(r"^key +(\S+)$", made.out, re.M)[1])
        home.file("prometheus.yml", "global: {scrape_interval: 1s}\n" + fill(text, {"127.0.0.1:4000": url.split("/")[2]}))
        shutil.copy(folder(home) / "alerts.yaml", home.path)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            own = f"127.0.0.1:{free.getsockname()[1]}"
        server = home.start("prometheus", "--config.file=prometheus.yml", f"--web.listen-address={own}", "--storage.tsdb.path=tsdb")
        try:
            def up():
                try:
                    found = json.loads(asked(f"http://{own}/api/v1/query?query=up%7Bjob%3D%22yogi%22%7D"))["data"]["result"]
                except OSError:
                    return False
                return found and found[0]["value"][1] == "1"
            wait_for(up, "a scrape by the key", server, SECONDS)
            groups = json.loads(asked(f"http://{own}/api/v1/rules"))["data"]["groups"]
            equal(sorted(rule["name"] for rule in groups[0]["rules"]), sorted(rule["alert"] for rule in rules(home)))
        finally:
            server.kill()
            server.communicate()


def test_figures_exist(home):
    names = told(home)
    dashboard = json.loads((folder(home) / "dashboard.json").read_text())
    used = {w for rule in rules(home) for w in WORDS.findall(rule["expr"])}
    shown = {w for panel in dashboard["panels"] for target in panel["targets"] for w in WORDS.findall(target["expr"])}
    assert len(used) > 8 and len(shown) > 20, (used, shown)
    equal((used | shown) - names, set())
    ids = [panel["id"] for panel in dashboard["panels"]]
    equal(len(ids), len(set(ids)))


def test_runbooks(home):
    text = (folder(home) / "README.md").read_text()
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", text, re.M | re.S))
    equal(sorted(sections), sorted(rule["alert"] for rule in rules(home)))
    for rule in rules(home):
        equal(rule["annotations"]["runbook"], f"deploy/prometheus/README.md#{rule['alert'].lower()}")
        assert re.search("^    ", sections[rule["alert"]], re.M), rule["alert"]


@runs("prometheus/README.md", starts="promtool ")
def test_rules_ring(home, page):
    """promtool has nothing against the rules, and on made-up figures they ring when they should and not before."""
    if not shutil.which("promtool"):
        raise Skip("there is no promtool here")
    checked = home.run("sh", "-c", page.take("promtool check rules"), cwd=home.root)
    equal(checked.code, 0, checked.err)
    contains(checked.out, f"{len(rules(home))} rules found")

    def case(series, values, minute, alert, labels):
        return {"interval": "1m", "input_series": [{"series": s, "values": v} for s, v in zip(series, values)],
                "alert_rule_test": [{"eval_time": f"{minute}m", "alertname": alert,
                                     "exp_alerts": [] if labels is None else [{"exp_labels": labels}]}]}

    # annotations are part of what is compared, so they are asked of the rules
    def ringing(series, values, minute, alert, labels, value):
        rule = next(r for r in rules(home) if r["alert"] == alert)
        made = case(series, values, minute, alert, {**labels, "severity": rule["labels"]["severity"]})
        summary = rule["annotations"]["summary"].replace("{{ $value }}", value)
        for name, text in labels.items():
            summary = summary.replace("{{ $labels.%s }}" % name, text)
        made["alert_rule_test"][0]["exp_alerts"][0]["exp_annotations"] = {**rule["annotations"], "summary": summary}
        return made

    waits, serve = 'yogi_stage_runnable{stage="ocr"}', 'yogi_stage_workers{stage="ocr"}'
    home.file("test.yaml", yaml.safe_dump({"rule_files": [str(folder(home) / "alerts.yaml")], "evaluation_interval": "1m", "tests": [
        case([waits, serve], ["5x10", "0x10"], 1, "YogiStageWithoutWorkers", None),
        ringing([waits, serve], ["5x10", "0x10"], 4, "YogiStageWithoutWorkers", {"stage": "ocr"}, "5"),
        case([waits, serve], ["5x10", "2x10"], 9, "YogiStageWithoutWorkers", None),
        ringing(['yogi_store_ready{instance="a"}'], ["0x10"], 3, "YogiStoreDown", {"instance": "a"}, "0"),
        case(['yogi_store_ready{instance="a"}'], ["1x10"], 9, "YogiStoreDown", None),
        ringing(['yogi_stage_oldest_seconds{stage="llm"}'], ["700x20"], 10, "YogiStageBehind", {"stage": "llm"}, "700"),
    ]}))
    tested = home.run("promtool", "test", "rules", home.path / "test.yaml")
    equal(tested.code, 0, tested.out + tested.err)


if __name__ == "__main__":
    main(sys.modules[__name__])

"""gate_rig: a broker, a host and gateways of a case's own, and a client for them; used by the cases about the gateway's
interface. The host's worker obeys its document (tests/tools/trial_worker.c) unless real=True."""
import http.client
import json
import shutil
import signal
import subprocess
import threading
import uuid
from contextlib import contextmanager

from harness import SECONDS, equal, wait_for

STAGES = ("classification", "ocr", "llm", "validation", "render")


class Gateway:
    def __init__(self, rig, env):
        self.rig, self.log = rig, rig.home.path / f"gateway-{len(rig.gateways)}.log"
        self.errors = open(self.log, "wb")
        self.process = subprocess.Popen([rig.home.build / "bin" / "yogi-gateway"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.errors, cwd=rig.home.path, env=rig.home.environment(env))
        line = self.process.stdout.readline().decode()
        assert line.startswith("ready http://"), (line, self.log.read_text())
        self.port = int(line.rsplit(":", 1)[1])

    def ask(self, method, path, body=None, headers=None):
        """(status, headers in lower case, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, content

    def json(self, method, path, body=None, headers=None, status=200):
        """The answer's JSON; its status must be that."""
        got, _, content = self.ask(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body, headers)
        equal(got, status, f"{method} {path}: {content[:600]}")
        return json.loads(content)

    def upload(self, content, name="week.txt", query="", headers=None, status=200):
        content = content.encode() if isinstance(content, str) else content
        mark = uuid.uuid4().hex
        body = (f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n').encode() + content + \
            f"\r\n--{mark}--\r\n".encode()
        return self.json("POST", "/api/v1/documents/upload" + query, body,
                         {"Content-Type": f"multipart/form-data; boundary={mark}", **(headers or {})}, status)

    def end_of(self, document, headers=None):
        """Waits until it has ended; its row."""
        ends = ("completed", "needs_review", "failed", "cancelled")
        return wait_for(lambda: (row := self.json("GET", f"/api/v1/documents/{document}", headers=headers))["status"] in ends and row,
                        "the end of the document", seconds=60)

    def events(self, document, headers=None):
        return Events(self, document, headers)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.errors.close()
        said = self.log.read_text()
        assert code == 0 and "Sanitizer" not in said and "runtime error" not in said, (code, said[-4000:])
        return said


class Events:
    """A stream of server-sent events."""

    def __init__(self, gateway, document, headers):
        self.connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=SECONDS)
        self.connection.request("GET", f"/api/v1/events/{document}", headers=headers or {})
        self.answer = self.connection.getresponse()
        self.last = None

    def next(self):
        """The next event's data, or None at the end of the stream. self.last is the last id."""
        data = None
        while line := self.answer.readline():
            line = line.decode().rstrip("\n")
            if line.startswith("id: "):
                self.last = int(line[4:])
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line == "" and data is not None:
                return data
            else:
                assert line == "" or line.startswith(":"), line
        return None

    def rest(self):
        found = []
        while event := self.next():
            found.append(event)
        self.connection.close()
        return found


class Rig:
    def __init__(self, home, real, settings):
        self.home, self.gateways, self.others = home, [], []
        self.endpoint = f"ipc://{home.path}/broker"
        self.settings = {"DATABASE_URL": "", "YOGI_BROKERS": self.endpoint, "YOGI_DATA": str(home.path / "data"), "YOGI_PORT": "0",
                         "YOGI_WORKERS": "2", "YOGI_SOURCE_ROOTS": str(home.path / "data"), "YOGI_LOG_LEVEL": "info", **settings}
        (home.path / "data").mkdir(exist_ok=True)
        self.bin = home.build / "bin"
        if not real:
            self.bin = home.path / "bin"
            self.bin.mkdir()
            shutil.copy(home.build / "bin" / "yogi-actor", self.bin)
            shutil.copy(home.build / "trial" / "yogi-worker", self.bin)

    def start(self, program, *arguments, **env):
        process = self.home.start(program, *arguments, env={**self.settings, "YOGI_LOG_LEVEL": "error", **env})
        self.others.append(process)
        line = process.stdout.readline().decode()
        assert line.startswith("ready "), (line, process.stderr.read())
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return process

    def broker(self):
        return self.start(self.home.build / "bin" / "yogi-broker", YOGI_BROKER_LISTEN=self.endpoint)

    def host(self):
        return self.start(self.bin / "yogi-actor", *STAGES)

    def gateway(self, **env):
        made = Gateway(self, {**self.settings, **env})
        self.gateways.append(made)
        return made

    def close(self):
        for process in self.others + [gateway.process for gateway in self.gateways]:
            if process.poll() is None:
                process.kill()
                process.wait()


@contextmanager
def rig(home, real=False, host=True, broker=True, **settings):
    """Broker and host; the case starts its gateways. Those that it has not ended are ended in order after it."""
    made = Rig(home, real, settings)
    try:
        if broker:
            made.broker()
        if host:
            made.host()
        yield made
        for gateway in made.gateways:
            if gateway.process.poll() is None:
                gateway.end()
    except BaseException:
        for gateway in made.gateways:
            print(gateway.log.read_text()[-3000:])
        raise
    finally:
        made.close()

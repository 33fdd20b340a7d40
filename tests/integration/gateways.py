"""gateways: whole systems for tests of the gateway: a broker, hosts and gateways as real processes over ipc, and a client
that sends what it is told, right or wrong."""
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import threading
import typing
import uuid

from harness import SECONDS, equal, wait_for

STAGES = ("classification", "ocr", "llm", "validation", "render")
ENDED = ("completed", "needs_review", "failed", "cancelled")


class Answer(typing.NamedTuple):
    status: int
    headers: dict  # names in lower case
    body: bytes

    @classmethod
    def of(cls, response):
        return cls(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers}\n{self.body[:2000]!r}"


def form(files=(), fields=()):
    """A body of multipart/form-data and its content type. files: (name of the file, bytes[, name of the field])."""
    boundary, parts = uuid.uuid4().hex.encode(), []
    for name, value in fields:
        value = value if isinstance(value, bytes) else value.encode()
        parts.append(b'Content-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value)
    for name, content, *field in files:
        name = (name if isinstance(name, bytes) else name.encode()).replace(b'"', b"%22")
        content = content if isinstance(content, bytes) else content.encode()
        parts.append(b'Content-Disposition: form-data; name="' + (field[0] if field else "file").encode() + b'"; filename="' + name
                     + b'"\r\nContent-Type: application/octet-stream\r\n\r\n' + content)
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"
    return body, "multipart/form-data; boundary=" + boundary.decode()


class Gateway:
    """A running gateway. self.key goes with every request."""

    def place(self):
        """The address of the next connection."""
        return "127.0.0.1", self.port

    def __init__(self, process, key=None):
        self.process, self.key, self.err, self.port = process, key, "", None
        self.thread = threading.Thread(target=self.gather, daemon=True)
        self.thread.start()

    def gather(self):
        for line in self.process.stderr:
            self.err += line.decode(errors="replace")

    def ready(self):
        line = self.process.stdout.readline().decode()
        assert line.startswith("ready http://"), (line, self.process.wait(SECONDS), self.err)
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def as_key(self, key):
        """The same gateway as another caller sees it."""
        other = object.__new__(Gateway)
        other.__dict__ = {**self.__dict__, "key": key}
        return other

    def ask(self, method, path, body=None, headers=None, seconds=SECONDS):
        connection = http.client.HTTPConnection(*self.place(), timeout=seconds)
        try:
            known = {"X-Api-Key": self.key} if self.key else {}
            try:
                connection.request(method, path, body, {**known, **(headers or {})})
            except (BrokenPipeError, ConnectionResetError):
                pass  # it is answered before the body has gone
            return Answer.of(connection.getresponse())
        finally:
            connection.close()

    def json(self, method, path, body=None, headers=None, status=200):
        """The answer's JSON; its status must be that."""
        got = self.ask(method, path, json.dumps(body) if isinstance(body, (dict, list)) else body, headers)
        equal(got.status, status, f"{method} {path}: {got}")
        return got.json

    def get(self, path, **headers):
        return self.ask("GET", "/api/v1" + path, headers={n.replace("_", "-"): v for n, v in headers.items()})

    def send(self, method, path, value=None, **headers):
        """With a JSON body."""
        body = None if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.ask(method, "/api/v1" + path, body, {"Content-Type": "application/json",
                                                         **{n.replace("_", "-"): v for n, v in headers.items()}})

    def upload(self, *files, query="", fields=(), headers=None):
        body, kind = form(files, fields)
        return self.ask("POST", "/api/v1/documents/upload" + query, body, {"Content-Type": kind, **(headers or {})})

    def taken(self, *files, **more):
        """An upload that must be taken in: its answer."""
        got = self.upload(*files, **more)
        equal(got.status, 200, got)
        return got.json

    def hand_in(self, content, name="week.txt", query="", headers=None):
        """One file, which must be taken in: its answer."""
        return self.taken((name, content), query=query, headers=headers)

    def events(self, document, headers=None):
        return Events(self, document, {**({"X-Api-Key": self.key} if self.key else {}), **(headers or {})})

    def status(self, document):
        got = self.get(f"/documents/{document}/status")
        equal(got.status, 200, got)
        return got.json

    def ended(self, document, wanted=None, seconds=90):
        """Waits until the document's run has ended."""
        got = wait_for(lambda: (s := self.status(document))["status"] in ENDED and s, f"the end of {document}", seconds=seconds)
        if wanted:
            equal(got["status"], wanted, got)
        return got

    def ready_state(self):
        return self.ask("GET", "/readyz")

    def drained(self):
        """Told to end, it does so in order, and a sanitizer has nothing to say."""
        self.process.send_signal(signal.SIGTERM)
        return self.gone(0)

    def gone(self, code):
        equal(self.process.wait(SECONDS), code, self.err)
        self.thread.join(SECONDS)
        assert "Sanitizer" not in self.err and "runtime error" not in self.err, self.err
        return self.err

    def kill(self):
        self.process.kill()
        self.process.wait()


class Events:
    """A stream of server-sent events."""

    def __init__(self, gateway, document, headers):
        self.connection = http.client.HTTPConnection(*gateway.place(), timeout=SECONDS)
        self.connection.request("GET", f"/api/v1/events/{document}", headers=headers)
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


class System:
    """Processes of one case; those that still run at its end are killed."""

    def __init__(self, home, **settings):
        self.home, self.processes, self.gateways, self.folder = home, [], [], None
        self.endpoint, self.data = f"ipc://{home.path}/broker", home.path / "data"
        self.settings = {"YOGI_WORKERS": "1", "YOGI_DATA": str(self.data), "YOGI_PORT": "0", "YOGI_LOG_LEVEL": "warning",
                         "YOGI_BROKERS": self.endpoint, "YOGI_SOURCE_ROOTS": str(self.data / "blobs"), **settings}
        (self.data / "blobs").mkdir(parents=True)

    def start(self, program, *arguments, env=None):
        process = self.home.start(program, *arguments, env={**self.settings, **(env or {})})
        self.processes.append(process)
        return process

    def broker(self, endpoint=None):
        process = self.start(self.home.build / "bin" / "yogi-broker", env={"YOGI_BROKER_LISTEN": endpoint or self.endpoint})
        line = process.stdout.readline().decode()
        assert line.startswith("ready "), (line, process.stderr.read())
        return process

    def trial(self):
        """A host beside a worker that obeys its document (tests/tools/trial_worker.c)."""
        if not self.folder:
            self.folder = self.home.path / "trial"
            self.folder.mkdir()
            shutil.copy(self.home.build / "bin" / "yogi-actor", self.folder / "yogi-actor")
            shutil.copy(self.home.build / "trial" / "yogi-worker", self.folder / "yogi-worker")
        return self.folder / "yogi-actor"

    def host(self, real=False, **env):
        return self.start(self.home.build / "bin" / "yogi-actor" if real else self.trial(), *STAGES, env=env)

    def launch(self, **env):
        """A gateway that is not asked whether it is ready."""
        self.gateways.append(Gateway(self.start(self.home.build / "bin" / "yogi-gateway", env=env)))
        return self.gateways[-1]

    def gateway(self, **env):
        return self.launch(**env).ready()

    def blobs(self):
        """What lies in the folder of blobs, hidden files too."""
        return sorted(f"{p.parent.name}/{p.name}" for p in (self.data / "blobs").rglob("*") if p.is_file())

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            process.wait()
            process.stdout.close()


@contextlib.contextmanager
def system(home, real=False, gateway=True, host=True, broker=True, **settings):
    """A broker, a host, and the gateway that is given back beside the system where one is wanted. Gateways that the case has not
    ended are ended in order after it."""
    made = System(home, **settings)
    try:
        if broker:
            made.broker()
        if host:
            made.host(real)
        yield (made, made.gateway()) if gateway else made
        for it in made.gateways:
            if it.process.poll() is None:
                it.drained()
    except BaseException:
        for it in made.gateways:
            print(it.err[-3000:])
        raise
    finally:
        made.close()


def nothing_twice(sql):
    """What was handed in, read and kept stands once in the database, and nothing waits in it. sql: runs a text, gives what psql prints."""
    wait_for(lambda: sql("SELECT count(*) FROM outbox").strip() == "0", "an empty outbox")
    equal(sql("SELECT document_id FROM timetables GROUP BY 1 HAVING count(*) > 1").strip(), "", "no timetable twice")
    equal(sql("SELECT filename FROM documents GROUP BY 1 HAVING count(*) > 1").strip(), "", "no upload twice")
    equal(sql("SELECT run FROM processing_jobs GROUP BY run, job_type HAVING count(*) > 1").strip(), "", "no stage twice")


def add_key(database, tenant, key, role="teacher"):
    """By SQL: a tenant and a key of it. database: runs a text of SQL."""
    import hashlib
    digest = hashlib.sha256(key.encode()).hexdigest()
    database(f"INSERT INTO tenants (id, name) VALUES ('{tenant}', '{tenant}') ON CONFLICT DO NOTHING;"
             f"INSERT INTO api_keys (id, tenant, name, role, hash) VALUES ('{uuid.uuid4()}', '{tenant}', 'test', '{role}', '{digest}')")
    return key


def sqlite(system):
    """Runs SQL on the system's SQLite; rows."""
    import sqlite3

    def run(text):
        rows = []
        with contextlib.closing(sqlite3.connect(system.data / "app.db", timeout=30, isolation_level=None)) as database:
            for statement in filter(None, map(str.strip, text.split(";"))):
                rows = database.execute(statement).fetchall()
        return rows
    return run


def note(name="Maths", *orders):
    """A document for the trial worker: what its stages are to do, and the name of its only block."""
    return "\n".join([*orders, name])

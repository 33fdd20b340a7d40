#!/usr/bin/python3
"""`yogi doctor`: each fault that can be made is found, named, and told what to do about; what is well is well, whether nothing runs
or everything; and nothing is changed by looking."""
import contextlib
import email.utils
import http.server
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time

import rgw
from harness import Skip, contains, equal, main, wait_for
from postgres import NOBODY, Postgres
from up import Up, surroundings

CHECKS = ("settings", "keys", "programs", "sandbox", "limits", "clock", "models", "fonts", "data", "database", "schema", "blobs", "redis",
          "ports", "brokers", "stages")
KEY = "ab" * 32


def quiet(home, **more):
    """An environment in which nothing of this machine's is seen; ports that are free."""
    ports = {}
    for name in ("YOGI_PORT", "YOGI_BROKER_LISTEN"):
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            ports[name] = probe.getsockname()[1]
    return {"DATABASE_URL": "", **surroundings(home), "YOGI_PORT": str(ports["YOGI_PORT"]),
            "YOGI_BROKER_LISTEN": f"tcp://127.0.0.1:{ports['YOGI_BROKER_LISTEN']}", **more}


class Found:
    def __init__(self, got):
        assert got.err == "", got
        self.got, said = got, json.loads(got.out)
        self.all = said["checks"]
        faults = [one for one in self.all if one["level"] == "fault"]
        equal(said["faults"], len(faults))
        equal(said["warnings"], sum(one["level"] == "warning" for one in self.all))
        equal(got.code, 1 if faults else 0, got)
        assert {one["check"] for one in self.all} == set(CHECKS), "a check told nothing"
        assert all(one["level"] in ("ok", "warning", "fault", "left out") and one["says"] for one in self.all), got

    def of(self, check, level):
        return [one for one in self.all if one["check"] == check and one["level"] == level]

    def has(self, check, level, says, todo=None):
        """A finding of this check and level that says so, and what to do."""
        match = [one for one in self.of(check, level) if says in one["says"]]
        assert match, f"no {level} of {check} says {says!r}:\n{self.got.out}"
        if todo:
            contains(match[0]["do"] or match[0]["says"], todo)
        return match[0]

    def well(self, *checks):
        for check in checks:
            bad = self.of(check, "fault") + self.of(check, "warning")
            equal(bad, [], check)


def doctor(home, before=None, prefix=(), program=None, wait=1, **env):
    """wait: seconds that brokers have; those that are there answer before it is over."""
    words = [*map(str, prefix), str(program or home.real), "doctor", "--json", "--wait", str(wait)]
    return Found(home.run(*words, env=env, before=before))


# ---- the command ----


def test_nothing_runs(home):
    """All is looked at, nothing is made, and it is no fault that nothing runs; the lines are those of the JSON."""
    env = quiet(home)
    before = sorted(home.path.rglob("*"))
    found = doctor(home, **env)
    equal(sorted(home.path.rglob("*")), before, "it has made something")
    equal(found.of("clock", "fault"), [])
    found.well("settings", "keys", "programs", "models", "fonts", "data", "database", "blobs", "redis", "ports")
    found.has("database", "ok", "app.db is made by the first gateway")
    found.has("schema", "left out", "there is no database yet")
    found.has("brokers", "warning", "none runs here", "yogi up")
    found.has("stages", "left out", "no broker is there to ask")
    plain = home.run(home.real, "doctor", env=env)
    equal((plain.code, plain.err), (0, ""), plain)
    *lines, last = plain.out.splitlines()
    equal(len(lines), len(found.all))
    width = max(map(len, CHECKS))
    for line, one in zip(lines, found.all):
        assert line.startswith(f"{one['level']:<8}  {one['check']:<{width}}  "), line
    assert re.fullmatch(r"0 faults, [0-9]+ warnings?", last), last


def test_command(home):
    env = quiet(home)
    contains(home.run(home.real, "doctor", "--help", env=env).out, "0 where nothing is at fault")
    contains(home.run(home.real, "help").out, "doctor")
    for words in (["--jsn"], ["x"], ["--wait", "0"]):
        got = home.run(home.real, "doctor", *words, env=env)
        equal((got.code, got.out, len(got.err.splitlines())), (2, "", 1), got)


def test_redis(home):
    """Where queues are named: that it answers, keeps jobs, and lets this user in."""
    place = home.path / "redis.sock"
    env = quiet(home, REDIS_HOST=str(place))
    doctor(home, **quiet(home)).has("redis", "ok", "no queues of BullMQ are named")
    doctor(home, **env).has("redis", "fault", "No such file", "start Redis")
    process = home.start("redis-server", "--port", 0, "--unixsocket", place, "--save", "", "--dir", home.path, "--maxmemory-policy", "allkeys-lru", stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: home.run("redis-cli", "-s", place, "PING").out == "PONG\n", "Redis", process)
        found = doctor(home, **env)
        found.has("redis", "ok", "redis.sock answers: Redis ")
        found.has("redis", "ok", "may run scripts on bull:*")
        found.has("redis", "warning", "it may drop jobs (allkeys-lru)", "noeviction")
        found.has("redis", "warning", "it writes no log of changes", "appendonly")
        equal(home.run("redis-cli", "-s", place, "KEYS", "*").out, "\n", "nothing is left")
        for words in (("ACL", "SETUSER", "team", "on", ">word", "~other:*", "+@all"), ("CONFIG", "SET", "maxmemory-policy", "noeviction"),
                      ("CONFIG", "SET", "appendonly", "yes")):
            equal(home.run("redis-cli", "-s", place, *words).out, "OK\n", words)
        found = doctor(home, **env, REDIS_USERNAME="team", REDIS_PASSWORD="word")
        found.has("redis", "fault", "EVAL is refused", "allow the user")
        equal(found.of("redis", "warning"), [])
        found = doctor(home, **env, REDIS_USERNAME="team", REDIS_PASSWORD="other-word")
        found.has("redis", "fault", "WRONGPASS")
        assert "other-word" not in found.got.out + found.got.err
    finally:
        process.kill()
        process.communicate()


# ---- what is on this machine ----


def test_settings(home):
    """Each that is wrong or unknown; and the rest is looked at all the same."""
    found = doctor(home, **quiet(home, YOGI_GATE="2", YOGI_PROT="4000", AWS_REGION="x", AWS_REGION_FILE="y", YOGI_JWT_SECRET_FILE="/no/such"))
    equal(len(found.of("settings", "fault")), 4, found.got)
    found.has("settings", "fault", "YOGI_GATE: must be a number from 0 to 1", "change or remove it")
    found.has("settings", "fault", "YOGI_PROT: there is no such setting")
    found.has("settings", "fault", "AWS_REGION: is given twice")
    found.has("settings", "fault", "YOGI_JWT_SECRET_FILE: the file /no/such cannot be read")
    found.well("data", "ports")
    found = doctor(home, **quiet(home, **{f"YOGI_NONE_{i}": "x" for i in range(300)}))
    found.has("settings", "fault", "268 more are wrong")


def test_keys(home):
    env = quiet(home)
    for name, role in (("broker", "broker"), ("host", "actor")):
        got = home.run(home.real, "keys", "new", name, "--role", role)
        home.file(f"{name}.line", got.out)
    home.file("allow", (home.path / "host.line").read_text())
    files = {"YOGI_KEYS": f"{home.path}/broker.cert_secret", "YOGI_BROKER_KEY": f"{home.path}/broker.cert",
             "YOGI_BROKER_ALLOW": f"{home.path}/allow"}
    home.file("secret", KEY)
    (home.path / "secret").chmod(0o600)
    files["YOGI_VAULT_KEY_FILE"] = f"{home.path}/secret"
    found = doctor(home, **env, **files)
    found.well("keys")
    found.has("keys", "ok", "in order: 5")
    (home.path / "broker.cert_secret").chmod(0o644)
    (home.path / "secret").chmod(0o644)
    home.file("allow", "nonsense\n")
    (home.path / "broker.cert").unlink()
    found = doctor(home, **env, **files)
    found.has("keys", "fault", "YOGI_KEYS: ", "chmod 600")
    found.has("keys", "fault", "YOGI_BROKER_ALLOW: ")
    found.has("keys", "fault", "broker.cert cannot be read")
    found.has("keys", "warning", "YOGI_VAULT_KEY_FILE: ", "chmod 600 it")
    found = doctor(home, **env, YOGI_VAULT_KEY="abcdef")
    found.has("keys", "fault", "YOGI_VAULT_KEY: the key is not 64 hex digits", "openssl rand -hex 32")
    assert "abcdef" not in found.got.out
    home.file("data/vault.key", KEY + "\n")
    (home.path / "data/vault.key").chmod(0o644)
    doctor(home, **env, YOGI_DATA=f"{home.path}/data").has("keys", "fault", "vault.key may be read by others", "chmod 600")


def test_programs(home):
    """Some of them are missing, or cannot be run."""
    folder = home.path / "some"
    folder.mkdir()
    for name in ("yogi", "yogi-doctor", "yogi-worker", "yogi-broker"):
        shutil.copy(home.build / "bin" / name, folder / name)
    (folder / "yogi-broker").chmod(0o644)
    found = doctor(home, program=folder / "yogi", **quiet(home))
    assert len(found.of("programs", "fault")) >= 9, found.got
    found.has("programs", "fault", f"{folder}/yogi-gateway: No such file", "into one folder")
    found.has("programs", "fault", f"{folder}/yogi-broker: Permission denied")
    equal(found.of("programs", "ok"), [])


def test_sandbox(home):
    """What the kernel lacks is a warning, and a fault where it is insisted on."""
    lacking = home.build / "bin" / "lacking"
    for what, words in (("landlock", "files (no Landlock"), ("seccomp", "system calls (no seccomp filter")):
        doctor(home, prefix=(lacking, what), **quiet(home)).has("sandbox", "warning", words, "workers go on without it")
        doctor(home, prefix=(lacking, what), **quiet(home, YOGI_SANDBOX="strict")).has("sandbox", "fault", words, "YOGI_SANDBOX=strict")
    doctor(home, **quiet(home, YOGI_SANDBOX="off")).has("sandbox", "warning", "workers are not shut in", "for measuring alone")


def test_limits(home):
    def limit(kind, most):
        return lambda: resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))

    doctor(home, before=limit(resource.RLIMIT_NOFILE, 100), **quiet(home)).has("limits", "fault", "may have 100 files open", "ulimit -n")
    doctor(home, before=limit(resource.RLIMIT_NOFILE, 1024), **quiet(home)).has("limits", "warning", "may have 1024 files open", "ulimit -n")
    doctor(home, before=limit(resource.RLIMIT_FSIZE, 1 << 30), **quiet(home)).has("limits", "warning", "no file may be longer", "ulimit -f")


def test_models(home):
    env = quiet(home)
    (home.path / "empty").mkdir()
    doctor(home, **env, TESSDATA_PREFIX=f"{home.path}/empty").has("models", "fault", 'no model for "eng"', "tesseract-ocr-eng")
    found = doctor(home, **env, YOGI_LANGUAGES="eng+qaa_Latn+../x")
    equal(len(found.of("models", "fault")), 2, found.got)
    found.has("models", "fault", 'no model for "qaa_Latn" of YOGI_LANGUAGES', "tesseract-ocr-qaa-latn")
    found.has("models", "fault", 'no model for "../x"', "as eng+deu")


def private(home, script):
    """A shell line in a mount namespace of its own, before the command."""
    words = ["unshare", "-m", "sh", "-c", f"set -e; {script}; exec \"$@\"", "sh"] if os.geteuid() == 0 else []
    if not words or subprocess.run([*words, "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode:
        raise Skip("file systems of its own need root and mount namespaces")
    return words


def test_fonts(home):
    hide = private(home, "mount -t tmpfs none /usr/share/fonts; [ ! -d /usr/local/share/fonts ] || mount -t tmpfs none /usr/local/share/fonts")
    doctor(home, prefix=hide, **quiet(home)).has("fonts", "fault", "no font is in /usr/share/fonts", "fonts-dejavu-core")
    hide = private(home, "mount -t tmpfs none /etc/fonts")
    doctor(home, prefix=hide, **quiet(home)).has("fonts", "fault", "no /etc/fonts/fonts.conf", "fontconfig-config")


# ---- data ----


def test_data(home):
    """Who may come in, what is in the way."""
    env = quiet(home)
    data = home.path / "data"
    data.mkdir(mode=0o700)
    found = doctor(home, **env, YOGI_DATA=str(data))
    found.has("data", "ok", f"{data} can be written")
    equal(list(data.iterdir()), [], "something was left there")
    data.chmod(0o755)
    doctor(home, **env, YOGI_DATA=str(data)).has("data", "warning", "is open to everybody on this machine (mode 0755)", "chmod 700")
    home.file("file", "x")
    found = doctor(home, **env, YOGI_DATA=f"{home.path}/file")
    found.has("data", "fault", "is not a folder", "YOGI_DATA")
    found.has("database", "left out", "the fault of data")
    found.has("schema", "left out", "")
    found.has("blobs", "left out", "the fault of data")
    doctor(home, **env, YOGI_DATA=f"{home.path}/file/below").has("data", "fault", "file/below cannot be looked at: Not a directory")
    doctor(home, **env, YOGI_DATA="/proc/none/here").has("data", "fault", "/proc/none/here is not there and cannot be made in /proc", "YOGI_DATA")


def somebody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def test_data_of_another(home):
    if os.geteuid() != 0:
        raise Skip("only root can be somebody else")
    home.path.chmod(0o755)
    data = home.path / "data"
    data.mkdir(mode=0o755)
    found = doctor(home, before=somebody, **quiet(home, YOGI_DATA=str(data)))
    found.has("data", "fault", f"{data} cannot be written by user {NOBODY}: Permission denied", "chown")
    data.chmod(0o700)
    (data / "in").mkdir()
    doctor(home, before=somebody, **quiet(home, YOGI_DATA=f"{data}/in")).has("data", "fault", "cannot be looked at: Permission denied")


def test_data_on_odd_systems(home):
    """Full, for reading only, in memory."""
    data = home.path / "data"
    data.mkdir(mode=0o700)
    env = quiet(home, YOGI_DATA=str(data))
    found = doctor(home, prefix=private(home, f"mount -t tmpfs -o size=8m,mode=700 none {data}"), **env)
    found.has("data", "warning", "lies on tmpfs", "use a disk")
    found.has("data", "fault", "has room for 7 MB" if "room for 7 MB" in found.got.out else "has room for 8 MB", "make room")
    found = doctor(home, prefix=private(home, f"mount -t tmpfs -o size=500m,mode=700 none {data}"), **env)
    found.has("data", "warning", "has room for", "make room")
    equal(found.of("data", "fault"), [])
    script = f"mount -t tmpfs -o mode=700 none {data}; mount -o remount,ro {data}"
    doctor(home, prefix=private(home, script), **env).has("data", "fault", "Read-only file system", "another folder")


# ---- database ----


def test_sqlite(home):
    env = quiet(home, YOGI_DATA=f"{home.path}/data")
    (home.path / "data").mkdir(mode=0o700)
    equal(home.run(home.real, "migrate", env=env).code, 0)
    found = doctor(home, **env)
    found.well("database", "schema")
    found.has("schema", "ok", "this program's own")
    (home.path / "data" / "app.db").chmod(0o644)
    doctor(home, **env).has("database", "warning", "app.db is open to everybody", "chmod 600")
    home.file("data/app.db", b"this is no database, but something else altogether\n" * 100)
    found = doctor(home, **env)
    found.has("database", "fault", "not a database", "backup")
    found.has("schema", "left out", "the fault of database")


def test_postgres(home):
    found = doctor(home, **quiet(home, DATABASE_URL="postgresql://app:hidden@127.0.0.1:1/yogi"))
    found.has("database", "fault", "cannot be reached")
    found.has("schema", "left out", "the fault of database")
    assert "hidden" not in found.got.out
    doctor(home, **quiet(home, DATABASE_URL="nonsense://x")).has("database", "fault", "DATABASE_URL")
    with Postgres(home, "-c fsync=off") as server:
        env = quiet(home, DATABASE_URL=server.url)
        found = doctor(home, **env)
        found.has("database", "ok", "PostgreSQL ")
        found.has("schema", "warning", "lacks migration 0001_documents", "start a gateway")
        found.has("keys", "warning", "YOGI_VAULT_KEY is not set", "openssl rand -hex 32")
        equal(server.sql("SELECT count(*) FROM pg_class WHERE relname = 'documents'").strip(), "0", "it has migrated")
        equal(home.run(home.real, "migrate", env=env).code, 0)
        found = doctor(home, **env, YOGI_VAULT_KEY=KEY)
        found.well("database", "schema", "keys")
        server.sql("INSERT INTO schema_migrations (number, name, checksum) VALUES (9999, '9999_later', 'x')")
        doctor(home, **env).has("schema", "ok", "newer than this program's")
        server.sql("DELETE FROM schema_migrations WHERE number = 9999; UPDATE schema_migrations SET checksum = 'x' WHERE number = 2")
        doctor(home, **env).has("schema", "fault", "0002_work has run on the database with another text", "backup")


# ---- blobs ----


def test_folder_of_blobs(home):
    env = quiet(home, YOGI_DATA=f"{home.path}/data")
    blobs = home.path / "data" / "blobs"
    blobs.mkdir(parents=True, mode=0o700)
    (home.path / "data").chmod(0o700)
    doctor(home, **env).has("blobs", "ok", f"{blobs}: a probe was written, read and removed")
    equal([p for p in blobs.rglob("*") if p.is_file() or "doctor" in p.name], [], "the probe is still there")
    shutil.rmtree(blobs)
    home.file("data/blobs", "x")
    doctor(home, **env).has("blobs", "fault", "blobs")


class Bucket:
    """A server that speaks just enough S3, well or badly."""

    def __init__(self):
        it = self
        self.objects, self.clock, self.faults = {}, 0, set()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=b"", length=None):
                self.send_response(status)
                self.send_header("Last-Modified", email.utils.formatdate(time.time() + it.clock, usegmt=True))
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def do(self):
                key = self.path.split("?")[0]
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.command in it.faults:
                    self.answer(403, b"" if self.command == "HEAD" else b"<Error><Code>AccessDenied</Code></Error>")
                elif self.command == "PUT":
                    it.objects[key] = body
                    self.answer(200)
                elif self.command == "DELETE":
                    it.objects.pop(key, None)
                    self.answer(204)
                elif "list-type" in self.path:
                    self.answer(200, b"<ListBucketResult></ListBucketResult>")
                elif key not in it.objects or "forgets" in it.faults:
                    self.answer(404, b"" if self.command == "HEAD" else b"<Error><Code>NoSuchKey</Code></Error>")
                elif self.command == "HEAD":
                    self.answer(200, length=len(it.objects[key]))
                else:
                    body = it.objects[key]
                    self.answer(200, body[::-1] if "garbles" in it.faults else body)

            do_GET = do_HEAD = do_PUT = do_DELETE = do

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.settings = {"S3_ENDPOINT": f"http://127.0.0.1:{self.server.server_port}", "S3_BUCKET": "papers", "AWS_ACCESS_KEY_ID": "id",
                         "AWS_SECRET_ACCESS_KEY": "a-secret-that-nobody-sees"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_bucket(home):
    """Each call that a bucket may refuse, other bytes than were written, and its clock."""
    with Bucket() as bucket:
        env = quiet(home, **bucket.settings)
        doctor(home, **env).has("blobs", "ok", "bucket papers: a probe was written, read and removed")
        equal(bucket.objects, {})
        for fault, says in (("PUT", "a probe cannot be written"), ("HEAD", "a probe cannot be found"), ("GET", "papers"),
                            ("DELETE", "a probe cannot be removed"), ("garbles", "other bytes than were written"), ("forgets", "is not there")):
            bucket.faults = {fault}
            found = doctor(home, **env)
            found.has("blobs", "fault", says)
            equal(found.of("blobs", "ok"), [], fault)
            assert "a-secret" not in found.got.out
            if fault != "DELETE":
                equal(bucket.objects, {}, f"{fault}: the probe is still there")
            bucket.objects.clear()
        bucket.faults = set()
        for clock, words in ((-300, "behind"), (300, "ahead of")):
            bucket.clock = clock
            found = doctor(home, **env)
            found.has("blobs", "warning", f"s {words} this machine's", "set it right")


def test_real_bucket(home):
    with rgw.server(home) as s3:
        env = quiet(home, S3_ENDPOINT=s3.endpoint, S3_BUCKET="papers", AWS_ACCESS_KEY_ID=rgw.ID, AWS_SECRET_ACCESS_KEY=rgw.SECRET)
        doctor(home, **env).has("blobs", "fault", "papers")  # there is none yet
        done = subprocess.run(["curl", "-sS", "-f", "-X", "PUT", f"{s3.endpoint}/papers", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                               f"{rgw.ID}:{rgw.SECRET}", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"], capture_output=True, timeout=60)
        equal(done.returncode, 0, done.stderr)
        doctor(home, **env).has("blobs", "ok", "bucket papers: a probe was written, read and removed")
        doctor(home, **{**env, "AWS_SECRET_ACCESS_KEY": "wrong"}).has("blobs", "fault", "")


# ---- ports and processes ----


def test_ports(home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        who = f"(process {os.getpid()})"
        env = quiet(home)
        doctor(home, **{**env, "YOGI_PORT": str(port)}).has("ports", "fault", f"gateway port {port} is in use by python3 {who}", "YOGI_PORT")
        found = doctor(home, **{**env, "YOGI_BROKER_LISTEN": f"tcp://127.0.0.1:{port}"})
        found.has("ports", "fault", f"broker port {port} is in use by python3 {who}", "YOGI_BROKER_LISTEN")
        doctor(home, **{**env, "YOGI_BROKER_LISTEN": f"tcp://*:{port}"}).has("ports", "fault", f"broker port {port} is in use")
    doctor(home, **{**env, "YOGI_BIND": "192.0.2.1"}).has("ports", "fault", "cannot listen at 192.0.2.1", "YOGI_PORT")
    doctor(home, **{**env, "YOGI_BROKER_LISTEN": "ipc:///no/such/folder/broker"}).has("ports", "fault", "/no/such/folder/broker cannot be made")
    doctor(home, **{**env, "YOGI_BROKER_LISTEN": f"ipc://{home.path}/broker"}).has("ports", "ok", "can be made")
    doctor(home, **{**env, "YOGI_BROKER_LISTEN": "nonsense"}).has("ports", "fault", "YOGI_BROKER_LISTEN: ")
    found = doctor(home, **{**env, "YOGI_PORT": "0", "YOGI_BROKER_LISTEN": "tcp://127.0.0.1:*"})
    equal(len([one for one in found.of("ports", "ok") if "takes any free port" in one["says"]]), 2, found.got)


def test_brokers(home):
    """One that is named and does not answer; one that has no actors; keys that do not fit."""
    env = quiet(home)
    dead = doctor(home, **{**env, "YOGI_BROKERS": f"ipc://{home.path}/nobody"})
    dead.has("brokers", "fault", f"ipc://{home.path}/nobody does not answer", "YOGI_BROKERS")
    dead.has("stages", "left out", "")
    doctor(home, **{**env, "YOGI_BROKERS": "nonsense"}).has("brokers", "fault", "YOGI_BROKERS")
    doctor(home, **{**env, "YOGI_BROKERS": "tcp://192.0.2.1:4010"}).has("brokers", "fault", "CURVE")
    here = f"ipc://{home.path}/broker"
    broker = home.start(home.build / "bin" / "yogi-broker", env={**env, "YOGI_BROKER_LISTEN": here, "YOGI_BROKER_STAGES": "classification ocr llm"})
    try:
        assert broker.stdout.readline().startswith(b"ready ")
        found = doctor(home, wait=5, **{**env, "YOGI_BROKERS": f"{here} ipc://{home.path}/nobody"})
        found.has("brokers", "ok", f"{here} answers (protocol 1)")
        found.has("brokers", "fault", "nobody does not answer")
        found = doctor(home, wait=60, **{**env, "YOGI_BROKERS": here})
        found.well("brokers")
        found.has("stages", "fault", "nobody serves the stage ocr", "yogi actor ocr")
        found.has("stages", "fault", "no broker knows the stage validation", "YOGI_BROKER_STAGES")
        found.has("stages", "warning", "no broker knows the stage render")
        equal(len(found.of("stages", "fault")), 4, found.got)
    finally:
        broker.terminate()
        broker.wait(60)


def test_up(home):
    """While `yogi up` runs all is well: its folder, its ports, its database, its broker and its stages."""
    env = quiet(home)
    up = Up(home, home.real, (), {**env, "YOGI_LOG_LEVEL": "error"}, None)
    try:
        up.ready()
        found = wait_for(lambda: (f := doctor(home, wait=60, **env)).got.code == 0 and not f.of("schema", "warning") and f,
                         "all stages to be served, and the schema to be there", up.process, seconds=90)
        found.well("settings", "keys", "programs", "data", "database", "schema", "blobs", "ports", "brokers", "stages")
        found.has("data", "ok", f"yogi up uses it (process {up.pid})")
        found.has("ports", "ok", f"gateway port {env['YOGI_PORT']} is in use by yogi-gateway (process {up.child('yogi-gateway')})")
        found.has("ports", "ok", f"is in use by yogi-broker (process {up.child('yogi-broker')})")
        found.has("brokers", "ok", "answers (protocol 1)")
        found.has("stages", "ok", "classification 1, ocr 1, llm 1, validation 1, render 1")
        found.has("blobs", "ok", "a probe was written, read and removed")
        equal(found.got.code, 0)
    finally:
        up.process.terminate()
        up.process.wait(60)


if __name__ == "__main__":
    main(sys.modules[__name__])

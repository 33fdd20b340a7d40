"""bench_sides: the two systems that tests/bench/gateway loads in turn, each with its own database of one PostgreSQL server that
syncs: ours (gateway, broker, host, workers) and the service of ../shared/peers/seed-node (API, four workers, Redis)."""
import contextlib
import hashlib
import http.client
import json
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import rgw  # noqa: E402
from bench_processes import Place, Redis, cpu_us, tree_cpu_us  # noqa: E402
from harness import wait_for  # noqa: E402
from postgres import free_port  # noqa: E402

HERE = Path(__file__).resolve().parent
STAGES = ("classification", "ocr", "llm", "validation")
SEED_KEY = "S3RVER"  # as the peer has it
SEED_BUCKET = "docs"


def status_of(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


class Counter:
    """One connection that counts rows, so that looking costs the server little."""

    def __init__(self, server, database):
        self.process = subprocess.Popen([server.bin / "psql", "-h", "127.0.0.1", "-p", str(server.port), "-U", "app", "-d", database, "-q", "-A",
                                         "-t"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def timetables(self):
        self.process.stdin.write("SELECT count(*) FROM timetables;\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class Sqlite:
    """Counts the rows of our own file of data."""

    def __init__(self, path):
        self.path = path

    def timetables(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=60)) as database:
            return database.execute("SELECT count(*) FROM timetables").fetchone()[0]

    def close(self):
        pass


class Side:
    """A system that takes uploads. roots: pids whose trees are its CPU time, beside the database's server (None: SQLite); s3: where its files
    are (None: on the disk)."""

    def __init__(self, build, folder, server, database, s3=None):
        folder.mkdir()
        self.place, self.server, self.database, self.s3, self.roots = Place(build, folder), server, database, s3, []
        if server:
            server.sql(f"CREATE DATABASE {database}", database="postgres")
        self.counter = Counter(server, database) if server else Sqlite(folder / "app.db")

    def cpu_us(self):
        postmaster = [int((self.server.path / "data" / "postmaster.pid").read_text().split()[0])] if self.server else []
        return tree_cpu_us([*postmaster, *self.roots])

    def s3_cpu_us(self):
        return cpu_us([p.pid for p in self.s3.processes if p.poll() is None]) if self.s3 else 0

    def ready(self, program, *arguments, **settings):
        """Started, and it has said that it is ready."""
        process = self.place.start(program, *arguments, **settings)
        line = process.stdout.readline()
        if "ready" not in line:
            raise SystemExit(f"{program} does not start: {line}")
        self.roots.append(process.pid)
        return line

    def load(self, kind, connections, count, *what):
        done = subprocess.run([self.place.build / "bin" / "httpload", kind, str(self.port), str(connections), str(count), *map(str, what)],
                              capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise SystemExit(f"{self.database}: {done.stderr}")
        return done.stdout

    def json(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def close(self):
        self.counter.close()
        self.place.close()


class Ours(Side):
    """stub: workers that do next to nothing (tests/tools/stub_worker.c), or the real ones; None: nobody works."""

    def __init__(self, build, folder, server, stub=True, s3=None, workers=1):
        super().__init__(build, folder, server, "ours", s3)
        url = f"postgresql://app@127.0.0.1:{server.port}/{self.database}" if server else ""
        settings = {"DATABASE_URL": url, "YOGI_DATA": str(folder), "YOGI_PORT": "0",
                    "YOGI_BROKERS": f"ipc://{folder}/broker", "YOGI_SOURCE_ROOTS": str(folder), "YOGI_WORKERS": str(workers),
                    "YOGI_LOG_LEVEL": "warning"}
        if s3:
            settings |= {"S3_ENDPOINT": s3.endpoint, "S3_BUCKET": "ours", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": rgw.ID,
                         "AWS_SECRET_ACCESS_KEY": rgw.SECRET, "YOGI_SOURCE_ENDPOINTS": s3.endpoint, "YOGI_SOURCE_NETWORKS": "127.0.0.0/8"}
        self.ready(build / "bin/yogi-broker", YOGI_BROKER_LISTEN=settings["YOGI_BROKERS"], YOGI_LOG_LEVEL="warning")
        if stub is not None:
            self.ready(build / ("stub" if stub else "bin") / "yogi-actor", *STAGES, **settings)
        self.port = int(self.ready(build / "bin/yogi-gateway", **settings).rsplit(":", 1)[1])
        wait_for(lambda: status_of(self.port, "/readyz") == 200, "the gateway's database")


class Seed(Side):
    """The Node service, its packages already beside it (install)."""

    def __init__(self, build, folder, server, source, installed, ocr="noop", s3=None):
        super().__init__(build, folder, server, "seed", s3)
        server.sql((source / "schema.sql").read_text(), database="seed")
        (folder / "redis").mkdir()
        redis = Redis(folder / "redis")
        self.place.processes.append(redis.process)
        self.roots.append(redis.pid)
        self.port = free_port()
        settings = {"PORT": str(self.port), "REDIS_PORT": str(redis.port), "POSTGRES_PORT": str(server.port), "POSTGRES_DB": "seed",
                    "POSTGRES_USER": "app", "NODE_NO_WARNINGS": "1", "STORAGE": "s3" if s3 else "local", "STORAGE_DIR": str(folder), "OCR": ocr, "JOBS_ROWS": "1",
                    "S3_ENDPOINT": s3.endpoint if s3 else ""}
        for file in source.glob("*.js"):
            shutil.copy(file, installed)
        self.ready("node", installed / "api.js", **settings)
        for name in STAGES:
            self.ready("node", installed / "worker.js", name, **settings)


def install(folder):
    """The peer's packages, those of the lock file. None where they cannot be had."""
    if not (shutil.which("node") and shutil.which("npm") and shutil.which("redis-server")):
        return None
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "seed" / name, folder)
    if (folder / "node_modules/bullmq").exists():
        return folder
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], cwd=folder, capture_output=True,
                          text=True, timeout=300)
    return folder if done.returncode == 0 else None


def make_bucket(s3):
    """A bucket for each side, and the account that the peer uses."""
    s3.run("radosgw-admin", "user", "create", "--uid=seed", "--display-name=seed", f"--access-key={SEED_KEY}", f"--secret-key={SEED_KEY}")
    for bucket, account in (("ours", f"{rgw.ID}:{rgw.SECRET}"), (SEED_BUCKET, f"{SEED_KEY}:{SEED_KEY}")):
        subprocess.run(["curl", "-sS", "--fail-with-body", "-X", "PUT", "--aws-sigv4", "aws:amz:us-east-1:s3", "--user", account, "-H",
                        "x-amz-content-sha256: " + hashlib.sha256(b"").hexdigest(), f"{s3.endpoint}/{bucket}"], check=True)


def figures_of(said):
    """A line of name=number words."""
    return {name: float(value) for name, value in (word.split("=") for word in said.split())}


def uploads(side, file, connections, count):
    """Figures of so many uploads, from the first byte to the last row."""
    before, cpu, s3, begun = side.counter.timetables(), side.cpu_us(), side.s3_cpu_us(), time.monotonic()
    got = figures_of(side.load("upload", connections, count, "/api/v1/documents/upload", file))
    while (now := side.counter.timetables()) < before + count:
        if time.monotonic() - begun > 900:
            raise SystemExit(f"{side.database}: {now - before} timetables of {count}")
        time.sleep(0.02)
    got["docs/s"] = count / (time.monotonic() - begun)
    got["cpu s"] = (side.cpu_us() - cpu) / 1e6
    got["cpu ms"] = got["cpu s"] * 1000 / count
    got["s3 ms"] = (side.s3_cpu_us() - s3) / 1000 / count
    return got


def one_upload(port, content, query=""):
    """Milliseconds until it is answered."""
    mark = b"yogi-bench-boundary"
    body = b'--' + mark + b'\r\nContent-Disposition: form-data; name="file"; filename="week"\r\n\r\n' + content + b"\r\n--" + mark + b"--\r\n"
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/v1/documents/upload" + query, body, {"Content-Type": "multipart/form-data; boundary=" + mark.decode()})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    took = (time.monotonic() - begun) * 1000
    connection.close()
    if answer.status != 200 or (query and not said.get("timetables")):
        raise SystemExit(f"an upload is answered with {answer.status}: {said}")
    return took

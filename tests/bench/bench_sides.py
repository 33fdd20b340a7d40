"""bench_sides: the two systems that tests/bench/gateway loads in turn, each with its own database of one PostgreSQL server that
syncs: ours (gateway, broker, host, workers) and the service of ../shared/peers/seed-node (API, four workers, Redis)."""
import http.client
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import rgw  # noqa: E402
from bench_processes import Place, start_redis, tree_cpu_us  # noqa: E402
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


class Side:
    """A system that takes uploads. roots: pids whose trees are its CPU time, beside the database's server."""

    def __init__(self, build, folder, server, database):
        folder.mkdir()
        self.place, self.server, self.database, self.roots = Place(build, folder), server, database, []
        server.sql(f"CREATE DATABASE {database}", database="postgres")
        self.counter = Counter(server, database)

    def cpu_us(self):
        postmaster = int((self.server.path / "data" / "postmaster.pid").read_text().split()[0])
        return tree_cpu_us([postmaster, *self.roots])

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

    def close(self):
        self.counter.close()
        self.place.close()


class Ours(Side):
    """stub: workers that do next to nothing (tests/tools/stub_worker.c), else the real ones."""

    def __init__(self, build, folder, server, stub=True, s3=None, workers=1):
        super().__init__(build, folder, server, "ours")
        settings = {"DATABASE_URL": f"postgresql://app@127.0.0.1:{server.port}/ours", "YOGI_DATA": str(folder), "YOGI_PORT": "0",
                    "YOGI_BROKERS": f"ipc://{folder}/broker", "YOGI_SOURCE_ROOTS": str(folder), "YOGI_WORKERS": str(workers),
                    "YOGI_LOG_LEVEL": "warning"}
        if s3:
            settings |= {"S3_ENDPOINT": s3.endpoint, "S3_BUCKET": "ours", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": rgw.ID,
                         "AWS_SECRET_ACCESS_KEY": rgw.SECRET, "YOGI_SOURCE_ENDPOINTS": s3.endpoint}
        self.ready(build / "bin/yogi-broker", YOGI_BROKER_LISTEN=settings["YOGI_BROKERS"], YOGI_LOG_LEVEL="warning")
        self.ready(build / ("stub" if stub else "bin") / "yogi-actor", *STAGES, **settings)
        self.port = int(self.ready(build / "bin/yogi-gateway", **settings).rsplit(":", 1)[1])
        wait_for(lambda: status_of(self.port, "/readyz") == 200, "the gateway's database")


class Seed(Side):
    """The Node service, its packages already beside it (install)."""

    def __init__(self, build, folder, server, source, installed, ocr="noop", s3=None):
        super().__init__(build, folder, server, "seed")
        server.sql((source / "schema.sql").read_text(), database="seed")
        (folder / "redis").mkdir()
        redis, redis_port = start_redis(folder / "redis")
        self.place.processes.append(redis)
        self.roots.append(redis.pid)
        self.port = free_port()
        settings = {"PORT": str(self.port), "REDIS_PORT": str(redis_port), "POSTGRES_PORT": str(server.port), "POSTGRES_DB": "seed",
                    "POSTGRES_USER": "app", "STORAGE": "s3" if s3 else "local", "STORAGE_DIR": str(folder), "OCR": ocr, "JOBS_ROWS": "1",
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


def uploads(side, file, connections, count):
    """Figures of so many uploads, from the first byte to the last row."""
    before, cpu, begun = side.counter.timetables(), side.cpu_us(), time.monotonic()
    got = {name: float(value) for name, value in (word.split("=") for word in side.load("upload", connections, count,
                                                                                       "/api/v1/documents/upload", file).split())}
    while (now := side.counter.timetables()) < before + count:
        if time.monotonic() - begun > 900:
            raise SystemExit(f"{side.database}: {now - before} timetables of {count}")
        time.sleep(0.02)
    got["docs/s"] = count / (time.monotonic() - begun)
    got["cpu ms"] = (side.cpu_us() - cpu) / 1000 / count
    return got

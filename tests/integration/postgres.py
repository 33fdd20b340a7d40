"""postgres: a PostgreSQL server of a test's own, on a port that the kernel chose, in the test's directory; and a pooler."""
import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from harness import Skip

NOBODY = 65534

# the tables as the guide has them first, before any of ours
FIRST_SCHEMA = """
CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
CREATE TABLE documents (id UUID PRIMARY KEY DEFAULT uuid_generate_v4(), filename VARCHAR(255) NOT NULL, file_path VARCHAR(500) NOT NULL,
  file_type VARCHAR(50) NOT NULL, file_size INTEGER, status VARCHAR(50) DEFAULT 'uploaded', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE processing_jobs (id UUID PRIMARY KEY DEFAULT uuid_generate_v4(), document_id UUID REFERENCES documents(id), job_type VARCHAR(50),
  status VARCHAR(50), confidence REAL, result_data JSONB, error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE timetables (id UUID PRIMARY KEY DEFAULT uuid_generate_v4(), document_id UUID REFERENCES documents(id), teacher_name VARCHAR(255),
  class_name VARCHAR(255), term VARCHAR(100), year INTEGER, timeblocks JSONB, confidence REAL, validated BOOLEAN DEFAULT FALSE,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
"""


def programs():
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Skip("PostgreSQL is not installed")
    return found[-1].parent


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def as_nobody(home):
    """initdb refuses root: the command line that runs another as somebody else; empty where we are not root."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise Skip("PostgreSQL does not run as root, and there is no setpriv")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", f"HOME={home}"]


def quiet(command, seconds=60):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=seconds)
    assert done.returncode == 0, f"{command}: {done.returncode}: {done.stdout.decode(errors='replace')[-2000:]}"
    return done.stdout.decode()


class Postgres:
    """with Postgres(home) as server: server.url is the address of its empty database."""

    def __init__(self, home, settings=""):
        self.bin, self.path, self.settings = programs(), home.path / "pg", settings
        self.path.mkdir()
        home.path.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(self.path, NOBODY, NOBODY)
        self.runner = as_nobody(self.path)

    def __enter__(self):
        quiet(self.runner + [self.bin / "initdb", "-D", self.path / "data", "-U", "app", "-A", "trust", "--no-sync", "-E", "UTF8",
                             "--locale=C.UTF-8"])
        for attempt in range(5):  # somebody else may take the port between its choice and its use
            self.port = free_port()
            try:
                self.start()
                break
            except AssertionError:
                if attempt == 4:
                    raise
        self.sql("CREATE DATABASE yogi", database="postgres")
        self.url = f"postgresql://app@127.0.0.1:{self.port}/yogi"
        return self

    def __exit__(self, *_):
        subprocess.run(list(map(str, self.stop_command())), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60)

    def control(self, *arguments):
        return self.runner + [self.bin / "pg_ctl", "-w", "-t", "60", "-D", self.path / "data", *arguments]

    def start_command(self):
        options = f"-p {self.port} -k {self.path} -c listen_addresses=127.0.0.1 -c max_connections=200 {self.settings}"
        return self.control("-o", options, "-l", self.path / "log", "start")

    def stop_command(self):
        return self.control("-m", "immediate", "stop")

    def start(self):
        log = open(self.path / "started", "wb")  # the server keeps what it is handed: no pipe
        done = subprocess.run(list(map(str, self.start_command())), stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=90)
        assert done.returncode == 0, (self.path / "log").read_text(errors="replace")[-2000:]

    def fresh(self, how=""):
        """The database anew, empty."""
        self.sql("DROP DATABASE yogi WITH (FORCE)", database="postgres")
        self.sql(f"CREATE DATABASE yogi {how}", database="postgres")

    def sql(self, text, database="yogi", seconds=60):
        """What psql prints for it, without ornaments."""
        return quiet([self.bin / "psql", "-h", "127.0.0.1", "-p", self.port, "-U", "app", "-d", database, "-v", "ON_ERROR_STOP=1", "-q",
                      "-A", "-t", "-c", text], seconds)


class Pooler:
    """with Pooler(home, server) as pooler: pgbouncer in transaction mode before the server."""

    def __init__(self, home, server):
        self.program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
        if not self.program:
            raise Skip("pgbouncer is not installed")
        self.path, self.server = home.path / "pool", server
        self.path.mkdir()
        if os.geteuid() == 0:
            os.chown(self.path, NOBODY, NOBODY)

    def __enter__(self):
        port = free_port()
        (self.path / "users").write_text('"app" ""\n')
        (self.path / "ini").write_text(
            f"[databases]\nyogi = host=127.0.0.1 port={self.server.port} dbname=yogi user=app\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
            f"auth_file = {self.path}/users\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 100\n")
        self.process = subprocess.Popen(as_nobody(self.path) + [self.program, str(self.path / "ini")], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=(self.path / "log").open("wb"))
        self.url = f"postgresql://app@127.0.0.1:{port}/yogi"
        end = time.monotonic() + 30
        while True:
            with contextlib.closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return self
            assert self.process.poll() is None and time.monotonic() < end, (self.path / "log").read_text()[-2000:]
            time.sleep(0.01)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

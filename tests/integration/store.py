#!/usr/bin/python3
"""The store on its databases: the conformance suite on each, migrations of many processes at once, databases that others have
made, and what their programs say to ours."""
import hashlib
import os
import shlex
import signal
import sqlite3
import subprocess
import sys

from harness import contains, equal, main
from postgres import FIRST_SCHEMA, NOBODY, Pooler, Postgres, quiet

SECONDS = 140
# STORE_TEST_WALKS=1000 and STORE_TEST_SEED=N in the environment make the random walks of states.c longer, and others


def known(home):
    """How many migrations there are here."""
    return len(list((home.root / "gateway/store/migrations/sqlite").glob("*.sql")))


def suite(home, group=None, **env):
    """Runs the suite, or a group of it; the tests that failed are shown."""
    done = subprocess.run([str(home.build / "bin" / "integration_store")] + ([group] if group else []), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, cwd=home.path,
                          env=home.environment({"DATABASE_URL": "", **env}))
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, "\n".join(line for line in said.splitlines() if " OK ] " not in line and "RUN" not in line)[-6000:]
    assert "PASSED" in said, said
    return said


def commands(server):
    pid = f"$(head -1 {shlex.quote(str(server.path / 'data' / 'postmaster.pid'))})"
    return {"STORE_TEST_FREEZE": f"kill -STOP {pid} $(pgrep -P {pid})", "STORE_TEST_THAW": f"kill -CONT {pid} $(pgrep -P {pid})",
            "STORE_TEST_STOP": shlex.join(map(str, server.stop_command())) + " >/dev/null 2>&1",
            "STORE_TEST_START": shlex.join(map(str, server.start_command())) + " >/dev/null 2>&1"}


def test_sqlite(home):
    suite(home, YOGI_DATA=str(home.path / "data"))
    equal((home.path / "data" / "app.db").stat().st_mode & 0o777, 0o600)
    equal((home.path / "data").stat().st_mode & 0o777, 0o700)


def test_postgres(home):
    with Postgres(home, "-c fsync=off") as server:
        suite(home, DATABASE_URL=server.url, **commands(server))


def test_postgres_behind_a_pooler(home):
    """Three connections of the server for many of ours, none of which keeps one: no prepared statements, no settings."""
    with Postgres(home, "-c fsync=off") as server, Pooler(home, server) as pooler:
        for group in ("documents", "runs", "timetables", "access", "choices", "pictures", "hostile", "pool"):
            suite(home, group, DATABASE_URL=pooler.url, YOGI_PG_POOLER="transaction")
        equal(server.sql("SELECT count(*) FROM schema_migrations").strip(), str(known(home)))


def certificates(folder):
    """A CA, a server's certificate for localhost by it, and another CA."""
    folder.mkdir()

    def openssl(*arguments):
        quiet(["openssl", *arguments])

    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key",
                "-out", folder / f"{name}.pem")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", folder / "server.key", "-out", folder / "server.csr")
    openssl("x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", folder / "names", "-out", folder / "server.pem")
    (folder / "server.key").chmod(0o600)
    if os.geteuid() == 0:
        os.chown(folder / "server.key", NOBODY, NOBODY)
    return folder


def test_postgres_verified(home):
    """sslmode=verify-full takes the server that its authority vouches for under its name, and no other."""
    keys = certificates(home.path / "keys")
    with Postgres(home, f"-c fsync=off -c ssl=on -c ssl_cert_file={keys}/server.pem -c ssl_key_file={keys}/server.key") as server:
        named = {"POSTGRES_HOST": "localhost", "POSTGRES_PORT": str(server.port), "POSTGRES_DB": "yogi", "POSTGRES_USER": "app",
                 "POSTGRES_SSLMODE": "verify-full", "POSTGRES_SSLROOTCERT": str(keys / "ca.pem")}
        suite(home, "access", **named)
        suite(home, "access", **{**named, "DATABASE_URL": f"postgresql://app@localhost:{server.port}/yogi"})
        contains(refused(home, **{**named, "POSTGRES_SSLROOTCERT": str(keys / "other.pem")}), "certificate verify failed")
        contains(refused(home, **{**named, "POSTGRES_HOST": "127.0.0.1"}), "does not match host name")
        url = f"postgresql://app@127.0.0.1:{server.port}/yogi?sslmode=verify-full&sslrootcert={keys}/ca.pem"
        contains(refused(home, DATABASE_URL=url), "does not match host name")


# ---- migrations ----

def migrate(home, count, **env):
    """So many processes at once, each of which migrates and then works; all must succeed."""
    trial = str(home.build / "bin" / "integration_store")
    running = [subprocess.Popen([trial, "access"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env=home.environment({"DATABASE_URL": "", **env})) for _ in range(count)]
    for process in running:
        said = process.communicate(timeout=SECONDS)[0].decode(errors="replace")
        equal(process.returncode, 0, said[-3000:])


def twenty(home, server):
    migrate(home, 20, DATABASE_URL=server.url)
    equal(server.sql("SELECT number, count(*) FROM schema_migrations GROUP BY 1 ORDER BY 1").split(), [f"{n}|1" for n in range(1, known(home) + 1)])
    begun = server.sql("SELECT count(DISTINCT xmin::text) FROM schema_migrations").strip()
    equal(begun, "1", "all of them in one transaction")


def test_twenty_migrate_sqlite(home):
    migrate(home, 20, YOGI_DATA=str(home.path / "data"))
    with sqlite3.connect(home.path / "data" / "app.db") as file:
        equal(file.execute("SELECT number, count(*) FROM schema_migrations GROUP BY 1 ORDER BY 1").fetchall(), [(n, 1) for n in range(1, known(home) + 1)])


def refused(home, **env):
    done = subprocess.run([str(home.build / "bin" / "integration_store"), "access"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS, env=home.environment({"DATABASE_URL": "", **env}))
    assert done.returncode != 0, "it went on"
    return done.stdout.decode(errors="replace")


def changed(home, server):
    """A database that was migrated by another text is not touched."""
    equal(server.sql("SELECT checksum FROM schema_migrations WHERE number = 1").strip(),
          hashlib.sha256((home.root / "gateway/store/migrations/postgres/0001_documents.sql").read_bytes()).hexdigest())
    server.sql("UPDATE schema_migrations SET checksum = 'other' WHERE number = 2")
    contains(refused(home, DATABASE_URL=server.url), "0002_work has run on the database with another text")


def half(home, server):
    """One that fails in the middle leaves nothing, and runs when its cause is gone."""
    server.sql("CREATE TABLE owners (mine TEXT)")  # in the way of the second one
    contains(refused(home, DATABASE_URL=server.url), "0002_work")
    equal(server.sql("SELECT count(*) FROM pg_class WHERE relname IN ('documents', 'schema_migrations')").strip(), "0")
    server.sql("DROP TABLE owners")
    migrate(home, 1, DATABASE_URL=server.url)


def command(home, **env):
    """yogi migrate does it from the command line, and --check only looks."""
    def yogi(*arguments):
        return home.run(home.real, "migrate", *arguments, env={"DATABASE_URL": "", **env})

    got = yogi("--check")
    assert got.code == 2 and "lacks migration 0001_documents; run `yogi migrate` first" in got.err, got
    got = yogi()
    assert got.code == 0 and f"the schema is at {known(home)}, {known(home)} run now" in got.out, got
    for arguments in ((), ("--check",)):
        got = yogi(*arguments)
        assert got.code == 0 and f"the schema is at {known(home)}; nothing to do" in got.out, got


def newer(home, server):
    """A schema that is newer than the program is left alone, and worked with."""
    number = known(home)
    server.sql(f"INSERT INTO schema_migrations (number, name, checksum) VALUES ({number + 1}, '9999_later', 'x')")
    got = home.run(home.real, "migrate", env={"DATABASE_URL": server.url})
    assert got.code == 0 and f"the schema is at {number + 1}, newer than this program's {number}" in got.out, got
    migrate(home, 1, DATABASE_URL=server.url)


def test_migrate_command(home):
    command(home, YOGI_DATA=str(home.path / "data"))
    got = home.run(home.real, "migrate", env={"DATABASE_URL": "postgresql://app@127.0.0.1:1/yogi"})
    assert got.code == 1 and "cannot be reached" in got.err, got
    got = home.run(home.real, "migrate", env={"DATABASE_URL": "nonsense://x"})
    assert got.code == 2 and "DATABASE_URL" in got.err, got
    home.file("data/app.db", b"this is no database, but something else altogether\n" * 100)
    got = home.run(home.real, "migrate", env={"DATABASE_URL": "", "YOGI_DATA": str(home.path / "data")})
    assert got.code == 1 and "not a database" in got.err and "backup" in got.err, got


def test_migrations_postgres(home):
    with Postgres(home, "-c fsync=off") as server:
        twenty(home, server)
        newer(home, server)
        changed(home, server)
        server.fresh()
        half(home, server)
        server.fresh()
        command(home, DATABASE_URL=server.url)


# ---- a gateway that is killed ----

def killed_writer(home, least, **env):
    """The ids that a writer had been told are on disk when it was killed; at least so many."""
    writer = subprocess.Popen([str(home.build / "bin" / "integration_store"), "writer"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              env=home.environment({"DATABASE_URL": "", **env}))
    told = []
    for line in writer.stdout:
        told.append(line.decode().strip())
        if len(told) == least:
            writer.kill()
    writer.wait()
    equal(writer.returncode, -signal.SIGKILL)
    return [line for line in told if len(line) == 36]  # the last may be cut off


def test_killed_sqlite(home):
    data, told = home.path / "data", []
    for least in (1, 40, 300):
        told += killed_writer(home, least, YOGI_DATA=str(data))
        with sqlite3.connect(data / "app.db") as file:
            equal(file.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            there = {row[0] for row in file.execute("SELECT id FROM documents")}
            equal([one for one in told if one not in there], [], "was accepted and is not there")
            equal(file.execute("SELECT count(*) FROM documents d WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE document_id = d.id)").fetchall(),
                  [(0,)], "a document without its run")
        file.close()


# ---- databases of others ----

DEMO = """
CREATE TABLE documents (id TEXT PRIMARY KEY, filename TEXT NOT NULL, file_path TEXT NOT NULL, file_type TEXT NOT NULL,
  file_size INTEGER, status TEXT DEFAULT 'uploaded', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE processing_jobs (id TEXT PRIMARY KEY, document_id TEXT, job_type TEXT, status TEXT, confidence REAL,
  result_data TEXT, error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, FOREIGN KEY (document_id) REFERENCES documents(id));
CREATE TABLE timetables (id TEXT PRIMARY KEY, document_id TEXT, teacher_name TEXT, class_name TEXT, term TEXT, year INTEGER,
  %s timeblocks TEXT, confidence REAL, validated BOOLEAN DEFAULT 0, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (document_id) REFERENCES documents(id));
CREATE TABLE processing_events (id INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT, event_type TEXT NOT NULL, step_name TEXT,
  percentage INTEGER, message TEXT, data TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, FOREIGN KEY (document_id) REFERENCES documents(id));
CREATE TABLE job_queue (id TEXT PRIMARY KEY, document_id TEXT, job_type TEXT, status TEXT, priority INTEGER, progress INTEGER,
  retry_count INTEGER, started_at TIMESTAMP, completed_at TIMESTAMP, error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (document_id) REFERENCES documents(id));
CREATE INDEX idx_documents_status ON documents(status);
INSERT INTO documents VALUES ('d1', 'week.png', './data/uploads/d1/0f.png', 'image', 12, 'validation_failed', '2025-03-01 10:00:00');
INSERT INTO documents VALUES ('d2', 'old.pdf', '/data/uploads/d2/0f.pdf', 'pdf', NULL, 'processing_ai', '2025-03-02 10:00:00');
INSERT INTO processing_jobs VALUES ('j1', 'd1', 'ai', 'completed', 0.9, '{"a":1}', NULL, '2025-03-01 10:00:05');
INSERT INTO timetables (id, document_id, class_name, timeblocks, validated, created_at)
  VALUES ('t1', 'd1', '2B', '[{"day":"Monday","name":"Maths","startTime":"9:00"}]', 1, '2025-03-01 10:00:09'),
         ('t2', NULL, 'saved', '[]', 0, '2025-03-01 10:00:10'), ('t3', 'gone', 'orphan', NULL, NULL, NULL);
INSERT INTO processing_events (document_id, event_type, percentage) VALUES ('d1', 'complete', 100);
INSERT INTO job_queue (id, document_id, status) VALUES ('q1', 'd1', 'completed');
"""


def open_demo(home, saved_name):
    """A file of the demo is opened where it is, keeps its rows as they are, and works like one of ours."""
    data = home.path / "data"
    data.mkdir()
    with sqlite3.connect(data / "app.db") as file:
        file.executescript(DEMO % saved_name)
        columns = {table: [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
                   for table in ("documents", "processing_jobs", "timetables", "processing_events", "job_queue")}
        before = {table: file.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY id").fetchall() for table, names in columns.items()}
    file.close()
    for group in ("documents", "timetables"):
        suite(home, group, YOGI_DATA=str(data))
    file = sqlite3.connect(data / "app.db")
    for table, names in columns.items():
        rows = file.execute(f"SELECT {', '.join(names)} FROM {table} WHERE tenant = 'default' ORDER BY id" if table != "job_queue" else
                            f"SELECT {', '.join(names)} FROM {table} ORDER BY id").fetchall()
        kept = [row for row in before[table] if row[0] != "t3"]
        equal([row for row in rows if row[0] != "t3"], kept, table)
    equal(file.execute("SELECT timeblocks, validated FROM timetables WHERE id = 't3'").fetchone(), ("[]", 0))
    file.execute("PRAGMA foreign_keys = ON")
    file.execute("DELETE FROM documents WHERE id = 'd1'")  # what refers to it goes along, though its tables do not say so
    for table in ("processing_jobs", "timetables", "processing_events", "job_queue"):
        equal(file.execute(f"SELECT count(*) FROM {table} WHERE document_id = 'd1'").fetchone(), (0,), table)
    # and the demo itself can go on with it
    file.execute("INSERT INTO documents (id, filename, file_path, file_type, file_size, status) VALUES ('d9', 'a', 'b', 'image', 1, 'uploaded')")
    file.execute("UPDATE documents SET status = 'processing_ai' WHERE id = 'd9'")
    file.execute("INSERT INTO timetables (id, document_id, timeblocks) VALUES ('t9', 'd9', '[]')")
    file.close()


def test_demo(home):
    open_demo(home, "saved_name TEXT,")


def test_older_demo(home):
    open_demo(home, "")


SEED = FIRST_SCHEMA + """
CREATE INDEX idx_documents_status ON documents(status);
INSERT INTO documents (id, filename, file_path, file_type, created_at) VALUES ('0190b6e4-0000-7000-8000-000000000001', 'a', 'b', 'c', '2025-03-01 10:00:00');
INSERT INTO timetables (document_id, timeblocks) VALUES ('0190b6e4-0000-7000-8000-000000000001', '[]');
"""


def client_statements(server):
    """What the first schema's programs say, in the words of their client library: parameters without types."""
    row = server.sql("PREPARE node (unknown, unknown, unknown, unknown, unknown, unknown) AS INSERT INTO documents (id, filename, file_path, "
                     "file_type, file_size, status) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *; EXECUTE node "
                     "('0190b6e4-0000-4000-8000-00000000000a', 'week.png', 'uploads/x', 'image/png', '12', 'uploaded')")
    contains(row, "0190b6e4-0000-4000-8000-00000000000a|week.png|uploads/x|image/png|12|uploaded|")
    server.sql("INSERT INTO processing_jobs (document_id, job_type, status, confidence, result_data) VALUES "
               "('0190b6e4-0000-4000-8000-00000000000a', 'ocr', 'completed', 0.5, '{}')")
    server.sql("INSERT INTO timetables (document_id, teacher_name, class_name, term, year, timeblocks, confidence, validated) VALUES "
               "('0190b6e4-0000-4000-8000-00000000000a', 'A', '2B', 'Autumn', 2026, '[]', 0.5, TRUE)")
    server.sql("UPDATE documents SET status = 'completed' WHERE id = '0190b6e4-0000-4000-8000-00000000000a'")
    equal(server.sql("SELECT length(id), class_name FROM timetables WHERE document_id = '0190b6e4-0000-4000-8000-00000000000a'").strip(), "36|2B")


def seed_database(home, server):
    """A database with the first schema's tables is taken over in place."""
    server.sql(SEED)
    suite(home, "documents", DATABASE_URL=server.url)
    equal(server.sql("SELECT id, created_at AT TIME ZONE 'UTC', tenant FROM documents WHERE filename = 'a' AND file_path = 'b'").strip(),
          "0190b6e4-0000-7000-8000-000000000001|2025-03-01 10:00:00|default")
    client_statements(server)
    server.sql("DELETE FROM documents WHERE id = '0190b6e4-0000-7000-8000-000000000001'")
    equal(server.sql("SELECT count(*) FROM timetables WHERE document_id = '0190b6e4-0000-7000-8000-000000000001'").strip(), "0")


def test_seed(home):
    with Postgres(home, "-c fsync=off -c timezone=Asia/Tokyo") as server:
        migrate(home, 1, DATABASE_URL=server.url)
        client_statements(server)
        equal(server.sql("SELECT extname FROM pg_extension").split(), ["plpgsql"], "no extension is needed")
        server.fresh()
        seed_database(home, server)
        # in a database that sorts as people do, lists and cursors go by bytes all the same
        if server.sql("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'").strip():
            server.fresh("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'und'")
            suite(home, "documents", DATABASE_URL=server.url)


if __name__ == "__main__":
    main(sys.modules[__name__])

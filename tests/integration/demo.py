"""demo: an installation of the demo as it is found out there: its database, in its own schema, and its folder of uploads.

    demo.py FOLDER DOCUMENTS [--paths relative|absolute|container|flat] [--no-saved-name] [--seed N] [--bytes N]

makes FOLDER/app.db and FOLDER/data/uploads. The same seed makes the same installation.
"""
import argparse
import hashlib
import json
import random
import sqlite3
import uuid
from decimal import Decimal
from pathlib import Path

SCHEMA = """
CREATE TABLE documents (id TEXT PRIMARY KEY, filename TEXT NOT NULL, file_path TEXT NOT NULL, file_type TEXT NOT NULL, file_size INTEGER,
    status TEXT DEFAULT 'uploaded', created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE processing_jobs (id TEXT PRIMARY KEY, document_id TEXT, job_type TEXT, status TEXT, confidence REAL, result_data TEXT,
    error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, FOREIGN KEY (document_id) REFERENCES documents(id));
CREATE TABLE timetables (id TEXT PRIMARY KEY, document_id TEXT, teacher_name TEXT, class_name TEXT, term TEXT, year INTEGER, saved_name TEXT,
    timeblocks TEXT, confidence REAL, validated BOOLEAN DEFAULT 0, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (document_id) REFERENCES documents(id));
CREATE TABLE processing_events (id INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT, event_type TEXT, step_name TEXT, percentage INTEGER,
    message TEXT, data TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE job_queue (id TEXT PRIMARY KEY, document_id TEXT, job_type TEXT, status TEXT, priority INTEGER, progress INTEGER,
    retry_count INTEGER, started_at TIMESTAMP, completed_at TIMESTAMP, error_message TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX idx_documents_status ON documents(status);
CREATE INDEX idx_documents_created ON documents(created_at);
CREATE INDEX idx_processing_jobs_document ON processing_jobs(document_id);
CREATE INDEX idx_processing_jobs_status ON processing_jobs(status);
CREATE INDEX idx_timetables_document ON timetables(document_id);
CREATE INDEX idx_processing_events_document ON processing_events(document_id);
CREATE INDEX idx_processing_events_created ON processing_events(created_at);
CREATE INDEX idx_job_queue_status ON job_queue(status);
CREATE INDEX idx_job_queue_document ON job_queue(document_id);
"""
TABLES = ("documents", "processing_jobs", "timetables", "processing_events", "job_queue")
JSON = {("processing_jobs", "result_data"), ("timetables", "timeblocks"), ("processing_events", "data")}
TIMES = {"created_at", "started_at", "completed_at"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
NAMES = ("Maths", "Englisch – Lesen", "Música", "Reading \"aloud\"", "PE\\Games", "体育", "Break\tand snack", "Ünïcödé 🎻", "L'heure")
ENDINGS = (("png", "image"), ("jpg", "image"), ("pdf", "pdf"), ("docx", "docx"), ("xlsx", "xlsx"))


class Demo:
    def __init__(self, folder, paths="relative", saved_name=True, seed=1):
        self.folder, self.paths, self.saved_name = Path(folder), paths, saved_name
        self.random = random.Random(seed)
        self.uploads = self.folder / "data" / "uploads"
        self.uploads.mkdir(parents=True, exist_ok=True)
        self.database = self.folder / "app.db"
        fresh = not self.database.exists()
        self.connection = sqlite3.connect(self.database, timeout=5)  # as better-sqlite3 waits
        if fresh:
            schema = SCHEMA if saved_name else SCHEMA.replace("saved_name TEXT,", "")
            self.connection.executescript(schema)

    def close(self):
        self.connection.close()

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def time(self):
        return (f"2025-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02} {self.random.randint(0, 23):02}:"
                f"{self.random.randint(0, 59):02}:{self.random.randint(0, 59):02}")

    def blocks(self):
        made = []
        for _ in range(self.random.randint(3, 12)):
            block = {"day": self.random.choice(DAYS), "name": self.random.choice(NAMES)}
            if self.random.random() < 0.9:
                block["startTime"], block["endTime"] = f"{self.random.randint(8, 9)}:00", None if self.random.random() < 0.1 else "10:30"
            if self.random.random() < 0.3:
                block["notes"] = self.random.choice((None, "Hall", "bring “shorts”", "50% / 1.50"))
            made.append(block)
        return json.dumps(made, ensure_ascii=self.random.random() < 0.5)

    def path(self, name):
        prefix = {"relative": "./data/uploads/", "absolute": f"{self.uploads.resolve()}/", "container": "/data/uploads/",
                  "flat": "uploads/"}[self.paths]
        return prefix + name

    def content(self, size):
        return self.random.randbytes(size)

    def add(self, size=None):
        """One document with its file, the rows of its work, and the copies that the demo leaves beside it. Returns its id."""
        r, document = self.random, self.uuid()
        ending, kind = r.choice(ENDINGS)
        digits = f"{r.getrandbits(128):032x}"
        name = f"{digits}.{ending}" if self.paths == "flat" else f"{document}/{digits}.{ending}"
        size = r.randint(200, 6000) if size is None else size
        place = self.uploads / name
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(self.content(size))
        if kind == "image" and r.random() < 0.3:
            (place.parent / f"{digits}-compressed.jpg").write_bytes(b"made by the demo")
        status = r.choice(("uploaded", "processing", "processing_ai", "completed", "completed", "completed", "validation_failed", "failed"))
        put = self.connection.execute
        put("INSERT INTO documents VALUES (?,?,?,?,?,?,?)",
            (document, f"Klasse {r.randint(1, 9)}{r.choice('abc')} – plan.{ending}", self.path(name), kind, size, status, self.time()))
        for job in ("ocr", "ai", "validation")[:r.randint(0, 3)]:
            put("INSERT INTO processing_jobs VALUES (?,?,?,?,?,?,?,?)",
                (self.uuid(), document, job, r.choice(("pending", "processing", "completed", "failed")), r.choice((None, r.random(), 0.95, 1.0)),
                 r.choice((None, json.dumps({"text": r.choice(NAMES) * 5, "n": r.choice((1, 1.50, -0.0, 1e30, 12345678901234567890))}))),
                 r.choice((None, "it failed: \\ \n\t\"x\"")), self.time()))
        for i in range(r.choice((0, 1, 1, 1, 2))):
            columns = {"id": self.uuid(), "document_id": document if i == 0 or r.random() < 0.5 else None, "teacher_name": r.choice((None, "Ms. O’Hara")),
                       "class_name": r.choice((None, "", "2EJ")), "term": r.choice((None, "Autumn")), "year": r.choice((None, 2025)),
                       "timeblocks": self.blocks(), "confidence": r.choice((None, 0.1 + 0.2, r.random())), "validated": r.choice((0, 1)),
                       "created_at": self.time()}
            if self.saved_name:
                columns["saved_name"] = r.choice((None, "My copy")) if i else None
            put(f"INSERT INTO timetables ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", tuple(columns.values()))
        for step in range(r.randint(0, 8)):
            put("INSERT INTO processing_events (document_id, event_type, step_name, percentage, message, data, created_at) VALUES (?,?,?,?,?,?,?)",
                (document, r.choice(("progress", "complete", "error", "connected")), r.choice((None, "ocr")), step * 10, None,
                 r.choice((None, '{"b":1,"a":[true,null]}')), self.time()))
        if r.random() < 0.5:
            put("INSERT INTO job_queue VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (self.uuid(), document, "ocr", r.choice(("queued", "completed")), 0, 100, 1, self.time(), None, None, self.time()))
        return document

    def change(self):
        """What a demo in use does: a document more, an edit, one deleted with its rows."""
        put = self.connection.execute
        self.add()
        ids = [row[0] for row in put("SELECT id FROM documents ORDER BY id LIMIT 200")]
        edited, deleted = self.random.choice(ids), self.random.choice(ids)
        put("UPDATE documents SET status = 'completed', file_size = file_size + 1 WHERE id = ?", (edited,))
        put("UPDATE timetables SET teacher_name = 'edited', timeblocks = ? WHERE document_id = ?", (self.blocks(), edited))
        for table in TABLES[1:]:
            put(f"DELETE FROM {table} WHERE document_id = ?", (deleted,))
        put("DELETE FROM documents WHERE id = ?", (deleted,))
        self.connection.commit()


def make(folder, documents, paths="relative", saved_name=True, seed=1, size=None):
    demo = Demo(folder, paths, saved_name, seed)
    for _ in range(documents):
        demo.add(size)
    demo.connection.commit()
    return demo


def number(text):
    """1.50, 1.5 and 15e-1 are the same, and there is no zero below zero."""
    value = Decimal(text)
    return f"#{value.normalize() if value else 0}"


def is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


def plain(table, column, value):
    """A value whose form does not depend on who wrote it."""
    if value is None:
        return None
    if (table, column) in JSON and is_json(value):
        return json.dumps(json.loads(value, parse_int=number, parse_float=number), sort_keys=True)
    if column in TIMES:
        head, _, fraction = str(value).partition(".")
        return head + ("." + fraction.rstrip("0") if fraction.rstrip("0") else "")
    return value


def dump(database, only=None):
    """Every row of the demo's tables in canonical form: {table: {id: {column: value}}}. only: columns by table that count."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    found = {}
    for table in TABLES:
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
        found[table] = {row["id"]: {c: plain(table, c, row[c]) for c in row.keys() if not only or c in only[table]} for row in rows}
    connection.close()
    return found


def differences(got, want):
    """The first rows that two dumps differ in; empty where they are the same."""
    found = []
    for table in sorted({*got, *want}):
        for key in sorted({*got.get(table, {}), *want.get(table, {})}, key=str):
            a, b = got[table].get(key), want[table].get(key)
            if a != b:
                found.append((table, key, {c: ((a or {}).get(c), (b or {}).get(c)) for c in {*(a or {}), *(b or {})}
                                           if (a or {}).get(c) != (b or {}).get(c)}))
    return found[:5]


def files(database, folder):
    """What each document's file has: {id: sha256}; as the demo finds it, or by the end of its path in the folder of uploads."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    found = {}
    for document, path in connection.execute("SELECT id, file_path FROM documents"):
        parts = Path(path).parts
        ends = [Path(folder, *parts[i:]) for i in range(1 if Path(path).is_absolute() else 0, len(parts))]
        place = next((end for end in ends if end.is_file()), None)
        found[document] = hashlib.sha256(place.read_bytes()).hexdigest() if place else None
    connection.close()
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("documents", type=int)
    parser.add_argument("--paths", choices=("relative", "absolute", "container", "flat"), default="relative")
    parser.add_argument("--no-saved-name", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bytes", type=int, help="of each file; else 200 to 6000")
    options = parser.parse_args()
    make(options.folder, options.documents, options.paths, not options.no_saved_name, options.seed, options.bytes).close()


if __name__ == "__main__":
    main()

-- Documents, the results of their stages, and timetables, under the names that the first schema gave them. A file of the demo
-- keeps its rows and its columns: what is missing is added. A column that is there already is passed over (older files
-- lack saved_name), as the head of migration.h says. Times are UTC text, to the second where the demo wrote them and to the
-- millisecond where we do; they sort together.

CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY,
    filename TEXT NOT NULL,
    file_path TEXT NOT NULL,
    file_type TEXT NOT NULL,
    file_size INTEGER,
    status TEXT NOT NULL DEFAULT 'uploaded',
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE TABLE IF NOT EXISTS processing_jobs (
    id TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
    document_id TEXT REFERENCES documents (id) ON DELETE CASCADE,
    job_type TEXT,
    status TEXT,
    confidence REAL,
    result_data TEXT,
    error_message TEXT,
    created_at TIMESTAMP DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE TABLE IF NOT EXISTS timetables (
    id TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(16)))),
    document_id TEXT REFERENCES documents (id) ON DELETE CASCADE,
    teacher_name TEXT,
    class_name TEXT,
    term TEXT,
    year INTEGER,
    saved_name TEXT,
    timeblocks TEXT NOT NULL DEFAULT '[]',
    confidence REAL,
    validated BOOLEAN NOT NULL DEFAULT 0,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE TABLE IF NOT EXISTS processing_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT REFERENCES documents (id) ON DELETE CASCADE,
    event_type TEXT NOT NULL,
    step_name TEXT,
    percentage INTEGER,
    message TEXT,
    data TEXT,
    created_at TIMESTAMP DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
-- the demo's own queue: nothing of ours uses it, but a document that goes takes its rows along
CREATE TABLE IF NOT EXISTS job_queue (
    id TEXT PRIMARY KEY,
    document_id TEXT,
    job_type TEXT,
    status TEXT,
    priority INTEGER,
    progress INTEGER,
    retry_count INTEGER,
    started_at TIMESTAMP,
    completed_at TIMESTAMP,
    error_message TEXT,
    created_at TIMESTAMP DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);

ALTER TABLE documents ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
ALTER TABLE documents ADD COLUMN updated_at TIMESTAMP;
ALTER TABLE documents ADD COLUMN sha256 TEXT;
ALTER TABLE documents ADD COLUMN options TEXT NOT NULL DEFAULT '{}'
    CONSTRAINT documents_options_object CHECK (json_type(options) = 'object');
ALTER TABLE documents ADD COLUMN options_hash TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN name TEXT;
ALTER TABLE documents ADD COLUMN teacher_name TEXT;
ALTER TABLE documents ADD COLUMN class_name TEXT;
ALTER TABLE documents ADD COLUMN uploader TEXT;
ALTER TABLE documents ADD COLUMN run TEXT;
ALTER TABLE documents ADD COLUMN reused_from TEXT;
ALTER TABLE documents ADD COLUMN confidence REAL;
ALTER TABLE documents ADD COLUMN pages INTEGER;
ALTER TABLE documents ADD COLUMN error TEXT;
ALTER TABLE documents ADD COLUMN error_message TEXT;
UPDATE documents SET status = COALESCE(status, 'uploaded'), created_at = COALESCE(created_at, '1970-01-01 00:00:00')
    WHERE status IS NULL OR created_at IS NULL;
CREATE INDEX documents_by_age ON documents (tenant, created_at, id);
CREATE INDEX documents_by_status ON documents (tenant, status, created_at, id);
CREATE INDEX documents_by_bytes ON documents (tenant, sha256, options_hash, created_at) WHERE sha256 IS NOT NULL;
-- a column that is there already takes no CHECK
CREATE TRIGGER documents_status_known_at_insert BEFORE INSERT ON documents
    WHEN NEW.status NOT IN ('uploaded', 'processing', 'processing_ai', 'completed', 'needs_review', 'validation_failed', 'failed', 'cancelled')
    BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: documents_status_known'); END;
CREATE TRIGGER documents_status_known_at_update BEFORE UPDATE OF status ON documents
    WHEN NEW.status NOT IN ('uploaded', 'processing', 'processing_ai', 'completed', 'needs_review', 'validation_failed', 'failed', 'cancelled')
    BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: documents_status_known'); END;
-- the demo's tables do not cascade, and a reference that is there already cannot be changed
CREATE TRIGGER documents_cascade BEFORE DELETE ON documents
    BEGIN
        DELETE FROM processing_jobs WHERE document_id = OLD.id;
        DELETE FROM timetables WHERE document_id = OLD.id;
        DELETE FROM processing_events WHERE document_id = OLD.id;
        DELETE FROM job_queue WHERE document_id = OLD.id;
    END;
CREATE INDEX job_queue_by_document ON job_queue (document_id);

ALTER TABLE processing_jobs ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
ALTER TABLE processing_jobs ADD COLUMN run TEXT;
ALTER TABLE processing_jobs ADD COLUMN attempt INTEGER;
-- the first result of a stage of a run wins
CREATE UNIQUE INDEX processing_jobs_once ON processing_jobs (document_id, run, job_type);

ALTER TABLE timetables ADD COLUMN saved_name TEXT;
ALTER TABLE timetables ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
ALTER TABLE timetables ADD COLUMN updated_at TIMESTAMP;
ALTER TABLE timetables ADD COLUMN position INTEGER CONSTRAINT timetables_position_positive CHECK (position >= 0);
ALTER TABLE timetables ADD COLUMN run TEXT;
ALTER TABLE timetables ADD COLUMN school TEXT;
ALTER TABLE timetables ADD COLUMN week TEXT;
ALTER TABLE timetables ADD COLUMN version INTEGER NOT NULL DEFAULT 1
    CONSTRAINT timetables_version_positive CHECK (version >= 1);
ALTER TABLE timetables ADD COLUMN edit TEXT;
UPDATE timetables SET timeblocks = COALESCE(timeblocks, '[]'), validated = COALESCE(validated, 0),
        created_at = COALESCE(created_at, '1970-01-01 00:00:00')
    WHERE timeblocks IS NULL OR validated IS NULL OR created_at IS NULL;
CREATE UNIQUE INDEX timetables_once ON timetables (document_id, position);
CREATE INDEX timetables_by_age ON timetables (tenant, created_at, id);
CREATE TRIGGER timetables_timeblocks_array_at_insert BEFORE INSERT ON timetables
    WHEN NOT json_valid(NEW.timeblocks) OR json_type(NEW.timeblocks) <> 'array'
    BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: timetables_timeblocks_array'); END;
CREATE TRIGGER timetables_timeblocks_array_at_update BEFORE UPDATE OF timeblocks ON timetables
    WHEN NOT json_valid(NEW.timeblocks) OR json_type(NEW.timeblocks) <> 'array'
    BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: timetables_timeblocks_array'); END;

CREATE TABLE timetable_versions (
    timetable_id TEXT NOT NULL REFERENCES timetables (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    content TEXT NOT NULL, -- the row as it was before the next version
    edit TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')), -- when it was superseded
    CONSTRAINT timetable_versions_pkey PRIMARY KEY (timetable_id, version),
    CONSTRAINT timetable_versions_content_json CHECK (json_valid(content))
) WITHOUT ROWID;

-- the dossier that the last finished run has left, for pages with overlays and for runs that begin in the middle
CREATE TABLE dossiers (
    document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    run TEXT NOT NULL,
    body BLOB NOT NULL
);

-- what documents are searched by
CREATE TABLE document_words (
    tenant TEXT NOT NULL,
    word TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    CONSTRAINT document_words_pkey PRIMARY KEY (tenant, word, document_id)
) WITHOUT ROWID;
CREATE INDEX document_words_by_document ON document_words (document_id);

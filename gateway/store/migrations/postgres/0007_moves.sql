-- What moves between installations leave behind (gateway/move).

-- where the file of a document lay in the installation that it came from; none for those that were uploaded here
ALTER TABLE documents ADD COLUMN source_path TEXT;

-- where the rows came from, and what is known of the place
CREATE TABLE moves (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);

-- the demo's own queue: nothing of ours uses it, but a document that goes takes its rows along
CREATE TABLE IF NOT EXISTS job_queue (
    id TEXT COLLATE "C" PRIMARY KEY,
    document_id TEXT COLLATE "C",
    job_type TEXT,
    status TEXT,
    priority INTEGER,
    progress INTEGER,
    retry_count INTEGER,
    started_at TIMESTAMPTZ,
    completed_at TIMESTAMPTZ,
    error_message TEXT,
    created_at TIMESTAMPTZ DEFAULT now(),
    CONSTRAINT job_queue_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE INDEX job_queue_by_document ON job_queue (document_id);

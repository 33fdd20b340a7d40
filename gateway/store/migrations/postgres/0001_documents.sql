-- Documents, the results of their stages, and timetables, under the names that the first schema gave them. A database that has
-- those tables already keeps its rows: columns are widened where they lost data, and what is missing is added.
-- Ids are text: most are UUIDs of version 7 that the gateway makes, those of other owners are whatever they call their documents.

CREATE TABLE IF NOT EXISTS documents (
    id TEXT COLLATE "C" PRIMARY KEY,
    filename TEXT NOT NULL,
    file_path TEXT NOT NULL,
    file_type TEXT NOT NULL,
    file_size BIGINT,
    status TEXT,
    created_at TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS processing_jobs (
    id TEXT COLLATE "C" PRIMARY KEY,
    document_id TEXT COLLATE "C",
    job_type TEXT,
    status TEXT,
    confidence DOUBLE PRECISION,
    result_data JSONB,
    error_message TEXT,
    created_at TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS timetables (
    id TEXT COLLATE "C" PRIMARY KEY,
    document_id TEXT COLLATE "C",
    teacher_name TEXT,
    class_name TEXT,
    term TEXT,
    year INTEGER,
    timeblocks JSONB,
    confidence DOUBLE PRECISION,
    validated BOOLEAN,
    created_at TIMESTAMPTZ
);

-- the references of the first schema stand in the way of wider ids, and do not cascade
ALTER TABLE processing_jobs DROP CONSTRAINT IF EXISTS processing_jobs_document_id_fkey;
ALTER TABLE timetables DROP CONSTRAINT IF EXISTS timetables_document_id_fkey;

ALTER TABLE documents
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN id TYPE TEXT COLLATE "C",
    ALTER COLUMN id SET DEFAULT gen_random_uuid()::text,
    ALTER COLUMN filename TYPE TEXT,
    ALTER COLUMN file_path TYPE TEXT,
    ALTER COLUMN file_type TYPE TEXT,
    ALTER COLUMN file_size TYPE BIGINT,
    ALTER COLUMN status TYPE TEXT,
    ALTER COLUMN status SET DEFAULT 'uploaded',
    ALTER COLUMN created_at DROP DEFAULT,
    ALTER COLUMN created_at TYPE TIMESTAMPTZ USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at SET DEFAULT now();
UPDATE documents SET status = COALESCE(status, 'uploaded'), created_at = COALESCE(created_at, now())
    WHERE status IS NULL OR created_at IS NULL;
ALTER TABLE documents
    ALTER COLUMN status SET NOT NULL,
    ALTER COLUMN created_at SET NOT NULL,
    ADD COLUMN tenant TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    ADD COLUMN sha256 TEXT COLLATE "C",
    ADD COLUMN options JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN options_hash TEXT COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN name TEXT,
    ADD COLUMN teacher_name TEXT,
    ADD COLUMN class_name TEXT,
    ADD COLUMN uploader TEXT,
    ADD COLUMN run TEXT COLLATE "C",
    ADD COLUMN reused_from TEXT COLLATE "C",
    ADD COLUMN confidence DOUBLE PRECISION,
    ADD COLUMN pages INTEGER,
    ADD COLUMN error TEXT,
    ADD COLUMN error_message TEXT,
    ADD CONSTRAINT documents_status_known CHECK (status IN ('uploaded', 'processing', 'processing_ai', 'completed',
        'needs_review', 'validation_failed', 'failed', 'cancelled')),
    ADD CONSTRAINT documents_file_size_positive CHECK (file_size >= 0),
    ADD CONSTRAINT documents_options_object CHECK (jsonb_typeof(options) = 'object');
CREATE INDEX documents_by_age ON documents (tenant, created_at, id);
CREATE INDEX documents_by_status ON documents (tenant, status, created_at, id);
CREATE INDEX documents_by_bytes ON documents (tenant, sha256, options_hash, created_at) WHERE sha256 IS NOT NULL;

ALTER TABLE processing_jobs
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN id TYPE TEXT COLLATE "C",
    ALTER COLUMN id SET DEFAULT gen_random_uuid()::text,
    ALTER COLUMN document_id TYPE TEXT COLLATE "C",
    ALTER COLUMN job_type TYPE TEXT,
    ALTER COLUMN status TYPE TEXT,
    ALTER COLUMN confidence TYPE DOUBLE PRECISION,
    ALTER COLUMN created_at DROP DEFAULT,
    ALTER COLUMN created_at TYPE TIMESTAMPTZ USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at SET DEFAULT now(),
    ADD COLUMN tenant TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    ADD COLUMN run TEXT COLLATE "C",
    ADD COLUMN attempt INTEGER,
    ADD CONSTRAINT processing_jobs_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    -- the first result of a stage of a run wins
    ADD CONSTRAINT processing_jobs_once UNIQUE (document_id, run, job_type);

ALTER TABLE timetables
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN id TYPE TEXT COLLATE "C",
    ALTER COLUMN id SET DEFAULT gen_random_uuid()::text,
    ALTER COLUMN document_id TYPE TEXT COLLATE "C",
    ALTER COLUMN teacher_name TYPE TEXT,
    ALTER COLUMN class_name TYPE TEXT,
    ALTER COLUMN term TYPE TEXT,
    ALTER COLUMN confidence TYPE DOUBLE PRECISION,
    ALTER COLUMN validated SET DEFAULT FALSE,
    ALTER COLUMN created_at DROP DEFAULT,
    ALTER COLUMN created_at TYPE TIMESTAMPTZ USING created_at AT TIME ZONE 'UTC',
    ALTER COLUMN created_at SET DEFAULT now();
UPDATE timetables SET validated = COALESCE(validated, FALSE), created_at = COALESCE(created_at, now()),
        timeblocks = COALESCE(timeblocks, '[]')
    WHERE validated IS NULL OR created_at IS NULL OR timeblocks IS NULL;
ALTER TABLE timetables
    ALTER COLUMN validated SET NOT NULL,
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN timeblocks SET NOT NULL,
    ALTER COLUMN timeblocks SET DEFAULT '[]',
    ADD COLUMN IF NOT EXISTS saved_name TEXT,
    ADD COLUMN tenant TEXT COLLATE "C" NOT NULL DEFAULT 'default',
    ADD COLUMN updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    ADD COLUMN position INTEGER, -- among those that a run has read off the document; none for one saved under a name
    ADD COLUMN run TEXT COLLATE "C",
    ADD COLUMN school TEXT,
    ADD COLUMN week TEXT,
    ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
    ADD COLUMN edit TEXT COLLATE "C",
    ADD CONSTRAINT timetables_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    ADD CONSTRAINT timetables_once UNIQUE (document_id, position),
    ADD CONSTRAINT timetables_position_positive CHECK (position >= 0),
    ADD CONSTRAINT timetables_version_positive CHECK (version >= 1),
    ADD CONSTRAINT timetables_timeblocks_array CHECK (jsonb_typeof(timeblocks) = 'array');
CREATE INDEX timetables_by_age ON timetables (tenant, created_at, id);

CREATE TABLE timetable_versions (
    timetable_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    tenant TEXT COLLATE "C" NOT NULL,
    content JSONB NOT NULL, -- the row as it was before the next version
    edit TEXT COLLATE "C",
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(), -- when it was superseded
    CONSTRAINT timetable_versions_pkey PRIMARY KEY (timetable_id, version),
    CONSTRAINT timetable_versions_timetable_id_fkey FOREIGN KEY (timetable_id) REFERENCES timetables (id) ON DELETE CASCADE
);

-- the dossier that the last finished run has left, for pages with overlays and for runs that begin in the middle
CREATE TABLE dossiers (
    document_id TEXT COLLATE "C" PRIMARY KEY,
    tenant TEXT COLLATE "C" NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT dossiers_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE
);

-- what documents are searched by
CREATE TABLE document_words (
    tenant TEXT COLLATE "C" NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    document_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT document_words_pkey PRIMARY KEY (tenant, word, document_id),
    CONSTRAINT document_words_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE
);
CREATE INDEX document_words_by_document ON document_words (document_id);

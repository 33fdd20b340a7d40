-- What a gateway must not forget: blobs, runs and who has them in hand, events, keys.

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    -- it begins the keys of blobs
    CONSTRAINT tenants_id_plain CHECK (id NOT GLOB '*[^a-z0-9_-]*' AND length(id) BETWEEN 1 AND 64)
);
INSERT INTO tenants (id, name) VALUES ('default', 'default');

-- pending: being uploaded, no document has it yet; present: a document has it; deleting: its object is being removed
CREATE TABLE blobs (
    tenant TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    state TEXT NOT NULL,
    birth TEXT NOT NULL, -- another one when the object has been removed and put again
    held_until TIMESTAMP NOT NULL, -- an upload relies on the object until then
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    CONSTRAINT blobs_pkey PRIMARY KEY (tenant, sha256),
    CONSTRAINT blobs_state_known CHECK (state IN ('pending', 'present', 'deleting')),
    CONSTRAINT blobs_bytes_positive CHECK (bytes >= 0)
);
CREATE INDEX blobs_doomed ON blobs (held_until) WHERE state <> 'present';
-- no object goes while a document has it: a table that is there already takes no reference of two columns
CREATE TRIGGER blobs_in_use BEFORE DELETE ON blobs
    WHEN EXISTS (SELECT 1 FROM documents WHERE tenant = OLD.tenant AND sha256 = OLD.sha256)
    BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed: documents_blob_fkey'); END;

-- who keeps runs alive: one row for each life of a gateway, and until when it is believed to live
CREATE TABLE owners (
    id TEXT PRIMARY KEY,
    lease_until TIMESTAMP NOT NULL
);

-- one row for each run that has not ended
CREATE TABLE outbox (
    run TEXT PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 1,
    owner TEXT NOT NULL, -- '' is nobody
    route TEXT NOT NULL, -- stages, a space between
    priority INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 3, -- allowed at each stage
    attempt INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    stage TEXT,                        -- the last one that is recorded
    place INTEGER NOT NULL DEFAULT -1, -- and its index in the route
    dossier BLOB,                      -- as it was after it
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    CONSTRAINT outbox_document_once UNIQUE (document_id),
    CONSTRAINT outbox_epoch_positive CHECK (epoch >= 1),
    CONSTRAINT outbox_attempts_positive CHECK (attempts >= 1 AND attempt >= 0 AND crashes >= 0 AND losses >= 0)
);
CREATE INDEX outbox_by_owner ON outbox (owner, run);

-- runs that were cancelled, deleted or superseded, for the owner that still has them at a broker. No reference: they outlive
-- their documents.
CREATE TABLE call_offs (
    owner TEXT NOT NULL,
    run TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    CONSTRAINT call_offs_pkey PRIMARY KEY (owner, run)
);
CREATE INDEX call_offs_by_age ON call_offs (created_at);

-- what has been answered to a key; no reference: the same key means the same document after it has gone, too
CREATE TABLE idempotency (
    tenant TEXT NOT NULL,
    key TEXT NOT NULL,
    part INTEGER NOT NULL, -- number of the file in its upload
    fingerprint TEXT NOT NULL,
    document_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    CONSTRAINT idempotency_pkey PRIMARY KEY (tenant, key, part)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

ALTER TABLE processing_events ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
CREATE INDEX processing_events_by_document ON processing_events (document_id, id);
CREATE INDEX processing_events_by_age ON processing_events (created_at);

CREATE TABLE dead_letters (
    id TEXT PRIMARY KEY, -- the run
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    stage TEXT,
    error TEXT NOT NULL,
    message TEXT,
    attempts INTEGER NOT NULL,
    crashes INTEGER NOT NULL,
    losses INTEGER NOT NULL,
    inputs TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    CONSTRAINT dead_letters_inputs_json CHECK (json_valid(inputs))
);
CREATE INDEX dead_letters_by_age ON dead_letters (tenant, created_at, id);
CREATE INDEX dead_letters_by_document ON dead_letters (document_id);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    hash TEXT NOT NULL, -- SHA-256 of the key, which has 256 random bits and needs no salt
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    expires_at TIMESTAMP,
    revoked_at TIMESTAMP,
    CONSTRAINT api_keys_hash_once UNIQUE (hash),
    CONSTRAINT api_keys_role_known CHECK (role IN ('teacher', 'admin', 'service'))
);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant, id);

CREATE TABLE feed_tokens (
    hash TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
);
CREATE INDEX feed_tokens_by_document ON feed_tokens (document_id);

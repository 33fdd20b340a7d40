-- Pages that were drawn: the blob of each, and what it shows. They are made again at any time: nothing is lost with a row.
CREATE TABLE pictures (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    page INTEGER NOT NULL,
    layers INTEGER NOT NULL, -- bits of what is drawn over it
    tenant TEXT NOT NULL,
    print TEXT NOT NULL, -- of everything that it shows: another one where it has to be drawn anew
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
    CONSTRAINT pictures_pkey PRIMARY KEY (document_id, page, layers),
    -- no object goes while a picture has it
    CONSTRAINT pictures_blob_fkey FOREIGN KEY (tenant, sha256) REFERENCES blobs (tenant, sha256)
) WITHOUT ROWID;
CREATE INDEX pictures_by_blob ON pictures (tenant, sha256);
CREATE INDEX pictures_by_age ON pictures (created_at);

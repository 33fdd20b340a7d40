-- Pages that were drawn: the blob of each, and what it shows. They are made again at any time: nothing is lost with a row.
CREATE TABLE pictures (
    document_id TEXT COLLATE "C" NOT NULL,
    page INTEGER NOT NULL,
    layers INTEGER NOT NULL, -- bits of what is drawn over it
    tenant TEXT COLLATE "C" NOT NULL,
    print TEXT COLLATE "C" NOT NULL, -- of everything that it shows: another one where it has to be drawn anew
    sha256 TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT pictures_pkey PRIMARY KEY (document_id, page, layers),
    CONSTRAINT pictures_document_id_fkey FOREIGN KEY (document_id) REFERENCES documents (id) ON DELETE CASCADE,
    -- no object goes while a picture has it
    CONSTRAINT pictures_blob_fkey FOREIGN KEY (tenant, sha256) REFERENCES blobs (tenant, sha256)
);
CREATE INDEX pictures_by_blob ON pictures (tenant, sha256);
CREATE INDEX pictures_by_age ON pictures (created_at);

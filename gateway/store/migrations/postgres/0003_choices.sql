-- which provider of models a browser session has chosen, for so long as it goes on; its API key is encrypted (gateway/vault)
CREATE TABLE llm_choices (
    tenant TEXT COLLATE "C" NOT NULL,
    session TEXT COLLATE "C" NOT NULL, -- SHA-256 of who asks and its session id
    provider TEXT NOT NULL,
    model TEXT,
    secret TEXT,
    minutes INTEGER NOT NULL, -- that it lasts from its last use
    expires_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT llm_choices_pkey PRIMARY KEY (tenant, session)
);
CREATE INDEX llm_choices_by_age ON llm_choices (expires_at);

-- What an owner without a database of ours calls a document, where that is no id: a name within its tenant (stage `store`).
ALTER TABLE documents ADD COLUMN external_id TEXT COLLATE "C";
CREATE UNIQUE INDEX documents_by_external ON documents (tenant, external_id) WHERE external_id IS NOT NULL;

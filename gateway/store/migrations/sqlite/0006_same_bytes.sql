-- Documents of the same bytes are looked for by the digest first: it alone tells them apart.
CREATE INDEX documents_by_content ON documents (sha256, options_hash, tenant, created_at) WHERE sha256 IS NOT NULL;
DROP INDEX documents_by_bytes;

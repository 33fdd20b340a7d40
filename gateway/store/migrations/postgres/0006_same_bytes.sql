-- Documents of the same bytes are looked for by the digest first: it alone tells them apart, and while nothing is known of a new table,
-- an index that begins with the tenant looks no better than those by age and by status, which are then read from end to end.
CREATE INDEX documents_by_content ON documents (sha256, options_hash, tenant, created_at) WHERE sha256 IS NOT NULL;
DROP INDEX documents_by_bytes;

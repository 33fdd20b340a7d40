-- What moves between installations leave behind (gateway/move).

-- where the file of a document lay in the installation that it came from; none for those that were uploaded here
ALTER TABLE documents ADD COLUMN source_path TEXT;

-- where the rows came from, and what is known of the place
CREATE TABLE moves (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

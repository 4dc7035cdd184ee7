-- An id is looked up in the caller's walls alone: one of another wall takes as long to miss as one that there is not.
CREATE UNIQUE INDEX IF NOT EXISTS record_in_wall ON record (wall_id, id);

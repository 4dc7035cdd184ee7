-- Whose vectors are searched: current; whose are being made, to be searched once all are there: coming; and whose are on
-- their way out: going.
ALTER TABLE encoder ADD COLUMN phase TEXT NOT NULL DEFAULT 'current';

INSERT INTO content_register (table_name, column_name, holds) VALUES ('encoder', 'phase', 'code');

-- The operation on the same record before which it is again; NULL but for what takes something back.
ALTER TABLE operation ADD COLUMN reverts INTEGER;

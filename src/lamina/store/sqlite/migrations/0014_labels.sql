-- Which records bear a label is asked at every read of who may not see all of them; few do.
CREATE INDEX revision_labelled ON revision (record_key) WHERE sensitivity IS NOT NULL;

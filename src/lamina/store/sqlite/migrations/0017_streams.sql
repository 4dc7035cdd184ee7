-- An observation that was erased with the event that it began, after that had been merged into another, stood on in the
-- other's stream, and every later change there failed. It leaves the stream, as it does now when it is erased.
UPDATE record SET event_key = NULL
WHERE event_key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM revision AS v WHERE v.record_key = record.record_key AND v.state != 'erased')
    AND EXISTS (
        SELECT 1 FROM parent AS p INNER JOIN record AS e ON p.child_key = e.record_key
        INNER JOIN revision AS s ON e.record_key = s.record_key
        WHERE p.parent_key = record.record_key AND e.kind = 'event' AND s.state = 'erased'
    );

-- A version says which state it is only within one branch of history: after a failover that lost commits it is given
-- again, to another state. So a state is known by its version and by the command that made it.
ALTER TABLE aggregate ADD COLUMN command uuid;

-- Of the release before the last one.
DROP FUNCTION apply_units(smallint[], uuid[], text[], uuid[], bigint[], bigint[], jsonb[], text[], text[], bytea[], uuid[],
  bytea[]);

-- Decides the units of a whole group in one statement: of each its state and its key, or neither. One row a unit, in
-- the order of the arrays: applied | conflict (read again) | done (the first answer again) | mismatch.
-- The first statement of a group; the arrays are parallel and sorted by (partition, stream), a stream at most once.
--   p_expected  the version the decision was made on; 0 for a stream that must not exist yet
--   p_made      the command that made that version; NULL where it is not known, and the version alone decides
--   p_events    how many versions it goes on
--   p_relying   parallel to the four after it: units, counted from 1, that were decided on the version of another
--               aggregate; when that one has moved on, the unit is in conflict as if its own had
CREATE FUNCTION apply_units(p_partition smallint[], p_stream uuid[], p_kind text[], p_learner uuid[],
  p_expected bigint[], p_events bigint[], p_body jsonb[], p_caller text[], p_key text[], p_digest bytea[],
  p_command uuid[], p_answer bytea[], p_made uuid[], p_relying int[], p_other_partition smallint[], p_other uuid[],
  p_other_version bigint[], p_other_made uuid[])
RETURNS TABLE (outcome text, answer bytea)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH unit AS MATERIALIZED (
      SELECT u.*, i.digest AS known, i.answer AS prior
        FROM unnest(p_partition, p_stream, p_kind, p_learner, p_expected, p_events, p_body, p_caller, p_key,
                    p_digest, p_command, p_answer, p_made) WITH ORDINALITY
             u(partition, stream, kind, learner, expected, events, body, caller, key, digest, command, reply, made, ord)
        LEFT JOIN idempotency i ON i.partition = u.partition AND i.stream = u.stream AND i.caller = u.caller
                               AND i.key = u.key),
    misled AS MATERIALIZED (
      SELECT o.ord
        FROM unnest(p_relying, p_other_partition, p_other, p_other_version, p_other_made) o(ord, partition, id, version, made)
       WHERE NOT EXISTS (SELECT 1 FROM aggregate a
                          WHERE a.partition = o.partition AND a.id = o.id AND a.version = o.version
                            AND (o.made IS NULL OR a.command = o.made))),
    -- Rows are locked in the order of the arrays, the same on every replica: groups cannot deadlock. A row whose
    -- version moved on while we waited for it falls out here.
    held AS MATERIALIZED (
      SELECT u.*
        FROM unit u JOIN aggregate a ON a.partition = u.partition AND a.id = u.stream
       WHERE a.kind = u.kind AND a.version = u.expected AND u.known IS NULL
         AND (u.made IS NULL OR a.command = u.made)
         AND u.ord NOT IN (SELECT m.ord FROM misled m)
       ORDER BY u.ord FOR UPDATE OF a),
    changed AS (
      UPDATE aggregate a
         SET version = a.version + h.events, body = h.body, updated_at = clock_timestamp(),
             command = CASE WHEN h.events > 0 THEN h.command ELSE a.command END
        FROM held h WHERE a.partition = h.partition AND a.id = h.stream
      RETURNING h.ord, h.partition, h.stream, h.caller, h.key, h.digest, h.command, h.reply, a.version),
    -- After all that exist, so that whoever waits for a new row of ours holds none that we still need.
    created AS (
      INSERT INTO aggregate (partition, id, kind, learner, version, body, command)
      SELECT u.partition, u.stream, u.kind, u.learner, u.events, u.body, u.command FROM unit u
       WHERE u.expected = 0 AND u.known IS NULL AND u.ord NOT IN (SELECT m.ord FROM misled m)
         AND (SELECT count(*) FROM changed) >= 0
       ORDER BY u.ord
      ON CONFLICT DO NOTHING
      RETURNING partition, id),
    applied AS MATERIALIZED (
      SELECT c.* FROM changed c
      UNION ALL
      SELECT u.ord, u.partition, u.stream, u.caller, u.key, u.digest, u.command, u.reply, u.events FROM unit u
       WHERE u.expected = 0 AND u.known IS NULL AND (u.partition, u.stream) IN (SELECT c.partition, c.id FROM created c)),
    remembered AS (
      INSERT INTO idempotency (partition, stream, caller, key, digest, command, version, answer)
      SELECT p.partition, p.stream, p.caller, p.key, p.digest, p.command, p.version, p.reply FROM applied p)
  SELECT CASE WHEN u.known IS NOT NULL THEN CASE WHEN u.known = u.digest THEN 'done' ELSE 'mismatch' END
              WHEN u.ord IN (SELECT p.ord FROM applied p) THEN 'applied' ELSE 'conflict' END,
         u.prior
    FROM unit u
   ORDER BY u.ord;
END $$;

-- As replicas of the last release call it, until all of them are replaced.
CREATE OR REPLACE FUNCTION apply_units(p_partition smallint[], p_stream uuid[], p_kind text[], p_learner uuid[],
  p_expected bigint[], p_events bigint[], p_body jsonb[], p_caller text[], p_key text[], p_digest bytea[],
  p_command uuid[], p_answer bytea[], p_relying int[], p_other_partition smallint[], p_other uuid[],
  p_other_version bigint[])
RETURNS TABLE (outcome text, answer bytea) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT * FROM apply_units(p_partition, p_stream, p_kind, p_learner, p_expected, p_events, p_body, p_caller,
                                         p_key, p_digest, p_command, p_answer, '{}', p_relying, p_other_partition, p_other,
                                         p_other_version, '{}');
END $$;

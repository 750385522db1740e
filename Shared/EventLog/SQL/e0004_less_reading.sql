-- What a process commits it need not read again: `append` says where the events stand, so that the feed hands them on
-- from memory; `apply_units` checks versions that a decision merely relied on, so that it need not read them first.
DROP FUNCTION append;
-- Inserts the events of all applied commands of this transaction: with their positions where the partition's lock is
-- free, pending where it is not. The last statement of a group. Arrays are parallel, in command and version order.
-- A command counts as applied when its idempotency row carries its command id.
--   o_recorded  the moment that all of them carry
--   o_partitions, o_epochs, o_positions, o_counts  where readers may see all of a partition's new events: its branch,
--               the position of the last of them, and how many they are. What was pending before is not among them.
CREATE FUNCTION append(p_partition smallint[], p_stream uuid[], p_caller text[], p_key text[], p_command uuid[],
  p_version bigint[], p_event_id uuid[], p_type text[], p_schema_version int[], p_learner uuid[],
  p_effective timestamptz[], p_actor text[], p_authority text[], p_caused_by uuid[], p_correlation uuid[],
  p_traceparent text[], p_payload bytea[], p_confirmed bigint[],
  OUT o_appended int, OUT o_busy int, OUT o_seen bigint[], OUT o_recorded timestamptz, OUT o_partitions smallint[],
  OUT o_epochs int[], OUT o_positions bigint[], OUT o_counts int[])
LANGUAGE plpgsql AS $$
DECLARE
  confirm boolean; space int; want smallint[]; got smallint[]; ready smallint[];
BEGIN
  SELECT p.o_confirm, p.o_lock_space INTO confirm, space FROM publish_confirmed() p;
  o_recorded := clock_timestamp();
  SELECT array_agg(DISTINCT p) INTO want FROM unnest(p_partition) p;
  SELECT COALESCE(array_agg(p), '{}') INTO got FROM unnest(want) p WHERE pg_try_advisory_xact_lock(space, p);
  o_busy := COALESCE(cardinality(want), 0) - cardinality(got);
  IF got <> '{}' THEN
    IF confirm THEN PERFORM 1 FROM head WHERE partition = ANY (got) ORDER BY partition FOR UPDATE; END IF;
    PERFORM open_epochs(got);
  END IF;
  -- Older pending rows go first: one of them may be the version before ours. Where a limit cuts that, ours wait too.
  IF EXISTS (SELECT 1 FROM event e WHERE e.pos IS NULL AND e.partition = ANY (got)) THEN
    PERFORM number_pending(got, p_confirmed, 2000);
    SELECT COALESCE(array_agg(g), '{}') INTO ready FROM unnest(got) g
     WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.pos IS NULL AND e.partition = g);
  ELSE
    ready := got;
  END IF;
  WITH mine AS (
      SELECT u.*, h.pos AS base, u.partition = ANY (ready) AS now,
             row_number() OVER (PARTITION BY u.partition ORDER BY u.ord) AS n
        FROM unnest(p_partition, p_stream, p_caller, p_key, p_command, p_version, p_event_id, p_type,
                    p_schema_version, p_learner, p_effective, p_actor, p_authority, p_caused_by, p_correlation,
                    p_traceparent, p_payload) WITH ORDINALITY
             u(partition, stream, caller, key, command, version, event_id, type, schema_version, learner,
               effective_at, actor, authority, caused_by, correlation, traceparent, payload, ord)
        JOIN idempotency i ON i.partition = u.partition AND i.stream = u.stream AND i.caller = u.caller
                          AND i.key = u.key AND i.command = u.command
        JOIN head h ON h.partition = u.partition),
    placed AS (
      -- No ON CONFLICT: a clash here is corruption, and must be loud.
      INSERT INTO event (partition, pos, stream, stream_version, event_id, type, schema_version, learner,
                         effective_at, recorded_at, actor, authority, caused_by, correlation, traceparent, payload)
      SELECT partition, CASE WHEN now THEN base + n END, stream, version, event_id, type, schema_version, learner,
             effective_at, o_recorded, actor, authority, caused_by, correlation, traceparent, payload
        FROM mine ORDER BY ord
      RETURNING partition, pos),
    counted AS (SELECT partition, count(*) AS n, count(pos) AS numbered FROM placed GROUP BY partition),
    moved AS (
      UPDATE head h
         SET pos = h.pos + c.numbered,
             safe_pos = CASE WHEN confirm
               THEN GREATEST(h.safe_pos, LEAST(COALESCE(p_confirmed[h.partition + 1], 0), h.pos))
               ELSE h.pos + c.numbered END
        FROM counted c WHERE c.partition = h.partition AND c.numbered > 0
      RETURNING h.partition, h.epoch, h.pos, c.numbered)
  SELECT COALESCE(sum(c.n), 0), array_agg(m.partition) FILTER (WHERE m.partition IS NOT NULL),
         array_agg(m.epoch) FILTER (WHERE m.partition IS NOT NULL),
         array_agg(m.pos) FILTER (WHERE m.partition IS NOT NULL),
         array_agg(m.numbered::int) FILTER (WHERE m.partition IS NOT NULL)
    INTO o_appended, o_partitions, o_epochs, o_positions, o_counts
    FROM counted c LEFT JOIN moved m ON m.partition = c.partition AND NOT confirm;
  IF confirm AND got <> '{}' THEN SELECT array_agg(h.pos ORDER BY h.partition) INTO o_seen FROM head h; END IF;
END $$;

-- Decides the units of a whole group in one statement: of each its state and its key, or neither. One row a unit, in
-- the order of the arrays: applied | conflict (read again) | done (the first answer again) | mismatch.
-- The first statement of a group; the arrays are parallel and sorted by (partition, stream), a stream at most once.
--   p_expected  the version the decision was made on; 0 for a stream that must not exist yet
--   p_events    how many versions it goes on
--   p_relying   parallel to the three after it: units, counted from 1, that were decided on the version of another
--               aggregate; when that one has moved on, the unit is in conflict as if its own had
CREATE FUNCTION apply_units(p_partition smallint[], p_stream uuid[], p_kind text[], p_learner uuid[],
  p_expected bigint[], p_events bigint[], p_body jsonb[], p_caller text[], p_key text[], p_digest bytea[],
  p_command uuid[], p_answer bytea[], p_relying int[], p_other_partition smallint[], p_other uuid[],
  p_other_version bigint[])
RETURNS TABLE (outcome text, answer bytea)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH unit AS MATERIALIZED (
      SELECT u.*, i.digest AS known, i.answer AS prior
        FROM unnest(p_partition, p_stream, p_kind, p_learner, p_expected, p_events, p_body, p_caller, p_key,
                    p_digest, p_command, p_answer) WITH ORDINALITY
             u(partition, stream, kind, learner, expected, events, body, caller, key, digest, command, reply, ord)
        LEFT JOIN idempotency i ON i.partition = u.partition AND i.stream = u.stream AND i.caller = u.caller
                               AND i.key = u.key),
    misled AS MATERIALIZED (
      SELECT o.ord
        FROM unnest(p_relying, p_other_partition, p_other, p_other_version) o(ord, partition, id, version)
       WHERE NOT EXISTS (SELECT 1 FROM aggregate a
                          WHERE a.partition = o.partition AND a.id = o.id AND a.version = o.version)),
    -- Rows are locked in the order of the arrays, the same on every replica: groups cannot deadlock. A row whose
    -- version moved on while we waited for it falls out here.
    held AS MATERIALIZED (
      SELECT u.*
        FROM unit u JOIN aggregate a ON a.partition = u.partition AND a.id = u.stream
       WHERE a.kind = u.kind AND a.version = u.expected AND u.known IS NULL
         AND u.ord NOT IN (SELECT m.ord FROM misled m)
       ORDER BY u.ord FOR UPDATE OF a),
    changed AS (
      UPDATE aggregate a SET version = a.version + h.events, body = h.body, updated_at = clock_timestamp()
        FROM held h WHERE a.partition = h.partition AND a.id = h.stream
      RETURNING h.ord, h.partition, h.stream, h.caller, h.key, h.digest, h.command, h.reply, a.version),
    -- After all that exist, so that whoever waits for a new row of ours holds none that we still need.
    created AS (
      INSERT INTO aggregate (partition, id, kind, learner, version, body)
      SELECT u.partition, u.stream, u.kind, u.learner, u.events, u.body FROM unit u
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

-- As replicas of an older release call it.
CREATE OR REPLACE FUNCTION apply_units(p_partition smallint[], p_stream uuid[], p_kind text[], p_learner uuid[],
  p_expected bigint[], p_events bigint[], p_body jsonb[], p_caller text[], p_key text[], p_digest bytea[],
  p_command uuid[], p_answer bytea[])
RETURNS TABLE (outcome text, answer bytea) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT * FROM apply_units(p_partition, p_stream, p_kind, p_learner, p_expected, p_events, p_body, p_caller,
                                         p_key, p_digest, p_command, p_answer, '{}', '{}', '{}', '{}');
END $$;

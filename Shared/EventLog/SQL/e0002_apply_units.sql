-- Decides the units of a whole group in one statement: of each its state and its key, or neither. One row a unit, in
-- the order of the arrays: applied | conflict (read again) | done (the first answer again) | mismatch.
-- The first statement of a group; the arrays are parallel and sorted by (partition, stream), a stream at most once.
--   p_expected  the version the decision was made on; 0 for a stream that must not exist yet
--   p_events    how many versions it goes on
CREATE FUNCTION apply_units(p_partition smallint[], p_stream uuid[], p_kind text[], p_learner uuid[],
  p_expected bigint[], p_events bigint[], p_body jsonb[], p_caller text[], p_key text[], p_digest bytea[],
  p_command uuid[], p_answer bytea[])
RETURNS TABLE (outcome text, answer bytea)
LANGUAGE plpgsql SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  RETURN QUERY
  WITH unit AS MATERIALIZED (
      SELECT u.*, i.digest AS known, i.answer AS prior
        FROM unnest(p_partition, p_stream, p_kind, p_learner, p_expected, p_events, p_body, p_caller, p_key,
                    p_digest, p_command, p_answer) WITH ORDINALITY
             u(partition, stream, kind, learner, expected, events, body, caller, key, digest, command, reply, ord)
        LEFT JOIN idempotency i ON i.partition = u.partition AND i.stream = u.stream AND i.caller = u.caller
                               AND i.key = u.key),
    -- Rows are locked in the order of the arrays, the same on every replica: groups cannot deadlock. A row whose
    -- version moved on while we waited for it falls out here.
    held AS MATERIALIZED (
      SELECT u.ord, u.partition, u.stream, u.events, u.body
        FROM unit u JOIN aggregate a ON a.partition = u.partition AND a.id = u.stream
       WHERE a.kind = u.kind AND a.version = u.expected AND u.known IS NULL
       ORDER BY u.ord FOR UPDATE OF a),
    changed AS (
      UPDATE aggregate a SET version = a.version + h.events, body = h.body, updated_at = clock_timestamp()
        FROM held h WHERE a.partition = h.partition AND a.id = h.stream
      RETURNING h.ord, a.version),
    -- After all that exist, so that whoever waits for a new row of ours holds none that we still need.
    created AS (
      INSERT INTO aggregate (partition, id, kind, learner, version, body)
      SELECT u.partition, u.stream, u.kind, u.learner, u.events, u.body FROM unit u
       WHERE u.expected = 0 AND u.known IS NULL AND (SELECT count(*) FROM changed) >= 0
       ORDER BY u.ord
      ON CONFLICT DO NOTHING
      RETURNING partition, id, version),
    now_at AS MATERIALIZED (
      SELECT c.ord, c.version FROM changed c
      UNION ALL
      SELECT u.ord, c.version FROM created c JOIN unit u ON u.partition = c.partition AND u.stream = c.id),
    remembered AS (
      INSERT INTO idempotency (partition, stream, caller, key, digest, command, version, answer)
      SELECT u.partition, u.stream, u.caller, u.key, u.digest, u.command, n.version, u.reply
        FROM now_at n JOIN unit u ON u.ord = n.ord)
  SELECT CASE WHEN u.known IS NOT NULL THEN CASE WHEN u.known = u.digest THEN 'done' ELSE 'mismatch' END
              WHEN n.version IS NOT NULL THEN 'applied' ELSE 'conflict' END,
         u.prior
    FROM unit u LEFT JOIN now_at n ON n.ord = u.ord
   ORDER BY u.ord;
END $$;

-- For transactions that hold what they decided on: a unit that is not applied undoes the whole transaction, which is
-- then made anew.
CREATE FUNCTION expect_applied(p_outcome text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_outcome <> 'applied' THEN
    RAISE EXCEPTION 'a unit came too late: %', p_outcome USING ERRCODE = '40001';
  END IF;
END $$;

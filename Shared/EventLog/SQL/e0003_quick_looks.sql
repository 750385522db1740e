-- A feed's answer in one round trip and of one snapshot: what it takes from two statements may have changed in between.
DROP FUNCTION events_after;

-- The first row has this history's name, and the branch and the last readable position of each partition asked for;
-- then come the events after the cursors: partitions in the order asked, each contiguous and never beyond safe_pos. By
-- range, not by LIMIT, so that a deleted prefix shows as a hole and is answered as such. Primary only.
--   p_each, p_total  events of a partition, and of all of them
CREATE FUNCTION look(p_partitions smallint[], p_positions bigint[], p_each int, p_total int)
RETURNS TABLE (incarnation uuid, epochs int[], heads bigint[], partition smallint, pos bigint, event_id uuid, stream uuid,
  stream_version bigint, type text, schema_version int, learner uuid, effective_at timestamptz, recorded_at timestamptz,
  actor text, authority text, caused_by uuid, correlation uuid, traceparent text, key_id uuid, payload bytea)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  WITH asked AS MATERIALIZED (
      SELECT c.ord, c.partition, c.pos, h.epoch, h.safe_pos
        FROM unnest(p_partitions, p_positions) WITH ORDINALITY c(partition, pos, ord)
        JOIN head h ON h.partition = c.partition),
    news AS (
      SELECT a.ord, e.*
        FROM asked a
        JOIN event e ON e.partition = a.partition AND e.pos > a.pos AND e.pos <= LEAST(a.safe_pos, a.pos + p_each)
       WHERE a.safe_pos > a.pos
       ORDER BY a.ord, e.pos
       LIMIT p_total)
  SELECT x.incarnation, x.epochs, x.heads, x.partition, x.pos, x.event_id, x.stream, x.stream_version, x.type,
         x.schema_version, x.learner, x.effective_at, x.recorded_at, x.actor, x.authority, x.caused_by, x.correlation,
         x.traceparent, x.key_id, x.payload
    FROM (
      SELECT 0::bigint AS ord, l.incarnation, (SELECT array_agg(a.epoch ORDER BY a.ord) FROM asked a) AS epochs,
             (SELECT array_agg(a.safe_pos ORDER BY a.ord) FROM asked a) AS heads, n.partition, n.pos, n.event_id,
             n.stream, n.stream_version, n.type, n.schema_version, n.learner, n.effective_at, n.recorded_at, n.actor,
             n.authority, n.caused_by, n.correlation, n.traceparent, n.key_id, n.payload
        FROM lineage l LEFT JOIN event n ON false
      UNION ALL
      SELECT n.ord, NULL, NULL, NULL, n.partition, n.pos, n.event_id, n.stream, n.stream_version, n.type,
             n.schema_version, n.learner, n.effective_at, n.recorded_at, n.actor, n.authority, n.caused_by,
             n.correlation, n.traceparent, n.key_id, n.payload
        FROM news n) x
   ORDER BY x.ord, x.pos;
END $$;

-- Functions in SQL that are not inlined are parsed and planned anew at each call; these are called with every append.
CREATE OR REPLACE FUNCTION current_timeline() RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int;
END $$;
CREATE OR REPLACE FUNCTION current_system() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT system_identifier FROM pg_control_system());
END $$;

-- Our sessions have these settings themselves; setting and resetting them cost more than what the functions do.
ALTER FUNCTION applied RESET ALL;
ALTER FUNCTION number_pending RESET ALL;
ALTER FUNCTION append RESET ALL;
ALTER FUNCTION apply_units RESET ALL;

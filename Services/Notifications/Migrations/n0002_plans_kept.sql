-- A function in SQL is parsed and planned anew at each call; one in PL/pgSQL keeps its plans.

CREATE OR REPLACE FUNCTION feed_covered(p_partition smallint, p_learner uuid, p_partner uuid, p_purpose text)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT COALESCE(array_agg(DISTINCT t), '{}')
      FROM consent_copy c CROSS JOIN LATERAL unnest(c.types) t
     WHERE c.partition = p_partition AND c.learner = p_learner AND c.partner = p_partner AND c.purpose = p_purpose
       AND c.withdrawn_at IS NULL AND (c.until IS NULL OR c.until >= current_date - 1));
END $$;

CREATE OR REPLACE FUNCTION work_claim(p_lease uuid, p_lease_seconds float8, p_each int, p_total int, p_busy uuid[],
  p_counts int[]) RETURNS TABLE (partition smallint, learner uuid, subscription uuid, attempts int)
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
  WITH chosen AS (
      SELECT l.partition, l.learner, l.subscription
        FROM subscription s
        LEFT JOIN unnest(p_busy, p_counts) u(id, n) ON u.id = s.id
        LEFT JOIN endpoint p ON p.subscription = s.id
        CROSS JOIN LATERAL (
          SELECT l.partition, l.learner, l.subscription, l.not_before FROM line l
           WHERE l.subscription = s.id AND l.state = 'due' AND l.not_before <= clock_timestamp()
           ORDER BY l.not_before LIMIT GREATEST(0, p_each - COALESCE(u.n, 0))
           FOR UPDATE SKIP LOCKED) l
       WHERE s.status = 'active' AND s.webhook IS NOT NULL
         AND (p.paused_until IS NULL OR p.paused_until <= clock_timestamp())
       ORDER BY l.not_before LIMIT p_total)
  UPDATE line l SET lease = p_lease, not_before = clock_timestamp() + p_lease_seconds * interval '1 second'
    FROM chosen c
   WHERE l.partition = c.partition AND l.learner = c.learner AND l.subscription = c.subscription
  RETURNING l.partition, l.learner, l.subscription, l.attempts;
END $$;

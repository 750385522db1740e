-- A retraction behind a parked delivery waited for somebody to retry: a partner's duty to forget must not.
-- A learner took a consent back: what no other consent covers is retracted, at most 1000 items with one retraction.
-- Returns the number of retractions.
CREATE OR REPLACE FUNCTION feed_consent_withdrawn(p_partition smallint, p_learner uuid, p_consent uuid, p_at timestamptz)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  ended record;
  target record;
  standing text[];
  stale bigint[];
  place bigint;
  n int := 0;
BEGIN
  PERFORM feed_lock();
  UPDATE consent_copy c SET withdrawn_at = p_at
   WHERE c.partition = p_partition AND c.learner = p_learner AND c.consent = p_consent AND c.withdrawn_at IS NULL
  RETURNING c.partner, c.purpose INTO ended;
  IF NOT FOUND THEN RETURN 0; END IF;
  standing := feed_covered(p_partition, p_learner, ended.partner, ended.purpose);
  FOR target IN
    SELECT s.id FROM subscription s
     WHERE s.partner = ended.partner AND s.purpose = ended.purpose AND s.status <> 'ended' ORDER BY s.id
  LOOP
    LOOP
      stale := ARRAY(
        SELECT i.seq FROM feed_item i
         WHERE i.partition = p_partition AND i.learner = p_learner AND i.subscription = target.id
           AND i.retracted_by IS NULL AND i.kind <> 'retraction' AND NOT i.covers = ANY (standing)
         ORDER BY i.seq LIMIT 1000);
      EXIT WHEN stale = '{}';
      place := feed_append(target.id, p_partition, p_learner, ARRAY['retraction'], ARRAY[gen_random_uuid()],
                           ARRAY[NULL::text], NULL);
      UPDATE feed_item i SET retracted_by = place WHERE i.subscription = target.id AND i.seq = ANY (stale);
      n := n + 1;
    END LOOP;
    -- Whatever the endpoint had against what stands first, that leaves no more; the retraction behind it must.
    UPDATE line l SET state = 'due', not_before = clock_timestamp(), attempts = 0, lease = NULL
     WHERE l.partition = p_partition AND l.learner = p_learner AND l.subscription = target.id AND l.state = 'parked';
  END LOOP;
  RETURN n;
END $$;

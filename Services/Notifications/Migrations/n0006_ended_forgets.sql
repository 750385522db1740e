-- Who ends a subscription keeps what was received through it, and the duty to forget it: a withdrawal is still told, in the
-- feed alone.
-- Puts items of one learner at the end of one feed, and in front of its sender. Returns the first sequence.
CREATE OR REPLACE FUNCTION feed_append(p_subscription uuid, p_partition smallint, p_learner uuid, p_kinds text[],
  p_events uuid[], p_covers text[], p_count int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  n int := cardinality(p_kinds);
  first bigint;
BEGIN
  UPDATE feed_head h SET head = h.head + n WHERE h.subscription = p_subscription
  RETURNING h.head - n + 1 INTO STRICT first;
  INSERT INTO feed_item (subscription, seq, kind, partition, learner, event, covers, count)
  SELECT p_subscription, first + u.ord - 1, u.kind, p_partition, p_learner, u.event, u.covers,
         CASE WHEN u.kind = 'backfill_completed' THEN p_count END
    FROM unnest(p_kinds, p_events, p_covers) WITH ORDINALITY u(kind, event, covers, ord);
  IF EXISTS (SELECT 1 FROM subscription s
              WHERE s.id = p_subscription AND s.webhook IS NOT NULL AND s.status <> 'ended') THEN
    INSERT INTO work (partition, learner, subscription, seq)
    SELECT p_partition, p_learner, p_subscription, g FROM generate_series(first, first + n - 1) g;
    -- Without a condition on the state: a sender that settles just now holds the row, and we must see what it left.
    UPDATE line l
       SET state = CASE l.state WHEN 'idle' THEN 'due' ELSE l.state END,
           not_before = CASE l.state WHEN 'idle' THEN clock_timestamp() ELSE l.not_before END
     WHERE l.partition = p_partition AND l.learner = p_learner AND l.subscription = p_subscription;
  END IF;
  RETURN first;
END $$;

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
     WHERE s.partner = ended.partner AND s.purpose = ended.purpose ORDER BY s.id
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

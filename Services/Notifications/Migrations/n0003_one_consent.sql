-- One consent at a time is in force for a partner and purpose, so a grant takes the place of the one before it. That one
-- ran out, and the day of grace that it still had here must neither keep a later withdrawal from taking back what it had
-- covered, nor keep back for good what records withheld because of it.
ALTER TABLE consent_copy ADD COLUMN superseded boolean NOT NULL DEFAULT false;
UPDATE consent_copy c SET superseded = true
 WHERE EXISTS (SELECT 1 FROM consent_copy l
                WHERE l.partition = c.partition AND l.learner = c.learner AND l.partner = c.partner
                  AND l.purpose = c.purpose AND l.recorded_at > c.recorded_at);

-- The types that this learner's standing consent covers for a partner and purpose. A day of grace, because dates end
-- in the state's zone: what exactly has ended, records says at the moment of sending.
CREATE OR REPLACE FUNCTION feed_covered(p_partition smallint, p_learner uuid, p_partner uuid, p_purpose text)
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT COALESCE(array_agg(DISTINCT t), '{}')
      FROM consent_copy c CROSS JOIN LATERAL unnest(c.types) t
     WHERE c.partition = p_partition AND c.learner = p_learner AND c.partner = p_partner AND c.purpose = p_purpose
       AND c.withdrawn_at IS NULL AND NOT c.superseded AND (c.until IS NULL OR c.until >= current_date - 1));
END $$;

-- Opens (or widens) one learner's line in one feed: everything covered that the feed does not hold yet, between
-- brackets. After a consent that ran out, what had not left by then stays withheld at its place and comes again.
-- Returns how many items it appended. The caller holds feed_lock().
CREATE OR REPLACE FUNCTION feed_open(p_subscription uuid, p_partition smallint, p_learner uuid) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  covered text[];
  missing uuid[];
  types text[];
BEGIN
  SELECT ARRAY(SELECT t FROM unnest(s.types) t
                WHERE t = ANY (feed_covered(p_partition, p_learner, s.partner, s.purpose)) ORDER BY t)
    INTO STRICT covered FROM subscription s WHERE s.id = p_subscription;
  IF covered = '{}' THEN RETURN 0; END IF;
  INSERT INTO line (partition, learner, subscription) VALUES (p_partition, p_learner, p_subscription)
  ON CONFLICT DO NOTHING;
  UPDATE feed_item i SET retracted_by = h.head + 1
    FROM subscription s JOIN feed_head h ON h.subscription = s.id
   WHERE s.id = p_subscription AND i.subscription = s.id AND i.partition = p_partition AND i.learner = p_learner
     AND i.kind = 'event' AND i.retracted_by IS NULL AND i.covers = ANY (covered)
     AND EXISTS (SELECT 1 FROM consent_copy c
                  WHERE c.partition = p_partition AND c.learner = p_learner AND c.partner = s.partner
                    AND c.purpose = s.purpose AND c.superseded AND c.withdrawn_at IS NULL AND c.until IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM pairwise p
                      WHERE p.partition = i.partition AND p.learner = i.learner AND p.subscription = i.subscription
                        AND p.seq = i.seq);
  SELECT COALESCE(array_agg(e.event ORDER BY e.ord), '{}'), COALESCE(array_agg(e.type ORDER BY e.ord), '{}')
    INTO missing, types
    FROM learner_event e
   WHERE e.partition = p_partition AND e.learner = p_learner AND e.type = ANY (covered)
     AND NOT EXISTS (SELECT 1 FROM feed_item i
                      WHERE i.subscription = p_subscription AND i.event = e.event AND i.retracted_by IS NULL);
  PERFORM feed_append(
    p_subscription, p_partition, p_learner,
    ARRAY['backfill_started'] || array_fill('event'::text, ARRAY[cardinality(missing)])
      || ARRAY['backfill_completed'],
    ARRAY[gen_random_uuid()] || missing || ARRAY[gen_random_uuid()],
    ARRAY[covered[1]] || types || ARRAY[covered[1]], cardinality(missing));
  RETURN cardinality(missing) + 2;
END $$;

-- A learner allowed something: the past goes into the partner's feeds for that purpose. Returns the items appended.
CREATE OR REPLACE FUNCTION feed_consent_granted(p_partition smallint, p_learner uuid, p_consent uuid, p_partner uuid,
  p_purpose text, p_types text[], p_until date, p_effective_at timestamptz, p_recorded_at timestamptz) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  target record;
  n int := 0;
BEGIN
  PERFORM feed_lock();
  INSERT INTO consent_copy (partition, learner, consent, partner, purpose, types, until, effective_at, recorded_at)
  VALUES (p_partition, p_learner, p_consent, p_partner, p_purpose, p_types, p_until, p_effective_at, p_recorded_at)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 0; END IF;
  UPDATE consent_copy c SET superseded = true
   WHERE c.partition = p_partition AND c.learner = p_learner AND c.partner = p_partner AND c.purpose = p_purpose
     AND c.consent <> p_consent AND NOT c.superseded;
  FOR target IN
    SELECT s.id FROM subscription s
     WHERE s.partner = p_partner AND s.purpose = p_purpose AND s.status <> 'ended' AND s.types && p_types ORDER BY s.id
  LOOP
    n := n + feed_open(target.id, p_partition, p_learner);
  END LOOP;
  RETURN n;
END $$;

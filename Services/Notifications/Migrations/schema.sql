-- What notifications keeps beside its event log: who subscribed to what, what learners allowed, and one gapless feed
-- for each subscription. Runs with search_path set to the service's schema.

CREATE TABLE partner (
  id           uuid PRIMARY KEY,
  organization uuid NOT NULL,
  title        text NOT NULL
);

-- The aggregate's row is the truth; this one is what fan-out and senders join with.
CREATE TABLE subscription (
  id      uuid   PRIMARY KEY,
  partner uuid   NOT NULL,
  types   text[] NOT NULL CHECK (cardinality(types) BETWEEN 1 AND 50),
  purpose text   NOT NULL,
  webhook text,
  status  text   NOT NULL CHECK (status IN ('active', 'suspended', 'ended'))
);
CREATE INDEX subscription_partner ON subscription (partner, purpose);
CREATE INDEX subscription_sending ON subscription (id) WHERE status = 'active' AND webhook IS NOT NULL;

-- The last sequence given in each feed. Updated once for each append, under feed_lock().
CREATE TABLE feed_head (
  subscription uuid   PRIMARY KEY REFERENCES subscription,
  head         bigint NOT NULL DEFAULT 0 CHECK (head >= 0)
) WITH (fillfactor = 20);

-- How the endpoint fares as a whole; written when that changes.
CREATE TABLE endpoint (
  subscription  uuid PRIMARY KEY REFERENCES subscription,
  failing_since timestamptz,
  paused_until  timestamptz
);

-- Subscriptions whose first backfill is under way, with the last learner done. Rows vanish when done.
CREATE TABLE backfill (
  subscription    uuid     PRIMARY KEY REFERENCES subscription,
  after_partition smallint NOT NULL DEFAULT -1,
  after_learner   uuid     NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);

-- Every learner event that could ever leave, as it was read; feeds point here.
CREATE TABLE learner_event (
  partition      smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  event          uuid        NOT NULL,
  -- The order in which they were read: within a source and learner, the source's own.
  ord            bigint      NOT NULL GENERATED ALWAYS AS IDENTITY (CACHE 1),
  learner        uuid        NOT NULL,
  source         text        NOT NULL,
  position       bigint      NOT NULL,
  type           text        NOT NULL,
  schema_version int         NOT NULL,
  effective_at   timestamptz NOT NULL,
  recorded_at    timestamptz NOT NULL,
  traceparent    text        NOT NULL,
  key_id         uuid,
  payload        bytea       NOT NULL,
  PRIMARY KEY (partition, event)
);
CREATE INDEX learner_event_learner ON learner_event (partition, learner, ord);

-- A copy of what learners allowed. It says what goes into a feed; what may leave it, records says at that moment.
CREATE TABLE consent_copy (
  partition    smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  learner      uuid        NOT NULL,
  consent      uuid        NOT NULL,
  partner      uuid        NOT NULL,
  purpose      text        NOT NULL,
  types        text[]      NOT NULL,
  until        date,
  effective_at timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL,
  withdrawn_at timestamptz,
  -- A later grant for the same partner and purpose took its place: records has one in force at a time.
  superseded   boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (partition, learner, consent)
);
CREATE INDEX consent_copy_partner ON consent_copy (partner, purpose, partition, learner) WHERE withdrawn_at IS NULL;

-- One learner in one feed: exists once the learner's past is in the feed, and carries the head-of-line state of the
-- webhook sender. A claim pushes not_before beyond itself, so a lease that ran out is simply due again.
CREATE TABLE line (
  partition    smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  learner      uuid        NOT NULL,
  subscription uuid        NOT NULL,
  state        text        NOT NULL DEFAULT 'idle' CHECK (state IN ('idle', 'due', 'parked')),
  not_before   timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Failed tries of the oldest unsettled item.
  attempts     int         NOT NULL DEFAULT 0,
  lease        uuid,
  PRIMARY KEY (partition, learner, subscription)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX line_due ON line (subscription, not_before) WHERE state = 'due';
CREATE INDEX line_parked ON line (subscription) WHERE state = 'parked';

-- The feed itself, gapless from 1. Only retracted_by is ever set later.
CREATE TABLE feed_item (
  subscription uuid        NOT NULL,
  seq          bigint      NOT NULL CHECK (seq > 0),
  kind         text        NOT NULL CHECK (kind IN ('event', 'backfill_started', 'backfill_completed', 'retraction')),
  partition    smallint    NOT NULL,
  learner      uuid        NOT NULL,
  -- learner_event, or an id of its own.
  event        uuid        NOT NULL,
  -- The type whose consent lets it leave; a retraction needs none.
  covers       text,
  -- Of backfill_completed: how many events lie between the brackets.
  count        int,
  -- The sequence of the retraction that took it back, or of the backfill that brings again what had not left.
  retracted_by bigint,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (subscription, seq),
  CHECK ((kind = 'retraction') = (covers IS NULL))
);
CREATE UNIQUE INDEX feed_item_event ON feed_item (subscription, event) WHERE retracted_by IS NULL;
CREATE INDEX feed_item_learner ON feed_item (partition, learner, subscription, seq);
CREATE INDEX feed_item_retracted ON feed_item (subscription, retracted_by) WHERE retracted_by IS NOT NULL;

-- What webhooks still owe. Deleted when settled, so that it stays small.
CREATE TABLE work (
  partition    smallint NOT NULL,
  learner      uuid     NOT NULL,
  subscription uuid     NOT NULL,
  seq          bigint   NOT NULL,
  PRIMARY KEY (partition, learner, subscription, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX work_subscription ON work (subscription, seq);

-- Under which ids an item first left. Written before the first byte goes, so that a retraction can name it without
-- records' key and without a consent.
CREATE TABLE pairwise (
  partition    smallint    NOT NULL,
  learner      uuid        NOT NULL,
  subscription uuid        NOT NULL,
  seq          bigint      NOT NULL,
  subject      uuid        NOT NULL,
  event        uuid        NOT NULL,
  at           timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (partition, learner, subscription, seq)
);

-- One try each, written when it ended; never edited.
CREATE TABLE attempt (
  subscription uuid        NOT NULL,
  seq          bigint      NOT NULL,
  id           uuid        NOT NULL,
  sender       uuid        NOT NULL,
  started_at   timestamptz NOT NULL,
  ended_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  outcome      text        NOT NULL CHECK (outcome IN ('delivered', 'withheld', 'failed', 'unknown')),
  status       int,
  error        text,
  PRIMARY KEY (subscription, seq, id)
);

-- What records has yet to hear about how disclosures ended.
CREATE TABLE settlement_due (
  partition  smallint    NOT NULL,
  disclosure uuid        NOT NULL,
  learner    uuid        NOT NULL,
  sender     uuid        NOT NULL,
  outcome    text        NOT NULL CHECK (outcome IN ('delivered', 'failed', 'unknown')),
  not_before timestamptz NOT NULL,
  -- A withdrawal waits for it.
  pressing   boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (partition, disclosure)
);
CREATE INDEX settlement_due_next ON settlement_due (pressing DESC, not_before);

CREATE TABLE support_case (
  partition    smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  id           uuid        NOT NULL,
  learner      uuid        NOT NULL,
  organization uuid        NOT NULL,
  assessment   uuid,
  status       text        NOT NULL
               CHECK (status IN ('raised', 'acknowledged', 'planned', 'resolved', 'escalated', 'void')),
  effective_at timestamptz NOT NULL,
  recorded_at  timestamptz NOT NULL,
  due_at       timestamptz NOT NULL,
  PRIMARY KEY (partition, id)
);
CREATE INDEX support_case_owner ON support_case (organization, recorded_at, id);
CREATE INDEX support_case_status ON support_case (organization, status, recorded_at, id);
CREATE INDEX support_case_assessment ON support_case (partition, assessment);
CREATE INDEX support_case_due ON support_case (due_at) WHERE status = 'raised';

-- Whoever appends to feeds or opens lines takes this first, for the rest of its transaction. It makes "is the
-- learner's line open, is the consent there" and the append one step, and it orders all row locks behind it, so that
-- reactions over different learners and feeds cannot deadlock. The second number is outside the sequencer's 0...63.
CREATE FUNCTION feed_lock() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock((SELECT lock_space FROM lineage), 1000);
END $$;

-- Puts items of one learner at the end of one feed, and in front of its sender. Returns the first sequence.
CREATE FUNCTION feed_append(p_subscription uuid, p_partition smallint, p_learner uuid, p_kinds text[],
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

-- The types that this learner's standing consent covers for a partner and purpose. A day of grace, because dates end
-- in the state's zone: what exactly has ended, records says at the moment of sending.
CREATE FUNCTION feed_covered(p_partition smallint, p_learner uuid, p_partner uuid, p_purpose text)
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
CREATE FUNCTION feed_open(p_subscription uuid, p_partition smallint, p_learner uuid) RETURNS int
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

-- Keeps a learner event and puts it into every feed that wants it and may have it. Returns the number of feeds; none
-- when the event was kept before.
CREATE FUNCTION feed_fan_out(p_partition smallint, p_learner uuid, p_event uuid, p_source text, p_position bigint,
  p_type text, p_schema_version int, p_effective_at timestamptz, p_recorded_at timestamptz, p_traceparent text,
  p_key_id uuid, p_payload bytea) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  target record;
  n int := 0;
BEGIN
  PERFORM feed_lock();
  INSERT INTO learner_event (partition, event, learner, source, position, type, schema_version, effective_at,
                             recorded_at, traceparent, key_id, payload)
  VALUES (p_partition, p_event, p_learner, p_source, p_position, p_type, p_schema_version, p_effective_at,
          p_recorded_at, p_traceparent, p_key_id, p_payload)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN 0; END IF;
  FOR target IN
    SELECT l.subscription
      FROM line l JOIN subscription s ON s.id = l.subscription
     WHERE l.partition = p_partition AND l.learner = p_learner AND s.status <> 'ended' AND p_type = ANY (s.types)
       AND p_type = ANY (feed_covered(p_partition, p_learner, s.partner, s.purpose))
     ORDER BY l.subscription
  LOOP
    PERFORM feed_append(target.subscription, p_partition, p_learner, ARRAY['event'], ARRAY[p_event],
                        ARRAY[p_type], NULL);
    n := n + 1;
  END LOOP;
  RETURN n;
END $$;

-- A learner allowed something: the past goes into the partner's feeds for that purpose. Returns the items appended.
CREATE FUNCTION feed_consent_granted(p_partition smallint, p_learner uuid, p_consent uuid, p_partner uuid,
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

-- A learner took a consent back: what no other consent covers is retracted, at most 1000 items with one retraction.
-- Returns the number of retractions.
CREATE FUNCTION feed_consent_withdrawn(p_partition smallint, p_learner uuid, p_consent uuid, p_at timestamptz)
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

-- The past of a new subscription, so many learners at a time. Learners whose consent came after the subscription have
-- their line already. Returns the learners passed; NULL when nothing is left to do.
CREATE FUNCTION feed_backfill(p_learners int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  b record;
  s record;
  r record;
  n int := 0;
BEGIN
  SELECT x.subscription, x.after_partition, x.after_learner INTO b
    FROM backfill x ORDER BY x.subscription LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM feed_lock();
  SELECT x.id, x.partner, x.purpose, x.status INTO STRICT s FROM subscription x WHERE x.id = b.subscription;
  IF s.status <> 'ended' THEN
    FOR r IN
      SELECT DISTINCT c.partition, c.learner FROM consent_copy c
       WHERE c.partner = s.partner AND c.purpose = s.purpose AND c.withdrawn_at IS NULL
         AND (c.partition, c.learner) > (b.after_partition, b.after_learner)
       ORDER BY c.partition, c.learner LIMIT p_learners
    LOOP
      IF NOT EXISTS (SELECT 1 FROM line l WHERE l.partition = r.partition AND l.learner = r.learner
                      AND l.subscription = s.id) THEN
        PERFORM feed_open(s.id, r.partition, r.learner);
      END IF;
      b.after_partition := r.partition;
      b.after_learner := r.learner;
      n := n + 1;
    END LOOP;
  END IF;
  IF n < p_learners THEN
    DELETE FROM backfill x WHERE x.subscription = b.subscription;
  ELSE
    UPDATE backfill x SET after_partition = b.after_partition, after_learner = b.after_learner
     WHERE x.subscription = b.subscription;
  END IF;
  RETURN n;
END $$;

-- What may be sent now: the oldest unsettled item of each line that is due, at most p_each per feed less those under
-- way (p_busy, p_counts), leased for p_lease seconds by this database's clock. The caller reads the items in a second
-- statement, whose snapshot is newer than the lock.
CREATE FUNCTION work_claim(p_lease uuid, p_lease_seconds float8, p_each int, p_total int, p_busy uuid[],
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

-- The event log of one service: aggregates, events with gapless positions, idempotency, cursors, inbox.
-- Runs with search_path set to the service's schema; every service has its own copy of all of it.
-- Why it is right is argued in docs/event-log.md; the race test and its mutants keep it so.

-- The state of every aggregate. The row is the guard of its stream: it changes only from the version it was read at.
-- learner leads the ownership of everything that concerns one learner; the partition comes from the last byte of id,
-- which such ids share with their learner's.
CREATE TABLE aggregate (
  partition   smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  id          uuid        NOT NULL,
  kind        text        NOT NULL,
  learner     uuid,
  version     bigint      NOT NULL CHECK (version > 0),
  body        jsonb       NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (partition, id)
) WITH (fillfactor = 80);
CREATE INDEX aggregate_learner ON aggregate (partition, learner, kind, id) WHERE learner IS NOT NULL;
CREATE INDEX aggregate_kind ON aggregate (kind, id) WHERE learner IS NULL;

CREATE TABLE event (
  -- CACHE 1 is load-bearing: numbers must be drawn in the order in which their streams were locked.
  seq            bigint      NOT NULL GENERATED ALWAYS AS IDENTITY (CACHE 1),
  -- NULL = pending: committed, not yet numbered, not yet readable.
  pos            bigint      CHECK (pos > 0),
  partition      smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  stream         uuid        NOT NULL,
  stream_version bigint      NOT NULL CHECK (stream_version > 0),
  event_id       uuid        NOT NULL,
  type           text        NOT NULL,
  schema_version int         NOT NULL,
  learner        uuid,
  effective_at   timestamptz NOT NULL,
  recorded_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor          text        NOT NULL,
  authority      text        NOT NULL,
  caused_by      uuid,
  correlation    uuid,
  traceparent    text        NOT NULL,
  -- The data key that encrypts the payload; NULL while payloads are plain. Destroying a key will forget a learner.
  key_id         uuid,
  payload        bytea       NOT NULL,
  PRIMARY KEY (partition, seq),
  UNIQUE (partition, stream, stream_version),
  UNIQUE (partition, event_id)
);
CREATE UNIQUE INDEX event_position ON event (partition, pos) WHERE pos IS NOT NULL;
CREATE INDEX event_pending ON event (partition, seq) WHERE pos IS NULL;
ALTER TABLE event SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

-- One row per partition: the last position given, the last one that readers may see, and the branch of history it is on.
CREATE TABLE head (
  partition smallint PRIMARY KEY CHECK (partition BETWEEN 0 AND 63),
  pos       bigint NOT NULL DEFAULT 0,
  safe_pos  bigint NOT NULL DEFAULT 0,
  epoch     int    NOT NULL DEFAULT 1,
  system_id bigint NOT NULL,
  timeline  int    NOT NULL,
  CHECK (safe_pos BETWEEN 0 AND pos)
) WITH (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- incarnation names this history; the restore runbook gives a new one, and every cursor of the old one is refused.
CREATE TABLE lineage (
  one         boolean PRIMARY KEY DEFAULT true CHECK (one),
  incarnation uuid    NOT NULL DEFAULT gen_random_uuid(),
  -- auto: a position is safe with its commit, unless a synchronous standby must confirm it first.
  publish     text    NOT NULL DEFAULT 'auto' CHECK (publish IN ('auto', 'confirmed')),
  -- Services may share one database: each numbers under locks of its own.
  lock_space  int     NOT NULL DEFAULT hashtext(current_schema())
);
INSERT INTO lineage DEFAULT VALUES;

CREATE TABLE epoch (
  partition smallint    NOT NULL,
  epoch     int         NOT NULL,
  system_id bigint      NOT NULL,
  timeline  int         NOT NULL,
  start_pos bigint      NOT NULL,
  at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (partition, epoch)
);

-- The WAL timeline we write on. Not pg_control_checkpoint(): that one is stale right after a promotion.
CREATE FUNCTION current_timeline() RETURNS int LANGUAGE sql STABLE AS $$
  SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
$$;
CREATE FUNCTION current_system() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT system_identifier FROM pg_control_system()
$$;
INSERT INTO head (partition, system_id, timeline)
  SELECT p, current_system(), current_timeline() FROM generate_series(0, 63) p;
INSERT INTO epoch (partition, epoch, system_id, timeline, start_pos)
  SELECT partition, epoch, system_id, timeline, 0 FROM head;

-- A key's scope is caller + stream. The row is written with the state it answers for, or not at all.
CREATE TABLE idempotency (
  partition smallint    NOT NULL,
  stream    uuid        NOT NULL,
  caller    text        NOT NULL,
  key       text        NOT NULL,
  digest    bytea       NOT NULL,
  command   uuid        NOT NULL,
  version   bigint      NOT NULL,
  answer    bytea       NOT NULL,
  at        timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (partition, stream, caller, key)
);

-- Was this very command applied? Gates the projections that travel in the same transaction.
CREATE FUNCTION applied(p_partition smallint, p_stream uuid, p_caller text, p_key text, p_command uuid)
RETURNS boolean LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
  RETURN EXISTS (SELECT 1 FROM idempotency i WHERE i.partition = p_partition AND i.stream = p_stream
                  AND i.caller = p_caller AND i.key = p_key AND i.command = p_command);
END $$;

-- Must positions be confirmed by a later commit before readers may see them? Refuses settings that would publish what
-- a crash can undo.
CREATE FUNCTION publish_confirmed(OUT o_confirm boolean, OUT o_lock_space int) LANGUAGE plpgsql STABLE AS $$
DECLARE
  commit_mode text := current_setting('synchronous_commit');
  standbys    text := current_setting('synchronous_standby_names');
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'positions need READ COMMITTED: a fresh snapshot after the lock' USING ERRCODE = 'CA001';
  END IF;
  IF commit_mode = 'off' OR (commit_mode = 'local' AND standbys <> '') THEN
    RAISE EXCEPTION 'positions under synchronous_commit=% would publish what a crash can undo', commit_mode
      USING ERRCODE = 'CA002';
  END IF;
  SELECT l.publish = 'confirmed' OR standbys <> '', l.lock_space INTO STRICT o_confirm, o_lock_space FROM lineage l;
END $$;

-- First use of a partition on a new system or timeline opens a new epoch for it. The caller holds the partition's
-- lock; rows still pending are numbered after this and before anything new.
CREATE FUNCTION open_epochs(p_partitions smallint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  this_system   bigint := current_system();
  this_timeline int    := current_timeline();
BEGIN
  IF EXISTS (SELECT 1 FROM head h WHERE h.partition = ANY (p_partitions)
              AND (h.timeline <> this_timeline OR h.system_id <> this_system)) THEN
    WITH moved AS (
      UPDATE head h SET epoch = h.epoch + 1, system_id = this_system, timeline = this_timeline
       WHERE h.partition = ANY (p_partitions) AND (h.timeline <> this_timeline OR h.system_id <> this_system)
      RETURNING h.partition, h.epoch, h.pos)
    INSERT INTO epoch (partition, epoch, system_id, timeline, start_pos)
      SELECT m.partition, m.epoch, this_system, this_timeline, m.pos FROM moved m;
  END IF;
END $$;

-- Numbers pending events of the partitions whose lock is free; never waits. The last statement of its transaction.
--   p_partitions  the caller's; NULL = every partition with work (the background sequencer)
--   p_confirmed   o_seen of an earlier call on this connection whose COMMIT returned clean; else NULL
--   o_busy        partitions that somebody else is numbering: their rows stay pending, any later call takes them
CREATE FUNCTION number_pending(p_partitions smallint[], p_confirmed bigint[], p_limit int,
  OUT o_numbered int, OUT o_busy int, OUT o_seen bigint[])
LANGUAGE plpgsql SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  confirm boolean; space int; want smallint[]; got smallint[];
BEGIN
  SELECT p.o_confirm, p.o_lock_space INTO confirm, space FROM publish_confirmed() p;
  o_numbered := 0;
  IF p_partitions IS NULL THEN
    SELECT array_agg(h.partition) INTO want FROM head h
     WHERE EXISTS (SELECT 1 FROM event e WHERE e.partition = h.partition AND e.pos IS NULL)
        OR h.safe_pos < h.pos;
  ELSE
    want := p_partitions;
  END IF;
  SELECT array_agg(p) INTO got FROM unnest(want) p WHERE pg_try_advisory_xact_lock(space, p);
  o_busy := COALESCE(cardinality(want), 0) - COALESCE(cardinality(got), 0);
  IF got IS NULL THEN RETURN; END IF;
  -- The row lock is WAL: without it COMMIT would not wait for a synchronous standby and would confirm nothing.
  IF confirm THEN PERFORM 1 FROM head WHERE partition = ANY (got) ORDER BY partition FOR UPDATE; END IF;
  PERFORM open_epochs(got);
  -- A new statement, so a snapshot taken after the lock: it sees everything that earlier holders committed.
  WITH numbered AS (
      SELECT s.partition, s.seq, row_number() OVER (PARTITION BY s.partition ORDER BY s.seq) AS n
        FROM (SELECT e.partition, e.seq FROM event e
               WHERE e.pos IS NULL AND e.partition = ANY (got)
               ORDER BY e.partition, e.seq LIMIT p_limit) s),
    placed AS (
      UPDATE event e SET pos = h.pos + c.n
        FROM numbered c JOIN head h ON h.partition = c.partition
       WHERE e.partition = c.partition AND e.seq = c.seq AND e.pos IS NULL
      RETURNING e.partition),
    counted AS (
      SELECT g.partition, count(p.partition) AS n
        FROM unnest(got) g(partition) LEFT JOIN placed p ON p.partition = g.partition GROUP BY 1),
    moved AS (
      UPDATE head h
         SET pos = h.pos + c.n,
             safe_pos = CASE WHEN confirm
               THEN GREATEST(h.safe_pos, LEAST(COALESCE(p_confirmed[h.partition + 1], 0), h.pos))
               ELSE h.pos + c.n END
        FROM counted c
       WHERE c.partition = h.partition
         AND (c.n > 0 OR h.safe_pos < CASE WHEN confirm
               THEN LEAST(COALESCE(p_confirmed[h.partition + 1], 0), h.pos) ELSE h.pos END))
  SELECT COALESCE(sum(c.n), 0) INTO o_numbered FROM counted c;
  IF confirm THEN SELECT array_agg(h.pos ORDER BY h.partition) INTO o_seen FROM head h; END IF;
END $$;

-- Inserts the events of all applied commands of this transaction: with their positions where the partition's lock is
-- free, pending where it is not. The last statement of a group. Arrays are parallel, in command and version order.
-- A command counts as applied when its idempotency row carries its command id.
CREATE FUNCTION append(p_partition smallint[], p_stream uuid[], p_caller text[], p_key text[], p_command uuid[],
  p_version bigint[], p_event_id uuid[], p_type text[], p_schema_version int[], p_learner uuid[],
  p_effective timestamptz[], p_actor text[], p_authority text[], p_caused_by uuid[], p_correlation uuid[],
  p_traceparent text[], p_payload bytea[], p_confirmed bigint[],
  OUT o_appended int, OUT o_busy int, OUT o_seen bigint[])
LANGUAGE plpgsql SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  confirm boolean; space int; want smallint[]; got smallint[]; ready smallint[];
BEGIN
  SELECT p.o_confirm, p.o_lock_space INTO confirm, space FROM publish_confirmed() p;
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
                         effective_at, actor, authority, caused_by, correlation, traceparent, payload)
      SELECT partition, CASE WHEN now THEN base + n END, stream, version, event_id, type, schema_version, learner,
             effective_at, actor, authority, caused_by, correlation, traceparent, payload
        FROM mine ORDER BY ord
      RETURNING partition, pos),
    counted AS (SELECT partition, count(*) AS n, count(pos) AS numbered FROM placed GROUP BY partition),
    moved AS (
      UPDATE head h
         SET pos = h.pos + c.numbered,
             safe_pos = CASE WHEN confirm
               THEN GREATEST(h.safe_pos, LEAST(COALESCE(p_confirmed[h.partition + 1], 0), h.pos))
               ELSE h.pos + c.numbered END
        FROM counted c WHERE c.partition = h.partition AND c.numbered > 0)
  SELECT COALESCE(sum(c.n), 0) INTO o_appended FROM counted c;
  IF confirm AND got <> '{}' THEN SELECT array_agg(h.pos ORDER BY h.partition) INTO o_seen FROM head h; END IF;
END $$;

-- What a reader may see after its cursors: per partition contiguous, never beyond safe_pos. By range, not by LIMIT, so
-- that a deleted prefix shows as a hole and is answered as such. Primary only.
CREATE FUNCTION events_after(p_partitions smallint[], p_positions bigint[], p_each int, p_total int)
RETURNS TABLE (partition smallint, pos bigint, event_id uuid, stream uuid, stream_version bigint, type text,
  schema_version int, learner uuid, effective_at timestamptz, recorded_at timestamptz, actor text, authority text,
  caused_by uuid, correlation uuid, traceparent text, key_id uuid, payload bytea, epoch int)
LANGUAGE plpgsql STABLE SET jit = off SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  RETURN QUERY
  SELECT e.partition, e.pos, e.event_id, e.stream, e.stream_version, e.type, e.schema_version, e.learner,
         e.effective_at, e.recorded_at, e.actor, e.authority, e.caused_by, e.correlation, e.traceparent, e.key_id,
         e.payload, h.epoch
    FROM unnest(p_partitions, p_positions) WITH ORDINALITY c(partition, pos, ord)
    JOIN head h ON h.partition = c.partition AND h.safe_pos > c.pos
    JOIN event e ON e.partition = c.partition AND e.pos > c.pos AND e.pos <= LEAST(h.safe_pos, c.pos + p_each)
   ORDER BY c.ord, e.pos
   LIMIT p_total;
END $$;

-- Partitions whose cursor lies on a dead branch: a later epoch began before it.
CREATE FUNCTION forked(p_partitions smallint[], p_epochs int[], p_positions bigint[])
RETURNS TABLE (partition smallint, epoch int, start_pos bigint) LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN QUERY
  SELECT DISTINCT ON (x.partition) x.partition, x.epoch, x.start_pos
    FROM unnest(p_partitions, p_epochs, p_positions) c(partition, epoch, pos)
    JOIN epoch x ON x.partition = c.partition AND x.epoch > c.epoch AND x.start_pos < c.pos
   ORDER BY x.partition, x.start_pos;
END $$;

-- Consumer side. One row per (consumer, source, partition), shared by all replicas of the consumer.
CREATE TABLE cursor (
  consumer    text     NOT NULL,
  source      text     NOT NULL,
  partition   smallint NOT NULL,
  incarnation uuid,
  epoch       int      NOT NULL DEFAULT 1,
  pos         bigint   NOT NULL DEFAULT 0,
  PRIMARY KEY (consumer, source, partition)
) WITH (fillfactor = 20);

CREATE TABLE inbox (
  consumer   text        NOT NULL,
  partition  smallint    NOT NULL,
  event_id   uuid        NOT NULL,
  handled_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, partition, event_id)
);

-- Poison, and what waits behind it: one (consumer, learner or stream) at a time stands still, others go on.
CREATE TABLE parked (
  consumer   text        NOT NULL,
  source     text        NOT NULL,
  partition  smallint    NOT NULL,
  owner      uuid        NOT NULL,
  pos        bigint      NOT NULL,
  event_id   uuid        NOT NULL,
  type       text        NOT NULL,
  envelope   bytea       NOT NULL,
  reason     text        NOT NULL,
  attempts   int         NOT NULL,
  parked_at  timestamptz NOT NULL DEFAULT now(),
  -- A position names another event after a fork or a restore.
  PRIMARY KEY (consumer, partition, owner, source, pos, event_id)
);
CREATE UNIQUE INDEX parked_event ON parked (consumer, partition, event_id);

-- What operators did to parked events; never edited.
CREATE TABLE parked_audit (
  at       timestamptz NOT NULL DEFAULT now(),
  consumer text        NOT NULL,
  event_id uuid        NOT NULL,
  action   text        NOT NULL CHECK (action IN ('retried', 'skipped')),
  actor    text        NOT NULL,
  reason   text        NOT NULL
);

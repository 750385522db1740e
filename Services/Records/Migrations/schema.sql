-- The tables of records as they stand after all migrations, beside those of the event log.

-- One outside identifier means one learner at a time, over all partitions: so its key cannot begin with the partition.
-- Compared as bytes; the service writes NFC.
CREATE TABLE identifier_claim (
  system      text        COLLATE "C" NOT NULL,
  kind        text        COLLATE "C" NOT NULL,
  value       text        COLLATE "C" NOT NULL,
  partition   smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  learner     uuid        NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT identifier_taken PRIMARY KEY (system, kind, value)
);

-- The record by its two times: effective (days on which it holds, the last one included) and recorded (when we said so,
-- and when we took it back). Rows are never deleted, and only the voiding is ever written to one.
CREATE TABLE attainment (
  partition       smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  id              uuid        NOT NULL,
  learner         uuid        NOT NULL,
  target          text        NOT NULL,
  level           double precision,
  basis           text        NOT NULL CHECK (basis IN ('assessed', 'prior_learning', 'articulated', 'granted')),
  -- The assessment that led to it, where one did: voiding that one voids this.
  assessment      uuid,
  effective_from  date        NOT NULL,
  effective_until date        CHECK (effective_until >= effective_from),
  recorded_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  source          text        NOT NULL,
  actor           text        NOT NULL,
  authority       text        NOT NULL,
  reference       text        NOT NULL,
  voided_at       timestamptz CHECK (voided_at >= recorded_at),
  voided_by       text,
  void_reason     text,
  PRIMARY KEY (partition, id),
  CHECK ((voided_at IS NULL) = (voided_by IS NULL) AND (voided_at IS NULL) = (void_reason IS NULL))
);
CREATE INDEX attainment_record ON attainment (partition, learner, recorded_at, id);
CREATE INDEX attainment_assessment ON attainment (partition, assessment) WHERE assessment IS NOT NULL;

-- The rows that senders lock FOR SHARE at the moment of sending, and that a withdrawal must therefore wait for.
-- granted: in force until the end of its last day. expired: ran out, and a later grant took its place.
CREATE TABLE consent (
  partition    smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  id           uuid        NOT NULL,
  learner      uuid        NOT NULL,
  partner      uuid        NOT NULL,
  purpose      text        NOT NULL,
  types        text[]      NOT NULL CHECK (cardinality(types) BETWEEN 1 AND 50),
  until        date,
  revision     text        NOT NULL,
  status       text        NOT NULL CHECK (status IN ('granted', 'expired', 'withdrawn')),
  granted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  withdrawn_at timestamptz,
  PRIMARY KEY (partition, id),
  CHECK ((status = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
-- One at a time for a partner and purpose, or withdrawing one would leave another in force.
CREATE UNIQUE INDEX consent_exists ON consent (partition, learner, partner, purpose) WHERE status = 'granted';
CREATE INDEX consent_learner ON consent (partition, learner, granted_at, id);

-- The record of disclosures (34 CFR 99.32): what left or was refused, and who read this list. Append-only; an open row
-- is settled once, by its sender or, when that is dead, by the reaper.
CREATE TABLE disclosure (
  partition  smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  learner    uuid        NOT NULL,
  id         uuid        NOT NULL,
  partner    uuid,
  consent    uuid,
  purpose    text        NOT NULL,
  type       text,
  event      uuid,
  fields     text[]      NOT NULL,
  -- consent, retraction, the reason of a refusal, or who read the list.
  basis      text        NOT NULL,
  outcome    text        NOT NULL
             CHECK (outcome IN ('open', 'delivered', 'failed', 'refused', 'unknown', 'inspected')),
  -- The incarnation of the sending process.
  sender     uuid,
  opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  settled_at timestamptz,
  PRIMARY KEY (partition, learner, id),
  CHECK ((outcome = 'open') = (settled_at IS NULL)),
  CHECK (outcome = 'inspected' OR (partner IS NOT NULL AND sender IS NOT NULL AND event IS NOT NULL))
) WITH (fillfactor = 90);
CREATE INDEX disclosure_newest ON disclosure (partition, learner, opened_at, id);
-- What withdrawals wait for and the reaper looks after: as many rows as there are sends under way.
CREATE INDEX disclosure_open ON disclosure (partition, learner, partner, purpose) WHERE outcome = 'open';

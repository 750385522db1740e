-- What pathways keeps beside the event log. Runs with search_path set to the service's schema.
-- The state of organizations, frameworks, bodies, motions, pathways and enrollments is in table aggregate; these tables
-- hold what is large, what is asked for by something else than an id, and what must be unique over all streams.

-- A large body on its way in parts, forgotten after a day. framework is set once it was imported: a repeated import then
-- finds its answer though the parts are gone.
CREATE TABLE upload (
  id        uuid        PRIMARY KEY,
  parts     int         NOT NULL CHECK (parts BETWEEN 1 AND 128),
  framework uuid,
  at        timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX upload_age ON upload (at);

CREATE TABLE upload_part (
  upload  uuid  NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
  part    int   NOT NULL CHECK (part BETWEEN 0 AND 127),
  content bytea NOT NULL CHECK (octet_length(content) <= 524288),
  PRIMARY KEY (upload, part)
);

-- The versions of a CASE document, in the order of their first import. The same content is the same version.
CREATE TABLE framework (
  document  uuid NOT NULL,
  version   int  NOT NULL CHECK (version > 0),
  digest    text NOT NULL,
  framework uuid NOT NULL UNIQUE,
  -- Its place among all imports; null only within the transaction that imports it.
  imported  bigint UNIQUE,
  PRIMARY KEY (document, version),
  CONSTRAINT framework_content UNIQUE (document, digest)
);

-- The whole package as it was read, for giving it out again.
CREATE TABLE framework_document (
  framework uuid  PRIMARY KEY REFERENCES framework (framework),
  body      jsonb NOT NULL
);

-- ord is the place in the tree, read from the top down. parent is the target of the item above.
CREATE TABLE framework_item (
  framework uuid   NOT NULL REFERENCES framework (framework),
  ord       int    NOT NULL CHECK (ord >= 0),
  target    text   COLLATE "C" NOT NULL,
  uri       text   COLLATE "C" NOT NULL,
  code      text,
  statement text   NOT NULL,
  type      text,
  parent    text   COLLATE "C",
  sequence  bigint,
  PRIMARY KEY (framework, ord),
  UNIQUE (framework, target)
);
-- By hash, because a publisher's uri may be longer than a B-tree entry.
CREATE INDEX framework_item_uri ON framework_item USING hash (uri);

-- Every text of a pathway version. A certified one never changes: certified_at guards it.
CREATE TABLE pathway_document (
  pathway      uuid        NOT NULL,
  version      int         NOT NULL CHECK (version > 0),
  document     jsonb       NOT NULL,
  drafted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  certified_at timestamptz,
  PRIMARY KEY (pathway, version)
);

-- A copy of what records says of learners, as far as pathways need it. Voided lines stay and no longer count.
CREATE TABLE attainment (
  partition       smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  learner         uuid        NOT NULL,
  id              uuid        NOT NULL,
  target          text        NOT NULL,
  level           double precision,
  basis           text        NOT NULL CHECK (basis IN ('assessed', 'prior_learning', 'articulated', 'granted')),
  effective_from  date        NOT NULL,
  effective_until date        CHECK (effective_until >= effective_from),
  recorded_at     timestamptz NOT NULL,
  voided_at       timestamptz,
  PRIMARY KEY (partition, learner, id)
);

-- What learners have a right to. One for a learner, a pathway and an entitlement's key, however often it is earned: the
-- key says so for enrollments in several versions too. until is fixed when it accrues.
CREATE TABLE entitlement (
  partition  smallint    NOT NULL CHECK (partition BETWEEN 0 AND 63),
  learner    uuid        NOT NULL,
  pathway    uuid        NOT NULL,
  key        text        NOT NULL,
  id         uuid        NOT NULL,
  enrollment uuid        NOT NULL,
  kind       text        NOT NULL,
  title      text        NOT NULL,
  obligor    uuid        NOT NULL,
  accrued_at timestamptz NOT NULL,
  until      date        NOT NULL,
  PRIMARY KEY (partition, learner, pathway, key),
  UNIQUE (partition, id)
);
CREATE INDEX entitlement_enrollment ON entitlement (partition, enrollment);

-- A case whose outcome was voided must be found by the assessment that raised it.
ALTER TABLE support_case ADD COLUMN assessment uuid;
UPDATE support_case c SET assessment = (a.body ->> 'assessment')::uuid
  FROM aggregate a WHERE a.partition = c.partition AND a.id = c.id;
CREATE INDEX support_case_assessment ON support_case (partition, assessment);

ALTER TABLE support_case DROP CONSTRAINT support_case_status_check;
ALTER TABLE support_case ADD CONSTRAINT support_case_status_check
  CHECK (status IN ('raised', 'acknowledged', 'planned', 'resolved', 'escalated', 'void'));

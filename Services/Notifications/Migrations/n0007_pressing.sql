-- One partner that reads its feed over and over owes records so much that others' withdrawals waited behind it: what a
-- withdrawal waits for goes first.
ALTER TABLE settlement_due ADD COLUMN pressing boolean NOT NULL DEFAULT false;
DROP INDEX settlement_due_next;
CREATE INDEX settlement_due_next ON settlement_due (pressing DESC, not_before);

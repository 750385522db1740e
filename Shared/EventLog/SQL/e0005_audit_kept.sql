-- What operators did to parked events stands, whatever code comes later.
CREATE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is never edited', TG_TABLE_NAME USING ERRCODE = 'CA003';
END $$;
CREATE TRIGGER parked_audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON parked_audit
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

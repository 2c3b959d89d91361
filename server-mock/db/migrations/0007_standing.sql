-- What a sign-in is judged by, in one call whose plan each connection keeps (docs/protocol.md §24; server-mock/key-unit/standing.ts reads it):
-- planning the join anew each time, and handing its columns over one by one, costs more than all else that a sign-in does. JSON; bytes in hex;
-- null where there never was an agreement. With a head that is shown the module's row is the caller's until its transaction ends, and where the
-- place that is shown is behind the last one it is raised at once: the caller judges what was there before, and refuses by taking all of it back.
CREATE FUNCTION "client_standing"(unit text, shown_epoch bigint, shown_counter bigint, shown_head bytea, shown_time bigint) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	met "modules"%ROWTYPE;
	told text;
BEGIN
	IF shown_head IS NULL THEN
		SELECT * INTO met FROM "modules" m WHERE m."id" = unit;
	ELSE
		SELECT * INTO met FROM "modules" m WHERE m."id" = unit FOR UPDATE;
	END IF;
	SELECT json_build_object(
		'set', b."set_id", 'number', b."number", 'agreementHash', b."agreement_hash", 'content', b."content",
		'wrappedKeys', encode(b."wrapped_keys", 'hex'),
		'setChanges', b."set_changes", 'unitChanges', b."unit_changes", 'epoch', b."epoch",
		'acceptedCertificate', b."certificate_hash", 'count', b."count",
		'presentSet', u."set_id", 'presentSetChanges', s."changes", 'presentUnitChanges', u."changes",
		'presentEpoch', met."epoch", 'device', encode(met."device", 'hex'), 'epochTime', met."epoch_time",
		'lastCounter', met."last_counter", 'lastHead', encode(met."last_head", 'hex'),
		'receiptedHead', (
			SELECT encode(r."head", 'hex') FROM "receipts" r
			WHERE r."module_id" = unit AND r."epoch" = shown_epoch AND r."counter" = shown_counter LIMIT 1
		),
		'isUntrusted', EXISTS (SELECT 1 FROM "untrusted_ids" d WHERE d."id" = unit)
	)::text
	INTO told
	FROM "client_blocks" b
	JOIN "key_units" u ON u."unit_id" = b."module_id"
	JOIN "key_sets" s ON s."id" = u."set_id"
	WHERE b."module_id" = met."id";
	IF told IS NOT NULL AND shown_head IS NOT NULL AND met."epoch" = shown_epoch AND met."last_counter" < shown_counter THEN
		UPDATE "modules" m
		SET "last_counter" = shown_counter, "last_head" = shown_head, "last_contact" = NULL, "last_contact_time" = shown_time
		WHERE m."id" = unit;
	END IF;
	RETURN told;
END
$$;

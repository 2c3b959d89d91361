CREATE TABLE "cards" (
	"module_id" text PRIMARY KEY NOT NULL,
	"wrapped" "bytea" NOT NULL,
	"last4" text NOT NULL,
	"expiry" text NOT NULL,
	"added_time" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "client_blocks" (
	"module_id" text PRIMARY KEY NOT NULL,
	"set_id" text NOT NULL,
	"number" bigint NOT NULL,
	"agreement" "bytea" NOT NULL,
	"agreement_hash" text NOT NULL,
	"content" text NOT NULL,
	"wrapped_keys" "bytea" NOT NULL,
	"set_changes" integer NOT NULL,
	"unit_changes" integer NOT NULL,
	"epoch" bigint NOT NULL,
	"accepted_time" bigint,
	"certificate_hash" text,
	"count" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "key_policy_series" (
	"set_id" text NOT NULL,
	"reference" text NOT NULL,
	"pin" boolean NOT NULL,
	CONSTRAINT "key_policy_series_set_id_reference_pk" PRIMARY KEY("set_id","reference")
);
--> statement-breakpoint
CREATE TABLE "key_retired_indexes" (
	"set_id" text NOT NULL,
	"reference" text NOT NULL,
	"version" integer NOT NULL,
	"unit_id" text NOT NULL,
	"index" integer NOT NULL,
	"retired_time" bigint NOT NULL,
	CONSTRAINT "key_retired_indexes_set_id_reference_version_unit_id_index_pk" PRIMARY KEY("set_id","reference","version","unit_id","index")
);
--> statement-breakpoint
CREATE TABLE "key_unit_retirements" (
	"unit_id" text NOT NULL,
	"reference" text NOT NULL,
	"version" integer NOT NULL,
	"retired_time" bigint NOT NULL,
	CONSTRAINT "key_unit_retirements_unit_id_reference_version_pk" PRIMARY KEY("unit_id","reference","version")
);
--> statement-breakpoint
CREATE TABLE "wrong_pins" (
	"module_id" text NOT NULL,
	"tried_time" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "key_sets" ADD COLUMN "open_size" integer;--> statement-breakpoint
ALTER TABLE "key_sets" ADD COLUMN "rule" text;--> statement-breakpoint
ALTER TABLE "key_sets" ADD COLUMN "master_reference" text;--> statement-breakpoint
ALTER TABLE "key_sets" ADD COLUMN "changes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "key_units" ADD COLUMN "rule" text;--> statement-breakpoint
ALTER TABLE "key_units" ADD COLUMN "changes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "client_blocks" ADD CONSTRAINT "client_blocks_set_id_key_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."key_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "key_policy_series" ADD CONSTRAINT "key_policy_series_set_id_key_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."key_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "key_retired_indexes" ADD CONSTRAINT "key_retired_indexes_set_id_key_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."key_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "client_blocks_set" ON "client_blocks" USING btree ("set_id");--> statement-breakpoint
CREATE INDEX "wrong_pins_module" ON "wrong_pins" USING btree ("module_id","tried_time");
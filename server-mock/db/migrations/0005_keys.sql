CREATE TABLE "application_keys" (
	"set_id" text NOT NULL,
	"reference" text NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"series_count" integer NOT NULL,
	"wrapped_material" "bytea" NOT NULL,
	"created_time" bigint NOT NULL,
	"retired_time" bigint,
	CONSTRAINT "application_keys_set_id_reference_version_pk" PRIMARY KEY("set_id","reference","version")
);
--> statement-breakpoint
CREATE TABLE "key_exports" (
	"unit_id" text NOT NULL,
	"set_id" text NOT NULL,
	"reference" text NOT NULL,
	"version" integer NOT NULL,
	"exports" integer NOT NULL,
	"last_time" bigint NOT NULL,
	CONSTRAINT "key_exports_unit_id_reference_pk" PRIMARY KEY("unit_id","reference")
);
--> statement-breakpoint
CREATE TABLE "key_sets" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"wrapped_transport_key" "bytea" NOT NULL,
	"created_time" bigint NOT NULL,
	"retired_time" bigint,
	CONSTRAINT "key_sets_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "key_units" (
	"unit_id" text PRIMARY KEY NOT NULL,
	"set_id" text NOT NULL,
	"added_time" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "application_keys" ADD CONSTRAINT "application_keys_set_id_key_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."key_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "key_exports" ADD CONSTRAINT "key_exports_set_id_key_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."key_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "key_units" ADD CONSTRAINT "key_units_set_id_key_sets_id_fk" FOREIGN KEY ("set_id") REFERENCES "public"."key_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "key_exports_set" ON "key_exports" USING btree ("set_id");--> statement-breakpoint
CREATE INDEX "key_units_set" ON "key_units" USING btree ("set_id");
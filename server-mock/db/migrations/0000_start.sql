CREATE TABLE "accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"currency" text NOT NULL,
	"balance_minor" bigint NOT NULL,
	"may_be_negative" boolean NOT NULL,
	CONSTRAINT "accounts_not_below_zero" CHECK ("accounts"."balance_minor" >= 0 or "accounts"."may_be_negative")
);
--> statement-breakpoint
CREATE TABLE "challenges" (
	"challenge" text PRIMARY KEY NOT NULL,
	"issued_time" bigint NOT NULL,
	"expires_time" bigint NOT NULL,
	"used_time" bigint
);
--> statement-breakpoint
CREATE TABLE "idempotent_answers" (
	"operation" text PRIMARY KEY NOT NULL,
	"route" text NOT NULL,
	"body_hash" text NOT NULL,
	"answer" text NOT NULL,
	"time" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "modules" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" "bytea" NOT NULL,
	"sealing_key" "bytea" NOT NULL,
	"certificate" "bytea" NOT NULL,
	"certificate_expires" bigint NOT NULL,
	"enrolled_time" bigint NOT NULL,
	"last_counter" bigint NOT NULL,
	"last_head" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "number_series" (
	"name" text PRIMARY KEY NOT NULL,
	"last_number" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "programme_files" (
	"programme_id" text NOT NULL,
	"hash" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	CONSTRAINT "programme_files_programme_id_hash_pk" PRIMARY KEY("programme_id","hash")
);
--> statement-breakpoint
CREATE TABLE "programmes" (
	"id" text PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"programme_bytes" "bytea" NOT NULL,
	"programme_hash" text NOT NULL,
	"manifest_hash" text NOT NULL,
	"poster_hash" text NOT NULL,
	"sequence" text NOT NULL,
	"wrapped_seed" "bytea" NOT NULL,
	"frame_count" integer NOT NULL,
	"frame_duration_ms" integer NOT NULL,
	"duration_ms" bigint NOT NULL,
	"currency" text NOT NULL,
	"price_minor" integer NOT NULL,
	"rungs" jsonb NOT NULL,
	"published_time" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "provider_certificates" (
	"provider_id" text PRIMARY KEY NOT NULL,
	"certificate" "bytea" NOT NULL,
	"expires_time" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_windows" (
	"client" text NOT NULL,
	"bucket" text NOT NULL,
	"window_start" bigint NOT NULL,
	"requests" integer NOT NULL,
	CONSTRAINT "rate_windows_client_bucket_pk" PRIMARY KEY("client","bucket")
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"receipt_hash" text PRIMARY KEY NOT NULL,
	"session_id" text NOT NULL,
	"module_id" text NOT NULL,
	"receipt_file" "bytea" NOT NULL,
	"acknowledgement" "bytea" NOT NULL,
	"sequence_number" bigint NOT NULL,
	"frame_count" integer NOT NULL,
	"amount_minor" bigint NOT NULL,
	"counter" bigint NOT NULL,
	"head" "bytea" NOT NULL,
	"accepted_time" bigint NOT NULL,
	CONSTRAINT "receipts_session_id_unique" UNIQUE("session_id"),
	CONSTRAINT "receipts_sequence_number_unique" UNIQUE("sequence_number"),
	CONSTRAINT "receipts_module_counter" UNIQUE("module_id","counter")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"module_id" text NOT NULL,
	"programme_id" text NOT NULL,
	"grant_hash" text NOT NULL,
	"ranges" jsonb NOT NULL,
	"currency" text NOT NULL,
	"price_minor" integer NOT NULL,
	"reserved_minor" bigint NOT NULL,
	"opened_counter" bigint NOT NULL,
	"created_time" bigint NOT NULL,
	"expires_time" bigint NOT NULL,
	"state" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "transfers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "transfers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"reference" text NOT NULL,
	"from_account" text NOT NULL,
	"to_account" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"time" bigint NOT NULL,
	CONSTRAINT "transfers_once" UNIQUE("kind","reference"),
	CONSTRAINT "transfers_positive" CHECK ("transfers"."amount_minor" > 0),
	CONSTRAINT "transfers_two_accounts" CHECK ("transfers"."from_account" <> "transfers"."to_account")
);
--> statement-breakpoint
CREATE TABLE "untrusted_ids" (
	"id" text PRIMARY KEY NOT NULL,
	"added_time" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "programme_files" ADD CONSTRAINT "programme_files_programme_id_programmes_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programmes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_module_id_modules_id_fk" FOREIGN KEY ("module_id") REFERENCES "public"."modules"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_module_id_modules_id_fk" FOREIGN KEY ("module_id") REFERENCES "public"."modules"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_from_account_accounts_id_fk" FOREIGN KEY ("from_account") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "transfers" ADD CONSTRAINT "transfers_to_account_accounts_id_fk" FOREIGN KEY ("to_account") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "challenges_expires" ON "challenges" USING btree ("expires_time");--> statement-breakpoint
CREATE INDEX "programme_files_hash" ON "programme_files" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "sessions_module" ON "sessions" USING btree ("module_id");
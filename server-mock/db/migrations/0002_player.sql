CREATE TABLE "claims" (
	"claim_hash" text PRIMARY KEY NOT NULL,
	"session_id" text NOT NULL,
	"module_id" text NOT NULL,
	"claim" "bytea" NOT NULL,
	"answer" "bytea" NOT NULL,
	"verdict" text NOT NULL,
	"currency" text NOT NULL,
	"amount_minor" bigint NOT NULL,
	"answered_time" bigint NOT NULL,
	CONSTRAINT "claims_session_id_unique" UNIQUE("session_id")
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"delivery_id" text NOT NULL,
	"hash" text NOT NULL,
	"status" integer NOT NULL,
	"asked_bytes" bigint NOT NULL,
	"sent_bytes" bigint NOT NULL,
	"started_time" bigint NOT NULL,
	"own_ms" bigint NOT NULL,
	"elapsed_ms" bigint NOT NULL,
	"broken_off" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "live_programmes" (
	"programme_id" text PRIMARY KEY NOT NULL,
	"start_time" bigint NOT NULL,
	"window_frames" integer NOT NULL,
	"reserved_to" integer DEFAULT 0 NOT NULL,
	"edge" integer DEFAULT 0 NOT NULL,
	"next_number" integer DEFAULT 0 NOT NULL,
	"ended" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "live_updates" (
	"programme_id" text NOT NULL,
	"number" integer NOT NULL,
	"live_update" "bytea" NOT NULL,
	CONSTRAINT "live_updates_programme_id_number_pk" PRIMARY KEY("programme_id","number")
);
--> statement-breakpoint
ALTER TABLE "programmes" ADD COLUMN "modes" jsonb DEFAULT '["display"]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "contract" "bytea";--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "delivery_id" text;--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_module_id_modules_id_fk" FOREIGN KEY ("module_id") REFERENCES "public"."modules"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "live_programmes" ADD CONSTRAINT "live_programmes_programme_id_programmes_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programmes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "live_updates" ADD CONSTRAINT "live_updates_programme_id_programmes_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programmes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "claims_answered" ON "claims" USING btree ("answered_time");--> statement-breakpoint
CREATE INDEX "deliveries_delivery_hash" ON "deliveries" USING btree ("delivery_id","hash");--> statement-breakpoint
CREATE INDEX "deliveries_started" ON "deliveries" USING btree ("started_time");--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_delivery_id_unique" UNIQUE("delivery_id");
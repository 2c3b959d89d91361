CREATE TABLE "key_renewals" (
	"module_id" text NOT NULL,
	"asked_time" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "client_blocks" ADD COLUMN "renewal_due" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "key_renewals_module" ON "key_renewals" USING btree ("module_id","asked_time");
-- Rows from before there were epochs are of epoch 0, with a device of zeros, which began when the module was enrolled.
CREATE TABLE "alarms" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alarms_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"module_id" text NOT NULL,
	"epoch" bigint NOT NULL,
	"kind" text NOT NULL,
	"source" text NOT NULL,
	"evidence" "bytea" NOT NULL,
	"evidence_hash" text NOT NULL,
	"certificate" "bytea" NOT NULL,
	"shown_counter" bigint NOT NULL,
	"shown_head" "bytea" NOT NULL,
	"expected_counter" bigint,
	"expected_head" "bytea",
	"expected_evidence" "bytea",
	"time" bigint NOT NULL,
	CONSTRAINT "alarms_once" UNIQUE("module_id","evidence_hash")
);
--> statement-breakpoint
CREATE TABLE "backups" (
	"locator" text PRIMARY KEY NOT NULL,
	"module_id" text NOT NULL,
	"backup" "bytea" NOT NULL,
	"kept_time" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "past_epochs" (
	"module_id" text NOT NULL,
	"epoch" bigint NOT NULL,
	"device" "bytea" NOT NULL,
	"began_time" bigint NOT NULL,
	"ended_time" bigint NOT NULL,
	"last_counter" bigint NOT NULL,
	"last_head" "bytea" NOT NULL,
	CONSTRAINT "past_epochs_module_id_epoch_pk" PRIMARY KEY("module_id","epoch")
);
--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_module_counter";--> statement-breakpoint
ALTER TABLE "challenges" ADD COLUMN "module_id" text;--> statement-breakpoint
ALTER TABLE "challenges" ADD COLUMN "epoch" bigint;--> statement-breakpoint
ALTER TABLE "challenges" ADD COLUMN "expected_counter" bigint;--> statement-breakpoint
UPDATE "challenges" SET "expected_counter" = 0;--> statement-breakpoint
ALTER TABLE "challenges" ALTER COLUMN "expected_counter" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "challenges" ADD COLUMN "expected_head" "bytea";--> statement-breakpoint
UPDATE "challenges" SET "expected_head" = decode(repeat('00', 32), 'hex');--> statement-breakpoint
ALTER TABLE "challenges" ALTER COLUMN "expected_head" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "epoch" bigint;--> statement-breakpoint
UPDATE "modules" SET "epoch" = 0;--> statement-breakpoint
ALTER TABLE "modules" ALTER COLUMN "epoch" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "device" "bytea";--> statement-breakpoint
UPDATE "modules" SET "device" = decode(repeat('00', 16), 'hex');--> statement-breakpoint
ALTER TABLE "modules" ALTER COLUMN "device" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "epoch_time" bigint;--> statement-breakpoint
UPDATE "modules" SET "epoch_time" = "enrolled_time";--> statement-breakpoint
ALTER TABLE "modules" ALTER COLUMN "epoch_time" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "last_contact" "bytea";--> statement-breakpoint
ALTER TABLE "modules" ADD COLUMN "last_contact_time" bigint;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "epoch" bigint;--> statement-breakpoint
UPDATE "receipts" SET "epoch" = 0;--> statement-breakpoint
ALTER TABLE "receipts" ALTER COLUMN "epoch" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "epoch" bigint;--> statement-breakpoint
UPDATE "sessions" SET "epoch" = 0;--> statement-breakpoint
ALTER TABLE "sessions" ALTER COLUMN "epoch" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "alarms" ADD CONSTRAINT "alarms_module_id_modules_id_fk" FOREIGN KEY ("module_id") REFERENCES "public"."modules"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backups" ADD CONSTRAINT "backups_module_id_modules_id_fk" FOREIGN KEY ("module_id") REFERENCES "public"."modules"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "past_epochs" ADD CONSTRAINT "past_epochs_module_id_modules_id_fk" FOREIGN KEY ("module_id") REFERENCES "public"."modules"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backups_module" ON "backups" USING btree ("module_id");--> statement-breakpoint
CREATE INDEX "receipts_module_epoch_counter" ON "receipts" USING btree ("module_id","epoch","counter");
ALTER TABLE "programme_files" ADD COLUMN "frame" integer;--> statement-breakpoint
CREATE INDEX "programme_files_frame" ON "programme_files" USING btree ("programme_id","frame");--> statement-breakpoint
CREATE INDEX "sessions_programme" ON "sessions" USING btree ("programme_id","created_time");
CREATE TABLE "board_strokes" (
	"programme_id" text NOT NULL,
	"number" integer NOT NULL,
	"stroke_hash" text NOT NULL,
	"wrapped_stroke" "bytea" NOT NULL,
	"began_ms" bigint NOT NULL,
	CONSTRAINT "board_strokes_programme_id_number_pk" PRIMARY KEY("programme_id","number")
);
--> statement-breakpoint
ALTER TABLE "board_strokes" ADD CONSTRAINT "board_strokes_programme_id_programmes_id_fk" FOREIGN KEY ("programme_id") REFERENCES "public"."programmes"("id") ON DELETE cascade ON UPDATE no action;
from django.db import migrations


class Migration(migrations.Migration):
    """The database itself refuses to change what was drawn, and what is asked from then on.

    Seed, frame, months and numbers of a round, its villages, its sample but for what became of a
    household. A household that came for another goes again while nothing became of it. What is
    added by hand the page of the round finds when it computes the draw again.
    """

    dependencies = [("feedback", "0013_evaluation")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION feedback_draw_refuses() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'what was drawn is never changed or deleted'
                    USING ERRCODE = 'insufficient_privilege';
            END $$;

            CREATE TRIGGER evaluation_round_keeps_draw
                BEFORE UPDATE ON feedback_evaluationround
                FOR EACH ROW WHEN (
                    OLD.drawn_at IS NOT NULL AND (
                        OLD.county_id, OLD.first_month, OLD.last_month, OLD.villages_to_draw,
                        OLD.households_per_village, OLD.seed, OLD.frame_sha256, OLD.drawn_at
                    ) IS DISTINCT FROM (
                        NEW.county_id, NEW.first_month, NEW.last_month, NEW.villages_to_draw,
                        NEW.households_per_village, NEW.seed, NEW.frame_sha256, NEW.drawn_at
                    )
                )
                EXECUTE FUNCTION feedback_draw_refuses();
            CREATE TRIGGER evaluation_round_drawn_stays
                BEFORE DELETE ON feedback_evaluationround
                FOR EACH ROW WHEN (OLD.drawn_at IS NOT NULL)
                EXECUTE FUNCTION feedback_draw_refuses();

            CREATE FUNCTION feedback_part_of_drawn_stays() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM feedback_evaluationround
                    WHERE id = OLD.round_id AND drawn_at IS NOT NULL;
                IF FOUND THEN
                    RAISE EXCEPTION 'what was drawn is never changed or deleted'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END $$;
            CREATE TRIGGER round_village_stays
                BEFORE UPDATE OR DELETE ON feedback_roundvillage
                FOR EACH ROW EXECUTE FUNCTION feedback_part_of_drawn_stays();
            CREATE TRIGGER topic_question_stays
                BEFORE UPDATE OR DELETE ON feedback_topicquestion
                FOR EACH ROW EXECUTE FUNCTION feedback_part_of_drawn_stays();

            CREATE TRIGGER sampled_household_keeps_draw
                BEFORE UPDATE ON feedback_sampledhousehold
                FOR EACH ROW WHEN (
                    to_jsonb(OLD) - 'outcome' IS DISTINCT FROM to_jsonb(NEW) - 'outcome'
                )
                EXECUTE FUNCTION feedback_draw_refuses();
            CREATE TRIGGER sampled_household_stays
                BEFORE DELETE ON feedback_sampledhousehold
                FOR EACH ROW WHEN (OLD.replaces_id IS NULL OR OLD.outcome <> '')
                EXECUTE FUNCTION feedback_draw_refuses();
            """,
            """
            DROP TRIGGER sampled_household_stays ON feedback_sampledhousehold;
            DROP TRIGGER sampled_household_keeps_draw ON feedback_sampledhousehold;
            DROP TRIGGER topic_question_stays ON feedback_topicquestion;
            DROP TRIGGER round_village_stays ON feedback_roundvillage;
            DROP FUNCTION feedback_part_of_drawn_stays();
            DROP TRIGGER evaluation_round_drawn_stays ON feedback_evaluationround;
            DROP TRIGGER evaluation_round_keeps_draw ON feedback_evaluationround;
            DROP FUNCTION feedback_draw_refuses();
            """,
        )
    ]

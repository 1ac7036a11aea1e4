from django.db import migrations


class Migration(migrations.Migration):
    """To what was drawn nothing comes any more, either (0014 keeps what there is).

    A household may still come for another of its village that cannot be asked. The row of the
    round is held while it is looked at, so that nothing slips in beside the draw itself.
    """

    dependencies = [("feedback", "0015_opinions")]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION feedback_drawn_takes_nothing() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM feedback_evaluationround
                    WHERE id = NEW.round_id AND drawn_at IS NOT NULL FOR SHARE;
                IF FOUND THEN
                    RAISE EXCEPTION 'to what was drawn nothing is added'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER round_village_comes_before
                BEFORE INSERT OR UPDATE OF round_id ON feedback_roundvillage
                FOR EACH ROW EXECUTE FUNCTION feedback_drawn_takes_nothing();
            CREATE TRIGGER topic_question_comes_before
                BEFORE INSERT OR UPDATE OF round_id ON feedback_topicquestion
                FOR EACH ROW EXECUTE FUNCTION feedback_drawn_takes_nothing();

            CREATE FUNCTION feedback_sample_takes_only_replacements() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM feedback_evaluationround round
                    JOIN feedback_roundvillage village ON village.round_id = round.id
                    WHERE village.id = NEW.round_village_id AND round.drawn_at IS NOT NULL
                    FOR SHARE OF round;
                IF NOT FOUND THEN
                    RETURN NEW;
                END IF;
                PERFORM 1 FROM feedback_sampledhousehold replaced
                    JOIN feedback_roundvillage village ON village.id = replaced.round_village_id
                    WHERE replaced.id = NEW.replaces_id AND replaced.outcome <> ''
                      AND village.id = NEW.round_village_id
                      AND NEW.number = ANY(village.households);
                IF NOT FOUND THEN
                    RAISE EXCEPTION 'to what was drawn only a replacement is added'
                        USING ERRCODE = 'insufficient_privilege';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER sampled_household_comes_before
                BEFORE INSERT ON feedback_sampledhousehold
                FOR EACH ROW EXECUTE FUNCTION feedback_sample_takes_only_replacements();
            """,
            """
            DROP TRIGGER sampled_household_comes_before ON feedback_sampledhousehold;
            DROP FUNCTION feedback_sample_takes_only_replacements();
            DROP TRIGGER topic_question_comes_before ON feedback_topicquestion;
            DROP TRIGGER round_village_comes_before ON feedback_roundvillage;
            DROP FUNCTION feedback_drawn_takes_nothing();
            """,
        )
    ]

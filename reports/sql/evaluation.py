"""What villagers answered in closed rounds about the months asked for."""

# Who knows each topic (`topic` is NULL: who says that somebody came, of yes and no), place by
# place and for the whole county: what is too few to be shown stands together before anything is
# narrowed (`feedback.results`). `inside`: the part asked about held the village in the round's
# months. `claimed`: it recorded a visit there in them; an officer, under an obligation of theirs,
# whoever went (domain: handover).
EVALUATED = """
WITH rounds AS (
    SELECT id, first_month, last_month FROM feedback_evaluationround
    WHERE county_id = %(county)s AND state = 'closed'
      AND first_month <= %(last)s AND last_month >= %(first)s
),
held AS (
    SELECT DISTINCT rounds.id AS round, point.village_id AS village
    FROM rounds JOIN contact_points_contactpoint point
      ON point.county_id = %(county)s AND point.period && daterange(
          rounds.first_month, (rounds.last_month + interval '1 month')::date)
    WHERE coalesce(point.unit_id = %(unit)s, true)
      AND coalesce(point.officer_id = %(officer)s, true)
),
claimed AS (
    SELECT DISTINCT rounds.id AS round, point.village_id AS village
    FROM rounds JOIN visits_visit visit
      ON visit.county_id = %(county)s AND visit.state = 'recorded'
     AND visit.month BETWEEN rounds.first_month AND rounds.last_month
    JOIN contact_points_contactpoint point ON point.id = visit.contact_point_id
    {obligation}
    WHERE coalesce(visit.unit_id = %(unit)s, true) AND {owed_by}
),
tallies AS (
    SELECT answers.round_id AS round, question.topic_id AS topic,
           answers.township_id AS township, answers.village_id AS village,
           sum(answers.count)::int AS n,
           coalesce(sum(answers.count)
               FILTER (WHERE answers.choice = coalesce(question."right", 1)), 0)::int AS good
    FROM rounds JOIN feedback_evaluationcount answers ON answers.round_id = rounds.id
    LEFT JOIN feedback_topicquestion question
      ON question.round_id = rounds.id AND answers.question = 'topic' || question.position
    WHERE question.id IS NOT NULL OR answers.question = 'visited' AND answers.choice IN (1, 2)
    GROUP BY answers.round_id, question.topic_id, answers.township_id, answers.village_id
)
SELECT tallies.*, held.village IS NOT NULL AS inside, claimed.village IS NOT NULL AS claimed
FROM tallies
LEFT JOIN held USING (round, village)
LEFT JOIN claimed USING (round, village)"""

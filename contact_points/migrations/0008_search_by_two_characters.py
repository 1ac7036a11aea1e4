import django.contrib.postgres.indexes
from django.db import migrations

import outreach.expressions

FUNCTION = """
CREATE FUNCTION bigrams(text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(upper($1), n, 2)), '{}')
    FROM generate_series(1, length($1) - 1) AS n
$$
"""


class Migration(migrations.Migration):
    dependencies = [("contact_points", "0007_mergers_have_a_month")]

    operations = [
        migrations.RunSQL(FUNCTION, "DROP FUNCTION bigrams(text)"),
        migrations.AddIndex(
            model_name="township",
            index=django.contrib.postgres.indexes.GinIndex(
                outreach.expressions.Bigrams("name"), name="township_name_bigrams"
            ),
        ),
        migrations.AddIndex(
            model_name="village",
            index=django.contrib.postgres.indexes.GinIndex(
                outreach.expressions.Bigrams("name"), name="village_name_bigrams"
            ),
        ),
    ]

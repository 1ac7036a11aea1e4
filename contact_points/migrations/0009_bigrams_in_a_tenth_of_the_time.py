"""The function of the indexes without a loop over the characters; it cost 0.1 ms a row."""

from importlib import import_module

from django.db import migrations

before = import_module("contact_points.migrations.0008_search_by_two_characters").FUNCTION

# The text cut into pairs from its first character on and from its second one on, with a sign
# between them that no name has. STRICT keeps the planner from writing the body into its place,
# where it would take it for cheap and read whole tables by it.
FUNCTION = r"""
CREATE OR REPLACE FUNCTION bigrams(text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT string_to_array(
        regexp_replace(upper($1), '(..)', E'\\1\x1f', 'g') || E'\x1f'
        || regexp_replace(substr(upper($1), 2), '(..)', E'\\1\x1f', 'g'),
        E'\x1f'
    )
$$
"""
REINDEX = "REINDEX INDEX township_name_bigrams; REINDEX INDEX village_name_bigrams"


class Migration(migrations.Migration):
    dependencies = [("contact_points", "0008_search_by_two_characters")]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, REINDEX),
        migrations.RunSQL(FUNCTION, before.replace("CREATE", "CREATE OR REPLACE")),
        migrations.RunSQL(REINDEX, migrations.RunSQL.noop),
    ]

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models

import outreach.expressions

# The text cut into pairs from its first character on and from its second one on, with a sign
# between them that no name has. STRICT keeps the planner from writing the body into its place,
# where it would take it for cheap and read whole tables by it.
FUNCTION = r"""
CREATE FUNCTION bigrams(text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT string_to_array(
        regexp_replace(upper($1), '(..)', E'\\1\x1f', 'g') || E'\x1f'
        || regexp_replace(substr(upper($1), 2), '(..)', E'\\1\x1f', 'g'),
        E'\x1f'
    )
$$
"""


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("contact_points", "0001_initial"),
        ("contact_points", "0002_initial"),
        ("contact_points", "0003_lists"),
        ("contact_points", "0004_list_kinds"),
        ("contact_points", "0005_lighter_rows"),
        ("contact_points", "0006_lists_of_the_registry"),
        ("contact_points", "0007_mergers_have_a_month"),
        ("contact_points", "0008_search_by_two_characters"),
        ("contact_points", "0009_bigrams_in_a_tenth_of_the_time"),
    ]

    dependencies = []

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION bigrams(text)"),
        migrations.CreateModel(
            name="County",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=6,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{6}\\Z", "A county code has 6 digits."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=50, verbose_name="name")),
            ],
            options={
                "verbose_name": "county",
                "verbose_name_plural": "counties",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9]{6}$")), name="county_code_digits"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Township",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=9,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{9}\\Z", "A township code has 9 digits."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=50, verbose_name="name")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
            ],
            options={
                "verbose_name": "township",
                "verbose_name_plural": "townships",
                "ordering": ["code"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        outreach.expressions.Bigrams("name"), name="township_name_bigrams"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9]{9}$")),
                        name="township_code_digits",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("leading_body", "leading body"),
                            ("township", "township"),
                            ("party_department", "party department"),
                            ("government_department", "government department"),
                            ("mass_organisation", "mass organisation"),
                            ("other", "other unit"),
                        ],
                        max_length=30,
                        verbose_name="kind",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.township",
                        verbose_name="township",
                    ),
                ),
            ],
            options={
                "verbose_name": "unit",
                "verbose_name_plural": "units",
                "ordering": ["order", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("county", "name"),
                        name="unit_name_once",
                        violation_error_message="The county has a unit of this name already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "township"), ("township__isnull", False)),
                            models.Q(
                                models.Q(("kind", "township"), _negated=True),
                                ("township__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="unit_township_fits_kind",
                        violation_error_message="A township unit names its township, others do not.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Village",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=12,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9]{12}\\Z", "A village code has 12 digits."
                            )
                        ],
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("sort_key", models.CharField(blank=True, editable=False, max_length=200)),
                (
                    "households_count",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="households"),
                ),
                (
                    "population",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="population"),
                ),
                (
                    "merged_from",
                    models.DateField(
                        blank=True,
                        help_text="Any day of the first month in which it is no village of its own; empty: next month.",
                        null=True,
                        verbose_name="merged from the month",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.county",
                        verbose_name="county",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="contact_points.village",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="villages",
                        to="contact_points.township",
                        verbose_name="township",
                    ),
                ),
            ],
            options={
                "verbose_name": "village",
                "verbose_name_plural": "villages",
                "ordering": ["code"],
                "indexes": [
                    models.Index(fields=["county", "township", "code"], name="village_county"),
                    django.contrib.postgres.indexes.GinIndex(
                        outreach.expressions.Bigrams("name"), name="village_name_bigrams"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9]{12}$")),
                        name="village_code_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("merged_into", models.F("id")), _negated=True),
                        name="village_not_merged_into_itself",
                        violation_error_message="A village cannot be merged into itself.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_from", None),
                            models.Q(("merged_from__day", 1), ("merged_into__isnull", False)),
                            _connector="OR",
                        ),
                        name="village_merged_from_first_day",
                        violation_error_message="Say which village it was merged into.",
                    ),
                ],
            },
        ),
    ]

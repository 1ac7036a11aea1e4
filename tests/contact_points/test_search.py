"""A village is found by part of its name or township, or by the beginning of its code."""

import pytest
from django.db import connection

from contact_points.models import Village
from tests import factories as make


@pytest.fixture
def villages(db):
    county = make.county()
    east, west = make.township(county), make.township(county)
    for township, name in ((east, "东石桥镇"), (west, "Xi西河100%乡")):
        township.name = name
        township.save(update_fields=["name"])
    for township, name in ((east, "石桥村"), (east, "张庄"), (west, "小石桥村"), (west, "桥石a村")):
        make.village(township, name=name)
    return Village.objects.filter(county=county)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("石桥村", {"石桥村", "小石桥村"}),
        ("石桥", {"石桥村", "张庄", "小石桥村"}),
        ("桥石", {"桥石a村"}),
        ("张", {"张庄"}),
        ("石A", {"桥石a村"}),
        ("xi西", {"小石桥村", "桥石a村"}),
        ("0%", {"小石桥村", "桥石a村"}),
        ("%", {"小石桥村", "桥石a村"}),
        ("石村", set()),
        ("没有", set()),
    ],
)
def test_names_and_townships_that_hold_the_text(villages, text, found):
    assert {village.name for village in villages.search(text)} == found


def test_the_beginning_of_a_code(villages):
    first = villages.first()
    assert first in villages.search(first.code[:8])
    assert list(villages.search(first.code)) == [first]
    assert not villages.search(first.code[1:]).exists()


@pytest.mark.parametrize("text", ["石桥", "130529"])
def test_a_search_reads_no_whole_table(villages, text):
    with connection.cursor() as cursor:
        # Four rows are read whole in any case; what is asked is whether the indexes can serve.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = Village.objects.search(text).explain()
    for index in ("village_name_bigrams", "township_name_bigrams"):
        assert index in plan
    assert "Seq Scan" not in plan

"""A village is found by part of its name or township, or by the beginning of its code."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contact_points import querysets
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
def test_a_search_of_what_is_rare_reads_no_whole_table(villages, text):
    with CaptureQueriesContext(connection) as asked:
        found = Village.objects.search(text)
    with connection.cursor() as cursor:
        # Four rows are read whole in any case; what is asked is whether the indexes can serve.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        cursor.execute("EXPLAIN " + asked[0]["sql"])
        plan = found.explain() + str(cursor.fetchall())
    for index in ("village_name_bigrams", "township_name_bigrams"):
        assert index in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("limit", ["MANY_VILLAGES", "MANY_TOWNSHIPS"])
def test_what_is_common_is_found_by_walking(villages, monkeypatch, limit):
    texts = ("石桥", "桥村", "河100%", "没有", "1305")
    gathered = [list(villages.search(text)) for text in texts]
    monkeypatch.setattr(querysets, limit, -1)
    assert [list(villages.search(text)) for text in texts] == gathered
    assert "bigrams(" not in str(villages.search("石桥").values("pk").query).split("IN (SELECT")[0]


letters = st.text("石桥村aÄ%_\\,。 \u3000", min_size=1, max_size=9)


class AnyName(TestCase):
    """The index has every pair of a name, however long it is and whatever stands in it."""

    @settings(deadline=None, max_examples=50)
    @given(name=letters, start=st.integers(0, 8), length=st.integers(1, 5))
    def test_each_part_of_a_name_finds_it(self, name, start, length):
        sought = name[start : start + length] or name
        village = make.village(make.township(make.county()), name=name)
        for text in (sought, sought.swapcase()):
            assert village in Village.objects.search(text)

"""What the texts of a list mean in the registry: found, asked or refused, never guessed."""

import random
from datetime import date

import pytest

from contact_points.models import Alias, ContactPoint, Officer, Village
from contact_points.reading.lists import ListRow
from contact_points.services.naming import UnitNames, in_chinese, likeness, stem
from contact_points.services.previews import plan_list
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, outcomes, reasons, row, upload, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


class Town:
    """A small 巨鹿县 with the names that make lists hard."""

    def __init__(self):
        self.county = factories.county(name="巨鹿县")
        self.admin = factories.user(Role.ADMIN, county=self.county)
        self.villages = {}
        for township, names in {
            "官亭镇": ("赵家庄村委会", "后辛庄村委会", "大屯头一村村委会", "大屯头二村村委会"),
            "张王疃乡": ("赵家庄村委会", "西街村委会", "西街居委会"),
            "苏家营镇": ("刘家庄村委会", "苏家营村委会"),
        }.items():
            place = factories.township(self.county, name=township)
            for name in names:
                self.villages[township, name] = factories.village(place, name=name)
        self.units = {
            name: factories.unit(self.county, name=name)
            for name in (
                "县农业农村局",
                "县委宣传部",
                "县委办公室",
                "县政府办公室",
                "县发展和改革局",
                "县民政局",
            )
        }

    def read(self, *rows):
        return upload(self.admin, xlsx(*rows))

    def one(self, **cells):
        """The import of one row, complete but for what the test says."""
        whole = {"village": "后辛庄", "township": "官亭镇", "unit": "县民政局", "officer": "王建国"}
        return self.read(row(**whole | cells))


@pytest.fixture
def town():
    return Town()


def labels(run):
    """What the only question proposes."""
    (question,) = run.questions
    return [label.split("（")[0] for _id, label in question["candidates"]]


@pytest.mark.parametrize(
    ("township", "village", "found"),
    [
        ("官亭镇", "后辛庄", "后辛庄村委会"),
        ("官亭镇", "后辛庄村民委员会", "后辛庄村委会"),
        ("官亭", "后辛庄社区", "后辛庄村委会"),
        ("巨鹿县官亭镇", "后辛庄村", "后辛庄村委会"),
        ("", "官亭镇后辛庄村", "后辛庄村委会"),
        ("", "巨鹿县官亭镇后辛庄村", "后辛庄村委会"),
        ("官亭镇", "官亭镇赵家庄", "赵家庄村委会"),
        ("", "苏家营镇苏家营村", "苏家营村委会"),
        ("张王疃乡", "西街居委会", "西街居委会"),
        ("", "西街居委会", "西街居委会"),
    ],
)
def test_usual_writings_of_a_village_are_understood(town, township, village, found):
    run = town.one(township=township, village=village)
    assert outcomes(run) == ["new"], run.rows.get().notes
    apply(run, town.admin)
    assert ContactPoint.objects.get().village.name == found


@pytest.mark.parametrize(
    ("township", "village", "column", "first"),
    [
        ("", "赵家庄", "village", ["赵家庄村委会", "赵家庄村委会"]),
        ("张王疃乡", "西街", "village", ["西街村委会", "西街居委会"]),
        ("苏营镇", "刘家庄", "township", ["苏家营镇"]),
        ("官亭乡", "后辛庄", "township", ["官亭镇"]),
        ("官亭镇", "大屯头1村", "village", ["大屯头一村村委会"]),
        ("官亭镇", "后新庄", "village", ["后辛庄村委会"]),
        ("官亭镇", "辛庄", "village", ["后辛庄村委会"]),
        ("官亭镇", "刘家庄", "village", ["赵家庄村委会", "刘家庄村委会"]),
        ("苏家营镇", "官亭镇赵家庄", "village", ["赵家庄村委会"]),
    ],
)
def test_what_is_not_certain_is_asked_with_the_likeliest_first(
    town, township, village, column, first
):
    run = town.one(township=township, village=village)
    assert outcomes(run) == ["asks"]
    assert run.questions[0]["column"] == column
    assert labels(run)[: len(first)] == first


def test_a_code_wins_unless_the_row_contradicts_it(town):
    one, other = town.villages["官亭镇", "赵家庄村委会"], town.villages["张王疃乡", "赵家庄村委会"]
    assert outcomes(town.one(code=one.code, village="赵家庄", township="官亭镇")) == ["new"]
    assert outcomes(town.one(code=one.code, village="", township="")) == ["new"]
    run = town.one(code=one.code, village="赵家庄", township="张王疃乡")
    assert outcomes(run) == ["asks"]
    assert [int(pk) for pk, _label in run.questions[0]["candidates"]] == [one.pk, other.pk]
    assert outcomes(town.one(code=one.code, village="西街村")) == ["asks"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("县农业农村局", "县农业农村局"),
        ("农业农村局", "县农业农村局"),
        ("巨鹿县农业农村局", "县农业农村局"),
        ("宣传部", "县委宣传部"),
        ("中共巨鹿县委宣传部", "县委宣传部"),
        ("巨鹿县人民政府办公室", "县政府办公室"),
        ("政府办公室", "县政府办公室"),
    ],
)
def test_usual_short_names_of_a_unit_are_understood(town, written, found):
    run = town.one(unit=written)
    assert outcomes(run) == ["new"], run.questions
    apply(run, town.admin)
    assert ContactPoint.objects.get().unit.name == found


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("办公室", ["县委办公室", "县政府办公室"]),
        ("农业局", ["县农业农村局"]),
        ("发展改革局", ["县发展和改革局"]),
        ("县民证局", ["县民政局"]),
        ("政府宣传部", ["县委宣传部"]),
        ("无此单位", []),
    ],
)
def test_an_unclear_unit_is_asked(town, written, first):
    run = town.one(unit=written)
    assert outcomes(run) == ["asks"]
    assert labels(run)[: len(first)] == first


def test_one_question_stands_for_all_rows_that_say_the_same(town):
    run = town.read(
        row(village="刘家庄", township="苏营镇", unit="县民政局", officer="甲乙"),
        row(village="苏家营", township="苏营镇", unit="县民政局", officer="甲乙"),
    )
    (question,) = run.questions
    assert question["rows"] == [2, 3]


def test_an_alias_is_used_and_an_exact_name_goes_before_it(town):
    village = town.villages["官亭镇", "后辛庄村委会"]
    for text in ("辛庄", "赵家庄"):
        Alias.objects.create(
            county=town.county,
            kind="village",
            context=village.township,
            text=text,
            village=village,
        )
    run = town.one(village="辛庄村")
    assert outcomes(run) == ["new"]
    # Once a person said otherwise than the registry has it, it is asked.
    assert outcomes(town.one(village="赵家庄")) == ["asks"]


def test_of_several_people_the_first_is_responsible(town):
    unit = town.units["县民政局"]
    known = factories.officer(unit, name="李爱民")
    run = apply(town.one(officer="王建国、李爱民,赵 敏"), town.admin)
    point = ContactPoint.objects.get()
    assert run.rows.get().remarks[0][1] == "王建国 is new in the unit."
    assert point.officer.name == "王建国"
    assert {o.name for o in point.co_officers.all()} == {"李爱民", "赵敏"}
    assert known in point.co_officers.all()
    assert outcomes(town.one(officer="王建国、李爱民、赵敏")) == ["unchanged"]
    fewer = town.one(officer="王建国、赵敏")
    assert fewer.rows.get().changes == [["officer", "王建国、李爱民、赵敏", "王建国、赵敏"]]
    apply(fewer, town.admin)
    assert [o.name for o in ContactPoint.objects.get().co_officers.all()] == ["赵敏"]


def test_posts_and_telephones_of_several_people_are_shared_out(town):
    apply(
        town.one(officer="王建国、李爱民", telephone="13800001111、13800002222", post="局长、科员"),
        town.admin,
    )
    found = Officer.objects.order_by("id").values_list("name", "post", "telephone")
    assert set(found) == {
        ("王建国", "局长", "13800001111"),
        ("李爱民", "科员", "13800002222"),
    }


def test_people_of_one_name_are_told_by_telephone_else_asked(town):
    unit = town.units["县民政局"]
    for telephone, post in (("13800001111", "科员"), ("13900002222", "局长")):
        factories.officer(unit, name="王建国", telephone=telephone, post=post)
    run = town.one(post="局长")
    assert outcomes(run) == ["asks"]
    ids = [label for _id, label in run.questions[0]["candidates"]]
    assert ids == ["王建国 局长 13900002222", "王建国 科员 13800001111", "somebody new"]
    run = town.one(telephone="138 0000 1111")
    assert run.questions == []
    apply(run, town.admin)
    assert ContactPoint.objects.get().officer.telephone == "13800001111"


def test_who_left_or_shares_a_mobile_is_asked(town):
    unit = town.units["县民政局"]
    factories.officer(unit, name="王建国", left_on=date(2024, 1, 1))
    factories.officer(unit, name="李爱民", telephone="13800001111")
    assert outcomes(town.one()) == ["asks"]
    assert outcomes(town.one(officer="李艾民", telephone="13800001111")) == ["asks"]


def damaged(rng, name):
    """The name with up to two characters missing, wrong or too many."""
    for _n in range(rng.choice([0, 0, 1, 1, 2])):
        at, gone = rng.randrange(len(name) + 1), rng.choice([0, 1])
        name = (
            name[:at]
            + rng.choice(["", rng.choice("一二1官亭镇赵刘家西街庄村委会")])
            + name[at + gone :]
        )
    return name


def test_whatever_is_written_no_village_is_ever_guessed(town):
    """What is taken is the one village of the township so called, but for its ending."""
    rng = random.Random(7)
    villages = list(Village.objects.select_related("township"))
    townships = ["", "官亭镇", "张王疃乡", "苏家营镇"]
    rows = []
    for n in range(2000):
        village = rng.choice(villages)
        name = rng.choice(["", village.township.name]) + damaged(rng, village.name)
        cells = {"village": name, "township": rng.choice([*townships, village.township.name])}
        rows.append(ListRow(n, cells | {"unit": "县民政局", "officer": f"干部{n}"}))
    taken = [
        p
        for p in plan_list(county_id=town.county.pk, rows=rows, first_day=date(2026, 1, 1)).rows
        if p.village
    ]
    assert len(taken) > 200
    for p in taken:
        name, township = p.row.get("village"), p.row.get("township")
        inside = township or p.village.township.name
        name = name if stem(name) == stem(p.village.name) else name.removeprefix(inside)
        assert stem(name) == stem(p.village.name), p.row
        assert p.village.township.name == inside
        same = [
            v for v in villages if township in ("", v.township.name) and stem(v.name) == stem(name)
        ]
        whole = p.row.get("village").startswith(inside)
        assert len(same) == 1 or whole or [v.name for v in same].count(name) == 1, p.row


def test_numerals_and_likeness():
    assert [in_chinese(text) for text in ("1组", "12", "20", "大屯头2")] == [
        "一组",
        "十二",
        "二十",
        "大屯头二",
    ]
    assert likeness("大屯头1", "大屯头一") == 1.0
    assert likeness("后新庄", "后辛庄") > likeness("后新庄", "前辛庄")
    names = UnitNames("巨鹿县")
    assert names.plain("中共巨鹿县委员会宣传部") == "县委宣传部"
    assert "宣传部" in names.forms("县委宣传部")


@pytest.mark.parametrize("name", ["官亭镇虚拟社区", "巨鹿县开发区社区"])
def test_a_village_called_after_its_township_or_county_is_found_by_name_and_by_code(town, name):
    place = town.villages["官亭镇", "后辛庄村委会"].township
    village = factories.village(place, name=name)
    for cells in ({}, {"code": village.code}):
        run = town.one(village=name, **cells)
        assert outcomes(run) == ["new"], reasons(run)


@pytest.mark.parametrize(
    ("short", "official"),
    [
        ("发改局", "县发展和改革局"),
        ("县人社局", "县人力资源和社会保障局"),
        ("文旅局", "县文化广电体育和旅游局"),
        ("残联", "县残疾人联合会"),
        ("团委", "团县委"),
        ("巨鹿县人大", "县人大常委会"),
        ("政府办", "县政府办公室"),
        ("县委办", "县委办公室"),
    ],
)
def test_the_short_form_that_everybody_uses_is_that_unit(short, official):
    names = UnitNames("巨鹿县")
    assert any(written in names.forms(official) for written in names.written(short))


def test_a_short_form_of_two_units_is_asked(town):
    factories.unit(town.county, name="县文化广电和旅游局")
    factories.unit(town.county, name="县文化和旅游局")
    assert outcomes(town.one(unit="文旅局")) == ["asks"]

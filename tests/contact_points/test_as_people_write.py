"""What people leave out or write together in a list, and how it is understood without a guess."""

import pytest

from contact_points.models import Alias, ContactPoint
from contact_points.reading import read_list
from contact_points.services.answers import answer_question
from contact_points.services.lookup import Registry
from contact_points.services.people import persons
from contact_points.services.questions import ABOVE, SKIP
from outreach.roles import Role
from tests import factories
from tests.contact_points.lists import apply, outcomes, reasons, row, upload, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fixed_clock")]


@pytest.fixture
def admin():
    county = factories.county(name="巨鹿县")
    for township, villages in {
        "巨鹿镇": ("后辛庄村委会", "姚庄村委会", "屈庄村委会"),
        "官亭镇": ("赵家庄村委会", "刘家庄村委会"),
    }.items():
        place = factories.township(county, name=township)
        for village in villages:
            factories.village(place, name=village)
    for name in ("县委", "县委宣传部", "县政府", "县教育局", "县水务局"):
        factories.unit(county, name=name)
    return factories.user(Role.ADMIN, county=county)


def held():
    points = ContactPoint.objects.for_list().prefetch_related("co_officers")
    return sorted(f"{p.unit} {p.people} {p.officer.post} {p.village}" for p in points)


class TestSeveralVillagesInOneCell:
    def test_each_is_a_row_of_its_own(self, admin):
        content = xlsx(
            row(village="后辛庄、姚庄；屈庄", township="巨鹿镇", unit="县教育局", officer="王建国"),
            row(village="赵家庄", township="官亭镇", unit="县水务局", officer="李明"),
        )
        run = upload(admin, content)
        assert outcomes(run) == ["new"] * 4
        assert [r.place for r in run.rows.order_by("number")] == [2, 2, 2, 3]
        assert "rows 2" in str(run.understood["hidden"]) or run.understood["hidden"]
        apply(run, admin)
        assert len(held()) == 4

    def test_names_below_each_other_in_a_cell_are_told_apart_and_a_broken_one_is_not(self):
        content = xlsx(
            row(village="后辛庄村\n姚庄村", unit="县教育局", officer="王建国"),
            row(village="大屯头\n一村", unit="县教育局", officer="王建国"),
            row(village="大屯头一村\n村委会", unit="县教育局", officer="王建国"),
        )
        names = [r.get("village") for r in read_list("a.xlsx", content).rows]
        assert names == ["后辛庄村", "姚庄村", "大屯头一村", "大屯头一村村委会"]

    def test_with_a_code_or_brackets_the_cell_is_one_name(self):
        content = xlsx(
            row(code="130529100001", village="后辛庄、姚庄", unit="甲局", officer="王建国"),
            row(village="后辛庄（3组、4组）", unit="甲局", officer="王建国"),
        )
        assert len(read_list("a.xlsx", content).rows) == 2

    def test_messages_name_the_row_of_the_sheet(self, admin):
        content = xlsx(
            row(village="后辛庄、姚庄", township="巨鹿镇", unit="县教育局", officer="王建国"),
            row(village="姚庄", township="巨鹿镇", unit="县教育局", officer="王建国"),
        )
        run = upload(admin, content)
        assert outcomes(run) == ["new", "new", "rejected"]
        assert "Row 2 names this unit and village already." in str(reasons(run))


class TestEmptyBelowTheFirst:
    ROWS = (
        row(village="后辛庄", township="巨鹿镇", unit="县教育局", officer="王建国", post="局长"),
        row(village="姚庄", township="巨鹿镇"),
        row(village="屈庄", township="巨鹿镇"),
        row(village="赵家庄", township="官亭镇", unit="县水务局", officer="李明"),
        row(village="刘家庄", township="官亭镇"),
    )

    def test_one_question_for_all_such_rows(self, admin):
        run = upload(admin, xlsx(*self.ROWS))
        assert outcomes(run) == ["new", "asks", "asks", "new", "asks"]
        (question,) = run.questions
        assert question["rows"] == [3, 4, 6]
        run = answer_question(run=run, key=question["key"], answer=ABOVE, actor=admin)
        assert outcomes(run) == ["new"] * 5
        # What was read stays what was read.
        assert run.rows.get(number=3).values["unit"] == ""
        apply(run, admin)
        assert held() == [
            "县教育局 王建国 局长 后辛庄村委会",
            "县教育局 王建国 局长 姚庄村委会",
            "县教育局 王建国 局长 屈庄村委会",
            "县水务局 李明  刘家庄村委会",
            "县水务局 李明  赵家庄村委会",
        ]
        assert not Alias.objects.exists()

    def test_it_can_be_left_out_and_asked_again(self, admin):
        run = upload(admin, xlsx(*self.ROWS))
        key = run.questions[0]["key"]
        run = answer_question(run=run, key=key, answer=SKIP, actor=admin)
        assert outcomes(run) == ["new", "rejected", "rejected", "new", "rejected"]
        run = answer_question(run=run, key=key, answer="", actor=admin)
        assert outcomes(run) == ["new", "asks", "asks", "new", "asks"]

    def test_half_of_it_missing_is_a_mistake_of_the_list(self, admin):
        rows = (self.ROWS[0], row(village="姚庄", township="巨鹿镇", unit="县教育局"))
        run = upload(admin, xlsx(*rows, row(village="屈庄", township="巨鹿镇")))
        assert outcomes(run) == ["new", "rejected", "rejected"]


class TestLeadersWithoutAUnit:
    HEADERS = ("领导姓名", "单位及职务", "联系电话", "包联乡镇", "包联村")

    def read(self, admin, *rows):
        return upload(admin, xlsx(*rows, headers=self.HEADERS))

    @pytest.mark.parametrize(
        ("post", "unit"),
        [
            ("县委书记", "县委"),
            ("县委副书记", "县委"),
            ("县委宣传部部长", "县委宣传部"),
            ("宣传部副部长", "县委宣传部"),
            ("巨鹿县教育局党组书记", "县教育局"),
            ("水务局局长", "县水务局"),
        ],
    )
    def test_the_post_says_of_which_unit(self, admin, post, unit):
        run = self.read(admin, ("张三丰", post, "13800000001", "巨鹿镇", "后辛庄"))
        assert outcomes(run) == ["new"], run.questions
        apply(run, admin)
        assert held() == [f"{unit} 张三丰 {post} 后辛庄村委会"]

    @pytest.mark.parametrize("post", ["副县长", "县委常委、宣传部部长", "县教育局人"])
    def test_a_post_that_does_not_say_it_asks_and_is_remembered(self, admin, post):
        cells = ("张三丰", post, "", "巨鹿镇", "后辛庄")
        run = self.read(admin, cells)
        assert outcomes(run) == ["asks"]
        registry = Registry(admin.county_id)
        unit = next(pk for pk, found in registry.units.items() if found.name == "县政府")
        run = answer_question(run=run, key=run.questions[0]["key"], answer=str(unit), actor=admin)
        assert outcomes(run) == ["new"]
        assert outcomes(self.read(admin, cells)) == ["new"]


class TestNamesWithMoreThanANameInTheCell:
    @pytest.mark.parametrize(
        ("cell", "people"),
        [
            ("王建国（局长）", [("王建国", "局长", "")]),
            ("王建国(县教育局副局长)", [("王建国", "县教育局副局长", "")]),
            ("李明 副局长", [("李明", "副局长", "")]),
            ("李明副局长", [("李明", "副局长", "")]),
            ("刘洋13800000001", [("刘洋", "", "13800000001")]),
            ("刘洋、孙红", [("刘洋", "", ""), ("孙红", "", "")]),
            ("王伟（女）", [("王伟（女）", "", "")]),
            ("欧阳建国", [("欧阳建国", "", "")]),
        ],
    )
    def test_the_pieces_are_told_apart(self, cell, people):
        content = xlsx(row(village="甲村", unit="乙局", officer=cell))
        (read,) = read_list("a.xlsx", content).rows
        assert [(p.name, p.post, p.telephone) for p in persons(read)] == people

    def test_a_column_of_its_own_goes_first(self):
        content = xlsx(row(village="甲村", unit="乙局", officer="王建国（局长）", post="党组书记"))
        (person,) = persons(read_list("a.xlsx", content).rows[0])
        assert (person.name, person.post) == ("王建国", "党组书记")

    @pytest.mark.parametrize("name", ["王主任", "待定", "第3组", "王建国等5人", "见附件"])
    def test_what_is_no_name_makes_nobody_new(self, admin, name):
        run = upload(
            admin, xlsx(row(village="后辛庄", township="巨鹿镇", unit="县教育局", officer=name))
        )
        assert outcomes(run) == ["rejected"], name

    def test_whoever_is_known_under_such_a_name_is_found(self, admin):
        unit = admin.county.unit_set.get(name="县教育局")
        factories.officer(unit, name="值班室2号")
        cells = {"village": "后辛庄", "township": "巨鹿镇", "unit": "县教育局"}
        assert outcomes(upload(admin, xlsx(row(officer="值班室2号", **cells)))) == ["new"]

"""One hand-made list of a real county, from the upload to the registry and back, in the browser."""

import io

import openpyxl
import pytest
from django.core.management import call_command
from openpyxl import Workbook

from contact_points.models import ContactPoint, County
from outreach.roles import Role
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "巨鹿县2026年“面对面”活动联系点安排表"
HEAD = (
    ("序号", "联系单位", "责任人", "", "", "联系点", "", "备考"),
    ("", "", "姓名", "职务", "联系电话", "乡镇", "村", ""),
)
ROWS = (
    (1, "县农业农村局", "王建国", "局长", 13803191234, "巨鹿镇", "后辛庄", ""),
    (2, None, None, None, None, "巨鹿镇", "姚 庄", ""),
    (3, None, None, None, None, "巨鹿镇", "大屯头1村", "２０２５年起"),
    (4, "水务局", "李秀英、孙红", "副局长", "0319-4332211", None, "赵家庄", ""),
    (5, "县委宣传部", "周平", "部长", "", "苏营镇", "南孟", ""),
    (6, "县委政法委", "刘洋", "", "", "苏营镇", "团城村民委员会", ""),
    ("小计", "", "", "", "", "", "6个村", ""),
    (7, "县统计局", "张伟", "", "不详", "官亭镇", "刘家庄", ""),
    (8, "县旅游局", "赵敏", "", "", "堤村乡", "刘家庄", ""),
    (9, "县医疗保障局", "陈静", "", "", "巨鹿镇", "王家铺子", ""),
    ("合计", "", "", "", "", "", "9个村", ""),
    ("填表人：李明", "", "", "审核人：", "", "", "2026年3月5日", ""),
)
MERGED = ("A1:H1", "C3:E3", "F3:G3", "A3:A4", "B3:B4", "H3:H4", "B5:B7", "C5:C7", "D5:D7", "E5:E7")


def messy_list():
    book = Workbook()
    sheet = book.active
    sheet.title = "2026年"
    sheet.append([TITLE])
    sheet.append(["填报单位：县委办公室", "", "", "", "", "", "2026年3月"])
    for row in (*HEAD, *ROWS):
        sheet.append(row)
    for area in MERGED:
        sheet.merge_cells(area)
    book.create_sheet("说明").append(["本表由各单位填报"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.fixture
def admin(transactional_db):
    call_command("seed_demo", "--scale", "registry", stdout=io.StringIO())
    return make.user(Role.ADMIN, county=County.objects.get(code="130529"))


class Importing:
    """What an administrator does on the pages of the import."""

    def __init__(self, person, run_jobs):
        self.person, self.page, self.run_jobs = person, person.page, run_jobs

    def upload(self, content, name="2026年联系点安排表.xlsx"):
        self.person.go("imports/new")
        self.page.set_input_files("#id_file", {"name": name, "mimeType": "", "buffer": content})
        self.page.fill("#id_first_day", "2026-01-01")
        self.page.click("main form button.btn-primary")
        self.work()
        self.page.locator(".summary").first.wait_for()

    def work(self):
        self.page.locator("#job").wait_for()
        self.run_jobs()
        self.page.locator("#job").wait_for(state="detached")

    def answer(self, question, choice):
        """Press the button `choice` of the one question that says `question`."""
        card = self.page.locator(".question", has_text=question)
        card.get_by_role("button", name=choice).click()
        card.wait_for(state="detached")

    def apply(self):
        self.page.locator("#confirm button.btn-primary").click()
        self.work()
        self.page.locator(".note.done").wait_for()

    def undo(self):
        self.page.locator("summary.btn-outline-danger").click()
        self.page.locator(".sheet button.btn-outline-danger").click()
        self.work()
        self.page.locator(".note", has_text="已撤销").wait_for()

    def rejects(self):
        with self.page.expect_download() as download:
            self.page.locator("a[href$='/rejects/']").click()
        return openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))

    def count(self, outcome):
        text = self.page.locator(".summary").first.locator("li", has_text=outcome).inner_text()
        return int(text.split()[0])


def held():
    """Village -> its unit and everybody the list names, of all contact points."""
    points = ContactPoint.objects.for_list().prefetch_related("co_officers")
    return {
        f"{point.village.township}{point.village}": f"{point.unit} {point.people}"
        for point in points
    }


FIRST = {
    "巨鹿镇后辛庄村委会": "县农业农村局 王建国",
    "巨鹿镇姚庄村委会": "县农业农村局 王建国",
    "巨鹿镇大屯头一村委会": "县农业农村局 王建国",
    "官亭镇赵家庄村委会": "县水务局 李秀英、孙红",
    "苏家营镇南孟村村委会": "县委宣传部 周平",
    "苏家营镇团城村委会": "县委政法委 刘洋",
    "官亭镇刘家庄村委会": "县统计局 张伟",
    "堤村乡刘家庄村委会": "县文化广电体育和旅游局 赵敏",
}


def test_a_messy_list_of_a_real_county(visitor, admin, run_jobs):
    person = visitor(admin)
    importing, page = Importing(person, run_jobs), person.page
    importing.upload(messy_list())

    # What was understood is said before anything is asked.
    head = page.locator(".page-head").inner_text()
    assert "2026年" in head and "3–4" in head and "9" in head
    page.locator("#dropped summary").click()
    skipped = page.locator("#dropped").inner_text()
    assert TITLE in skipped and "小计" in skipped and "合计" in skipped and "填表人" in skipped
    person.check()

    importing.answer("苏营镇", "苏家营镇")  # one answer for both rows
    importing.answer("赵家庄", "官亭镇")
    importing.answer("大屯头1村", "大屯头一村")
    importing.answer("县旅游局", "县文化广电体育和旅游局")

    # A cell is mended in place, and its row is checked again.
    page.locator(".summary a", has_text="有问题").first.click()
    row = page.locator("tr", has_text="张伟")
    row.locator("summary").click()
    row.locator("input[name=text]").fill("")
    row.locator(".cell-form button").click()
    page.wait_for_load_state()
    assert importing.count("新增") == 8 and importing.count("待") == 1
    person.check()

    importing.apply()
    assert held() == FIRST
    importing.undo()
    assert held() == {}

    # The county has learnt: the same list asks for no more than what is true of one row only.
    importing.upload(messy_list())
    assert page.locator(".question").count() == 2  # 赵家庄 and 王家铺子
    importing.answer("赵家庄", "官亭镇")
    page.locator(".summary a", has_text="有问题").first.click()
    importing.apply()
    book = importing.rejects()
    sheet = book.active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[rows[0].index("联系点 村")] for row in rows[1:]] == ["刘家庄", "王家铺子"]
    sheet.cell(2, rows[0].index("责任人 联系电话") + 1).value = "13931912345"
    sheet.cell(3, rows[0].index("联系点 村") + 1).value = "东辛庄"
    target = io.BytesIO()
    book.save(target)
    importing.upload(target.getvalue(), "补正.xlsx")
    importing.apply()
    assert held().keys() - FIRST.keys() == {"巨鹿镇东辛庄村委会"}
    assert FIRST.items() <= held().items()

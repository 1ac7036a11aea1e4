"""The plan as a sheet in the shape of its grid, which a person and a program read back.

Columns: 村代码 村名 乡镇 联系人, then 1月 to 12月. A month's cell is one line of Chinese text,
whatever language its reader uses otherwise:

    12日 党员 张三 | 三干会精神；医保缴费
    cell    = ["〔" exemption "〕 "] day " " group " " officer [" | " topic {"；" topic}]
    day     = 1日 to 31日, or 未定
    group   = 党员, 村干部, 村民代表, 经济能人 or 困难户 (no blanks inside), or 未定
    officer = the name; with the post, 张三（科员）, where the unit has two of that name, and with
              the program's number, 张三#17, where the post does not tell them apart either
    topic   = the title; titles are unique in their year

A name or title that holds 《, 》, ；or | stands in 《…》 with each inner 》 doubled, so that the
separators are always separators. An empty cell: nothing is written and the contact point's own
officer (联系人) goes. "×": the unit does not hold the village in that month.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from contact_points.models import Officer
from visits.grid import rows_of
from visits.models import AnnualPlan, Group, PlanLine

UNSET, NOT_HELD = "未定", "×"


def plan_sheet(plan: AnnualPlan) -> Iterator[list[str]]:
    """Header and one row per contact point; the county's language must be active."""
    yield ["村代码", "村名", "乡镇", "联系人", *(f"{n}月" for n in range(1, 13))]
    names = officer_names(plan.unit.officers.all())
    for point, lines in rows_of(plan.lines.for_grid()):
        village = point.village
        yield [
            village.code,
            village.name,
            village.township.name,
            names[point.officer_id],
            *(cell_text(line, names) if line else NOT_HELD for line in lines),
        ]


def officer_names(officers: Iterable[Officer]) -> dict[int, str]:
    """Officer -> the name that tells them from their colleagues."""
    people = list(officers)
    names = Counter(person.name for person in people)
    posts = Counter((person.name, person.post) for person in people)
    return {
        person.pk: person.name
        if names[person.name] == 1
        else f"{person.name}（{person.post}）"
        if person.post and posts[person.name, person.post] == 1
        else f"{person.name}#{person.pk}"
        for person in people
    }


def quoted(text: str) -> str:
    """The text, in 《》 if it holds a sign that separates."""
    return f"《{text.replace('》', '》》')}》" if set(text) & set("《》；|") else text


def cell_text(line: PlanLine, names: dict[int, str]) -> str:
    """One month as its cell has it."""
    topics = [topic.title for topic in line.topics.all()]
    written = line.planned_date or line.group or topics or line.exemption
    if not written and line.officer_id == line.contact_point.officer_id:
        return ""
    return said(line, line.planned_date, line.group, names[line.officer_id], topics)


def said(line: PlanLine, day: date | None, group: str, officer: str, titles: Iterable[str]) -> str:
    """The text of the line's cell if it said this; its exemption is the line's own."""
    words = [
        f"〔{line.get_exemption_display()}〕" if line.exemption else "",
        f"{day.day}日" if day else UNSET,
        str(Group(group).label) if group else UNSET,
        quoted(officer),
    ]
    text = " ".join(word for word in words if word)
    topics = "；".join(map(quoted, titles))
    return f"{text} | {topics}" if topics else text

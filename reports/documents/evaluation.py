"""The chapter on what villagers answered when they were asked."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from feedback.estimates import Estimate
from feedback.questions import Question
from reports.documents.outline import Paragraph
from reports.documents.phrases import listed, quoted, rate, sentence
from reports.documents.reading import Snapshot, body
from reports.figures import Rate

# Up to version 4 [part, n].
Answers = list[int] | dict[str, int]
SATISFACTION = {Question.VISITS: "对走访的满意率", Question.MATTERS: "对问题办理的满意率"}


def evaluation(snapshot: Snapshot) -> Iterator[Paragraph]:
    """Of each closed round: who was asked, what is verified, known and liked, what is clarified.

    Snapshots up to version 3 have none, and a month without a closed round neither.
    """
    for n, row in enumerate(snapshot.get("evaluation", []), 1):
        key = "evaluation" if n == 1 else f"evaluation{n}"
        yield body(key, _asked(row), _verified(row))
        yield body(f"{key}_said", _known(row), _satisfied(row))
        yield body(f"{key}_gaps", _clarified(row))


def _months(row: dict[str, Any]) -> str:
    first, last = (date.fromisoformat(row[name]) for name in ("first_month", "last_month"))
    months = f"{first.year}年{first.month}月"
    if first == last:
        return months
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{months}至{year}{last.month}月"


def _asked(row: dict[str, Any]) -> str:
    without = listed(
        [
            row["refused"] and f"不愿回答{row['refused']}户",
            row["absent"] and f"多次上门未遇{row['absent']}户",
        ]
    )
    answered = f"收回答卷{row['answered']}份" if row["answered"] else "收回的答卷不足以公布结果"
    return sentence(
        f"关于{_months(row)}的群众测评，在{row['villages']}个村随机抽取{row['asked']}户",
        answered,
        without,
    )


def _verified(row: dict[str, Any]) -> str:
    if not row["verified"]:
        return ""
    return sentence(
        f"有走访记录且答卷不少于5份的{row['verified'][1]}个村中，"
        f"群众印证有人来过的{row['verified'][0]}个，印证率{_rate(row['verified'])}"
    )


def _known(row: dict[str, Any]) -> str:
    topics = [each for each in row["said"] if each["topic"]]
    known = listed((f"{quoted(each['topic'])}{_rate(each['answers'])}" for each in topics), "；")
    return f"群众对宣传内容的知晓率：{known}。" if known else ""


def _satisfied(row: dict[str, Any]) -> str:
    said = {each["question"]: each["answers"] for each in row["said"]}
    liked = listed(
        (
            f"{name}{_rate(said[question])}"
            for question, name in SATISFACTION.items()
            if question in said
        ),
        "，",
    )
    return sentence(liked)


def _clarified(row: dict[str, Any]) -> str:
    counts = row["clarifications"]
    if not counts["opened"]:
        return ""
    decided = f"，已有处理意见{counts['decided']}件" if counts["decided"] else ""
    return f"群众回答与走访记录不一致、请单位说明情况{counts['opened']}件{decided}。"


HEADS = (
    *("测评月份", "项目", "计量", "符合", "合计", "比率"),
    *("95%置信区间下限", "95%置信区间上限"),
)


def rows(snapshot: Snapshot) -> Iterator[list[Any]]:
    """Under `HEADS`, of each round: what is verified, who knows a topic, who is content."""
    for each in snapshot["evaluation"]:
        if each["verified"]:
            said = Estimate.exact(*each["verified"])
            yield [_months(each), "印证率", "个村", *_cells(said)]
        for name, answers in _named(each["said"]):
            yield [_months(each), name, "份答卷", *_cells(_estimate(answers))]


def _named(said: list[dict[str, Any]]) -> Iterator[tuple[str, Answers]]:
    for each in said:
        if each["topic"]:
            yield f"知晓率：{each['topic']}", each["answers"]
        elif each["question"] in SATISFACTION:
            yield SATISFACTION[each["question"]], each["answers"]


def _cells(said: Estimate) -> list[Any]:
    if said.is_exact:
        return [said.least, said.n, Rate(said.least, said.n), *said.interval]
    return [f"{said.least}至{said.most}", said.n, _range(said), *said.interval]


def _estimate(answers: Answers) -> Estimate:
    return Estimate.exact(*answers) if isinstance(answers, list) else Estimate(**answers)


def _range(said: Estimate) -> str:
    least, most = (f"{100 * part / said.n:.0f}%" for part in (said.least, said.most))
    return f"{least}至{most}"


def _rate(answers: Answers) -> str:
    """85.4%（41/48，95%置信区间72.8%至92.8%）; a range where it would tell of one village."""
    said = _estimate(answers)
    low, high = (f"{end * 100:.1f}%" for end in said.interval)
    interval = f"95%置信区间{low}至{high}）"
    if said.is_exact:
        return f"{rate(said.least, said.n).removesuffix('）')}，{interval}"
    return f"{_range(said)}（{said.n}份答卷，为保护答卷人只列范围，{interval}"

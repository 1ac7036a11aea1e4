"""The difference of two versions: every sign is kept, deleted or inserted, and nothing else."""

import time
from random import Random

import pytest
from django.template.loader import render_to_string

from feedback.differences import differences, pieces
from feedback.records import labels


@pytest.mark.parametrize("seed", range(200))
def test_both_texts_can_be_read_out_of_the_pieces(seed):
    rng = Random(seed)
    before, after = (
        "".join(rng.choices("机井电费12 ab，。\n", k=rng.randint(0, 40))) for _ in "ab"
    )
    found = pieces(before, after)
    assert "".join(text for kind, text in found if kind != "inserted") == before
    assert "".join(text for kind, text in found if kind != "deleted") == after
    assert all(text for _kind, text in found)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("", "新写的", [("inserted", "新写的")]),
        ("删去的", "", [("deleted", "删去的")]),
        (
            "三户电表不准。",
            "五户电表不准。",
            [("deleted", "三"), ("inserted", "五"), ("kept", "户电表不准。")],
        ),
        (
            "花了120元",
            "花了80元",
            [("kept", "花了"), ("deleted", "120"), ("inserted", "80"), ("kept", "元")],
        ),
        # One unchanged sign between two changes is no island.
        (
            "村北有井坏",
            "村南无井修",
            [("kept", "村"), ("deleted", "北有井坏"), ("inserted", "南无井修")],
        ),
    ],
)
def test_pieces_are_what_an_eye_can_follow(before, after, found):
    assert pieces(before, after) == found


def version(**parts):
    return dict.fromkeys(labels(), "") | parts


def test_only_parts_that_differ_are_told_in_the_order_of_the_page():
    before = version(findings="甲", together="同吃", reflections="乙")
    after = version(findings="丙", talks="党员 8（座谈）", together="同吃", reflections="乙")
    told = [(each.label, each.before, each.after) for each in differences(before, after)]
    assert told == [("谈话", "", "党员 8（座谈）"), ("了解的信息", "甲", "丙")]


def test_the_same_is_no_difference():
    assert differences(version(findings="甲"), version(findings="甲")) == []


def test_the_fragment_marks_what_went_and_what_came_and_runs_nothing():
    found = differences(version(findings="<b>三户", together="同吃"), version(findings="<b>五户"))
    html = render_to_string("feedback/_differences.html", {"differences": found})
    assert "&lt;b&gt;<del>三</del><ins>五</ins>户" in html
    assert "同吃 → -" in html


def test_the_longest_texts_are_compared_in_time():
    begun = time.perf_counter()
    pieces("甲乙" * 1000, "乙甲" * 1000)
    assert time.perf_counter() - begun < 5

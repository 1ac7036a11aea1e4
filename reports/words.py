"""Which words the texts of a month hold more often than those of the months before.

Pure: texts and names in, words and counts out. A word is found by segmentation and then counted as
what a list finds that is searched for it: the records whose text holds its characters.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

FEWEST_RECORDS, FEWEST_VILLAGES = 3, 2  # fewer might betray who said it
# Of the log-likelihood of two shares being one: chance reaches it once in a thousand words.
SURPRISE = 10.83
SHOWN = 12
# Nouns, verbs, adjectives, set phrases; no names of people, places and offices, no numbers, times.
KINDS = {"n", "nl", "v", "vn", "l", "i", "j", "a", "an", "zg"}
# What is said at every visit, and what offices call their doings.
_COMMON = """
起来 清楚 赞成 党员干部 反映 希望 建议 认为 表示 需要 问题 情况 解决 了解 座谈 走访 群众 村民
老百姓 村里 村干部 干部 党员 代表 困难 能够 可以 没有 工作 进行 增加 减少
提出 要求 方面 部分 普遍 比较 主要 有关 相关 负责 协调 安排 落实 加强
组织 开展 联系 帮助 支持 关心 意见 政策 宣传 讲解 家里 大家 看到 觉得
尽快 及时 不够 较多 较大 不能 知道 听说 告诉 介绍 到户 入户 逐户 户主
现场 当场 本村 全村 村上
"""
COMMON = frozenset(_COMMON.split())
HAN = re.compile(r"[\u4e00-\u9fff]{2,}")
NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True)
class Text:
    """What one record says, and the village it is about."""

    kind: Literal["visit", "matter"]
    village: int
    text: str


@dataclass(frozen=True)
class Rising:
    """A word and the records that hold it: visits and matters now, and both before."""

    word: str
    visits: int
    matters: int
    villages: int
    before: int


def rising(now: Sequence[Text], before: Sequence[str], names: Iterable[str]) -> list[Rising]:
    """The words that rise, the most surprising first; none of what `names` holds."""
    found: dict[float, list[Rising]] = {}
    for word in _candidates([row.text for row in now], set(names)):
        holding = [row for row in now if word in row.text]
        villages = len({row.village for row in holding})
        if len(holding) < FEWEST_RECORDS or villages < FEWEST_VILLAGES:
            continue
        earlier = sum(word in text for text in before)
        surprise = likelihood(len(holding), len(now), earlier, len(before))
        if surprise >= SURPRISE:
            visits = sum(row.kind == "visit" for row in holding)
            row = Rising(word, visits, len(holding) - visits, villages, earlier)
            found.setdefault(surprise, []).append(row)
    in_order = [row for surprise in sorted(found, reverse=True) for row in found[surprise]]
    return _longest(in_order)[:SHOWN]


def likelihood(now: int, of_now: int, before: int, of_before: int) -> float:
    """How little chance explains that the share rose (Dunning's G2); 0 where it did not."""
    if not of_now or not of_before or now / of_now <= before / of_before:
        return 0.0
    share = (now + before) / (of_now + of_before)
    apart = _fit(now, of_now, now / of_now) + _fit(before, of_before, before / of_before)
    return 2 * (apart - _fit(now, of_now, share) - _fit(before, of_before, share))


def _fit(count: int, whole: int, share: float) -> float:
    """The logarithm of the probability that `count` of `whole` have what `share` of all have."""
    held = count * log(share) if count else 0.0
    return held + ((whole - count) * log(1 - share) if count < whole else 0.0)


def _candidates(texts: Iterable[str], names: set[str]) -> list[str]:
    """The words of the dictionary in the texts; unknown ones are often names of people."""
    import rjieba  # 0.3 s and 40 MB that only the worker spends

    longest_first = sorted(names - {""}, key=len, reverse=True)
    named = re.compile("|".join(map(re.escape, longest_first))) if longest_first else NOTHING
    words = set()
    for text in texts:
        for word, kind in rjieba.tag(named.sub("。", text), hmm=False):
            if kind in KINDS and HAN.fullmatch(word):
                words.add(word)
    return sorted(words - COMMON - names)


def _longest(rows: list[Rising]) -> list[Rising]:
    """Without the words that only stand within a longer one of the same records."""
    return [
        row
        for row in rows
        if not any(
            row.word != other.word
            and row.word in other.word
            and (row.visits, row.matters) == (other.visits, other.matters)
            for other in rows
        )
    ]

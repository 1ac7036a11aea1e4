"""How people shorten official names, and what is close to what: texts only, no registry."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from contact_points.sorting import sort_key

# What official names of villages end in and people leave out.
_VILLAGE = re.compile(r"村?(?:村民委员会|居民委员会|村委会|居委会|社区|村)\Z")
_COMMUNITY = re.compile(r"(?:居民委员会|居委会|社区)\Z")
_TOWNSHIP = re.compile(r"(?<=.)(?:街道办事处|街道|办事处|民族乡|镇|乡)\Z")
_TOWNSHIP_OFFICE = re.compile(r"(?<=[镇乡道])(?:党委|政府|党委政府|党政办)\Z")
_DIGITS = str.maketrans("0123456789〇两", "零一二三四五六七八九零二")
_NUMBER = re.compile(r"[0-9]{1,2}")
# The short forms that every county uses: nobody means anything else by them.
_SHORT = (
    ("发展和改革", ("发改",)),
    ("人力资源和社会保障", ("人社",)),
    ("住房和城乡建设", ("住建",)),
    ("自然资源和规划", ("自然资源", "自规")),
    ("科学技术和工业信息化", ("科工信", "科工", "工信")),
    ("工业和信息化", ("工信",)),
    ("文化广电体育和旅游", ("文广体旅", "文广旅", "文旅")),
    ("文化广电和旅游", ("文广旅", "文旅")),
    ("文化和旅游", ("文旅",)),
    ("城市管理综合行政执法", ("城管", "综合执法", "城管执法", "城市管理")),
    ("市场监督管理", ("市场监管", "市监")),
    ("卫生健康", ("卫健",)),
    ("医疗保障", ("医保",)),
    ("退役军人事务", ("退役军人",)),
    ("应急管理", ("应急",)),
    ("交通运输", ("交通",)),
    ("残疾人联合会", ("残联",)),
    ("妇女联合会", ("妇联",)),
    ("工商业联合会", ("工商联",)),
    ("文学艺术界联合会", ("文联",)),
    ("科学技术协会", ("科协",)),
    ("归国华侨联合会", ("侨联",)),
    ("供销合作社", ("供销社",)),
    ("经济开发区", ("开发区", "经开区")),
    ("管理委", ("管委会",)),
    ("纪委监委", ("纪委", "监委")),
    ("人大常委会", ("人大",)),
    ("人民法院", ("法院",)),
    ("人民检察院", ("检察院",)),
    ("办公室", ("办",)),
    ("团县委", ("团委", "共青团县委")),
)
# What somebody is, at the end of a text that says of which body.
TITLE = (
    r"(?:党委|党组|党总支|党支部|政府|人大|政协|常务|第一|副|代|原|兼|一级|二级|三级|四级)*"
    r"(?:书记|局长|主任科员|主任|镇长|乡长|县长|部长|主席|科长|股长|站长|所长|队长|院长|校长|经理|干事"
    r"|科员|委员|常委|成员|组长|调研员|会长|行长|社长|台长|秘书|主管|助理|政委|检察长|庭长|园长|处长"
    r"|总监|理事长|董事长|干部|专干)"
)
# A piece shared by more names than this tells nothing; fewer names are simply compared one by one.
_COMMON = 300


def stem(name: str) -> str:
    """A village's name without its official ending; never empty."""
    return _VILLAGE.sub("", name) or name


def is_community(name: str) -> bool:
    """Whether the name says residents' community rather than village."""
    return bool(_COMMUNITY.search(name))


def township_stem(name: str) -> str:
    """A township's name without 镇, 乡 or 街道; never empty."""
    return _TOWNSHIP.sub("", name)


def in_chinese(text: str) -> str:
    """The text with its numbers up to 99 as Chinese numerals: 1 -> 一, 12 -> 十二."""
    return _NUMBER.sub(lambda found: _numeral(int(found.group())), text).translate(_DIGITS)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")


def without_county(text: str, county: str) -> str:
    """The text without the county's own name before it, if something is left."""
    return text.removeprefix(county) or text


class UnitNames:
    """The usual short forms of a county's units."""

    def __init__(self, county: str):
        self.county, self.level = county, county[-1:] or "县"

    def plain(self, name: str) -> str:
        """The name in one writing: own county as its level, 人民政府 and 委员会 short."""
        text = re.sub(r"\A(?:中国共产党|中共)", "", name)
        text = text.replace(self.county, self.level)
        text = text.replace("人民政府", "政府").replace("委员会", "委")
        return _TOWNSHIP_OFFICE.sub("", text) or text

    def written(self, name: str) -> list[str]:
        """What a list's text can stand for, most exact first: only the level may be missing."""
        plain = self.plain(name)
        bare = plain.removeprefix(self.level)
        return [plain, bare] if len(bare) > 1 and bare != plain else [plain]

    def forms(self, name: str) -> set[str]:
        """All forms that name a registered unit, down to its bare name."""
        plain = self.plain(name)
        found = {plain}
        for long, shorts in _SHORT:
            found |= {plain.replace(long, short) for short in shorts if long in plain}
        for prefix in (self.level, f"{self.level}委", f"{self.level}政府"):
            found |= {
                form.removeprefix(prefix)
                for form in found
                if form.startswith(prefix) and len(form) - len(prefix) > 1
            }
        return found


class Near:
    """Names by what is close to them, so that asking costs no walk over all of them."""

    def __init__(self, names: Iterable[str]):
        self._names = set(names)
        self._by_key: dict[str, set[str]] = defaultdict(set)
        if len(self._names) > _COMMON:
            for name in self._names:
                for key in _keys(name):
                    self._by_key[key].add(name)

    def find(self, text: str, limit: int = 4) -> list[str]:
        """The names most like the text, best first; none that only a guess would take."""
        found: set[str] = set() if self._by_key else self._names
        for key in _keys(text) if self._by_key else ():
            names = self._by_key.get(key, set())
            if len(names) <= _COMMON:
                found = found | names
        scored = sorted((-likeness(text, name), name) for name in found)
        return [name for score, name in scored if -score >= 0.4][:limit]


@lru_cache(50_000)
def _sound(text: str) -> str:
    return sort_key(text)


def _keys(name: str) -> set[str]:
    numerals = in_chinese(name)
    keys = {numerals, "~" + _sound(numerals)}
    if len(numerals) > 2:
        keys |= {numerals[:n] + numerals[n + 1 :] for n in range(len(numerals))}
        keys |= {"=" + numerals[n : n + 2] for n in range(len(numerals) - 1)}
    return keys


def likeness(text: str, name: str) -> float:
    """From 0 to 1: same numbers and same sounds first, then single wrong characters."""
    a, b = in_chinese(text), in_chinese(name)
    if a == b:
        return 1.0
    if _sound(a) == _sound(b):
        return 0.95
    longer = max(len(a), len(b))
    score = 1 - _distance(a, b) / longer
    # Short forms leave characters out: 发改局 of 发展和改革局.
    if _is_part(a, b) or _is_part(b, a):
        score = max(score, 0.5 + 0.4 * min(len(a), len(b)) / longer)
    return min(score, 0.9)


def _is_part(short: str, long: str) -> bool:
    rest = iter(long)
    return len(short) > 1 and all(character in rest for character in short)


def _distance(a: str, b: str) -> int:
    """Insertions, deletions and replacements from one to the other."""
    row = list(range(len(b) + 1))
    for n, x in enumerate(a, 1):
        before, row[0] = row[0], n
        for m, y in enumerate(b, 1):
            before, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, before + (x != y))
    return row[-1]

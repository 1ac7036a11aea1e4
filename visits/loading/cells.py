"""One cell of the sheet: the line of text that `visits.sheets` describes, as people write it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from contact_points.cells import name_of
from contact_points.models import Officer
from contact_points.reading.numerals import NUMERAL, in_digits
from visits.loading.refusal import Refused
from visits.models import Group, PlanLine, Topic
from visits.sheets import UNSET, officer_names

# What a cell may say of its line; what it does not say stays.
Said = dict[str, Any]

GROUPS = {
    "党员": Group.PARTY_MEMBERS,
    "村干部": Group.VILLAGE_CADRES,
    "村两委": Group.VILLAGE_CADRES,
    "两委干部": Group.VILLAGE_CADRES,
    "村民代表": Group.REPRESENTATIVES,
    "群众代表": Group.REPRESENTATIVES,
    "经济能人": Group.CAPABLE,
    "能人": Group.CAPABLE,
    "致富能手": Group.CAPABLE,
    "困难户": Group.IN_DIFFICULTY,
    "困难群众": Group.IN_DIFFICULTY,
    "困难家庭": Group.IN_DIFFICULTY,
}
# What stands before the topics: a day, a group, a name. More words than this are something else.
_LONGEST_HEAD, _MOST_WORDS = 200, 12
SHOWN_GROUPS = "党员、村干部、村民代表、经济能人、困难户"
_BETWEEN = " ，,、；;。：:"
_NONE = {UNSET, "无"}
_EXEMPTION = re.compile(r"〔([^〕]*)〕")
_DAY = re.compile(
    r"(?:(?:(20\d\d)\s?[年./-]\s?)?(\d{1,2})\s?[月./-]\s?)?(\d{1,2})\s?(?:[日号]|(?![\d年月./-]))"
)
_NUMERAL_DAY = re.compile(f"(?:{NUMERAL}{{1,3}}月)?{NUMERAL}{{1,3}}[日号]")


def split(text: str, signs: str) -> list[str]:
    """The text parted at these signs, but not inside 《…》, where 》》 is no end."""
    found, begin, n, inside = [], 0, 0, False
    while n < len(text):
        if text[n] == "《":
            inside = True
        elif inside and text[n] == "》":
            if text[n + 1 : n + 2] == "》":
                n += 1
            else:
                inside = False
        elif not inside and text[n] in signs:
            found.append(text[begin:n])
            begin = n + 1
        n += 1
    return [*found, text[begin:]]


def bare(text: str) -> str:
    """A quoted text as it was before."""
    text = text.strip()
    return text[1:-1].replace("》》", "》") if text[:1] == "《" and text[-1:] == "》" else text


def key(text: str) -> str:
    """A name or title by which two writings of it are found to be one."""
    return re.sub(r"[《》\s]", "", name_of(text)).translate(str.maketrans("（）", "()"))


class Cells:
    """Reads cells with the unit's people and the topics its lines may name."""

    def __init__(self, officers: Iterable[Officer], topics: Iterable[Topic]):
        people = list(officers)
        self.names = officer_names(people)
        # Label, name alone, name with post or number -> who may be meant.
        self._people: dict[str, list[Officer]] = defaultdict(list)
        for person in people:
            name = person.name
            for text in {name, f"{name}（{person.post}）", f"{name}#{person.pk}"}:
                self._people[key(text)].append(person)
        self._topics = {topic.title: topic for topic in topics}
        self._keys: dict[str, list[Topic]] = defaultdict(list)
        for topic in self._topics.values():
            self._keys[key(topic.title)].append(topic)

    def read(self, text: str, line: PlanLine) -> Said:
        """What the cell says of the line: planned_date, group, officer, topics. Raises Refused."""
        head, *rest = split(_without_exemption(text, line), "|｜")
        said = self._head(head, line)
        if rest:
            said["topics"] = self._listed("；".join(rest), line)
        elif {"planned_date", "group", "officer"} <= said.keys():
            said.setdefault("topics", [])  # a cell that says all else has none
        return said

    def _head(self, head: str, line: PlanLine) -> Said:
        said: Said = {}
        loose: list[str] = []
        rest = head.strip(_BETWEEN)
        if len(rest) > _LONGEST_HEAD:
            raise _strange([rest], officer=False, group=False)
        while rest and len(loose) < _MOST_WORDS:
            if numerals := _NUMERAL_DAY.match(rest):
                rest = in_digits(numerals[0]) + rest[numerals.end() :]
            group = next((word for word in GROUPS if rest.startswith(word)), "")
            day = _DAY.match(rest)
            if key(rest) in self._people:
                loose, rest = [*loose, rest], ""
            elif day and "planned_date" not in said:
                said["planned_date"] = _day(day, line)
                rest = rest[day.end() :]
            elif group and "group" not in said:
                said["group"] = GROUPS[group]
                rest = rest[len(group) :]
            elif rest.startswith(UNSET) and len(said.keys() & {"planned_date", "group"}) < 2:
                said |= {"group": ""} if "planned_date" in said else {"planned_date": None}
                rest = rest[len(UNSET) :]
            else:
                word = split(rest, _BETWEEN)[0] or rest
                loose.append(word)
                rest = rest[len(word) :]
            rest = rest.strip(_BETWEEN)
        return said | self._rest(loose, line, said)

    def _rest(self, loose: list[str], line: PlanLine, said: Said) -> Said:
        """What the words are that are neither day nor group: the officer, and topics by title."""
        if not loose:
            return {}
        if people := self._people.get(key("".join(loose))):
            return {"officer": self._only(people, loose, line)}
        known = [word for word in loose if key(word) in self._people]
        titles = [word for word in loose if key(word) in self._keys]
        strange = [word for word in loose if word not in known and word not in titles]
        if strange:
            raise _strange(strange, officer=bool(known), group="group" in said)
        if len(known) > 1:
            raise Refused(
                gettext_noop("One officer goes in a month, and the cell names %(names)s."),
                names="、".join(known),
            )
        found: Said = {}
        if known:
            found["officer"] = self._only(self._people[key(known[0])], known, line)
        if titles:
            found["topics"] = self._listed("；".join(titles), line)
        return found

    def _only(self, people: list[Officer], words: list[str], line: PlanLine) -> Officer:
        serving = [p for p in people if p.serves_on(line.month) or p.pk == line.officer_id]
        name = "".join(words)
        if not serving:
            raise Refused(gettext_noop("%(name)s has left the unit by this month."), name=name)
        labelled = [p for p in serving if key(self.names[p.pk]) == key(name)]
        if len(serving) > 1 and len(labelled) != 1:
            raise Refused(
                gettext_noop("Several people are called %(name)s. Write one of: %(names)s."),
                name=name,
                names="、".join(self.names[p.pk] for p in serving),
            )
        return labelled[0] if labelled else serving[0]

    def _listed(self, text: str, line: PlanLine) -> list[Topic]:
        if text.strip(_BETWEEN) in ("", *_NONE):
            return []
        topics: list[Topic] = []
        for piece in split(text, "；"):
            topics += self._titled(piece, line) if piece.strip() else []
        return list(dict.fromkeys(topics))

    def _titled(self, piece: str, line: PlanLine) -> list[Topic]:
        """The topic of this title; or the topics, where other signs part several titles."""
        if (exact := self._topics.get(bare(piece))) is not None:
            found = [exact]
        elif len(self._keys.get(key(piece), ())) == 1:
            found = list(self._keys[key(piece)])
        else:
            parts = [part for part in split(piece, ";、，,") if part.strip()]
            if len(parts) < 2:
                raise Refused(
                    gettext_noop("“%(title)s” is no topic of the year for your unit."),
                    title=bare(piece)[:100],
                )
            return [topic for part in parts for topic in self._titled(part, line)]
        for topic in found:
            if not topic.is_offered_in(line.month) and topic not in line.topics.all():
                raise Refused(
                    gettext_noop("“%(title)s” is no topic of %(month)s."),
                    title=topic.title,
                    month=f"{line.month:%Y-%m}",
                )
        return found


def _without_exemption(text: str, line: PlanLine) -> str:
    """The cell without the exemption it shows, which must be the line's own."""
    found = _EXEMPTION.match(text.strip())
    if not found:
        return text
    if not line.exemption or key(found[1]) != key(str(line.get_exemption_display())):
        raise Refused(
            gettext_noop("The county office decides exemptions. Take “%(text)s” out of the cell."),
            text=found[0],
        )
    return text.strip()[found.end() :]


def _day(found: re.Match[str], line: PlanLine) -> date:
    year, month, day = (int(part) if part else 0 for part in found.groups())
    fits = year in (0, line.month.year) and month in (0, line.month.month)
    try:
        if fits:
            return line.month.replace(day=day)
    except ValueError:
        pass  # told below, as any day of another month
    raise Refused(
        gettext_noop("“%(day)s” is no day of %(month)s."),
        day=found[0].strip(),
        month=f"{line.month:%Y-%m}",
    )


def _strange(words: list[str], *, officer: bool, group: bool) -> Refused:
    """Why words mean nothing; `officer` and `group` tell what the cell names already."""
    text = " ".join(words)[:100]
    if officer and not group:
        sentence = gettext_noop("“%(text)s” is none of the groups %(groups)s.")
        return Refused(sentence, text=text, groups=SHOWN_GROUPS)
    if group:
        return Refused(gettext_noop("“%(text)s” is no officer of your unit."), text=text)
    sentence = gettext_noop(
        "“%(text)s” is neither an officer of your unit nor one of the groups %(groups)s."
    )
    return Refused(sentence, text=text, groups=SHOWN_GROUPS)

"""What the columns of a list are called, in the headers that people write above them."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext


@dataclass(frozen=True)
class Column:
    """`header` is the one we export; `source` its English label; `others` what people write.

    `kind` says how its cells are read: text, name, village, person, code, telephone, count,
    household, first, last or period.
    """

    name: str
    header: str
    source: str
    kind: str
    others: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return gettext(self.source)


# Stands beside the columns in the file of rejected rows; read over when that file comes back.
REASON = "原因"
# Known, and nothing that a registry keeps.
_NOT_NEEDED = (
    *("序号", "编号", "序", "No", "No.", "序列", "顺序号", "行号", "项", REASON, "Reason"),
)
_AROUND = re.compile(r"\([^()]*\)|\d{2,4}年度?|名单$")
_LATIN = re.compile(r"[a-z.]+")
# Never kept of anybody (domain: what is never collected). Lists of officers have such columns,
# which are passed over; a list with identity numbers is refused as a whole.
_NEVER_READ = re.compile(r"政治面貌|政治身份|党派|民族|宗教|信仰")
_IDENTITY = r"身份证|公民身份|证件号|证件编号"
MOST_HEADER = 40


def plain(header: str) -> str:
    """A header without what people write around it: spaces, stars, colons, full-width forms."""
    return re.sub(r"[\s*:_]", "", unicodedata.normalize("NFKC", header)).lower()


class Layout:
    """The columns of one kind of list, and how their headers are recognised.

    `also` are columns that are read into others and never exported; `needed` are those without
    which no row can be taken, each with its substitutes; `loosely` what a header still means with
    other words around it, told as unsure; `foreign` matches headers of somebody else's particulars;
    `forbidden` those that a file must not have at all. `sections` are the columns whose text may
    stand on a line of its own above its rows; `one_each` is the column whose cell may name several,
    with the column that says which single one is meant.
    """

    def __init__(
        self,
        name: str,
        columns: Iterable[Column],
        *,
        also: Iterable[Column] = (),
        needed: tuple[tuple[str, ...], ...],
        loosely: Iterable[tuple[str, str]] = (),
        foreign: str = "",
        forbidden: str = "",
        sections: tuple[str, ...] = ("township",),
        one_each: tuple[str, str] | None = None,
    ):
        self.name, self.columns, self.needed = name, tuple(columns), needed
        self.sections, self.one_each = sections, one_each
        self.by_name = {column.name: column for column in self.columns}
        self.readable = self.by_name | {column.name: column for column in also}
        self.headers = [column.header for column in self.columns]
        self._meanings = {
            plain(text): column.name
            for column in self.readable.values()
            for text in (column.header, column.source, *column.others)
        } | dict.fromkeys(map(plain, _NOT_NEEDED), "")
        self._loosely = [(re.compile(pattern), meant) for pattern, meant in loosely]
        self._foreign = re.compile(foreign or r"(?!)")
        # Of such a list every sheet is looked at, even one that is not read.
        self.strict = bool(forbidden)
        self._forbidden = re.compile(f"{_IDENTITY}|{forbidden}" if forbidden else _IDENTITY)
        # Texts that stand in a header and not among the rows, to find a header that is repeated.
        self.words = {
            text
            for column in self.readable.values()
            for text in (column.header, column.source, *column.others)
            if len(text) > 1
        } | {"村", "序号"}

    @property
    def needed_headers(self) -> list[str]:
        """What must stand in the header, by the names we export."""
        return [self.by_name[names[0]].header for names in self.needed]

    @property
    def fewest(self) -> int:
        """How many columns a header names at least."""
        return min(2, len(self.needed))

    def exactly(self, text: str) -> str:
        """The column that the text is a header of, else nothing."""
        return self._meanings.get(plain(text), "")

    def forbids(self, header: str) -> bool:
        """Whether a file with this column must be refused."""
        return bool(self._forbidden.search(plain(header)))

    def never_reads(self, header: str) -> bool:
        """Whether the column is passed over whatever a person says of it."""
        return bool(_NEVER_READ.search(plain(header)))

    def lacking(self, names: Collection[str]) -> tuple[str, ...]:
        """The needed columns that none of these names stands for."""
        return tuple(needed[0] for needed in self.needed if not set(needed) & set(names))

    def meaning(self, header: str) -> tuple[str | None, bool]:
        """(name of the column, sure): exactly, without brackets, or by the words in it.

        The name is "" for columns like 序号; (None, False) is somebody else's: the village
        secretary's name or telephone.
        """
        text = plain(header)
        if not text or len(text) > MOST_HEADER or self.never_reads(header):
            return None, True
        if text not in self._meanings and self._foreign.search(text):
            return None, False
        bare = _AROUND.sub("", text)
        for known in (text, bare):
            if known in self._meanings:
                return self._meanings[known], True
        # 村名 Village: the same in both languages.
        both = {self._meanings.get(part) for part in (_LATIN.sub("", text), *_LATIN.findall(text))}
        if len(both) == 1 and (name := both.pop()):
            return name, True
        for pattern, name in self._loosely:
            if len(bare) <= 16 and pattern.search(bare):
                return name, False
        return None, True


class Meanings:
    """A layout with the headers that a county's people were once asked about."""

    def __init__(self, layout: Layout, synonyms: Mapping[str, str]):
        self.layout = layout
        self._known = {
            plain(header): name
            for header, name in synonyms.items()
            if name == "" or name in layout.readable
        }
        self._seen: dict[str, tuple[str | None, bool]] = {}

    def of(self, header: str) -> tuple[str | None, bool]:
        """As `Layout.meaning`; what was told goes first."""
        if header not in self._seen:
            known = self._known.get(plain(header))
            told = known is not None and bool(header)
            self._seen[header] = (known, True) if told else self.layout.meaning(header)
        return self._seen[header]

    def foreign(self, header: str) -> bool:
        """Whether the words say that it is somebody else's, and nobody told otherwise."""
        return plain(header) not in self._known and self.layout.meaning(header) == (None, False)

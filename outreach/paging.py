"""Pages by key: what follows a row is asked by that row's sort values, never by counting rows.

A page deep in a million rows costs what the first one costs, and no row is shown twice or passed
over because somebody added one in between. The address carries the sort values of a page's edge.
"""

import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Q, QuerySet
from django.db.models.expressions import OrderBy

# Counting usually goes no further than this; beyond it "more than" is as good.
COUNTED = 10_000


@dataclass(frozen=True)
class Key:
    """One sort key: its annotation, its direction, and on which side rows without a value stand."""

    name: str
    descending: bool
    nulls_first: bool
    nullable: bool

    def order(self, *, backward: bool) -> OrderBy:
        """ORDER BY of this key, or of the same list read from its end."""
        nulls_first = self.nulls_first != backward
        return OrderBy(
            F(self.name),
            descending=self.descending != backward,
            # Django allows True or nothing.
            nulls_first=(self.nullable and nulls_first) or None,
            nulls_last=(self.nullable and not nulls_first) or None,
        )

    def beyond(self, value: Any, *, backward: bool) -> Q | None:
        """What stands after a row of this value; None: nothing can."""
        nulls_first = self.nulls_first != backward
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if nulls_first else None
        side = "lt" if self.descending != backward else "gt"
        found = Q(**{f"{self.name}__{side}": value})
        if self.nullable and not nulls_first:
            found |= Q(**{f"{self.name}__isnull": True})
        return found

    def same(self, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.name}__isnull": True})
        return Q(**{self.name: value})


@dataclass(frozen=True)
class Page:
    """The rows of one page and the addresses (`after`, `before`) of its neighbours, or ""."""

    rows: list[Any]
    after: str
    before: str
    count: int
    most: int  # counted; one more row says that there are others

    @property
    def is_all(self) -> bool:
        return not (self.after or self.before)

    @property
    def counted(self) -> bool:
        """False: there are more rows than were counted."""
        return self.count <= self.most


class Keyset:
    """A queryset in its own order, made total by the primary key, that can be read by pages."""

    def __init__(self, rows: QuerySet, *, most: int = COUNTED):
        self.most = most
        parts = list(rows.query.order_by)
        if not parts and rows.query.default_ordering:
            parts = list(rows.model._meta.ordering)
        if not parts or parts[-1] not in ("pk", "-pk", "id", "-id"):
            parts.append("pk")
        self.keys: list[Key] = []
        expressions = {}
        for number, part in enumerate(parts):
            name = f"_key{number}"
            order = _as_order(part)
            expressions[name] = order.expression
            self.keys.append(
                Key(
                    name,
                    descending=order.descending,
                    # What PostgreSQL does where the order does not say.
                    nulls_first=bool(
                        order.nulls_first or (order.descending and not order.nulls_last)
                    ),
                    nullable=_nullable(rows, order.expression),
                )
            )
        self.rows = rows.annotate(**expressions)

    def ordered(self, *, backward: bool = False) -> QuerySet:
        return self.rows.order_by(*(key.order(backward=backward) for key in self.keys))

    def page(self, size: int, *, after: str = "", before: str = "") -> Page:
        """The page after or before an edge; the first one without an edge that can be read.

        Before the beginning and beyond the end there is no page: the list begins anew.
        """
        edge = self._read(after or before)
        backward = bool(before and not after)
        if edge is None:
            return self._made(self._take(size), size, earlier=False)
        taken = self._take(size, edge=edge, backward=backward)
        if not taken or (backward and len(taken) <= size):
            return self._made(self._take(size), size, earlier=False)
        if backward:
            rows = taken[:size][::-1]
            edges = self._edge(rows[-1]), self._edge(rows[0])
            return Page(rows, *edges, count=self._count(), most=self.most)
        return self._made(taken, size, earlier=True)

    def _take(self, size: int, edge: list[Any] | None = None, backward: bool = False) -> list[Any]:
        rows = self.ordered(backward=backward)
        if edge is not None:
            rows = rows.filter(self._beyond(edge, backward=backward))
        return list(rows[: size + 1])

    def _made(self, taken: list[Any], size: int, *, earlier: bool) -> Page:
        rows, later = taken[:size], len(taken) > size
        return Page(
            rows,
            after=self._edge(rows[-1]) if later else "",
            before=self._edge(rows[0]) if earlier else "",
            count=self._count() if later or earlier else len(rows),
            most=self.most,
        )

    def _beyond(self, edge: list[Any], *, backward: bool) -> Q:
        """Rows after the edge in this direction."""
        found, same = Q(pk__in=[]), Q()
        for key, value in zip(self.keys, edge, strict=True):
            beyond = key.beyond(value, backward=backward)
            if beyond is not None:
                found |= same & beyond
            same &= key.same(value)
        first, value = self.keys[0], edge[0]
        if not first.nullable and len(self.keys) > 1:
            # Follows from the rest; said by itself an index on the first key can begin here.
            side = "lte" if first.descending != backward else "gte"
            found &= Q(**{f"{first.name}__{side}": value})
        return found

    def _count(self) -> int:
        """How many rows, counted up to one more than `most`."""
        # The name of a column, because DISTINCT or GROUP BY would count what they made.
        return self.rows.order_by().values("pk")[: self.most + 1].count()

    def _edge(self, row: Any) -> str:
        values = [getattr(row, key.name) for key in self.keys]
        # str() keeps the microseconds that Django's own encoder cuts off.
        return json.dumps(values, default=str, ensure_ascii=False, separators=(",", ":"))

    def _read(self, text: str) -> list[Any] | None:
        """The values of an edge, or None for what is none of this list's."""
        try:
            values = json.loads(text)
            if not isinstance(values, list) or len(values) != len(self.keys):
                return None
            return [self._value(key, value) for key, value in zip(self.keys, values, strict=True)]
        except (ValueError, TypeError, ValidationError, OverflowError, RecursionError):
            return None

    def _value(self, key: Key, value: Any) -> Any:
        if value is None:
            if not key.nullable:
                raise ValueError(key.name)
            return None
        field: Field = self.rows.query.annotations[key.name].output_field
        if isinstance(value, (list, dict)) or (isinstance(value, str) and "\0" in value):
            raise ValueError(key.name)
        str(value).encode()  # half a character is no text to the database
        read = field.to_python(value)
        if isinstance(read, int) and not -(2**63) <= read < 2**63:
            raise ValueError(key.name)
        return read


def _as_order(part: Any) -> OrderBy:
    """An entry of `order_by` as an expression with its direction."""
    if isinstance(part, str):
        return OrderBy(F(part.removeprefix("-")), descending=part.startswith("-"))
    return part if isinstance(part, OrderBy) else OrderBy(part)


def _nullable(rows: QuerySet, expression: Any) -> bool:
    """Whether rows can be without this value; yes where that is not plain from the model."""
    if not isinstance(expression, F) or expression.name in rows.query.annotations:
        return True
    model: Any = rows.model
    for part in expression.name.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if field.null or (field.auto_created and not field.concrete):
            return True
        model = field.related_model or model
    return False

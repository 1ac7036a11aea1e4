"""A county large enough for 100,000 contact points, and lists of them, always the same."""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

import xlsxwriter

from contact_points.layouts import CONTACT_POINTS
from contact_points.models import County, Officer, Township, Unit, Village
from contact_points.sorting import sort_key
from outreach.roles import Role
from tests import factories

FIRST_DAY = date(2026, 1, 1)
TOWNSHIPS, VILLAGES_EACH = 100, 60
UNITS, OFFICERS_EACH = 400, 10
# Each unit begins its villages so many after the one before.
STEP = 15

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "伟芳娜敏静强磊军洋勇艳杰娟涛明超霞平刚桂英华文建国志红玉兰春梅海燕晓东立新爱民"
PLACES = "东西南北前后大小上下"
KINDS = ("家庄", "家屯", "家营", "家口", "家寨")
_WORK = "财政民政教育水利林业交通审计统计司法卫健文旅商务农业住建应急市场医保信访档案税务"


def build() -> None:
    """The registry without a contact point, and its administrator."""
    rng = Random(2026)
    county = factories.county(code="139900", name="测算县")
    factories.user(Role.ADMIN, county=county, username="bench")
    townships = Township.objects.bulk_create(
        Township(county=county, code=f"139900{n:03d}", name=f"{_number(n)}镇")
        for n in range(TOWNSHIPS)
    )
    names = [
        f"{place}{surname}{kind}" for kind in KINDS for surname in SURNAMES for place in PLACES
    ]
    villages = []
    for township in townships:
        for n, name in enumerate(rng.sample(names, VILLAGES_EACH)):
            villages.append(
                Village(
                    county=county,
                    township=township,
                    code=f"{township.code}{n:03d}",
                    name=f"{name}村委会",
                    sort_key=sort_key(name),
                )
            )
    Village.objects.bulk_create(villages)
    units = Unit.objects.bulk_create(
        Unit(
            county=county,
            name=f"县{''.join(rng.sample(_WORK, 2))}{_number(n)}局",
            kind=Unit.Kind.GOVERNMENT_DEPARTMENT,
            order=n,
        )
        for n in range(UNITS)
    )
    people = [(unit, name) for unit in units for name in _people(rng)]
    Officer.objects.bulk_create(
        Officer(
            county=county,
            unit=unit,
            name=name,
            sort_key=sort_key(name, surname=True),
            post=rng.choice(["局长", "副局长", "科长", "主任科员"]),
            telephone=f"13{n:09d}",
        )
        for n, (unit, name) in enumerate(people)
    )


def write_list(path: str, rows: int, *, bad: bool = False) -> None:
    """A workbook of so many rows as Excel writes it; `bad`: one in a hundred cannot be taken."""
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("名单")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, CONTACT_POINTS.headers)
    for y, cells in enumerate(_rows(rows), 1):
        if bad and y % 100 == 0:
            _spoil(cells, y // 100)
        for x, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(y, x, cell, day)
            elif cell:
                sheet.write_string(y, x, cell)
    book.close()


def _rows(count: int) -> Iterator[list[Any]]:
    rng = Random(count)
    county = County.objects.get(code="139900")
    villages = list(Village.objects.filter(county=county).select_related("township"))
    people: dict[int, list[Officer]] = {}
    for officer in Officer.objects.filter(county=county):
        people.setdefault(officer.unit_id, []).append(officer)
    each = count // UNITS
    assert each * UNITS == count, f"the rows must be a multiple of {UNITS}"
    for n, unit in enumerate(Unit.objects.filter(county=county)):
        for k in range(each):
            village = villages[(n * STEP + k) % len(villages)]
            officer = rng.choice(people[unit.pk])
            note = rng.choice(["", "", "", "脱贫村", "示范村"])
            place = ["", village.name, village.township.name]
            person = [officer.name, officer.post, officer.telephone]
            yield [*place, unit.name, *person, FIRST_DAY, "", note]


def _spoil(cells: list[Any], n: int) -> None:
    """One of five faults, each as people make it."""
    column, cell = [
        (6, "不详"),
        (7, "某日"),
        (3, ""),
        (1, cells[1].replace("家", "甲")),
        (4, ""),
    ][n % 5]
    cells[column] = cell


def _number(n: int) -> str:
    return "".join("零一二三四五六七八九"[int(digit)] for digit in f"{n:03d}")


def _people(rng: Random) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < OFFICERS_EACH:
        names[rng.choice(SURNAMES) + "".join(rng.sample(_GIVEN, rng.choice([1, 2, 2])))] = None
    return list(names)

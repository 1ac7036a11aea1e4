"""What the columns of a plan's sheet are called, in the headers that people write above them."""

from django.utils.translation import gettext_noop

from contact_points.columns import Column, Layout
from contact_points.layouts import OFFICER, TOWNSHIP, VILLAGE, VILLAGE_CODE

_NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
# Header of the first columns as they are exported -> name of the column.
HEAD = {"村代码": "village_code", "村名": "village", "乡镇": "township", "联系人": "officer"}
# Month -> name of its column.
MONTHS = {n: f"month_{n}" for n in range(1, 13)}


def columns_of(year: int) -> Layout:
    """The columns of a plan of this year."""
    months = [
        Column(
            MONTHS[n],
            f"{n}月",
            gettext_noop("Month"),
            "text",
            (
                *(f"{n}月份", f"{n:02}月", f"{n:02}月份", f"{numeral}月", f"{numeral}月份"),
                *(f"{year}-{n:02}", f"{year}-{n}", f"{year}.{n}", f"{year}.{n:02}", f"{year}/{n}"),
                *(f"{year}-{n:02}-01", f"{year}年{n:02}月", f"{year}年{numeral}月"),
                # A number alone would be taken for a header where it is a day.
                *(f"月份{n}", f"月份{n}月", f"月份{numeral}月", *(["元月"] if n == 1 else [])),
            ),
        )
        for n, numeral in enumerate(_NUMERALS, 1)
    ]
    return Layout(
        "plan",
        [VILLAGE_CODE, VILLAGE, TOWNSHIP, OFFICER, *months],
        needed=(("village", "village_code"), tuple(MONTHS.values())),
    )

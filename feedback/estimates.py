"""What answers of a sample say about everybody: a share, how sure it is, and how much is told.

The sample is drawn without replacement, so a finite population correction would make intervals
narrower. There is none: not everybody who was drawn answers, so how much of a village was heard
is not known, and an interval too wide accuses nobody. Sums over villages treat their answers as
one sample, which for villages that differ is too wide as well, never too narrow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

Z = 1.959964  # of a standard normal distribution 95 % lie within
# Below this many answers the evaluated are told a quarter instead of a share; from it on only that
# it is below a tenth or above nine tenths. So nobody is ever shown to have said what all said.
QUARTERS_BELOW = 20
# Below this many even a quarter is one number of answers: then they are told which half.
HALVES_BELOW = 7


def wilson(part: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of a sample, both ends from 0 to 1; `n` is not 0."""
    share = part / n
    centre = share + Z * Z / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


@dataclass(frozen=True)
class Estimate:
    """How many of `n` answers say so: exactly, or for the evaluated from `least` to `most`."""

    n: int
    least: int
    most: int

    @classmethod
    def exact(cls, part: int, n: int) -> "Estimate":
        return cls(n, part, part)

    @property
    def is_exact(self) -> bool:
        return self.least == self.most

    @property
    def value(self) -> float | None:
        """The share from 0 to 1; None where it is veiled."""
        return self.least / self.n if self.is_exact else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval; of a veiled share everything that it could be."""
        return wilson(self.least, self.n)[0], wilson(self.most, self.n)[1]

    @property
    def text(self) -> str:
        """62%, or 50–75% where it is veiled."""
        low, high = (round(100 * part / self.n) for part in (self.least, self.most))
        return f"{low}%" if self.is_exact else f"{low}–{high}%"

    @property
    def margin(self) -> str:
        """The interval as 45–77%."""
        low, high = self.interval
        return f"{low * 100:.0f}–{high * 100:.0f}%"

    def veiled(self) -> "Estimate":
        """What the evaluated are told. Sums are made of veiled parts, never veiled as a sum."""
        n, part = self.n, self.least
        if n < QUARTERS_BELOW:
            ways = 2 if n < HALVES_BELOW else 4
            which = min(ways * part // n, ways - 1)
            least = -(-which * n // ways)
            most = n if which == ways - 1 else -(-(which + 1) * n // ways) - 1
            return Estimate(n, least, most)
        if 10 * part < n:
            return Estimate(n, 0, -(-n // 10) - 1)
        if 10 * part > 9 * n:
            return Estimate(n, 9 * n // 10 + 1, n)
        return self


def together(estimates: Iterable[Estimate]) -> Estimate | None:
    """The sum of estimates of different answers; None of none."""
    rows = list(estimates)
    if not rows:
        return None
    return Estimate(
        sum(row.n for row in rows), sum(row.least for row in rows), sum(row.most for row in rows)
    )


def published(parts: Iterable[Estimate]) -> Estimate | None:
    """The sum as everybody may read it, also the evaluated; None of none.

    Exact where it tells of no part more than the range that the evaluated are told, else the sum
    of these ranges: that of one village alone, and where nearly all in all villages said the same.
    """
    rows = list(parts)
    whole, veiled = together(rows), together(row.veiled() for row in rows)
    if whole is None or veiled is None:
        return None
    widest = max(row.veiled().most - row.veiled().least for row in rows)
    free = min(whole.least - veiled.least, veiled.most - whole.most)
    return whole if free >= widest else veiled

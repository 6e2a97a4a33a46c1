"""Would the probability of reaching a target have been right? Hindcasts on three winters of 38 cities.

Run: `python benchmarks/backtest_outlook.py [FILE]` (default: the city days of the shared data). After each xun of each
winter, with targets of last year's mean, 3 % and 10 % below it, prints the Brier score against three rivals by days
left and by season, and the reliability table. Rivals: the past years' remaining days as they were ("climatology"), the
ratio to last year holding on ("persistence", 0 or 1), and how often the target was reached in the other winters
("base rate"). A case where a rival cannot tell is left out of the comparison with it.
"""

from __future__ import annotations

import csv
import gzip
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from lantian.assess.targets.backtest import Case, backtest, brier, reliability, xun_ends
from lantian.assess.targets.ledger import Indicator, Target
from lantian.periods import Period, same_period_last_year
from lantian.records import Footnote

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("LANTIAN_SHARED", ROOT.parent / "shared" / "data"))
FILE = SHARED / "cn_city_daily" / "city_daily_shanxi_shaanxi_henan_2013-12_2017-01.csv.gz"
CHANGES = (Decimal(0), Decimal(-3), Decimal(-10))
WINTERS = (
    Period(date(2014, 12, 2), date(2015, 3, 31)),  # the archive's first winter begins on 2 December
    Period(date(2015, 10, 1), date(2016, 3, 31)),
    Period(date(2016, 10, 1), date(2017, 1, 31)),  # and its last ends in January
)
LEADS = ((0, 20), (21, 60), (61, 110), (111, 183))
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Scored:
    """Cases with an answer, beside the base rate of the other winters."""

    case: Case
    base_rate: float


def series(path: Path) -> dict[str, dict[date, Fraction | None]]:
    """PM2.5 of every city and day."""
    found: dict[str, dict[date, Fraction | None]] = {}
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            value = Fraction(row["pm25"]) if row["pm25"] else None
            found.setdefault(row["city"], {})[date.fromisoformat(row["date"])] = value or None
    return found


def target(period: Period) -> Target:
    """The invented target of a winter; its change is set case by case."""
    note = Footnote("targets", "hindcast", "invented for the back-test", "proposed")
    return Target(
        "",
        Indicator.PM25_MEAN,
        period,
        None,
        "ug/m3",
        Decimal(0),
        None,
        None,
        same_period_last_year(period),
        "",
        "keep",
        "hindcast",
        note,
    )


def scored(cases: Sequence[Case]) -> list[Scored]:
    """Base rate of a case: how often its change was reached in the other winters, one vote per city."""
    votes = {(case.period, case.change, case.point): case.happened for case in cases}

    def rate(of: Case) -> float:
        others = [
            on for (period, change, _), on in votes.items() if period != of.period and change == of.change
        ]
        return (sum(others) + 0.5) / (len(others) + 1)

    known = {(case.period, case.change): rate(case) for case in cases}
    return [Scored(case, known[case.period, case.change]) for case in cases]


def skill(of: Iterable[Scored], rival: Callable[[Scored], float | None]) -> tuple[int, str, str, str]:
    """Cases, both Brier scores and the skill: 1 is perfect, 0 no better than the rival, below 0 worse."""
    both = [(each, other) for each in of if each.case.told is not None and (other := rival(each)) is not None]
    own = brier((each.case.told or 0.0, each.case.happened) for each, _ in both)
    theirs = brier((other, each.case.happened) for each, other in both)
    if own is None or theirs is None:
        return len(both), "-", "-", "-"
    return len(both), f"{own:.3f}", f"{theirs:.3f}", f"{1 - own / theirs:+.2f}" if theirs else "-"


RIVALS: dict[str, Callable[[Scored], float | None]] = {
    "climatology": lambda each: each.case.climatology,
    "persistence": lambda each: each.case.persistence,
    "base rate": lambda each: each.base_rate,
}


def table(title: str, groups: dict[str, list[Scored]]) -> None:
    print(
        f"\n### {title}\n\n| cases of | n | happened | Brier | "
        + " | ".join(f"skill vs {name}" for name in RIVALS)
        + " |"
    )
    print("| --- | ---: | ---: | ---: |" + " ---: |" * len(RIVALS))
    for name, group in groups.items():
        told = [each for each in group if each.case.told is not None]
        if not told:
            continue
        happened = sum(each.case.happened for each in told) / len(told)
        own = brier((each.case.told or 0.0, each.case.happened) for each in told)
        cells = []
        for rival in RIVALS.values():
            n, _, theirs, gain = skill(told, rival)
            cells.append(f"{gain} ({theirs}, n {n})")
        print(f"| {name} | {len(told)} | {happened:.2f} | {own:.3f} | " + " | ".join(cells) + " |")


def main() -> None:
    begun = time.perf_counter()
    cities = series(Path(sys.argv[1]) if len(sys.argv) > 1 else FILE)
    cases: list[Case] = []
    for winter in WINTERS:
        cases += backtest(cities, target(winter), CHANGES, xun_ends(winter), seed=SEED, years_min=1)
    seconds = time.perf_counter() - begun
    known = scored(cases)
    told = [each for each in known if each.case.told is not None]
    votes = {(each.case.point, each.case.period) for each in told}
    print(
        f"{len(cities)} cities, {len(cases)} cases, {len(told)} told, {len(votes)} city winters, {seconds:.1f} s"
    )
    table(
        "By days left",
        {f"{low}-{high} days": [e for e in told if low <= e.case.left <= high] for low, high in LEADS},
    )
    table(
        "By winter", {f"{w.start_on}..{w.end_on}": [e for e in told if e.case.period == w] for w in WINTERS}
    )
    table("By past years known", {f"{n}": [e for e in told if e.case.years == n] for n in range(1, 4)})
    table("By target", {f"{change} %": [e for e in told if e.case.change == change] for change in CHANGES})
    table(
        "By winter and days left",
        {
            f"{w.start_on:%Y}/{w.end_on:%y}, {low}-{high}": [
                e for e in told if e.case.period == w and low <= e.case.left <= high
            ]
            for w in WINTERS
            for low, high in LEADS
        },
    )
    print("\n### Reliability\n\n| told | cases | mean told | happened |\n| --- | ---: | ---: | ---: |")
    for each in reliability([(e.case.told or 0.0, e.case.happened) for e in told]):
        if each.told is not None and each.happened is not None:
            print(
                f"| {each.low:.1f}-{each.high:.1f} | {each.cases} | {each.told:.2f} | {each.happened:.2f} |"
            )


if __name__ == "__main__":
    main()

"""Invented plants with their lines, meters, habits and rows on the city's approved list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np

from lantian.inventory import Area, Enterprise, Line, ListedMeasure, Meter, MeterKind
from lantian.periods import season
from lantian.records import Action, Level
from lantian.rehearsal.fleet import NEVER, Habits
from lantian.rehearsal.outlines import scatter
from lantian.rehearsal.source import number, rows, stream, texts

__all__ = ["Plants", "build_plants", "list_measures"]

GRADES = ("A", "B", "C", "D", "")
MAX_LINES = 8
MAX_IDLE_POWER = 0.15  # of rated; a line above it counts as one with high holding power


@dataclass(frozen=True, slots=True)
class Plants:
    """Who produces, and how when left alone."""

    enterprises: tuple[Enterprise, ...]
    lines: tuple[Line, ...]
    meters: tuple[Meter, ...]
    habits: Habits


def _names(seed: int, county_of: Sequence[str], words: Sequence[str]) -> list[str]:
    """Plant names; the invented county stands in front, so no name is a real firm's. No name comes twice."""
    first, second = texts("places", "plant_first"), texts("places", "plant_second")
    form = texts("places", "plant_form")[0]
    pairs = [a + b for a in first for b in second]
    order = stream(seed, "plant-names").permutation(len(pairs))
    used: dict[tuple[str, str], int] = {}
    names: list[str] = []
    for i, (county, word) in enumerate(zip(county_of, words, strict=True)):
        nth = used.get((county, word), int(order[i % len(pairs)]))
        used[county, word] = nth + 1
        name = pairs[nth % len(pairs)]
        names.append(form.format(county=county, name=name, word=word))
    return names


def _enterprises(seed: int, count: int, counties: Sequence[Area], trades: list[int]) -> list[Enterprise]:
    """Plants sorted by county, so that a county's meters are one run of rows."""
    generator = stream(seed, "plants")
    weights = generator.dirichlet(np.full(len(counties), 6.0))
    share = np.sort(generator.choice(len(counties), size=count, p=weights))
    spots = [scatter(area.outline, int((share == i).sum()), generator) for i, area in enumerate(counties)]
    places = np.concatenate(spots)
    table = [rows("trades")[t] for t in trades]
    names = _names(seed, [counties[i].name for i in share], [row["word_zh"] for row in table])
    made: list[Enterprise] = []
    for i, row in enumerate(table):
        odds = [float(row[f"grade_{grade.lower()}"]) for grade in GRADES[:4]]
        drawn = GRADES[int(np.searchsorted(np.cumsum(odds), generator.random(), side="right"))]
        livelihood = generator.random() < float(row["livelihood_share"])
        made.append(
            Enterprise(
                id=f"reh-e{i + 1:04d}",
                name=names[i],
                area_id=counties[int(share[i])].id,
                trade=row["trade"],
                grade=drawn,
                livelihood=bool(livelihood),
                lon=float(places[i, 0]),
                lat=float(places[i, 1]),
                credit_code=f"REH{i + 1:015d}",
            )
        )
    return made


def build_plants(seed: int, count: int, counties: Sequence[Area], first_day: date) -> Plants:
    """`count` plants over the counties; trades, grades, lines and rated power by the odds of `trades.csv`."""
    generator = stream(seed, "lines")
    weights = np.array([float(row["weight"]) for row in rows("trades")])
    trades = [int(t) for t in generator.choice(len(weights), size=count, p=weights / weights.sum())]
    enterprises = _enterprises(seed, count, counties, trades)
    lines: list[Line] = []
    meters: list[Meter] = []
    for enterprise, trade in zip(enterprises, trades, strict=True):
        row = rows("trades")[trade]
        number_of_lines = min(MAX_LINES, 1 + int(generator.poisson(float(row["lines_mean"]) - 1)))
        form = texts("places", "line_form")[0]
        for no in range(1, number_of_lines + 1):
            line = Line(f"{enterprise.id}-{no}", enterprise.id, no, form.format(no=no, word=row["line_zh"]))
            rated = max(30.0, 5 * round(float(row["rated_kw"]) * float(generator.lognormal(0, 0.4)) / 5))
            treatment = max(5.0, float(round(rated * float(row["treatment_share"]))))
            lines.append(line)
            for suffix, kind, kw in (
                ("p", MeterKind.PRODUCTION, rated),
                ("t", MeterKind.TREATMENT, treatment),
            ):
                meters.append(
                    Meter(f"{line.id}-{suffix}", line.id, enterprise.id, enterprise.area_id, kind, kw)
                )
    habits = _habits(seed, enterprises, lines, first_day)
    return Plants(tuple(enterprises), tuple(lines), tuple(meters), habits)


def _habits(seed: int, enterprises: Sequence[Enterprise], lines: Sequence[Line], first_day: date) -> Habits:
    generator = stream(seed, "habits")
    trade = {row["trade"]: row for row in rows("trades")}
    shift = {row["shift"]: row for row in rows("shifts")}
    kinds = [trade[e.trade] for e in enterprises]
    shifts = [shift[kind["shift"]] for kind in kinds]
    count = len(enterprises)
    jitter = np.array([int(s["jitter_slots"]) for s in shifts])
    moved = np.round((2 * generator.random(count) - 1) * jitter).astype(np.int32)
    idle_from = np.full(count, NEVER, dtype=np.int32)
    draw, weeks = generator.random(count), generator.integers(21, 40, count)
    idle, seasonal = number("scale", "idle_share"), number("scale", "seasonal_share")
    idle_from[draw < idle + seasonal] = (first_day.toordinal() - weeks)[draw < idle + seasonal]
    idle_from[draw < idle] = 0
    total = len(lines)
    load = generator.uniform(0.62, 0.9, total)
    holding = generator.uniform(0.02, MAX_IDLE_POWER * 0.9, total)
    cycle, phase = np.zeros(total, dtype=np.int32), generator.integers(0, 8, total).astype(np.int32)
    row_of = {e.id: i for i, e in enumerate(enterprises)}
    picked = generator.random(count) < number("scale", "holding_share")
    high = generator.random(total)
    for i, line in enumerate(lines):
        plant = row_of[line.enterprise_id]
        if line.no != 1 or not picked[plant] or draw[plant] < idle + seasonal:
            continue
        # Above the line of the rule only where whole days at rest let the idle power be learnt.
        if kinds[plant]["shift"] == "continuous":
            holding[i], cycle[i] = 0.17 + 0.06 * high[i], 8
        else:
            holding[i] = 0.16 + 0.03 * high[i]
    return Habits(
        shift_start=np.array([int(s["start_slot"]) for s in shifts], dtype=np.int32) + moved,
        shift_end=np.array([int(s["end_slot"]) for s in shifts], dtype=np.int32) + moved,
        work_days=np.array([int(kind["work_days"]) for kind in kinds], dtype=np.int32),
        idle_from=idle_from,
        load=load.astype(np.float32),
        holding=holding.astype(np.float32),
        off_cycle=cycle,
        off_phase=phase,
    )


def list_measures(
    city_name: str, enterprises: Sequence[Enterprise], lines: Sequence[Line], first_day: date
) -> tuple[ListedMeasure, ...]:
    """The approved list: trade x grade x level, exempt for livelihood. A plant may have no row at yellow."""
    start_on = season(first_day).start_on
    paper_texts = {row["name"]: row["text"] for row in rows("approved_paper")}
    paper = paper_texts["paper"].format(city=city_name, year=start_on.year)
    rules = {(r["trade"], r["grade"], r["level"]): r for r in rows("approved_list")}
    lines_of: dict[str, list[str]] = {}
    for line in lines:
        lines_of.setdefault(line.enterprise_id, []).append(line.id)
    listed: list[ListedMeasure] = []

    def add(plant: str, level: Level, action: Action, line: str | None, share: int | None, why: str) -> None:
        listed.append(ListedMeasure(len(listed) + 1, plant, level, action, line, share, why, paper, start_on))

    for plant in enterprises:
        for level in (Level.YELLOW, Level.ORANGE, Level.RED):
            rule = rules.get((plant.trade, plant.grade, level.value))
            if plant.livelihood:
                add(plant.id, level, Action.EXEMPT, None, None, paper_texts["livelihood_reason"])
            elif rule is not None and rule["action"] == Action.REDUCE:
                named = lines_of[plant.id]
                for line_id in named[: ceil(len(named) * float(rule["lines_share"]))]:
                    add(plant.id, level, Action.REDUCE, line_id, None, rule["reason"])
            elif rule is not None:
                share = int(rule["limit_share"]) if rule["limit_share"] else None
                add(plant.id, level, Action(rule["action"]), None, share, rule["reason"])
    return tuple(listed)

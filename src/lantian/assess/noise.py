"""Which places of a ranking can be told apart: the days of the period are drawn again, in runs, the same for all.

The days that a period happened to have are one draw of its weather. Runs of days are drawn with replacement (moving
blocks, so that an episode stays together), every place is measured again on the same drawn days, and two places are
told apart when their order holds in nearly all draws. Numbers of the method are rows of `ranking_rules`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from lantian.assess.aqi import AQI_ITEMS, aqi_rule, edition_on
from lantian.assess.composite import EQUAL, composite_array, index_edition, index_terms
from lantian.assess.engine import daily_aqi_panel
from lantian.assess.indicator import INDEX, kinds_of, named
from lantian.assess.statistics import COUNTS, parse_name
from lantian.observe.panel import DayPanel
from lantian.records import Footnote, ObservationKind
from lantian.standards import in_force
from lantian.units import convert

__all__ = ["Bands", "bands", "draw_weights", "redrawn"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bands:
    """Of each place in ranked order: its band, counted from 1, and the best and worst rank that noise allows."""

    band: tuple[int, ...]
    best: tuple[int, ...]
    worst: tuple[int, ...]
    footnotes: tuple[Footnote, ...] = ()


def _rule(parameter: str, on: date) -> int:
    return in_force("ranking_rules", on, parameter=parameter)[0].integer()


def draw_weights(days: int, block: int, draws: int, seed: int) -> Floats:
    """How often each day is drawn, [draws, days]: moving blocks of `block` days, as many days as there are."""
    block = min(block, days)
    pieces = -(-days // block)
    starts = np.random.default_rng(seed).integers(0, days - block + 1, (draws, pieces))
    drawn = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :days]
    cells = drawn + days * np.arange(draws)[:, None]
    counted = np.bincount(cells.ravel(), minlength=draws * days)
    return counted.reshape(draws, days).astype(np.float64)


def _means(values: Floats, weights: Floats) -> Floats:
    """Weighted means [draws, places] over the days that have a value."""
    known = ~np.isnan(values)
    count = weights @ known.T.astype(np.float64)
    total = weights @ np.where(known, values, 0.0).T
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)


def _percentiles(values: Floats, weights: Floats, p: int) -> Floats:
    """Percentiles [draws, places] of the drawn days: k = 1 + (n - 1) p / 100, linear between neighbours."""
    result = np.full((len(weights), len(values)), np.nan)
    for place, days in enumerate(values):
        order = np.argsort(days)[: int(np.count_nonzero(~np.isnan(days)))]
        if not len(order):
            continue
        ascending, drawn = days[order], np.cumsum(weights[:, order], axis=1)
        n = drawn[:, -1]
        at = np.maximum(n - 1, 0) * (p / 100)
        low = np.floor(at)
        last = len(order) - 1
        below = np.minimum((drawn <= low[:, None]).sum(axis=1), last)
        above = np.minimum((drawn <= np.minimum(low + 1, n - 1)[:, None]).sum(axis=1), last)
        found = ascending[below] + (ascending[above] - ascending[below]) * (at - low)
        result[:, place] = np.where(n > 0, found, np.nan)
    return result


def _concentration(panel: DayPanel, name: str, weights: Floats) -> Floats:
    kind, p = parse_name(name)
    values = panel.of(kind)
    return _means(values, weights) if p is None else _percentiles(values, weights, p)


def _judged_days(panel: DayPanel, name: str, edition: str, monitored: Collection[ObservationKind]) -> Floats:
    """1 where a day counts for the indicator, 0 where not, NaN where it has no AQI."""
    days = daily_aqi_panel(panel, edition, monitored)
    aqi, good, heavy = days.aqi, aqi_rule("good_up_to", edition), aqi_rule("heavy_above", edition)
    counts = {
        "good_days": aqi <= good,
        "good_ratio": aqi <= good,
        "exceed_days": aqi > good,
        "heavy_days": aqi > heavy,
        "valid_days": days.known,
    }[name]
    return np.where(days.known, counts, np.nan)


def redrawn(
    panel: DayPanel,
    indicator: str,
    weights: Floats,
    edition: str | None,
    profile: str = EQUAL,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Floats:
    """The indicator of every place of a panel under each draw of its days, [draws, places]; NaN where it has none.

    Days are those of the panel; the places' own missing days are left out of each draw. Counts of days come as shares
    of the days that count, so that a missing day is no fault.
    """
    name = named(indicator)
    if name == INDEX:
        terms = index_terms(index_edition(panel.last, edition), profile)
        parts = {term.kind: _concentration(panel, term.statistic, weights) for term in terms.terms}
        return composite_array(parts, terms.edition, profile)
    if name in COUNTS:
        return _means(_judged_days(panel, name, edition or edition_on(panel.last), monitored), weights)
    return _concentration(panel, name, weights)


def _told_apart(drawn: Floats, reversal: float, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For places in ranked order (smaller first): whether a is before b in all but `reversal` of the draws."""
    apart = np.zeros((drawn.shape[1],) * 2, dtype=bool)
    for place in range(drawn.shape[1]):
        before = (drawn[:, [place]] < drawn[:, place + 1 :]).mean(axis=0)
        apart[place, place + 1 :] = before >= 1 - reversal
    return apart & known[:, None] & known[None, :]


def bands(
    panel: DayPanel,
    indicator: str,
    *,
    edition: str | None,
    descending: bool,
    profile: str = EQUAL,
    seed: int = 0,
    monitored: Collection[ObservationKind] = AQI_ITEMS,
) -> Bands:
    """Bands of places that are given in ranked order, over the days of the panel.

    A band ends only where every place above can be told apart from every place below, so noise carries nobody over its
    edge. The best rank of a place is one more than the places that are surely before it; the worst likewise.
    """
    places, days = len(panel.points), panel.days
    rules = [row.footnote() for row in in_force("ranking_rules", panel.last)]
    if places == 0 or days == 0:
        return Bands((), (), (), tuple(rules))
    weights = draw_weights(days, _rule("block", panel.last), _rule("draws", panel.last), seed)
    drawn = redrawn(panel, indicator, weights, edition, profile, monitored)
    if descending:
        drawn = -drawn
    kinds = [kind for kind in kinds_of(indicator) if kind in monitored] or kinds_of(indicator)
    valid = np.min([(~np.isnan(panel.of(kind))).sum(axis=1) for kind in kinds], axis=0)
    share = in_force("ranking_rules", panel.last, parameter="reversal")[0]
    reversal = float(convert(share.number(), share.text("unit"), "share"))
    apart = _told_apart(drawn, reversal, valid >= _rule("least_days", panel.last))
    band, number = [1], 1
    for place in range(1, places):
        number += bool(apart[:place, place:].all())
        band.append(number)
    best = 1 + apart.sum(axis=0)
    worst = places - apart.sum(axis=1)
    return Bands(tuple(band), tuple(map(int, best)), tuple(map(int, worst)), tuple(rules))

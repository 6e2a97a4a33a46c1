"""Orders against power: the three-valued answer, and what must hold whatever the data."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lantian.detect.city import (
    DAY,
    HOUR,
    RULES,
    SLOT,
    START,
    STOP,
    baseline,
    index,
    judge,
    order,
    quiet,
)

from lantian.detect.noncompliance import judge_day
from lantian.errors import RuleError
from lantian.records import Action, FindingKind, Measure, Outcome, SubjectKind

NAN = np.float32("nan")
C, N, X = Outcome.COMPLIED, Outcome.NOT_COMPLIED, Outcome.CANNOT_TELL
LIMIT_30 = Measure(Action.LIMIT, share=30)


# STOP and REDUCE ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "missing", "outcome"),
    [
        (0, 0, C),
        (1, 0, C),  # one slot is no run
        (2, 0, N),
        (0, 9, C),  # 9 of 96 slots: not more than a tenth
        (0, 10, X),
        (2, 94, N),  # what was seen stays seen
        (0, 96, X),
    ],
)
def test_three_values_of_a_stop(running: int, missing: int, outcome: Outcome) -> None:
    plants = index([1])
    grid = quiet(plants)
    grid[0, :running] = 50.0
    grid[0, 96 - missing :] = NAN
    found = judge(plants, grid, [order()])
    (answer,) = found.order_days
    assert (answer.outcome, answer.slots_missing) == (outcome, missing)
    assert answer.slots_judged + answer.slots_missing == 96
    assert len(found.findings) == (outcome is N)


def test_a_finding_shows_its_runs_line_and_numbers() -> None:
    plants = index([2])
    grid = quiet(plants)
    grid[1, 40:44] = 60.0
    grid[1, 50] = 99.0  # too short to count
    grid[1, 60:62] = 30.0
    (finding,) = judge(plants, grid, [order()]).findings
    assert (finding.kind, finding.rule, finding.subject.kind) == (
        FindingKind.NOT_STOPPED,
        "P2",
        SubjectKind.LINE,
    )
    assert (finding.subject.id, finding.unit_start_ms) == ("e0-1", START)
    evidence = finding.evidence
    assert evidence.runs == ((START + 40 * SLOT, START + 44 * SLOT), (START + 60 * SLOT, START + 62 * SLOT))
    assert (finding.first_ms, finding.last_ms) == (START + 40 * SLOT, START + 62 * SLOT)
    assert (evidence.threshold, evidence.unit, evidence.points) == (20.0, "kW", ("e0-1-p",))


def test_learnt_idle_load_raises_the_threshold() -> None:
    plants = index([1])
    grid = quiet(plants, 29.0)
    assert judge(plants, grid, [order()], base=baseline(plants, idle=25.0)).order_days[0].outcome is C
    assert judge(plants, grid, [order()], base=baseline(plants, idle=24.0)).order_days[0].outcome is N


def test_reduce_looks_at_the_named_lines_only() -> None:
    plants = index([3])
    grid = quiet(plants, 80.0)
    grid[1] = 5.0
    one = judge(plants, grid, [order("e0", Measure(Action.REDUCE, "e0-1"))])
    two = judge(plants, grid, [order("e0", Measure(Action.REDUCE, "e0-1"), Measure(Action.REDUCE, "e0-2"))])
    assert [answer.outcome for answer in one.order_days] == [C]
    assert [(finding.rule, finding.subject.id) for finding in two.findings] == [("P4", "e0-2")]


def test_grace_time_and_part_slots_are_not_judged() -> None:
    plants = index([1])
    grid = quiet(plants)
    grid[0, :33] = 80.0  # until 08:15
    late = replace(order(start=START + 6 * HOUR + 1), grace_s=2 * 3600)  # judged from 08:15
    (answer,) = judge(plants, grid, [late]).order_days
    assert (answer.outcome, answer.slots_judged) == (C, 96 - 33)


def test_two_orders_of_one_day_are_judged_in_their_own_hours() -> None:
    plants = index([1])
    grid = quiet(plants)
    grid[0, 47:49] = 80.0  # one slot in each order: a run in neither
    grid[0, 60:64] = 80.0
    noon = START + 12 * HOUR
    found = judge(plants, grid, [order(end=noon, no=1), order(start=noon, no=2)])
    assert [(answer.order_id[-1], answer.outcome) for answer in found.order_days] == [("1", C), ("2", N)]
    assert [finding.unit_start_ms for finding in found.findings] == [noon]


def test_measures_that_ask_nothing_and_orders_of_other_days_give_no_answer() -> None:
    plants = index([1])
    grid = quiet(plants, 80.0)
    idle = [
        order("e0", Measure(Action.EXEMPT)),
        order("e0", Measure(Action.AUTONOMOUS)),
        order(start=START + 24 * HOUR),
        order(end=START),
    ]
    assert judge(plants, grid, idle) == judge(plants, grid, [])


def test_a_plant_that_nothing_watches_cannot_be_told() -> None:
    plants = index([0, 1])
    answers = judge(plants, quiet(plants), [order("e0"), order("e0", LIMIT_30, no=1)]).order_days
    assert [(answer.outcome, answer.measured) for answer in answers] == [(X, None), (X, None)]


@pytest.mark.parametrize(
    "measure_of",
    [order("e7"), order("e0", Measure(Action.REDUCE, "e1-0")), order("e0", Measure(Action.REDUCE))],
)
def test_an_order_that_the_inventory_does_not_fit_is_refused(measure_of: Any) -> None:
    plants = index([1, 1])
    with pytest.raises(RuleError, match="order speaks of"):
        judge(plants, quiet(plants), [measure_of])


def test_too_little_of_the_day_before_is_refused() -> None:
    plants = index([1])
    with pytest.raises(RuleError, match="cannot be judged on arrays"):
        judge(plants, quiet(plants), [order()], before=np.zeros((1, 1), np.float32))


REDUCE_BOTH = (Measure(Action.REDUCE, "e0-0"), Measure(Action.REDUCE, "e0-1"))


@pytest.mark.parametrize("measures", [(STOP,), REDUCE_BOTH])
@pytest.mark.parametrize(("kw", "outcome"), [(5.0, X), (80.0, N)])
def test_a_line_without_a_meter_is_blind(measures: tuple[Measure, ...], kw: float, outcome: Outcome) -> None:
    plants = index([2, 1], dark=["e0-1"])
    found = judge(plants, quiet(plants, kw), [order("e0", *measures)])
    assert [answer.outcome for answer in found.order_days] == [outcome]
    assert [finding.subject.id for finding in found.findings] == (["e0-0"] if outcome is N else [])


def test_a_line_without_a_meter_that_was_not_named_does_not_matter() -> None:
    plants = index([2], dark=["e0-1"])
    assert judge(plants, quiet(plants), [order("e0", REDUCE_BOTH[0])]).order_days[0].outcome is C
    assert judge(plants, quiet(plants), [order("e0", REDUCE_BOTH[1])]).order_days[0].outcome is X


@pytest.mark.parametrize("kw", [0.0, 80.0])
@pytest.mark.parametrize("rated", [0.0, -5.0, float("nan"), float("inf")])
@pytest.mark.parametrize("measure", [STOP, LIMIT_30])
def test_a_meter_without_a_rated_power_is_blind(measure: Measure, rated: float, kw: float) -> None:
    plants = index([2], rated={"e0-1": rated})
    grid = quiet(plants)
    grid[1] = kw
    found = judge(plants, grid, [order("e0", measure)])
    assert ([answer.outcome for answer in found.order_days], found.findings) == ([X], [])
    grid[0] = 90.0
    assert [answer.outcome for answer in judge(plants, grid, [order("e0", measure)]).order_days] == [N]


@pytest.mark.parametrize(("slots", "outcome"), [(1, X), (2, C)])
@pytest.mark.parametrize("measure", [STOP, Measure(Action.REDUCE, "e0-0"), LIMIT_30])
def test_an_order_day_too_short_for_a_run_cannot_be_told(
    measure: Measure, slots: int, outcome: Outcome
) -> None:
    plants = index([1])
    grid = quiet(plants)
    grid[0, 40] = 80.0
    short = order("e0", measure, start=START + 40 * SLOT, end=START + (40 + slots) * SLOT)
    assert [answer.outcome for answer in judge(plants, grid, [short]).order_days] == [outcome]


# Midnight -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "today", "runs"),
    [
        ([5, 80], [80, 5], [(-1, 1)]),  # becomes long enough today
        ([80, 80], [80, 5], []),  # became so yesterday, ends at once: counted yesterday
        ([80, 80], [80, 80], [(0, 2)]),  # today's part is long enough alone
        ([5, 80], [80, 80], [(-1, 2)]),
        ([80, 80], [5, 5], []),
        ([80, NAN], [80, 5], []),  # a gap ends a run
    ],
)
def test_a_run_over_midnight_counts_on_the_day_it_becomes_long_enough(
    before: list[float], today: list[float], runs: list[tuple[int, int]]
) -> None:
    plants = index([1])
    grid = quiet(plants)
    grid[0, :2] = today
    found = judge(plants, grid, [order()], before=np.array([before], np.float32))
    got = [run for finding in found.findings for run in finding.evidence.runs]
    assert got == [(START + a * SLOT, START + b * SLOT) for a, b in runs]


def test_slots_before_the_order_are_no_context() -> None:
    plants = index([1])
    grid = quiet(plants)
    grid[0, 0] = 80.0
    before = np.full((1, 2), 80.0, np.float32)
    assert not judge(plants, grid, [order(start=START)], before=before).findings


@given(st.lists(st.booleans(), min_size=192, max_size=192), st.integers(2, 20))
@settings(max_examples=60)
def test_over_two_days_every_run_is_counted_and_none_is_invented(on: list[bool], context: int) -> None:
    plants = index([1])
    power = np.where(on, 80.0, 5.0).astype(np.float32)[None, :]
    padded = np.concatenate([np.full((1, 96), NAN), power], axis=1).astype(np.float32)
    slots: set[int] = set()
    for no in range(2):
        day = DAY + timedelta(days=no)
        grid = np.ascontiguousarray(power[:, no * 96 : no * 96 + 96])
        before = np.ascontiguousarray(padded[:, no * 96 + 96 - context : no * 96 + 96])
        found = judge_day(day, True, [order()], plants, grid, before, RULES, baseline(plants))
        for finding in found.findings:
            for first, last in finding.evidence.runs:
                slots |= set(range((first - START) // SLOT, (last - START) // SLOT))
    # Wanted: all slots of runs of two or more; the one slot after midnight that ends such a run is yesterday's.
    wanted = {s for s in range(192) if on[s] and ((s and on[s - 1]) or (s < 191 and on[s + 1]))}
    tail = {96} if on[96] and not on[97] and on[95] and on[94] else set()
    split = {95} if on[95] and on[96] and not on[94] else set()
    assert wanted - tail - split <= slots <= wanted


# LIMIT ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kw", "missing", "outcome"),
    [
        (64.0, 0, C),  # cap: 0.7 x 2000 x 1.1 = 1540 kWh = 64.17 kW all day
        (64.5, 0, N),
        (60.0, 8, C),  # 1320 + 8 x 25 at rated = 1520
        (60.0, 11, X),  # 1275 + 275 = 1550: the bound decides, not the share
        (80.0, 10, N),  # 1720 seen already
        (15.0, 0, C),
        (15.0, 96, X),
    ],
)
def test_three_values_of_a_limit(kw: float, missing: int, outcome: Outcome) -> None:
    plants = index([1])
    grid = quiet(plants, kw)
    grid[0, 96 - missing :] = NAN
    found = judge(plants, grid, [order("e0", LIMIT_30)])
    assert [answer.outcome for answer in found.order_days] == [outcome]
    assert len(found.findings) == (outcome is N)


@pytest.mark.parametrize(("kw", "outcome"), [(0.0, X), (64.0, X), (64.5, N)])
def test_a_limit_over_a_line_without_a_meter_only_finds(kw: float, outcome: Outcome) -> None:
    plants = index([2], dark=["e0-1"])
    found = judge(plants, quiet(plants, kw), [order("e0", LIMIT_30)])
    assert [answer.outcome for answer in found.order_days] == [outcome]


def test_a_limit_finding_speaks_of_the_plant_in_kwh() -> None:
    plants = index([2])
    (finding,) = judge(plants, quiet(plants, 50.0), [order("e0", LIMIT_30)]).findings
    assert (finding.subject.kind, finding.subject.id, finding.rule) == (SubjectKind.ENTERPRISE, "e0", "P3")
    assert (finding.evidence.measured, finding.evidence.unit) == (2400.0, "kWh")
    assert finding.evidence.threshold == pytest.approx(1540.0)
    assert finding.evidence.points == ("e0-0-p", "e0-1-p")


def test_part_of_a_day_has_its_part_of_the_base() -> None:
    plants = index([1])
    grid = quiet(plants, 64.0)
    grid[0, :48] = 100.0  # before the order
    (answer,) = judge(plants, grid, [order("e0", LIMIT_30, start=START + 12 * HOUR)]).order_days
    assert (answer.outcome, answer.measured, answer.slots_judged) == (C, 768.0, 48)
    assert answer.threshold == pytest.approx(770.0)


def test_a_plant_that_would_satisfy_a_stop_satisfies_every_limit() -> None:
    plants = index([1])
    idle = baseline(plants, kwh=5.0 * 24)  # its base is its idle load: any cap is below it
    assert judge(plants, quiet(plants), [order("e0", LIMIT_30)], base=idle).order_days[0].outcome is C
    grid = quiet(plants)
    grid[0, :10] = NAN
    assert judge(plants, grid, [order("e0", LIMIT_30)], base=idle).order_days[0].outcome is X


def test_without_a_base_a_running_plant_cannot_be_told() -> None:
    plants = index([1])
    (answer,) = judge(
        plants, quiet(plants, 80.0), [order("e0", LIMIT_30)], base=baseline(plants, np.nan)
    ).order_days
    assert (answer.outcome, answer.threshold) == (X, None)


def test_before_the_day_closes_only_breaches_are_told() -> None:
    plants = index([1])
    orders = [order(), order("e0", LIMIT_30, no=1)]
    grid = quiet(plants, 100.0)
    grid[0, 48:] = NAN
    early = judge(plants, grid, orders, closed=False)
    assert [answer.outcome for answer in early.order_days] == [N]  # 1200 kWh: under the cap still
    assert early.order_days[0].slots_missing == 0  # the hours to come are not missing
    grid[0, :64] = 100.0
    assert [answer.outcome for answer in judge(plants, grid, orders, closed=False).order_days] == [N, N]
    assert not judge(plants, quiet(plants), orders, closed=False).order_days


# Whatever the data ----------------------------------------------------------------------------------------------------

PLANTS = index([1, 2, 3])
BASE = baseline(PLANTS, 1500.0, 10.0)
POWERS = st.sampled_from([NAN, 0.0, 15.0, 21.0, 60.0, 100.0])
ORDERS = [
    order("e0"),
    order("e1", LIMIT_30, end=START + 15 * HOUR),
    order("e1", STOP, start=START + 15 * HOUR, no=1),
    order("e2", Measure(Action.REDUCE, "e2-1"), Measure(Action.LIMIT, share=50), start=START + 5 * HOUR),
]


@st.composite
def days(draw: st.DrawFn) -> Any:
    """Grids of blocks: [6 meters, 96]."""
    blocks = draw(st.lists(st.lists(POWERS, min_size=6, max_size=6), min_size=1, max_size=12))
    cuts = sorted(draw(st.lists(st.integers(1, 95), min_size=len(blocks) - 1, max_size=len(blocks) - 1)))
    grid = np.empty((6, 96), np.float32)
    for block, first, end in zip(blocks, [0, *cuts], [*cuts, 96], strict=True):
        grid[:, first:end] = np.array(block, np.float32)[:, None]
    return grid


def found_ids(grid: Any, closed: bool = True) -> set[str]:
    return {finding.id for finding in judge(PLANTS, grid, ORDERS, closed=closed, base=BASE).findings}


def outcomes(grid: Any) -> dict[tuple[str, FindingKind], Outcome]:
    answers = judge(PLANTS, grid, ORDERS, base=BASE).order_days
    return {(answer.order_id, answer.kind): answer.outcome for answer in answers}


@given(days(), st.lists(st.integers(0, 96), max_size=4))
@settings(max_examples=80)
def test_steps_of_any_cut_find_what_one_look_finds(grid: Any, cuts: list[int]) -> None:
    stepwise: set[str] = set()
    for cut in sorted(cuts):
        so_far = grid.copy()
        so_far[:, cut:] = NAN
        stepwise |= found_ids(so_far, closed=False)
    once = judge(PLANTS, grid, ORDERS, base=BASE)
    assert stepwise <= {finding.id for finding in once.findings}
    assert judge(PLANTS, grid, ORDERS, base=BASE) == once
    breaches = [answer for answer in once.order_days if answer.outcome is N]
    assert len({finding.order_id + finding.kind for finding in once.findings}) == len(breaches)


@given(days(), days())
@settings(max_examples=80)
def test_missing_data_never_makes_a_finding(grid: Any, mask: Any) -> None:
    holed = np.where(mask > 50, NAN, grid).astype(np.float32)
    assert found_ids(holed) <= found_ids(grid)
    before, after = outcomes(grid), outcomes(holed)
    assert not [unit for unit in before if before[unit] is X and after[unit] is N]


@given(days(), days())
@settings(max_examples=80)
def test_more_power_never_turns_a_breach_into_compliance(grid: Any, more: Any) -> None:
    raised = (grid + np.nan_to_num(more)).astype(np.float32)
    before, after = outcomes(grid), outcomes(raised)
    assert [unit for unit in before if before[unit] is N] == [
        unit for unit in before if before[unit] is N and after[unit] is N
    ]


@given(days(), st.integers(1, 4))
@settings(max_examples=30)
def test_idle_plants_add_nothing(grid: Any, idle: int) -> None:
    plants = index([1, 2, 3] + [2] * idle)
    wider = np.concatenate([grid, np.full((2 * idle, 96), 8.0, np.float32)])
    orders = [*ORDERS, *(order(f"e{3 + no}", STOP if no % 2 else LIMIT_30) for no in range(idle))]
    found = judge(plants, wider, orders, base=baseline(plants, 1500.0, 10.0))
    assert {finding.id for finding in found.findings} == found_ids(grid)
    assert {answer.outcome for answer in found.order_days if answer.enterprise_id > "e2"} == {C}

"""Deciding: what is refused changes nothing, what is signed reaches every listed plant at once."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.lantian_web import cast

from lantian import records
from lantian.errors import LantianError, LawError, TransitionError
from lantian.periods import to_ms
from lantian.plan import TRANSITIONS
from lantian.records import Action, Basis, DecisionKind, Level, OrderState, TaskState
from lantian_web.events.models import Event
from lantian_web.orders import queries
from lantian_web.orders.commands import Override
from lantian_web.orders.models import Decision, Order, OrderMeasure, Warning
from lantian_web.tasks.models import Task

pytestmark = [pytest.mark.django_db, pytest.mark.db]
MODELS: tuple[type[Model], ...] = (Warning, Decision, Order, OrderMeasure, Task, Event)
LATER = cast.SIGNED + timedelta(days=2)


def everything() -> list[list[dict[str, object]]]:
    return [list(model._default_manager.order_by("pk").values()) for model in MODELS]


def test_every_listed_plant_gets_its_order(ordered: Decision) -> None:
    rows = Order.objects.order_by("number")
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6]
    assert {row.enterprise_id for row in rows} == set(cast.STATES)
    assert {row.start_at for row in rows} == {cast.STARTS}
    assert {(row.grace_s, row.list_paper, row.end_rule) for row in rows} == {(7200, "清单", "until_lifted")}
    asked = {
        row.order.enterprise_id: (Action(row.action), row.line_id or None, row.share)
        for row in OrderMeasure.objects.select_related("order")
    }
    assert asked == cast.STATES
    assert OrderMeasure.objects.get(order__enterprise_id=cast.EXEMPT).reason == "民生保障"


def test_the_decision_says_on_what_it_stands(ordered: Decision) -> None:
    assert ordered.number == "某环预〔2026〕1号"
    assert (ordered.from_level, ordered.level, ordered.basis, ordered.signer) == (
        "none",
        "orange",
        "rule",
        cast.VICE,
    )
    assert ordered.forecast[0] == ["2026-12-08", 210]
    assert ordered.footnotes
    told = Event.objects.get(kind="warning.decided").params
    assert (told["number"], told["level"], told["overridden"]) == (ordered.number, "orange", [])
    assert Event.objects.filter(kind="order.issued").count() == len(cast.STATES)


def test_the_same_decision_again_changes_nothing(ordered: Decision) -> None:
    before = everything()
    assert cast.start() == ordered
    assert everything() == before


def test_the_library_reads_the_orders_in_force(ordered: Decision) -> None:
    start, day = to_ms(cast.STARTS), 86_400_000
    found = {order.enterprise_id: order for order in queries.orders_between(start, start + day)}
    assert set(found) == set(cast.STATES)
    assert found[cast.REDUCES].measures[0].line_id == "reduces-1"
    assert found[cast.FAR].measures[0].share == 30
    assert found[cast.FAR].end_ms is None
    assert queries.orders_between(start - day, start) == []


def test_lifting_ends_every_order(ordered: Decision) -> None:
    cast.lift(LATER)
    assert {(row.state, row.end_at) for row in Order.objects.all()} == {(OrderState.ENDED.value, LATER)}
    assert queries.in_force(LATER - timedelta(minutes=1)).count() == len(cast.STATES)
    assert not queries.in_force(LATER).exists()
    assert queries.current_warning(LATER - timedelta(hours=1)) is not None
    assert queries.current_warning(LATER) is None


def test_raising_replaces_the_orders(ordered: Decision) -> None:
    raised = cast.start(
        kind=DecisionKind.RAISE,
        level=Level.RED,
        basis=Basis.SUPERIOR_ORDER,
        reason="省调度令",
        signer=cast.MAYOR,
        now=LATER - timedelta(hours=6),
        start_at=LATER,
    )
    assert raised.warning_id == ordered.warning_id
    assert raised.number == "某环预〔2026〕2号"
    assert {row.state for row in ordered.orders.all()} == {OrderState.SUPERSEDED.value}
    assert {row.state for row in raised.orders.all()} == {OrderState.IN_FORCE.value}
    day = queries.orders_between(to_ms(LATER) - 3_600_000, to_ms(LATER) + 3_600_000)
    assert len(day) == 2 * len(cast.STATES)


def test_an_order_that_never_began_was_never_in_force(ordered: Decision) -> None:
    cast.start(
        kind=DecisionKind.LIFT,
        level=Level.NONE,
        basis=Basis.CONSULTATION,
        reason="预报修正",
        start_at=cast.STARTS - timedelta(hours=2),
        now=cast.STARTS - timedelta(hours=3),
    )
    assert queries.orders_between(0, 1 << 42) == []
    assert {task.state for task in Task.objects.all()} == {TaskState.WITHDRAWN.value}
    assert not Task.objects.filter(next_step_at__isnull=False).exists()


def test_extending_leaves_the_orders(ordered: Decision) -> None:
    before = list(Order.objects.order_by("id").values())
    cast.start(kind=DecisionKind.EXTEND, basis=Basis.CONSULTATION, reason="持续", now=LATER, start_at=LATER)
    assert list(Order.objects.order_by("id").values()) == before


REFUSED = [
    ("no_trigger", {"forecast": [80, 80]}),
    ("no_reason", {"basis": Basis.CONSULTATION, "reason": " "}),
    ("no_signer", {"signer": ""}),
    ("no_procedure", {"level": Level.BLUE, "basis": Basis.CONSULTATION, "reason": "x"}),
    ("signer_unfit", {"level": Level.RED, "basis": Basis.SUPERIOR_ORDER, "reason": "x", "signer": cast.VICE}),
    ("signer_unfit", {"signer": cast.ANALYST}),
    ("signer_unfit", {"signer": "nobody"}),
    ("retroactive", {"start_at": cast.SIGNED - timedelta(minutes=1)}),
]


@pytest.mark.parametrize(("code", "change"), REFUSED)
def test_what_the_law_forbids_changes_nothing(town: cast.City, code: str, change: dict[str, object]) -> None:
    with pytest.raises(LawError) as refused:
        cast.start(**change)
    assert refused.value.code == code
    assert everything() == [[], [], [], [], [], []]
    assert cast.start().number == "某环预〔2026〕1号"


@pytest.mark.parametrize("kind", [kind for kind in DecisionKind if kind is not DecisionKind.START])
def test_without_a_warning_only_a_start_is_allowed(town: cast.City, kind: DecisionKind) -> None:
    with pytest.raises(TransitionError):
        cast.start(kind=kind)
    assert everything() == [[], [], [], [], [], []]


def test_a_started_warning_is_not_started_again(ordered: Decision) -> None:
    before = everything()
    with pytest.raises(TransitionError):
        cast.start(now=LATER, start_at=LATER)
    assert everything() == before


def test_a_named_person_goes_on_against_a_ban_and_says_why(town: cast.City) -> None:
    decided = cast.start(forecast=[150, 150], override=Override(cast.MAYOR, "重大活动保障会商决定"))
    assert (decided.override_by, decided.override_reason) == (cast.MAYOR, "重大活动保障会商决定")
    told = Event.objects.get(kind="warning.decided").params
    assert (told["overridden"], told["override_by"]) == (["no_trigger"], cast.MAYOR)
    assert decided.orders.count() == len(cast.STATES)


@pytest.mark.parametrize("override", [Override(cast.MAYOR, "  "), Override("", "因为")])
def test_an_override_needs_name_and_reason(town: cast.City, override: Override) -> None:
    with pytest.raises(LawError, match="no_trigger"):
        cast.start(forecast=[80, 80], override=override)


def test_nobody_overrides_a_missing_signer(town: cast.City) -> None:
    with pytest.raises(LawError, match="no_signer"):
        cast.start(signer="", override=Override(cast.MAYOR, "急"))


@pytest.mark.parametrize(("code", "change"), [case for case in REFUSED if case[0] != "no_trigger"])
def test_nobody_overrides_what_is_missing_or_retroactive(
    town: cast.City, code: str, change: dict[str, object]
) -> None:
    with pytest.raises(LawError) as refused:
        cast.start(**({"forecast": [80, 80]} | change), override=Override(cast.MAYOR, "急"))
    assert refused.value.code == code
    assert not Decision.objects.exists()


def test_only_somebody_with_a_post_overrides(town: cast.City) -> None:
    with pytest.raises(LawError, match="override_unknown"):
        cast.start(forecast=[80, 80], override=Override("nobody", "急"))
    assert not Decision.objects.exists()


def test_an_override_that_was_not_needed_is_not_kept(town: cast.City) -> None:
    assert cast.start(override=Override(cast.MAYOR, "以防")).override_by == ""


def test_a_transition_is_never_overridden(ordered: Decision) -> None:
    with pytest.raises(LantianError):
        cast.start(now=LATER, start_at=LATER, override=Override(cast.MAYOR, "急"))


def step(kind: DecisionKind, level: Level, now: datetime, start_at: datetime) -> Decision:
    """A step that the mayor signs after a consultation."""
    return cast.start(
        kind=kind,
        level=level,
        basis=Basis.CONSULTATION,
        reason="会商",
        signer=cast.MAYOR,
        now=now,
        start_at=start_at,
    )


def test_a_lift_ends_what_was_to_be_replaced_later(ordered: Decision) -> None:
    day = timedelta(days=1)
    raised = step(DecisionKind.RAISE, Level.RED, cast.STARTS + day, cast.STARTS + 4 * day)
    lifted = cast.STARTS + 3 * day
    step(DecisionKind.LIFT, Level.NONE, cast.STARTS + 2 * day, lifted)
    assert not queries.in_force(lifted).exists()
    assert {(row.state, row.end_at) for row in ordered.orders.all()} == {("ended", lifted)}
    assert {(row.state, row.end_at) for row in raised.orders.all()} == {("ended", raised.start_at)}
    assert {order.decision_id for order in queries.orders_between(0, 1 << 42)} == {ordered.pk}


def test_nothing_is_decided_while_a_signed_lift_lies_ahead(ordered: Decision) -> None:
    cast.lift(LATER)
    before = everything()
    for kind, level in ((DecisionKind.START, Level.RED), (DecisionKind.LIFT, Level.NONE)):
        with pytest.raises(TransitionError):
            step(kind, level, LATER - timedelta(hours=1), LATER)
    assert everything() == before
    assert step(DecisionKind.START, Level.RED, LATER, LATER).warning_id != ordered.warning_id


def test_steps_are_told_apart_while_the_clock_stands_still(ordered: Decision) -> None:
    now = LATER
    first = step(DecisionKind.LIFT, Level.NONE, now, now)
    again = step(DecisionKind.START, Level.ORANGE, now, now)
    second = step(DecisionKind.LIFT, Level.NONE, now, now)
    assert len({ordered.pk, first.pk, again.pk, second.pk}) == 4
    before = everything()
    assert step(DecisionKind.LIFT, Level.NONE, now, now) == second
    assert everything() == before
    assert not queries.in_force(now).exists()


def test_two_warnings_may_start_at_the_same_time(ordered: Decision) -> None:
    now = cast.SIGNED + timedelta(minutes=5)
    step(DecisionKind.LIFT, Level.NONE, now, now)
    again = step(DecisionKind.START, Level.ORANGE, now, cast.STARTS)
    assert again.warning_id != ordered.warning_id
    found = queries.orders_between(to_ms(cast.STARTS), to_ms(cast.STARTS) + 1)
    assert {order.decision_id for order in found} == {again.pk}


def assert_one_order_at_a_time(last: Decision | None) -> None:
    """No two orders of a plant overlap; from its start on, what the newest decision says is all there is."""
    by_plant: dict[str, list[records.Order]] = defaultdict(list)
    for order in queries.orders_between(0, 1 << 42):
        by_plant[order.enterprise_id].append(order)
    for orders in by_plant.values():
        for earlier, later in pairwise(orders):
            assert earlier.end_ms is not None
            assert earlier.end_ms <= later.start_ms
    if last is not None:
        found = queries.orders_between(to_ms(last.start_at), 1 << 42)
        listed = last.level in (Level.ORANGE, Level.RED)
        assert {order.decision_id for order in found} == ({last.pk} if listed else set())


STEPS = st.tuples(st.integers(0, 20), st.integers(0, 36), st.integers(0, 72))
"""Which of the legal steps, hours since the one before, hours until it starts."""


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=2, max_size=6))
def test_no_plant_ever_has_two_orders_at_once(town: cast.City, steps: list[tuple[int, int, int]]) -> None:
    now, level, newest = cast.SIGNED, Level.NONE, None
    with transaction.atomic():
        for choice, passed, ahead in steps:
            now += timedelta(hours=passed)
            legal = sorted((kind, to) for kind, levels in TRANSITIONS[level].items() for to in levels)
            with suppress(TransitionError, LawError):
                kind, to = legal[choice % len(legal)]
                taken = step(kind, to, now, now + timedelta(hours=ahead))
                level, newest = to, newest if kind is DecisionKind.EXTEND else taken
            assert_one_order_at_a_time(newest)
        transaction.set_rollback(True)


def test_orders_cost_two_queries(ordered: Decision, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(2):
        queries.orders_between(to_ms(cast.STARTS), to_ms(cast.STARTS) + 1)


@pytest.mark.slow
def test_a_whole_city_in_a_bounded_number_of_queries(db: None, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    """4709 plants: the city is loaded, then one decision gives 4709 orders and tasks."""
    from lantian_web.inventory.commands import import_city

    made = cast.city({f"plant-{n:04d}": (Action.STOP, None, None) for n in range(4709)})
    import_city(made, cast.learnt(made))
    with django_assert_max_num_queries(130):  # reads by id go in runs of 500; orders, tasks and notices
        cast.start()
    with django_assert_max_num_queries(2):
        assert len(queries.orders_between(to_ms(cast.STARTS), to_ms(cast.STARTS) + 1)) == 4709
    assert Task.objects.count() == 4709

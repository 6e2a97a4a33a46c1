"""Who answers now: never nobody by mistake, never a circle, never two where the rota says one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lantian.dispatch import responsibility as use
from lantian.dispatch.responsibility import Why
from lantian.inventory import Acting, Duty, Post, Shift
from lantian.periods import at

START = at(date(2026, 12, 7), 0)
PEOPLE = "abcdef"
H = timedelta(hours=1)


def post(person: str, first: date | None = None, last: date | None = None) -> Post:
    return Post("u", Duty.DISPATCHER, "调度员", person, "9001", first, last)


def acting(person: str, stand_in: str, since: int = 0, until: int | None = None) -> Acting:
    return Acting(person, stand_in, START + since * H, None if until is None else START + until * H)


def shift(person: str, since: int, until: int, **more: datetime) -> Shift:
    return Shift("u", Duty.DISPATCHER, person, START + since * H, START + until * H, **more)  # type: ignore[arg-type]


def test_a_post_is_held_on_both_its_days_and_on_no_other() -> None:
    held = post("a", date(2026, 12, 7), date(2026, 12, 8))
    instants = [START - timedelta(seconds=1), START, START + 48 * H - timedelta(seconds=1), START + 48 * H]
    found = [use.holder([held], [], [], moment) for moment in instants]
    assert [one.person_id if one else None for one in found] == [None, "a", "a", None]


def test_stand_ins_are_followed_to_the_one_who_is_there() -> None:
    found = use.holder([post("a")], [acting("a", "b"), acting("b", "c")], [], START)
    assert found == use.Held("c", Why.ACTING, ("a", "b", "c"))
    back = use.holder([post("a")], [acting("a", "b", 0, 5)], [], START + 5 * H)
    assert back == use.Held("a", Why.POST, ("a",))


def test_who_stands_in_for_each_other_answers_for_nothing_and_the_next_holder_does() -> None:
    circle = [acting("a", "b"), acting("b", "a")]
    assert use.holder([post("a")], circle, [], START) is None
    found = use.holder([post("a"), post("c")], circle, [], START)
    assert found is not None
    assert found.person_id == "c"


def test_the_watch_comes_before_the_post_and_a_gap_falls_back_on_it() -> None:
    rota = [shift("b", 0, 24)]
    assert use.holder([post("a")], [], rota, START) == use.Held("b", Why.ROTA, ("b",))
    assert use.holder([post("a")], [], rota, START + 24 * H) == use.Held("a", Why.POST, ("a",))
    away = use.holder([post("a")], [acting("b", "c")], rota, START)
    assert away == use.Held("c", Why.ACTING, ("b", "c"))


def test_who_has_left_is_not_asked() -> None:
    assert use.holder([post("a")], [], [], START, away={"a"}) is None
    assert use.holder([post("a")], [acting("a", "b")], [], START, away={"b"}) is None


def test_a_past_hour_is_told_as_it_was_known_then_and_as_it_is_known_now() -> None:
    entered, swapped = START - 24 * H, START + 30 * H
    rota = [
        shift("a", 0, 24, entered_at=entered, replaced_at=swapped),
        shift("b", 0, 24, entered_at=swapped),
    ]
    at_three = START + 3 * H
    assert [s.person_id for s in use.on_watch(rota, at_three)] == ["b"]
    assert [s.person_id for s in use.on_watch(rota, at_three, known_at=at_three)] == ["a"]
    assert [s.person_id for s in use.on_watch(rota, at_three, known_at=swapped)] == ["b"]
    assert use.on_watch(rota, at_three, known_at=entered - H) == ()


def test_midnight_belongs_to_the_next_shift() -> None:
    rota = [shift("a", 0, 24), shift("b", 24, 48)]
    assert [s.person_id for s in use.on_watch(rota, at(date(2026, 12, 8), 0))] == ["b"]
    assert use.gaps(rota, START, START + 48 * H) == ()
    assert use.overlaps(rota) == ()


def test_gaps_and_overlaps_are_named() -> None:
    first, second, third = shift("a", 0, 9), shift("b", 8, 12), shift("c", 14, 24)
    rota = [third, first, second, shift("d", 12, 14, entered_at=START, replaced_at=START)]
    assert use.gaps(rota, START - H, START + 25 * H) == (
        use.Gap(START - H, START),
        use.Gap(START + 12 * H, START + 14 * H),
        use.Gap(START + 24 * H, START + 25 * H),
    )
    assert use.overlaps(rota) == ((first, second),)


actings = st.builds(
    acting,
    st.sampled_from(PEOPLE),
    st.sampled_from(PEOPLE),
    st.integers(0, 20),
    st.none() | st.integers(21, 40),
)


@given(st.lists(actings, max_size=12))
def test_what_is_refused_as_a_circle_is_all_that_can_make_one(rows: list[Acting]) -> None:
    """Taken one by one, one row per person at a time as the console takes them, no instant ever has a circle."""
    taken: list[Acting] = []
    for row in rows:
        alone = all(row.person_id != other.person_id for other in taken)
        if alone and not use.closes_circle(row, taken):
            taken.append(row)
    for hour in range(45):
        standing = use.stand_ins(taken, START + hour * H)
        for person in PEOPLE:
            links = use.chain(person, standing)
            assert links
            assert links[-1] not in standing
            assert len(set(links)) == len(links)


@given(st.lists(actings, max_size=6), actings)
def test_a_row_is_refused_only_when_it_makes_a_circle(rows: list[Acting], new: Acting) -> None:
    others = {row.person_id: row for row in rows if row.person_id != new.person_id}.values()
    hours = [START + hour * H for hour in range(45) if new.covers(START + hour * H)]
    circle = any(not use.chain(new.person_id, use.stand_ins([*others, new], moment)) for moment in hours)
    assert use.closes_circle(new, others) == circle


shifts = st.tuples(st.sampled_from(PEOPLE), st.integers(0, 47), st.integers(1, 20)).map(
    lambda drawn: shift(drawn[0], drawn[1], drawn[1] + drawn[2])
)


@given(st.lists(shifts, max_size=8))
def test_every_hour_is_on_watch_or_in_a_gap_and_shared_hours_are_named(rota: list[Shift]) -> None:
    named = use.gaps(rota, START, START + 72 * H)
    pairs = use.overlaps(rota)
    for hour in range(72):
        moment = START + hour * H
        there = use.on_watch(rota, moment)
        assert bool(there) != any(gap.since <= moment < gap.until for gap in named)
        shared = [pair for pair in pairs if pair[0].covers(moment) and pair[1].covers(moment)]
        assert (len(there) > 1) == bool(shared)


@given(
    st.lists(st.sampled_from(PEOPLE), max_size=4),
    st.lists(actings, max_size=8),
    st.lists(shifts, max_size=4),
    st.integers(0, 44),
    st.integers(0, 9),
)
def test_whoever_is_named_is_there(
    posts: list[str], rows: list[Acting], rota: list[Shift], hour: int, turn: int
) -> None:
    moment = START + hour * H
    found = use.holder([post(person) for person in posts], rows, rota, moment, away={"f"}, turn=turn)
    standing = use.stand_ins(rows, moment)
    if found is None:
        watch = {s.person_id for s in use.on_watch(rota, moment)} or set(posts)
        ends = {use.chain(person, standing)[-1:] for person in watch}
        assert ends <= {(), ("f",)}
        return
    assert found.person_id not in standing
    assert found.person_id != "f"
    assert found.chain[-1] == found.person_id
    assert (found.why is Why.ACTING) == (len(found.chain) > 1)
    assert found.chain[0] in ({s.person_id for s in use.on_watch(rota, moment)} or set(posts))


def test_the_library_counts_days_in_the_city_not_in_utc() -> None:
    held = post("a", date(2026, 12, 8))
    assert use.holder([held], [], [], datetime(2026, 12, 7, 16, tzinfo=UTC)) is not None

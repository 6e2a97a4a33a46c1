"""The pace of a robot: never more than its limit in any window, whatever the clocks, answers and restarts do."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from lantian_web.notices.channels.port import Outcome
from lantian_web.notices.pace import Attempt, MachineClock, Pace, Tick
from lantian_web.notices.rules import limits

WECOM = limits("wecom", date(2026, 12, 8))
DINGTALK = limits("dingtalk", date(2026, 12, 8))
ANSWERS = st.sampled_from(list(Outcome))


def sent(at: float, outcome: Outcome = Outcome.SENT, pause: float = 0.0, epoch: str = "a") -> Attempt:
    return Attempt(Tick(epoch, at), outcome, pause)


def test_twenty_in_a_minute_and_the_next_when_the_first_is_a_minute_old() -> None:
    pace = Pace(WECOM, [sent(1000 + n) for n in range(20)])
    assert pace.used(Tick("a", 1019)) == 20
    assert pace.wait(Tick("a", 1019)) == 1000 + WECOM.window - 1019
    assert pace.wait(Tick("a", 1000 + WECOM.window)) == 0
    assert Pace(WECOM, [sent(1000 + n) for n in range(19)]).wait(Tick("a", 1019)) == 0


def test_after_the_machine_started_anew_it_waits_as_long_as_it_has_not_run_for_a_window() -> None:
    pace = Pace(WECOM, [sent(9_000_000 + n) for n in range(20)])
    assert pace.wait(Tick("b", 5)) == WECOM.window - 5
    assert pace.wait(Tick("b", WECOM.window)) == 0


def test_pauses_grow_with_failures_in_a_row_and_end_with_a_success() -> None:
    pace, waits, at = Pace(WECOM), [], 1000.0
    for _ in range(9):
        pace.ended(sent(at, Outcome.UNSURE))
        waits.append(pace.wait(Tick("a", at)))
        at += waits[-1]
    assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert pace.failing(Tick("a", at)) == sum(waits)
    pace.ended(sent(at + 400))
    assert (pace.wait(Tick("a", at + 400)), pace.failing(Tick("a", at + 400))) == (0, 0)


def test_a_throttled_robot_is_left_alone_for_as_long_as_its_platform_says() -> None:
    pace = Pace(DINGTALK, [sent(1000, Outcome.THROTTLED, DINGTALK.throttled["130101"])])
    assert pace.wait(Tick("a", 1000)) == 600


def test_a_refused_message_is_no_fault_of_the_robot() -> None:
    assert Pace(WECOM, [sent(1000, Outcome.REFUSED)]).wait(Tick("a", 1000)) == 0


@given(
    st.lists(
        st.tuples(
            st.floats(0, 30),  # how long until somebody looks again
            st.floats(0, 10),  # how long the answer takes
            st.floats(0, 1),  # when in that time it arrives at the robot
            ANSWERS,
            st.sampled_from(["", "", "", "restart", "reboot"]),
        ),
        max_size=120,
    )
)
def test_no_window_of_a_minute_ever_holds_more_than_the_limit(
    steps: list[tuple[float, float, float, Outcome, str]],
) -> None:
    """`true` is the time that nobody sees; the courier sees ticks, and the log after a restart."""
    true, booted, epoch = 500.0, 0.0, 0
    log: list[Attempt] = []
    pace = Pace(WECOM)
    arrived: list[float] = []
    for idle, took, share, outcome, incident in steps:
        true += idle
        if incident == "reboot":
            booted, epoch = true, epoch + 1
            true += 1.0
        if incident:
            pace = Pace(WECOM, log[-WECOM.per_window :])
        if pace.wait(Tick(str(epoch), true - booted)) > 0:
            continue
        arrived.append(true + took * share)
        true += took
        log.append(sent(true - booted, outcome, epoch=str(epoch)))
        pace.ended(log[-1])
    for first, later in zip(arrived, arrived[WECOM.per_window :], strict=False):
        assert later - first >= 60


def test_the_machines_clock_goes_forward_and_names_its_start() -> None:
    one, two = MachineClock(), MachineClock()
    first, later = one.tick(), two.tick()
    assert later.since(first) == later.s - first.s >= 0
    assert first.epoch == later.epoch  # of the machine, not of the process

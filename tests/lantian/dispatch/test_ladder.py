"""The rungs of supervision: what sets them off, in which order, who signs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lantian.dispatch.ladder import check_former, former_of, rank_of, rung_of, rungs
from lantian.errors import LawError, StandardsError
from lantian.periods import at

ON = date(2026, 12, 8)  # a Tuesday
NOW = at(ON, 9)
ORDER = ["supervision_letter", "admonition", "circular", "accountability"]


def test_the_rungs_come_in_order_and_higher_offices_sign_the_higher_ones() -> None:
    assert list(dict.fromkeys(rung.rung for rung in rungs(ON))) == ORDER
    assert [former_of(name, ON) for name in ORDER] == ["", *ORDER[:-1]]
    ranks = [rung_of(name, ON).signer_rank for name in ORDER]
    assert ranks == sorted(ranks)
    assert rungs(ON)[0].footnote.confidence == "proposed"
    with pytest.raises(StandardsError):
        rung_of("prison", ON)


def test_a_rung_is_not_skipped_but_with_a_reason() -> None:
    check_former("supervision_letter", ON, [], "")
    check_former("circular", ON, ["admonition"], "")
    check_former("circular", ON, [], "省里直接点名")
    for signed, override in (([], ""), (["supervision_letter"], "  ")):
        with pytest.raises(LawError, match="comes after a signed admonition"):
            check_former("circular", ON, signed, override)


def test_what_lapses_is_counted_in_office_time() -> None:
    rule = next(rung for rung in rungs(ON) if rung.trigger == "overdue")
    friday = at(date(2026, 12, 11), 17)
    assert not rule.lapsed(friday, at(date(2026, 12, 13), 23))  # Sunday
    assert rule.lapsed(friday, at(date(2026, 12, 14), 17))
    assert rule.answer_by(friday) == at(date(2026, 12, 15), 17)


def test_how_often_is_counted_within_the_days() -> None:
    rule = next(rung for rung in rungs(ON) if (rung.rung, rung.trigger) == (ORDER[0], "repeated"))
    days = [NOW - timedelta(days=n) for n in (0, 29, 31)]
    assert not rule.enough(days, NOW)
    assert rule.enough([*days, NOW - timedelta(days=30)], NOW)
    assert not rule.enough([NOW + timedelta(days=1)] * 3, NOW)  # the clock was set back


def test_the_rank_of_a_post_is_in_its_title() -> None:
    assert [rank_of(title, ON) for title in ("副市长（分管）", "市长", "科长")] == [1, 2, 0]
    assert rank_of("市长助理", ON) == 0

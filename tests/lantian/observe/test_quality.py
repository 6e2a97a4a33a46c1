"""Marks on hours of air."""

from __future__ import annotations

import numpy as np
import pytest

from lantian.observe.quality import HourLimits, flag_hours
from lantian.records import Flag

LIMITS = HourLimits(maximum=1000.0, stuck_hours=3)
NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ([], []),
        ([35.0, NAN, 0.0], [Flag.OK] * 3),
        (
            [-99.0, -1.0, 9999.0, 1000.1, 1000.0],
            [Flag.SENTINEL, Flag.NEGATIVE, Flag.SENTINEL, Flag.RANGE, Flag.OK],
        ),
        ([7.0, 7.0, 7.0, 8.0], [Flag.STUCK, Flag.STUCK, Flag.STUCK, Flag.OK]),
        ([7.0, 7.0, NAN, 7.0, 7.0], [Flag.OK] * 5),  # a gap ends the run
        ([0.0, 0.0, 0.0], [Flag.OK] * 3),  # clean air is not a stuck instrument
    ],
)
def test_flag_hours(values: list[float], flags: list[Flag]) -> None:
    assert flag_hours(np.array(values), LIMITS) == flags

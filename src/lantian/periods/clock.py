"""Between UTC milliseconds and local time. The only place that knows the city's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lantian.errors import PeriodError

__all__ = ["CITY_TZ", "at", "day_bounds_ms", "day_start_ms", "from_ms", "local_day", "to_ms"]

CITY_TZ = ZoneInfo("Asia/Shanghai")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """UTC milliseconds of an aware datetime (rounded down). PeriodError when it is naive."""
    if moment.tzinfo is None:
        raise PeriodError(f"{moment.isoformat()} has no time zone")
    return (moment - _EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """Aware local datetime of UTC milliseconds."""
    return (_EPOCH + ms * _MS).astimezone(CITY_TZ)


def local_day(ms: int) -> date:
    """Local calendar day in which the instant lies."""
    return from_ms(ms).date()


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Aware local datetime. 24:00 is the 00:00 that ends the day.

    >>> at(date(2026, 12, 31), 24).isoformat()
    '2027-01-01T00:00:00+08:00'
    """
    if hour == 24 and minute == 0:
        return datetime.combine(day + timedelta(days=1), time(), CITY_TZ)
    if not (0 <= hour < 24 and 0 <= minute < 60):
        raise PeriodError(f"there is no {hour:02d}:{minute:02d} on {day}")
    return datetime.combine(day, time(hour, minute), CITY_TZ)


def day_start_ms(day: date) -> int:
    """UTC milliseconds of the local day's 00:00."""
    return to_ms(at(day, 0))


def day_bounds_ms(day: date) -> tuple[int, int]:
    """UTC milliseconds [start, end) of the local day."""
    return to_ms(at(day, 0)), to_ms(at(day, 24))

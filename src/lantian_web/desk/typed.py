"""Times as forms write them, read in one place for all pages."""

from __future__ import annotations

from datetime import datetime

from lantian.errors import DataError
from lantian.periods import CITY_TZ

__all__ = ["YEARS", "instant"]

YEARS = range(2000, 2100)
"""A year outside is a slip of the pen."""


def instant(text: str, field: str) -> datetime:
    """A date and time of the city's clock, or of the zone that is written with it. DataError when it is none of ours."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise DataError("no date and time", field=field) from None
    if found.year not in YEARS:
        raise DataError("no date and time of ours", field=field)
    return found if found.tzinfo else found.replace(tzinfo=CITY_TZ)

"""The span of days that an air page speaks of, as its address names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from lantian.assess.published import applied_on
from lantian.assess.runs import read_on
from lantian.errors import PeriodError
from lantian.periods import Period, month, same_period_last_year, season, year

__all__ = ["LAST_YEAR", "MONTH", "PREVIOUS", "YEAR", "Span", "chosen", "day_of", "offered", "played"]

LAST_YEAR, PREVIOUS = "last-year", "previous"
MONTH, SEASON, YEAR, CUSTOM = "month", "season", "year", "custom"
LONGEST = timedelta(days=1100)
EARLIEST = date(2000, 1, 1)  # before any archive of hourly air


@dataclass(frozen=True, slots=True)
class Span:
    """Days up to the last closed one (`days`) of a period that may still run (`whole`).

    `refused`: other days were asked for that cannot be looked at.
    """

    code: str
    days: Period
    whole: Period
    refused: bool = False

    @property
    def last_year(self) -> Period:
        """The same days a year before."""
        return same_period_last_year(self.days)

    @property
    def previous(self) -> Period:
        """As many days of the month before; of any other span the days just before it."""
        start = self.days.start_on
        before = start - timedelta(days=1)
        if self.code == MONTH:
            first = month(before).start_on
            return Period(first, min(first + (self.days.end_on - start), before))
        return Period(start - timedelta(days=self.days.days), before)

    def against(self, which: str) -> Period:
        """What the span is compared with."""
        return self.previous if which == PREVIOUS else self.last_year

    @property
    def counterfactual(self) -> bool:
        """Whether some of the days lie before the first edition, which is played for them."""
        return applied_on(self.days.start_on).counterfactual

    @property
    def says(self) -> tuple[str, ...]:
        """What has to be said of the days themselves."""
        said = []
        if self.refused:
            said.append(_("The days asked for cannot be looked at; these are shown instead."))
        if self.counterfactual:
            facts = {
                "day": read_on(date.min).isoformat(),
                "edition": applied_on(self.days.start_on).edition,
            }
            said.append(
                _("Counterfactual: days before %(day)s are shown under the first edition, %(edition)s.")
                % facts
            )
        return tuple(said)


def played(on: date) -> str | None:
    """The edition to name for a day that has none of its own, the first one; None for every other day."""
    found = applied_on(on)
    return found.edition if found.counterfactual else None


def day_of(text: str) -> date | None:
    """A day as an address writes it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _season(on: date) -> Period | None:
    try:
        return season(on)
    except PeriodError:
        return None


def offered(on: date) -> tuple[str, ...]:
    """Codes that make sense on that day: no season runs from April to September."""
    return (MONTH, SEASON, YEAR, CUSTOM) if _season(on) else (MONTH, YEAR, CUSTOM)


def chosen(params: Mapping[str, str], on: date, default: str = SEASON) -> Span:
    """The span that the address asks for; without one, or with nonsense, the default (the year in summer).

    Chosen days that lie too early, in the future, the wrong way round or too far apart are refused, and it says so.
    """
    code = params.get("period", "") or default
    if code == CUSTOM:
        first, last = day_of(params.get("from", "")), day_of(params.get("to", ""))
        if first and last and EARLIEST <= first <= min(last, on) and last - first <= LONGEST:
            return Span(CUSTOM, Period(first, min(last, on)), Period(first, last))
        return replace(_to_date(default, on), refused=True)
    return _to_date(code, on)


def _to_date(code: str, on: date) -> Span:
    if code == MONTH:
        return Span(MONTH, Period(on.replace(day=1), on), month(on))
    whole = _season(on) if code != YEAR else None
    if whole is not None:
        return Span(SEASON, Period(whole.start_on, on), whole)
    return Span(YEAR, Period(on.replace(month=1, day=1), on), year(on))

"""How likely a target is, and what the newest forecast would do to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lantian.assess.targets.days import day_values
from lantian.assess.targets.ledger import Target
from lantian.assess.targets.outlook import Forecasted, Outlook, probability, with_forecast
from lantian_web.assessments import panels
from lantian_web.desk import wording
from lantian_web.desk.kept import kept
from lantian_web.desk.ledger import dust_days, past_panel
from lantian_web.inventory.models import Area

__all__ = ["Odds", "odds"]


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability with its spread of outcomes; the forecast's effect where one was issued."""

    made: Outlook
    forecast: Forecasted | None
    issued_at: datetime | None

    @property
    def percent(self) -> int | None:
        """In whole percent; 0 and 100 only when nothing that comes can change it."""
        p = self.made.probability
        if p is None:
            return None
        return round(100 * p) if p in (0.0, 1.0) else min(99, max(1, round(100 * p)))

    @property
    def unsaid(self) -> str:
        return wording.label(self.made.unsaid, "unsaid") if self.made.unsaid else ""


def odds(area: Area, target: Target, now: datetime, on: date) -> Odds:
    """Of one target of an area after the day `on`, with the newest forecast that was there by `now`."""
    return kept(lambda: _made(area, target, now, on), "odds", area.id, target, on)


def _made(area: Area, target: Target, now: datetime, on: date) -> Odds:
    values = day_values(target, past_panel([area.id], on), area.id)
    dust = dust_days().days.get(area.id, frozenset())
    issued = panels.forecast(area.id, now)
    told = day_values(target, issued.panel, area.id) if issued else {}
    ahead = with_forecast(target, values, on, told, dust) if told else None
    made = probability(
        target,
        values,
        on,
        seed=on.toordinal(),
        excluded=dust,
        forecast=told if ahead and ahead.days else None,
    )
    used = ahead if ahead and ahead.days else None
    return Odds(made, used, issued.issued_at if issued and used else None)

"""Words of the page of people: duties, charges, and the end of a watch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from django import template

from lantian.periods import CITY_TZ
from lantian_web.desk import people_words as words
from lantian_web.desk.wording import day_text

__all__ = ["charge_word", "duty_word", "shift_end", "span_of"]

DAY = timedelta(days=1)


class Watch(Protocol):
    """A watch or a gap."""

    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...


register = template.Library()


@register.filter
def duty_word(code: str) -> str:
    """The word of a duty."""
    return str(words.DUTIES.get(code, code))


@register.filter
def charge_word(code: str) -> str:
    """The word of a kind of charge."""
    return str(words.CHARGES.get(code, code))


@register.filter
def shift_end(moment: datetime) -> str:
    """The end of a watch: midnight is 24:00 of the day that ends."""
    local = moment.astimezone(CITY_TZ)
    if local.hour == local.minute == 0:
        return f"{day_text(local - timedelta(days=1))} 24:00"
    return f"{day_text(local)} {local:%H:%M}"


@register.filter
def span_of(watch: Watch) -> str:
    """From when to when, under the heading of the day on which it begins."""
    since, until = watch.since.astimezone(CITY_TZ), watch.until.astimezone(CITY_TZ)
    if until - until.replace(hour=0, minute=0) == timedelta() and until.date() - since.date() == DAY:
        return f"{since:%H:%M}–24:00"
    if until.date() == since.date():
        return f"{since:%H:%M}–{until:%H:%M}"
    return f"{since:%H:%M}–{shift_end(until)}"

"""The rows that govern notices: who hears of what, when routine ones rest, what a channel carries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from lantian.errors import StandardsError
from lantian.periods import at, from_ms, local_day, to_ms
from lantian.standards import in_force

__all__ = ["Limits", "Rule", "any_limit", "digest_slot", "heard_by", "limits", "quiet_until"]

ANY = "any"
Parameters = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """One audience of an event, and the weight that its notice has among others."""

    audience: str
    weight: int


@lru_cache(maxsize=256)
def heard_by(event: str, step: str, on: date) -> tuple[Rule, ...]:
    """Who hears of an event: rows of its step, or those that name no step. Empty when nobody does."""
    rows = [row for row in in_force("notice_rules", on) if row.text("event") == event]
    own = [row for row in rows if row.text("step") == step] if step else []
    chosen = own or [row for row in rows if not row.text("step")]
    return tuple(Rule(row.text("audience"), row.integer()) for row in chosen)


@lru_cache(maxsize=64)
def _spans(on: date) -> Mapping[str, Mapping[str, int]]:
    spans: dict[str, dict[str, int]] = defaultdict(dict)
    for row in in_force("quiet_hours", on):
        spans[row.text("span")][row.text("edge")] = row.integer()
    return spans


def _minute(moment: datetime) -> int:
    local = from_ms(to_ms(moment))
    return local.hour * 60 + local.minute


def quiet_until(now: datetime) -> datetime | None:
    """When the quiet hours end that `now` lies in; None outside them."""
    today, minute = local_day(to_ms(now)), _minute(now)
    night = _spans(today)["night"]
    begins, ends = night["begins"], night["ends"]
    if begins <= ends:
        return at(today, *divmod(ends, 60)) if begins <= minute < ends else None
    if minute >= begins:
        return at(today + timedelta(days=1), *divmod(ends, 60))
    return at(today, *divmod(ends, 60)) if minute < ends else None


def digest_slot(now: datetime) -> int | None:
    """A rising number of the digest that is due at `now`; None when none is."""
    today, minute = local_day(to_ms(now)), _minute(now)
    for span, edges in _spans(today).items():
        if span.startswith("digest") and edges["begins"] <= minute < edges["ends"]:
            return today.toordinal() * 1440 + edges["begins"]
    return None


@dataclass(frozen=True, slots=True)
class Limits:
    """What one kind of channel carries. Times in seconds; `throttled` and `busy` say how long to wait, by code."""

    per_window: int
    window: float
    first_pause: float
    longest_pause: float
    timeout: float
    fallback_after: float
    give_up: float
    bytes: Mapping[str, int]
    throttled: Mapping[str, int]
    busy: Mapping[str, int]

    def pause(self, failures: int) -> float:
        """How long a robot rests after so many failures in a row: doubled each time, up to the longest."""
        return float(min(self.first_pause * 2.0 ** min(failures - 1, 30), self.longest_pause))


@lru_cache(maxsize=64)
def _parameters(on: date) -> Mapping[str, Parameters]:
    kinds: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in in_force("robot_limits", on):
        kinds[row.text("channel")][row.text("parameter"), row.text("code")] = row.integer()
    return kinds


def any_limit(parameter: str, on: date) -> int:
    """A limit that holds for every channel."""
    return _parameters(on)[ANY][parameter, ""]


@lru_cache(maxsize=64)
def limits(kind: str, on: date) -> Limits:
    """Limits of one kind of channel; what it has no row for is taken from `any`. StandardsError when one is missing."""
    found = dict(_parameters(on)[ANY]) | dict(_parameters(on).get(kind, {}))

    def of(parameter: str) -> int:
        if (parameter, "") not in found:
            raise StandardsError(f"robot_limits: no {parameter} of {kind}")
        return found[parameter, ""]

    def codes(parameter: str) -> dict[str, int]:
        return {code: value for (name, code), value in found.items() if name == parameter}

    return Limits(
        per_window=of("per_window"),
        window=of("window") + of("margin"),
        first_pause=of("first_pause"),
        longest_pause=of("longest_pause"),
        timeout=of("timeout"),
        fallback_after=of("fallback_after"),
        give_up=of("give_up"),
        bytes={
            name.removesuffix("_bytes"): value
            for (name, _), value in found.items()
            if name.endswith("_bytes")
        },
        throttled=codes("throttled"),
        busy=codes("busy"),
    )

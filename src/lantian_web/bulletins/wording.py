"""From messages and figures to runs of text: what every renderer of a paper writes.

Numbers have thousands separators and a true minus; a unit stands beside its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from string import Formatter

from lantian.periods import CITY_TZ
from lantian.records import Light
from lantian.report import Figure, Link, Message
from lantian.report.sheet import Value
from lantian_web.bulletins.phrases import PHRASES

__all__ = ["NOTHING", "SHAPES", "Run", "phrase", "runs", "text"]

NOTHING = "—"
SHAPES = {Light.RED: "▲", Light.AMBER: "◆", Light.BLIND: "□", Light.GREEN: "●"}
"""A light is never colour alone."""

NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text with one origin."""

    text: str
    link: Link | None = None
    notes: tuple[int, ...] = ()
    light: Light | None = None


def phrase(id: str) -> str:
    """The phrase of a message; the last part of an id without one, so that no code is hidden."""
    return str(PHRASES[id]) if id in PHRASES else id.rpartition(".")[2]


def text(value: Value | Figure) -> str:
    """Plain text of a value."""
    return "".join(run.text for run in runs(value))


def runs(value: Value | Figure, spec: str = "") -> list[Run]:
    """Runs of a value, neighbours of the same origin joined."""
    joined: list[Run] = []
    for run in _runs(value, spec):
        last = joined[-1] if joined else None
        if last and (last.link, last.light, last.notes) == (run.link, run.light, ()) and not run.notes:
            joined[-1] = replace(last, text=last.text + run.text)
        elif run.text or run.notes:
            joined.append(run)
    return joined


def _runs(value: Value | Figure, spec: str) -> Iterator[Run]:
    match value:
        case Figure():
            yield from _figure(value, spec)
        case Message(id="list"):
            yield from _list(value.params)
        case Message():
            params = dict(value.params)
            for literal, name, inner, _ in Formatter().parse(phrase(value.id)):
                yield Run(literal)
                if name is not None:
                    yield from _runs(params[name], inner or "")
        case _:
            yield Run(_plain(value, spec))


def _figure(figure: Figure, spec: str) -> Iterator[Run]:
    inner = _runs(figure.value, spec)
    shape = f"{SHAPES[figure.light]}{NO_BREAK}" if figure.light else ""
    unit = phrase(f"unit.{figure.unit}") if figure.unit and figure.value is not None else ""
    gap = "" if unit in ("", "%") else NO_BREAK
    told = shape + "".join(run.text for run in inner) + gap + unit
    yield Run(told, figure.link, figure.notes, figure.light)


def _list(params: Sequence[tuple[str, Value | Figure]]) -> Iterator[Run]:
    for place, (_, item) in enumerate(params):
        if place:
            yield Run(phrase("list.separator"))
        yield from _runs(item, "")


def _plain(value: Value, spec: str) -> str:
    match value:
        case None:
            return NOTHING
        case int() | Decimal():
            return f"{value:,}".replace("-", "−")
        case datetime():
            return _moment(value.astimezone(CITY_TZ), spec)
        case date():
            return phrase(f"date.{spec or 'short'}").format(year=value.year, month=value.month, day=value.day)
        case _:
            return str(value)


def _moment(moment: datetime, spec: str) -> str:
    day, clock = moment.date(), f"{moment:%H:%M}"
    if spec in ("end", "clock") and clock == "00:00":
        day, clock = day - timedelta(days=1), "24:00"
    if spec == "clock":
        return clock
    return phrase("date.moment").format(day=_plain(day, ""), clock=clock)

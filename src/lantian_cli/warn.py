"""`lantian warn`: what the rules propose for a forecast, and the signed steps of a warning.

The steps go through the same command as the console's and the demo's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantian.errors import DataError
from lantian.periods import CITY_TZ, at, local_day, to_ms
from lantian.records import Basis, DecisionKind, Level
from lantian_cli import output
from lantian_cli.home import open_home

if TYPE_CHECKING:
    from lantian_web.orders.commands import Override
    from lantian_web.orders.models import Decision

__all__ = ["app"]

DAYS_AHEAD = 10
HIGHEST_AQI = 2000
"""Daily values beyond 500 are published in sand storms; above this it is a slip of the pen."""
YEARS = range(2000, 2100)

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Heavy-pollution warnings.")

Home = Annotated[Path, typer.Option(help="The home to decide in.")]
Forecast = Annotated[
    str, typer.Option(help="Daily AQI by day, as 2026-12-08=210,2026-12-09=225; a day left out is silent.")
]
Edition = Annotated[str | None, typer.Option(help="Edition of the trigger table; default: the one in force.")]
Signer = Annotated[str, typer.Option(help="Id of the person who signs.")]
Reason = Annotated[str, typer.Option(help="Why; needed unless the basis is the rule.")]
Start = Annotated[str | None, typer.Option(help="When it starts, 2026-12-08T00:00; default: next midnight.")]
Now = Annotated[str | None, typer.Option(help="When it is decided; default: the play clock, or now.")]
Drill = Annotated[bool, typer.Option("--drill", help="Mark it as a drill on every page and paper.")]
OverrideBy = Annotated[str | None, typer.Option(help="Person who goes on against a ban.")]
OverrideReason = Annotated[str | None, typer.Option(help="Why they do; kept for ever.")]
Json = Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")]


def _bad(reason: str, field: str) -> DataError:
    return DataError(reason, source="command line", field=field)


def _day_aqi(part: str, today: date) -> tuple[int, int]:
    """Days ahead and AQI of one part of a forecast. DataError names what cannot be."""
    day, _, aqi = part.strip().partition("=")
    try:
        ahead, value = (date.fromisoformat(day) - today).days, int(aqi)
    except ValueError:
        raise _bad(f"not day=AQI: {part!r}", "--forecast") from None
    if not 1 <= ahead <= DAYS_AHEAD:
        raise _bad(f"{day} is not one of the {DAYS_AHEAD} days after {today}", "--forecast")
    if not 0 <= value <= HIGHEST_AQI:
        raise _bad(f"an AQI lies between 0 and {HIGHEST_AQI}: {part!r}", "--forecast")
    return ahead, value


def _forecast(text: str, today: date) -> list[int | None]:
    """Daily AQI from tomorrow on. DataError names the part that cannot be read."""
    read = [_day_aqi(part, today) for part in text.split(",")]
    days = dict(read)
    if len(days) < len(read):
        raise _bad("a day is given twice", "--forecast")
    return [days.get(ahead) for ahead in range(1, max(days) + 1)]


def _instant(text: str | None, field: str, default: datetime) -> datetime:
    if text is None:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _bad(f"not a date and time: {text!r}", field) from None
    if moment.year not in YEARS:
        raise _bad(f"not in the years {YEARS.start} to {YEARS.stop - 1}: {text!r}", field)
    return moment if moment.tzinfo else moment.replace(tzinfo=CITY_TZ)


def _clock(now: str | None) -> datetime:
    from lantian_web.events.queries import play_now

    return _instant(now, "--now", play_now())


@app.command()
def propose(
    forecast: Forecast,
    home: Home = Path("var/demo"),
    edition: Edition = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """What the trigger table proposes for a forecast. Nothing is changed.

    Example: lantian warn propose --forecast 2026-12-08=210,2026-12-09=225
    """
    open_home(home)

    from lantian import plan

    today = local_day(to_ms(_clock(now)))
    proposal = plan.propose(_forecast(forecast, today), today, edition)
    said = {
        "level": proposal.level.value,
        "first_day": _day(today, proposal.first_day_index),
        "last_day": _day(today, proposal.last_day_index),
        "edition": proposal.edition,
        "rows": [asdict(note) for note in proposal.rows],
    }
    if as_json:
        output.emit(said)
    else:
        output.show_table(
            "proposal", ["", ""], [[key, value] for key, value in said.items() if key != "rows"]
        )


def _day(today: date, index: int | None) -> str | None:
    return None if index is None else (today + timedelta(days=1 + index)).isoformat()


def _override(by: str | None, why: str | None) -> Override | None:
    from lantian_web.orders.commands import Override

    if (by is None) != (why is None):
        raise _bad("a ban is overridden by a named person with a reason", "--override-by, --override-reason")
    return Override(by, why) if by and why else None


def _level(now: datetime) -> Level:
    """The level that is announced or in force."""
    from lantian_web.orders.queries import current_warning

    current = current_warning(now)
    return Level(current.level) if current else Level.NONE


def _tell(decision: Decision, as_json: bool) -> None:
    said = {
        "id": decision.pk,
        "number": decision.number,
        "kind": decision.kind,
        "level": decision.level,
        "start": decision.start_at.astimezone(CITY_TZ).isoformat(),
        "orders": decision.orders.count(),
    }
    if as_json:
        output.emit(said)
    else:
        output.show_table("decision", ["", ""], said.items())


def _sign(
    kind: DecisionKind,
    level: Level | None,
    *,
    forecast: Forecast,
    signer: Signer,
    home: Home = Path("var/demo"),
    basis: Basis = Basis.RULE,
    reason: Reason = "",
    edition: Edition = None,
    start: Start = None,
    now: Now = None,
    drill: Drill = False,
    override_by: OverrideBy = None,
    override_reason: OverrideReason = None,
    as_json: Json = False,
) -> None:
    """Sign one step; its keywords are the options of every step, without a level it is the one in force."""
    open_home(home)

    from lantian_web.orders.commands import decide

    moment = _clock(now)
    today = local_day(to_ms(moment))
    decision = decide(
        kind,
        _level(moment) if level is None else level,
        basis,
        reason,
        _forecast(forecast, today),
        edition,
        signer,
        _instant(start, "--start", at(today, 24)),
        moment,
        drill=drill,
        counterfactual=edition is not None,
        override=_override(override_by, override_reason),
    )
    _tell(decision, as_json)


Step = Callable[..., None]


def _step(name: str, basis: Basis = Basis.RULE) -> Callable[[Step], Step]:
    """Register a step by its name: the parameters it has of its own, then the options that all steps share."""

    def register(step: Step) -> Step:
        own = [p for p in signature(step, eval_str=True).parameters.values() if p.kind is not p.VAR_KEYWORD]
        shared = [p for p in signature(_sign, eval_str=True).parameters.values() if p.kind is p.KEYWORD_ONLY]
        options = [p.replace(default=basis) if p.name == "basis" else p for p in shared]
        own = [p.replace(kind=p.KEYWORD_ONLY) for p in own]
        step.__signature__ = Signature([*own, *options])  # type: ignore[attr-defined]  # what typer reads
        return app.command(name)(step)

    return register


@_step("start")
def _start(level: Level, **options: Any) -> None:
    """Start a warning and issue one order to every listed plant.

    Example: lantian warn start orange --forecast 2026-12-08=210,2026-12-09=215,2026-12-10=230 --signer reh-p00001
    """
    _sign(DecisionKind.START, level, **options)


@_step("raise")
def _raise(level: Level, **options: Any) -> None:
    """Raise the warning; its orders are replaced by those of the higher level.

    Example: lantian warn raise red --basis superior_order --reason "province, order 4" --forecast ... --signer ...
    """
    _sign(DecisionKind.RAISE, level, **options)


@_step("lower")
def _lower(level: Level, **options: Any) -> None:
    """Lower the warning; its orders are replaced by those of the lower level.

    Example: lantian warn lower yellow --forecast 2026-12-12=160,2026-12-13=155 --signer reh-p00001
    """
    _sign(DecisionKind.LOWER, level, **options)


@_step("extend", Basis.CONSULTATION)
def _extend(**options: Any) -> None:
    """Extend the warning at its level; its orders stay in force.

    Example: lantian warn extend --forecast 2026-12-12=205 --reason "episode goes on" --signer reh-p00001
    """
    _sign(DecisionKind.EXTEND, None, **options)


@_step("lift")
def _lift(**options: Any) -> None:
    """Lift the warning and end its orders.

    Example: lantian warn lift --forecast 2026-12-16=80,2026-12-17=75 --signer reh-p00001
    """
    _sign(DecisionKind.LIFT, Level.NONE, **options)

"""`lantian warn`: what the rules propose for a forecast, and the signed steps of a warning.

The steps go through the same command as the console's and the demo's.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from lantian.errors import DataError
from lantian.periods import CITY_TZ, at, local_day, to_ms
from lantian.records import Basis, DecisionKind, Level
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["app"]

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


def _forecast(text: str, today: date) -> list[int | None]:
    """Daily AQI from tomorrow on. DataError names the part that cannot be read."""
    days: dict[date, int] = {}
    for part in text.split(","):
        day, _, aqi = part.strip().partition("=")
        try:
            days[date.fromisoformat(day)] = int(aqi)
        except ValueError:
            raise DataError(f"not day=AQI: {part!r}", source="command line", field="--forecast") from None
    if min(days) <= today:
        reason = f"{min(days)} is no day after {today}"
        raise DataError(reason, source="command line", field="--forecast")
    length = (max(days) - today).days
    return [days.get(today + timedelta(days=ahead)) for ahead in range(1, length + 1)]


def _instant(text: str | None, field: str, default: datetime) -> datetime:
    if text is None:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DataError(f"not a date and time: {text!r}", source="command line", field=field) from None
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


def _decide(kind: DecisionKind, level: Level | None, given: dict[str, Any]) -> None:
    open_home(given["home"])

    from lantian_web.orders.commands import Override, decide
    from lantian_web.orders.queries import current_warning

    now = _clock(given["now"])
    today = local_day(to_ms(now))
    if level is None:
        current = current_warning(now)
        level = Level(current.level) if current else Level.NONE
    by, why = given["override_by"], given["override_reason"]
    if (by is None) != (why is None):
        reason = "a ban is overridden by a named person with a reason"
        raise DataError(reason, source="command line", field="--override-by, --override-reason")
    decision = decide(
        kind,
        level,
        given["basis"],
        given["reason"],
        _forecast(given["forecast"], today),
        given["edition"],
        given["signer"],
        _instant(given["start"], "--start", at(today, 24)),
        now,
        drill=given["drill"],
        counterfactual=given["edition"] is not None,
        override=Override(by, why) if by and why else None,
    )
    said = {
        "id": decision.pk,
        "number": decision.number,
        "kind": decision.kind,
        "level": decision.level,
        "start": decision.start_at.isoformat(),
        "orders": decision.orders.count(),
    }
    if given["as_json"]:
        output.emit(said)
    else:
        output.show_table("decision", ["", ""], said.items())


@app.command()
def start(
    level: Level,
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
    """Start a warning and issue one order to every listed plant.

    Example: lantian warn start orange --forecast 2026-12-08=210,2026-12-09=215,2026-12-10=230 --signer reh-p00001
    """
    _decide(DecisionKind.START, level, locals())


@app.command(name="raise")
def raise_(
    level: Level,
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
    """Raise the warning; its orders are replaced by those of the higher level.

    Example: lantian warn raise red --basis superior_order --reason "province, order 4" --forecast ... --signer ...
    """
    _decide(DecisionKind.RAISE, level, locals())


@app.command()
def extend(
    forecast: Forecast,
    signer: Signer,
    home: Home = Path("var/demo"),
    basis: Basis = Basis.CONSULTATION,
    reason: Reason = "",
    edition: Edition = None,
    start: Start = None,
    now: Now = None,
    drill: Drill = False,
    override_by: OverrideBy = None,
    override_reason: OverrideReason = None,
    as_json: Json = False,
) -> None:
    """Extend the warning at its level; its orders stay in force.

    Example: lantian warn extend --forecast 2026-12-12=205 --reason "episode goes on" --signer reh-p00001
    """
    _decide(DecisionKind.EXTEND, None, locals())


@app.command()
def lift(
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
    """Lift the warning and end its orders.

    Example: lantian warn lift --forecast 2026-12-16=80,2026-12-17=75 --signer reh-p00001
    """
    _decide(DecisionKind.LIFT, Level.NONE, locals())

"""`lantian assess`: one indicator of one place over a period, against another period, a target, a ranking."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import fields
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantian_cli import output

if TYPE_CHECKING:
    from lantian.assess.dust import DustDays
    from lantian.assess.statistics import Stat
    from lantian.assess.targets import Target
    from lantian.observe.panel import DayPanel
    from lantian.periods import Period
    from lantian.records import Footnote

__all__ = ["assess"]


def _number(value: Fraction | Decimal | float | None, places: int = 3) -> float | None:
    """A plain JSON number, rounded once."""
    from lantian.units import round_half_even

    return None if value is None else float(round_half_even(value, places))


def _plain(value: Any) -> Any:
    return _number(value) if isinstance(value, Fraction | Decimal) else value


def _notes(notes: Iterable[Footnote]) -> list[dict[str, str]]:
    return [
        {"table": note.table, "key": note.key, "source": note.source, "confidence": note.confidence}
        for note in dict.fromkeys(notes)
    ]


def _span(period: Period) -> str:
    return f"{period.start_on}..{period.end_on}"


def _side(stat: Stat, prefix: str = "") -> dict[str, Any]:
    """One side: `mean` is the value before publication's rounding, whatever the indicator is made of."""
    return {
        prefix or "mean": _number(stat.exact),
        f"{prefix or 'mean'}_published": stat.value,
        f"{prefix and prefix + '_'}days_valid": stat.days_valid,
        f"{prefix and prefix + '_'}days_dropped": stat.days_dropped,
        f"{prefix and prefix + '_'}enough": stat.enough,
    }


def _target(text: str, area: str, name: str, period: Period, edition: str | None, dust: DustDays) -> Target:
    """`-3%` of the same days last year, or a value. DataError when it is neither."""
    from lantian.assess.targets import Indicator, Target
    from lantian.errors import DataError
    from lantian.periods import same_period_last_year
    from lantian.records import Footnote

    relative = text.endswith("%") and not name.endswith("ratio")
    try:
        number = Decimal(text.removesuffix("%").replace("−", "-"))
        indicator = Indicator(name)
    except InvalidOperation:
        raise DataError(f"{text!r} is neither a change (-3%) nor a value (39)", field="--target") from None
    except ValueError:
        raise DataError(f"no target can be set on {name}", field="--target") from None
    return Target(
        area=area,
        indicator=indicator,
        period=period,
        value=None if relative else number,
        unit="",
        change_percent=number if relative else None,
        change_days=None,
        base=None,
        base_period=same_period_last_year(period),
        edition=edition or "",
        dust_mode=dust.mode(name, period.end_on).value,
        paper="",
        footnote=Footnote("--target", text, "named on the command line", "proposed"),
    )


def _room(target: Target, panel: DayPanel, point: str, on: date, dust: DustDays) -> dict[str, Any]:
    """Where a target stands: every number that is known."""
    from lantian.assess.targets import room

    found = room(target, panel, on, point=point, excluded=dust.days.get(point, frozenset()))
    known = {each.name: getattr(found, each.name) for each in fields(found)}
    kept = {
        name: _plain(value)
        for name, value in known.items()
        if value is not None and name not in ("target", "on", "footnotes")
    }
    told = target.change_percent
    asked = f"{told}%" if told is not None else str(target.value)
    return {"target": asked, "on": on, **kept, "footnotes": _notes(found.footnotes)}


def _rank(
    panel: DayPanel,
    region: str,
    area: str,
    name: str,
    periods: tuple[Period, Period | None],
    edition: str | None,
    dust: DustDays,
) -> dict[str, Any]:
    """Place among the cities of a region, and its whole table."""
    from lantian.assess.membership import PROVINCE, membership, province_of
    from lantian.assess.ranking import ranking

    period, previous = periods
    if region == PROVINCE:
        region = province_of(area) or region
    members = membership(region, period.end_on)
    found = ranking(panel, members, period, name, previous=previous, edition=edition, dust=dust)
    rows = [
        {
            "point": row.point,
            "rank": row.rank,
            "tied": row.tied,
            "value": row.value,
            "mean": _number(row.exact),
            "days_valid": row.days_valid,
            "band": row.band,
            "was": row.was,
            "moved": row.moved,
            "because": row.because,
        }
        for row in found.rows
    ]
    own = next((row["rank"] for row in rows if row["point"] == area), None)
    return {
        "region": region,
        "name": members.name,
        "members": len(members.cities),
        "backwards": found.backwards,
        "edition": found.edition,
        "rank": own,
        "ranked": sum(row["rank"] is not None for row in rows),
        "rows": rows,
        "left_out": [list(each) for each in found.left_out],
        "notes": list(found.notes),
        "footnotes": _notes(found.footnotes),
    }


def _against(text: str | None) -> Period | str | None:
    from lantian_cli.air_days import period_of

    return period_of(text, "--against") if text and ".." in text else text


def _answer(
    panel: DayPanel,
    point: str,
    indicator: str,
    period: Period,
    against: Period | str | None,
    edition: str | None,
    dust: DustDays,
) -> dict[str, Any]:
    """The statistic, and with `against` its base and the change."""
    from lantian.assess.compare import compare
    from lantian.assess.indicator import measure, named
    from lantian.observe.state import state_on

    state = state_on(period.end_on)
    head = {"area": point, "indicator": named(indicator), "period": _span(period)}
    tail = {
        "state": {"gas": state.gas, "particle": state.particle},
        "dust_mode": dust.mode(named(indicator), period.end_on),
        "dust_days": dust.count(point, period.start_on, period.end_on),
    }
    if against is None:
        stat = measure(panel, point, indicator, period, edition=edition, dust=dust).stat
        said = {**_side(stat), "edition": stat.edition, **tail}
        return {**head, **said, "notes": [], "footnotes": _notes(stat.footnotes)}
    found = compare(panel, point, indicator, period, against, edition=edition, dust=dust)
    return {
        **head,
        "against": _span(found.against),
        **_side(found.now),
        **_side(found.base, "base"),
        "change_percent": None if found.change_percent is None else float(found.change_percent),
        "edition": found.edition,
        **tail,
        "notes": list(found.notes),
        "footnotes": _notes(found.footnotes),
    }


def _show(said: dict[str, Any]) -> None:
    """The answer for the eye; footnotes only where a rule is not verified."""
    nested = ("footnotes", "rank", "target", "read", "state", "notes")
    lines: list[tuple[str, object]] = [(key, value) for key, value in said.items() if key not in nested]
    lines += [("state of gases", said["state"]["gas"]), ("state of particles", said["state"]["particle"])]
    lines += [("note", str(note)) for note in said["notes"]]
    weak = [note for note in said["footnotes"] if note["confidence"] in ("unverified", "proposed")]
    lines += [(note["confidence"], f"{note['table']} {note['key']}: {note['source']}") for note in weak]
    output.show_table("assessment", ["", ""], lines)
    if target := said.get("target"):
        output.show_table("target", ["", ""], [(k, v) for k, v in target.items() if k != "footnotes"])
    if rank := said.get("rank"):
        title = f"{rank['name']} ({rank['edition']}{', list applied backwards' if rank['backwards'] else ''})"
        columns = ("rank", "point", "value", "days_valid", "band", "was", "moved", "because")
        output.show_table(title, columns, [[row[column] for column in columns] for row in rank["rows"]])


def assess(
    files: Annotated[list[Path], typer.Argument(help="CSV (also .gz), Excel or Parquet; days or hours.")],
    area: Annotated[str, typer.Option(help="City, station or code in the files.")],
    indicator: Annotated[
        str,
        typer.Option(
            help="pm25, pm10, so2, no2, co, o3 (as the composite index takes them), pm25_p95, o3_mean, "
            "good_days, heavy_days, good_ratio, valid_days or index."
        ),
    ],
    period: Annotated[str, typer.Option(help="First and last day, 2016-10-01..2017-01-31.")],
    against: Annotated[
        str | None, typer.Option(help="last-year, previous, or a period.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Change on last year (-3%) or a value (39).", show_default=False)
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Look at the period as it stood after that day."),
    ] = None,
    rank: Annotated[
        str | None, typer.Option(help="Rank among the cities of a set: fenwei, cities168, province.", show_default=False)
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Play one edition, 2012 or 2026, whatever the day.", show_default=False)
    ] = None,
    dust: Annotated[Path | None, typer.Option(help="List of dust days: CSV as table dust_days.")] = None,
    picture: Annotated[
        str | None, typer.Option(help="Draw a picture of this kind into --out.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File of the picture, .png or .svg.")] = None,
    column_map: Annotated[
        Path | None, typer.Option("--map", help="Column map (TOML) for files of no known form.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON on stdout.")] = False,
) -> None:
    """Mean, percentile, AQI days or index of a place: exact, with its valid and dropped days, edition and footnotes.

    Example: lantian assess cities.csv.gz --area 9901 --indicator pm25 --period 2016-10-01..2017-01-31 --json
    """
    from lantian.assess.compare import base_period
    from lantian.errors import DataError
    from lantian.periods import Period
    from lantian_cli.air_days import air_days, find_points, period_of, read_dust, reading
    from lantian_cli.air_files import load_air

    whole, days_of_dust = period_of(period), read_dust(dust)
    if bool(picture) != bool(out):
        raise DataError("--picture and --out go together", field="--picture")
    looked = (
        whole if on is None else Period(whole.start_on, min(max(on.date(), whole.start_on), whole.end_on))
    )
    compared = _against(against)
    air = load_air(files, column_map)
    panel = air_days(air, edition)
    points = find_points(air, panel, area)
    if len(points) > 1:
        raise DataError(f"several points: {', '.join(points)}", field=area)
    point = points[0]
    said = _answer(panel, point, indicator, looked, compared, edition, days_of_dust)
    name = said["indicator"]
    if target is not None:
        until = min(looked.end_on, panel.last) if on is None else on.date()
        asked = _target(target, point, name, whole, edition, days_of_dust)
        said["target"] = _room(
            asked, panel, point, max(until, whole.start_on - timedelta(days=1)), days_of_dust
        )
    if rank is not None:
        before = None if compared is None else base_period(looked, compared)
        said["rank"] = _rank(panel, rank, point, name, (looked, before), edition, days_of_dust)
    said["read"] = reading(air)
    if picture is not None and out is not None:
        options = {
            "--period": _span(whole),
            "--out": out,
            "--edition": edition,
            "--map": column_map,
            "--region": rank if picture == "ranking" else None,
        }
        said["picture"] = _draw(picture, files, said, options)
    if as_json:
        output.emit(said)
    else:
        _show(said)


def _draw(kind: str, files: list[Path], said: Mapping[str, Any], options: Mapping[str, object]) -> str:
    """The picture that `lantian picture` draws of the same files and place; what it says goes to stderr."""
    from lantian.assess.statistics import COUNTS
    from lantian_cli.main import load

    name = said["indicator"]
    own = {"--area": said["area"], **options}
    if name not in (*COUNTS, "index"):
        own["--item"] = name.rpartition("_")[0]
    if kind == "season_line":
        own["--cap"] = said.get("target", {}).get("cap")
    words = [kind, *map(str, files)]
    for option, value in own.items():
        words += [] if value is None else [option, str(value)]
    with redirect_stdout(sys.stderr):
        load("picture").main(args=words, standalone_mode=False)
    return str(options["--out"])

"""`lantian assess`: one indicator of one place over a period, against another period, a target, a ranking."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantian_cli import output
from lantian_cli.assess_answers import THREE_YEAR, Asked, answer_of, rank_of, span_text
from lantian_cli.assess_target import standing_of, target_of

if TYPE_CHECKING:
    from lantian.observe.air import Air
    from lantian.observe.panel import DayPanel
    from lantian.periods import Period

__all__ = ["assess"]

_LISTS = ("frozen_left_out", "dust_unknown")


def _compared(text: str | None, period: Period) -> Period | None:
    """What `--against` stands for."""
    from lantian.assess.compare import base_period
    from lantian.errors import DataError, PeriodError
    from lantian_cli.air_days import period_of

    if text is None:
        return None
    try:
        return base_period(period, period_of(text, "--against") if ".." in text else text)
    except PeriodError as error:
        raise DataError(str(error), field="--against") from None


def _name(indicator: str) -> str:
    """Full name of an indicator. DataError when there is none of that name."""
    from lantian.assess.aqi import AQI_ITEMS
    from lantian.assess.indicator import named
    from lantian.errors import DataError, StandardsError

    if indicator.removesuffix(THREE_YEAR) in set(AQI_ITEMS) and indicator.endswith(THREE_YEAR):
        return indicator
    try:
        return named(indicator)
    except StandardsError as error:
        raise DataError(str(error), field="--indicator") from None


def _refuse(name: str, without: list[str] | None, options: Mapping[str, object]) -> None:
    """DataError for options that cannot stand together."""
    from lantian.assess.statistics import COUNTS
    from lantian.errors import DataError

    given = [option for option, value in options.items() if value is not None]
    if bool(options["--picture"]) != bool(options["--out"]):
        raise DataError("--picture and --out go together", field="--picture")
    if name.endswith(THREE_YEAR) and given:
        raise DataError(f"{name} stands alone, without {', '.join(given)}", field="--indicator")
    if without and options["--target"] is not None and name in (*COUNTS, "index"):
        raise DataError(f"a target on {name} is judged by all six items; leave it out", field="--without")
    if without and options["--picture"] in ("calendar", "ranking"):
        raise DataError(f"the picture {options['--picture']} shows all six items", field="--without")


def _looked(whole: Period, on: date | None) -> Period:
    """The days of the period up to a day. DataError when it has not begun by then."""
    from lantian.errors import DataError
    from lantian.periods import Period

    if on is None:
        return whole
    if on < whole.start_on:
        raise DataError(
            f"{on} is before the period {span_text(whole)}: nothing of it had passed", field="--on"
        )
    return Period(whole.start_on, min(on, whole.end_on))


def _only(air: Air, panel: DayPanel, area: str) -> str:
    """The one row of the panel that is meant. DataError when several are."""
    from lantian.errors import DataError
    from lantian_cli.air_days import find_points

    points = find_points(air, panel, area)
    if len(points) > 1:
        raise DataError(f"{area!r} is several points: {', '.join(points)}", field="--area")
    return points[0]


def _show(said: dict[str, Any]) -> None:
    """The answer for the eye; footnotes only where a rule is not verified."""
    from lantian.assess.aqi import AQI_ITEMS
    from lantian_cli.air_days import told

    nested = ("footnotes", "rank", "target", "read", "state", "notes", "plan", *_LISTS)
    lines: list[tuple[str, object]] = [(key, value) for key, value in said.items() if key not in nested]
    lines += [("state of gases", said["state"]["gas"]), ("state of particles", said["state"]["particle"])]
    lines += [("note", str(note)) for note in said["notes"]]
    lines += [(name.replace("_", " "), ", ".join(said[name])) for name in _LISTS if said.get(name)]
    if len(said["plan"]) < len(AQI_ITEMS):
        lines.append(("plan", " ".join(said["plan"])))
    weak = [note for note in said["footnotes"] if note["confidence"] in ("unverified", "proposed")]
    lines += [(note["confidence"], f"{note['table']} {note['key']}: {note['source']}") for note in weak]
    output.show_table("assessment", ["", ""], lines)
    if target := said.get("target"):
        output.show_table("target", ["", ""], [(k, v) for k, v in target.items() if k != "footnotes"])
    if rank := said.get("rank"):
        title = f"{rank['name']} ({rank['edition']}{', list applied backwards' if rank['backwards'] else ''})"
        columns = ("rank", "point", "value", "days_valid", "band", "was", "moved", "because")
        output.show_table(title, columns, [[row[column] for column in columns] for row in rank["rows"]])
        for note in rank["notes"]:
            typer.echo(f"rank: {note}")
    for line in told(said["read"]):
        typer.echo(line)


def assess(
    files: Annotated[list[Path], typer.Argument(help="CSV (also .gz), Excel or Parquet; days or hours.")],
    area: Annotated[str, typer.Option(help="City, station or code in the files.")],
    indicator: Annotated[
        str,
        typer.Option(
            help="pm25, pm10, so2, no2, co, o3 (as the composite index takes them), pm25_p95, o3_mean, "
            "good_days, heavy_days, good_ratio, valid_days, index, or pm25_three_year (means of three whole years)."
        ),
    ],
    period: Annotated[str, typer.Option(help="First and last day, 2016-10-01..2017-01-31.")],
    against: Annotated[
        str | None, typer.Option(help="last-year, previous, or a period.", show_default=False)
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            help="Change on the same days last year (-3%) or a value (39; good_ratio also 85%).",
            show_default=False,
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(help="Look at the period as it stood after that day, 2026-05-15.", show_default=False),
    ] = None,
    rank: Annotated[
        str | None,
        typer.Option(help="Rank among the cities of a set: fenwei, cities168, province.", show_default=False),
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
    without: Annotated[
        list[str] | None,
        typer.Option(help="Item outside the monitoring plan; may be given again.", show_default=False),
    ] = None,
    co_unit: Annotated[
        str | None, typer.Option(help="Unit of CO in the files: mg/m3 or ug/m3.", show_default=False)
    ] = None,
    stamp: Annotated[
        str | None, typer.Option(help="What an hour's stamp names: its start or end.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON on stdout.")] = False,
) -> None:
    """Mean, percentile, AQI days or index of a place: exact, with its valid and dropped days, edition and footnotes.

    Example: lantian assess cities.csv.gz --area 9901 --indicator pm25 --period 2016-10-01..2017-01-31 --json
    """
    from lantian.assess.indicator import Caveat
    from lantian_cli.air_days import air_days, day_of, frozen_of, in_plan, period_of, read_dust, reading
    from lantian_cli.air_files import load_air

    whole, name, plan = period_of(period), _name(indicator), in_plan(without)
    options = {"--against": against, "--target": target, "--on": on, "--rank": rank, "--picture": picture}
    _refuse(name, without, {**options, "--out": out})
    seen = None if on is None else day_of(on, "--on")
    looked = _looked(whole, seen)
    compared = _compared(against, looked)
    air = load_air(files, column_map, co_unit, stamp)
    panel = air_days(air, edition)
    point = _only(air, panel, area)
    listed = read_dust(dust, air, panel)
    asked = Asked(panel, point, name, edition, listed.days, plan)
    said = answer_of(asked, looked, compared)
    if frozen := frozen_of(air, point):
        said["notes"].append(Caveat.FROZEN_LEFT_OUT)
    said |= {"frozen_left_out": list(frozen), "dust_unknown": list(listed.unknown)}
    if target is not None:
        until = min(looked.end_on, panel.last) if seen is None else seen
        wanted = target_of(target, point, name, whole, edition, listed.days)
        said["target"] = standing_of(wanted, panel, point, until, listed.days)
    if rank is not None:
        said["rank"] = rank_of(asked, rank, looked, compared)
    said["read"] = reading(air)
    if picture is not None and out is not None:
        drawn = {
            "--period": span_text(whole),
            "--out": out,
            "--edition": edition,
            "--map": column_map,
            "--co-unit": co_unit,
            "--stamp": stamp,
            "--region": rank if picture == "ranking" else None,
        }
        said["picture"] = _draw(picture, files, said, drawn)
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

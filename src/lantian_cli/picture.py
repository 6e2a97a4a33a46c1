"""`lantian picture`: one picture for a paper, from air files, without a home."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantian.errors import DataError
from lantian_cli import output

if TYPE_CHECKING:
    from lantian.observe.air import Air
    from lantian.observe.panel import DayPanel, HourPanel
    from lantian.periods import Period
    from lantian.records import ObservationKind

__all__ = ["DRAWN", "picture"]

_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is drawn: the files' data, the places (keys), item and days. `period` is None for all days there are."""

    air: Air
    areas: tuple[str, ...]
    kind: ObservationKind
    period: Period | None
    previous: Period | None
    region: str
    cap: float | None
    fold: bool
    edition: str | None

    def hours(self) -> HourPanel:
        """Hours of points and cities, with the points' weather. DataError with daily files."""
        import numpy as np

        from lantian.observe.panel import HourPanel
        from lantian_cli.air_days import air_hours

        own, found = self.air.hours(), air_hours(self.air, self.edition)
        lacking = np.full((len(found.points) - len(own.points), 24 * own.days), np.nan)
        weather = {
            kind: np.concatenate([array, lacking])
            for kind, array in own.values.items()
            if kind not in found.values
        }
        return HourPanel(found.points, found.first, {**found.values, **weather})

    def days(self) -> DayPanel:
        """Day values of points and cities."""
        from lantian_cli.air_days import air_days

        return air_days(self.air, self.edition)

    def points(self, panel: DayPanel | HourPanel) -> tuple[str, ...]:
        """Rows of the places asked for; all of the files' points when none was."""
        from lantian_cli.air_days import find_points

        found = [point for name in self.areas for point in find_points(self.air, panel, name)]
        return tuple(dict.fromkeys(found)) if self.areas else self.air.keys

    def point(self, panel: DayPanel | HourPanel) -> str:
        """The row of a picture of one place. DataError when several are meant."""
        points = self.points(panel)
        if len(points) != 1:
            some = ", ".join(points[:8]) + (" ..." if len(points) > 8 else "")
            raise DataError(f"this picture shows one place; name one of {some}", source=_LINE, field="--area")
        return points[0]

    def span(self, panel: DayPanel | HourPanel) -> Period:
        """The days asked for, or all."""
        from lantian.periods import Period

        return self.period or Period(panel.first, panel.first + timedelta(days=panel.days - 1))


def _blown(rose: Any) -> Any:
    if not rose.total:
        raise DataError("no hour with wind at this place in these days", source=rose.point)
    return rose


def _wind_rose(asked: Asked) -> object:
    from lantian.assess.roses import wind_rose

    hours = asked.hours()
    return _blown(wind_rose(hours, asked.point(hours), asked.period))


def _pollution_rose(asked: Asked) -> object:
    from lantian.assess.roses import pollution_rose

    hours = asked.hours()
    return _blown(pollution_rose(hours, asked.point(hours), asked.kind, asked.period))


def _profile(asked: Asked) -> object:
    from lantian.assess.patterns import week_profile

    hours = asked.hours()
    return week_profile(hours, asked.point(hours), asked.kind, asked.period)


def _heat_map(asked: Asked) -> object:
    from lantian.assess.patterns import heat_map

    hours = asked.hours()
    return heat_map(hours, asked.points(hours), asked.kind, asked.span(hours), asked.fold)


def _trend(asked: Asked) -> object:
    from lantian.assess.trend import trend

    days = asked.days()
    return trend(days, asked.point(days), asked.kind, asked.period)


def _calendar(asked: Asked) -> object:
    from lantian.assess.patterns import calendar

    days = asked.days()
    return calendar(days, asked.point(days), asked.span(days), asked.edition)


def _season_line(asked: Asked) -> object:
    from lantian.assess.patterns import season_line

    days = asked.days()
    span = asked.span(days)
    on = min(span.end_on, days.last)
    return season_line(days, asked.point(days), asked.kind, span, on, cap=asked.cap)


def _ranking(asked: Asked) -> object:
    from lantian.assess import membership, ranking
    from lantian.periods import same_period_last_year

    days = asked.days()
    span = asked.span(days)
    members = membership(asked.region, span.end_on) if asked.region else asked.air.keys
    before = asked.previous or same_period_last_year(span)
    return ranking(days, members, span, asked.kind.value, previous=before, edition=asked.edition)


DRAWN: Mapping[str, Callable[[Asked], object]] = {
    "calendar": _calendar,
    "heat_map": _heat_map,
    "pollution_rose": _pollution_rose,
    "profile": _profile,
    "ranking": _ranking,
    "season_line": _season_line,
    "trend": _trend,
    "wind_rose": _wind_rose,
}


def picture(
    kind: Annotated[str, typer.Argument(help=f"Which picture: {', '.join(DRAWN)}.")],
    files: Annotated[list[Path], typer.Argument(help="Air files, hourly or daily, in any known form.")],
    out: Annotated[Path, typer.Option(help="File to write: .png or .svg.")],
    area: Annotated[
        list[str] | None, typer.Option(help="Place in the files; may be given again. All unless given.")
    ] = None,
    item: Annotated[str, typer.Option(help="pm25, pm10, so2, no2, co or o3.")] = "pm25",
    period: Annotated[str, typer.Option(help="Days A..B, both included; all days unless given.")] = "",
    previous: Annotated[
        str, typer.Option(help="Ranking: the days to compare with; a year before unless given.")
    ] = "",
    region: Annotated[str, typer.Option(help="Ranking: a set of cities of the table regions.")] = "",
    cap: Annotated[
        float | None, typer.Option(help="Season line: the mean the whole period may reach.")
    ] = None,
    fold: Annotated[bool, typer.Option("--fold", help="Heat map: means by hour of the day.")] = False,
    edition: Annotated[str, typer.Option(help="AQI edition; each day's own unless given.")] = "",
    map_path: Annotated[
        Path | None, typer.Option("--map", help="Column map (TOML) of files in another form.")
    ] = None,
    co_unit: Annotated[
        str | None, typer.Option(help="Unit of CO in the files: mg/m3 or ug/m3.", show_default=False)
    ] = None,
    stamp: Annotated[
        str | None, typer.Option(help="What an hour's stamp names: its start or end.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the picture's data as JSON.")] = False,
) -> None:
    """Draw one picture for a paper; its words are Chinese. The same files give the same bytes.

    Example: lantian picture wind_rose hours.parquet --area Dongsi --period 2016-01-01..2016-12-31 --out rose.svg
    """
    draw_as = out.suffix.lower().removeprefix(".")
    if draw_as not in ("png", "svg"):
        raise DataError(f"{out}: a picture ends in .png or .svg", source=_LINE, field="--out")
    if kind not in DRAWN:
        raise DataError(
            f"there is no picture {kind!r}; one of {', '.join(DRAWN)}", source=_LINE, field="KIND"
        )
    from lantian_cli.air_days import period_of
    from lantian_cli.air_files import load_air

    asked = Asked(
        air=load_air(files, map_path, co_unit, stamp),
        areas=tuple(area or ()),
        kind=_item(item),
        period=period_of(period) if period else None,
        previous=period_of(previous, "--previous") if previous else None,
        region=region,
        cap=cap,
        fold=fold,
        edition=edition or None,
    )
    record = DRAWN[kind](asked)
    data = _drawn(kind, record, draw_as, asked)
    out.write_bytes(data)
    if as_json:
        output.emit({"kind": kind, "out": str(out), "data": plain(record)})
    else:
        typer.echo(f"{out}  {len(data)} bytes")


def _item(name: str) -> ObservationKind:
    from lantian.assess import AQI_ITEMS

    found = [kind for kind in AQI_ITEMS if kind.value == name]
    if not found:
        raise DataError(f"no such item: {name}", source=_LINE, field="--item")
    return found[0]


def _drawn(kind: str, record: object, draw_as: str, asked: Asked) -> bytes:
    """The picture in Chinese. Settings want a home; a picture needs none, so it gets an empty one that is gone after."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.setdefault("LANTIAN_HOME", home)
        os.environ.setdefault("MPLBACKEND", "agg")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian_web.settings")
        import django

        django.setup()
        from django.utils import translation

        from lantian_web.assessments import figures

        with translation.override("zh-hans"):
            points = asked.air.points
            own = {p.key for p in points if {p.key, p.name, p.code} & set(asked.areas)}
            names = {p.key: p.name for p in points}
            return figures.draw(kind, record, draw_as, names=names, own=own)


def plain(value: Any) -> Any:
    """A record of a picture as JSON values: NaN is null, arrays are lists."""
    import numpy as np

    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return None if value != value else value
    if isinstance(value, np.generic):
        return plain(value.item())
    from fractions import Fraction

    return float(value) if isinstance(value, Fraction) else value

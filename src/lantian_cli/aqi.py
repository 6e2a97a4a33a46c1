"""`lantian aqi`: the AQI of every day or hour of some files."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lantian_cli import output

if TYPE_CHECKING:
    from lantian.observe.air import Air

__all__ = ["aqi"]

_SHOWN = 40  # more rows than these are summed up by point
_WITHOUT_MEANS = "hours lack the 24 h mean of PM10 or PM2.5 (too few hours before them): their AQI is that of the other items"


@dataclass(frozen=True, slots=True)
class _Answer:
    """Rows of one report, made when they are asked for."""

    report: str
    edition: str
    plan: tuple[str, ...]
    notes: tuple[str, ...]
    read: Mapping[str, object]
    rows: Iterator[Mapping[str, Any]]

    @property
    def head(self) -> dict[str, object]:
        """All but the rows."""
        return {
            "report": self.report,
            "edition": self.edition,
            "plan": self.plan,
            "notes": self.notes,
            "read": self.read,
        }


def _answer(air: Air, edition: str | None, hourly: bool, point: str, without: list[str] | None) -> _Answer:
    from lantian.assess.engine import daily_aqi_panel, hourly_aqi_panel, without_means
    from lantian_cli.air_days import air_days, air_hours, find_points, in_plan, reading

    plan = in_plan(without)
    items = tuple(item.value for item in plan)
    names = {each.key: each.name for each in air.points}
    if hourly:
        hours = air_hours(air, edition)
        if point:
            hours = hours.select(find_points(air, hours, point))
        found = hourly_aqi_panel(hours, edition, plan)
        lacking = without_means(found, hours.first, edition)
        notes = (f"{lacking} {_WITHOUT_MEANS}",) if lacking else ()
        rows = _rows(hours.points, names, hours.first, found, edition, 24)
        return _Answer("hourly", found.edition, items, notes, reading(air), rows)
    panel = air_days(air, edition)
    if point:
        panel = panel.select(find_points(air, panel, point))
    found = daily_aqi_panel(panel, edition, plan)
    rows = _rows(panel.points, names, panel.first, found, edition, 1)
    return _Answer("daily", found.edition, items, (), reading(air), rows)


def _rows(
    points: tuple[str, ...],
    names: Mapping[str, str],
    first: date,
    found: Any,
    edition: str | None,
    per_day: int,
) -> Iterator[Mapping[str, Any]]:
    """One row per point and day (or hour) that has any index; steps without data are left out."""
    from lantian.assess.aqi import AQI_ITEMS
    from lantian.assess.engine import edition_runs, primary_of

    columns = found.aqi.shape[1]
    editions = [
        of for run, of in edition_runs(first, columns // per_day, edition) for _ in range(run.days * per_day)
    ]
    for row, point in enumerate(points):
        index = found.iaqi[row].tolist()
        for step in range(columns):
            single = {item.value: n for item, n in zip(AQI_ITEMS, index[step], strict=True) if n >= 0}
            if not single:
                continue
            known = bool(found.level[row, step])
            when = {"date": first + timedelta(days=step // per_day)}
            if per_day > 1:
                when["hour"] = step % per_day  # type: ignore[assignment]  # the hour that begins then
            yield {
                "point": point,
                "name": names.get(point, point),
                **when,
                "aqi": int(found.aqi[row, step]) if known else None,
                "level": int(found.level[row, step]) if known else None,
                "primary": [item.value for item in primary_of(int(found.primary[row, step]))],
                "iaqi": single,
                "missing": [item.value for item in primary_of(int(found.missing[row, step]))],
                "edition": editions[step],
            }


def _write(path: Path, rows: Iterator[Mapping[str, Any]]) -> int:
    """The rows as CSV; the individual indices become columns. How many rows."""
    from lantian.assess.aqi import AQI_ITEMS

    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer: Any = None
        for row in rows:
            flat = {key: value for key, value in row.items() if key != "iaqi"}
            flat |= {name: " ".join(row[name]) for name in ("primary", "missing")}
            flat |= {f"iaqi_{item}": row["iaqi"].get(item.value) for item in AQI_ITEMS}
            if writer is None:
                writer = csv.DictWriter(file, list(flat))
                writer.writeheader()
            writer.writerow(flat)
            count += 1
    return count


def _emit(answer: _Answer) -> None:
    """One JSON document, one row a line: a city's years are many rows."""
    head = json.dumps(answer.head, ensure_ascii=False)
    sys.stdout.write(head[:-1] + ', "rows": [')
    for count, row in enumerate(answer.rows):
        sys.stdout.write(("," if count else "") + "\n" + json.dumps(row, ensure_ascii=False, default=str))
    sys.stdout.write("\n]}\n")


def _summary(rows: list[Mapping[str, Any]]) -> Iterator[tuple[object, ...]]:
    """Per point: rows, rows with an AQI, days at most 100, above 200, and the greatest with its day."""
    from lantian.assess.aqi import aqi_rule

    by_point: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_point.setdefault(row["point"], []).append(row)
    for point, mine in by_point.items():
        known = [row for row in mine if row["aqi"] is not None]
        good = sum(row["aqi"] <= aqi_rule("good_up_to", row["edition"]) for row in known)
        heavy = sum(row["aqi"] > aqi_rule("heavy_above", row["edition"]) for row in known)
        most = max(known, key=lambda row: row["aqi"], default=None)
        greatest = "" if most is None else f"{most['aqi']} on {most['date']}"
        yield point, len(mine), len(known), good, heavy, greatest


def _show(answer: _Answer) -> None:
    _show_rows(answer, list(answer.rows))
    _tell(answer)


def _tell(answer: _Answer) -> None:
    """Notes, assumptions and frozen points, a line each."""
    from lantian_cli.air_days import told

    for line in (*answer.notes, *told(answer.read)):
        typer.echo(line)


def _show_rows(answer: _Answer, rows: list[Mapping[str, Any]]) -> None:
    title = f"AQI, {answer.report} report, edition {answer.edition}"
    if len(rows) > _SHOWN:
        columns = ("point", "rows", "with AQI", "good", "heavy", "greatest")
        output.show_table(f"{title} (--out or --json gives every row)", columns, _summary(rows))
        return
    lines = [
        (
            row["name"],
            f"{row['date']} {row['hour']:02d}:00" if "hour" in row else row["date"],
            "NA" if row["aqi"] is None else row["aqi"],
            row["level"],
            " ".join(row["primary"]),
            " ".join(row["missing"]),
        )
        for row in rows
    ]
    output.show_table(title, ("point", "when", "AQI", "class", "primary", "missing"), lines)


def aqi(
    files: Annotated[list[Path], typer.Argument(help="CSV (also .gz), Excel or Parquet.")],
    edition: Annotated[
        str | None, typer.Option(help="Play one edition, 2012 or 2026, whatever the day.", show_default=False)
    ] = None,
    hourly: Annotated[bool, typer.Option("--hourly", help="AQI of each hour instead of each day.")] = False,
    column_map: Annotated[
        Path | None, typer.Option("--map", help="Column map (TOML) for files of no known form.")
    ] = None,
    point: Annotated[str, typer.Option(help="Only this station, code or city.")] = "",
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
    out: Annotated[Path | None, typer.Option(help="Write the rows to this CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON on stdout.")] = False,
) -> None:
    """AQI, class and primary pollutants by HJ 633, each day by its own edition unless one is named.

    Example: lantian aqi cities.csv.gz --edition 2026 --json
    """
    from lantian_cli.air_files import load_air

    answer = _answer(load_air(files, column_map, co_unit, stamp), edition, hourly, point, without)
    if out is not None:
        count = _write(out, answer.rows)
        said = {"report": answer.report, "edition": answer.edition, "rows": count, "out": str(out)}
        if as_json:
            output.emit({**answer.head, **said})
        else:
            output.show_table("written", ["", ""], said.items())
            _tell(answer)
    elif as_json:
        _emit(answer)
    else:
        _show(answer)

"""The air of the day and the season to date."""

from __future__ import annotations

from decimal import Decimal

from lantian import periods
from lantian.assess.compare import change_percent
from lantian.assess.targets.room import remaining_mean
from lantian.records import Assessment, SubjectKind
from lantian.report.inputs import DayInputs, Reading
from lantian.report.notes import Notes
from lantian.report.sheet import Column, Figure, Link, Message, Picture, Section, Table, listed, message
from lantian.units import round_half_even, to_decimal

__all__ = ["ITEMS", "SEASON", "air", "season"]

ITEMS = ("pm25", "pm10", "so2", "no2", "co", "o3")
AQI = "aqi"
SEASON = "pm25_season"
_DAY = "_day"


def air(inputs: DayInputs, notes: Notes) -> Section:
    """The city's AQI in a sentence, the six items, the stations."""
    of_day = [reading for reading in inputs.readings if reading.of.start_on == reading.of.end_on == inputs.on]
    city = [reading for reading in of_day if reading.of.subject.kind is SubjectKind.AREA]
    stations = [reading for reading in of_day if reading.of.subject.kind is SubjectKind.STATION]
    return Section(
        "air",
        message("section.air"),
        (_aqi_line(_of(city, AQI), inputs, notes),),
        (_items(city, notes), _stations(stations, notes)),
    )


def _of(readings: list[Reading], indicator: str) -> Reading | None:
    return next((reading for reading in readings if _item(reading) == indicator), None)


def _item(reading: Reading) -> str:
    """`pm25` of the indicator `pm25_day`."""
    return reading.of.indicator.removesuffix(_DAY)


def _aqi_line(reading: Reading | None, inputs: DayInputs, notes: Notes) -> Message:
    if reading is None or reading.of.value is None:
        return message("air.no_aqi", day=inputs.on)
    return message(
        "air.aqi",
        place=reading.name,
        day=inputs.on,
        aqi=_figure(reading, notes),
        grade=message(f"aqi_level.{reading.level}"),
        primary=_primary(reading),
    )


def _primary(reading: Reading) -> Message:
    if not reading.of.primary:
        return message("air.no_primary")
    return listed(message(f"item.{item}") for item in reading.of.primary)


def _figure(reading: Reading, notes: Notes, unit: str = "") -> Figure:
    return Figure(
        _printed(reading.of.value),
        unit,
        Link("assessment", reading.id),
        notes.assessment(reading.of, _subject(reading)),
    )


def _subject(reading: Reading) -> str | Message:
    """Stations share a note where they have the same days and rows."""
    return message("note.each_station") if reading.of.subject.kind is SubjectKind.STATION else reading.name


def _printed(value: Decimal | None) -> Decimal | None:
    """A stored value as it was rounded for print: the registry's column pads it with noughts."""
    if value is None:
        return None
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short


def _items(city: list[Reading], notes: Notes) -> Table:
    found = [(item, reading) for item in ITEMS if (reading := _of(city, item))]
    columns = (
        Column(message("column.item"), number=False, weight=14),
        Column(message("column.day_value")),
        Column(message("column.unit"), number=False),
        Column(message("column.days_valid")),
        Column(message("column.days_dropped")),
    )
    rows = tuple(
        (
            Figure(message(f"item.{item}")),
            _figure(reading, notes),
            Figure(message(f"unit.{reading.of.unit}")),
            Figure(reading.of.days_valid),
            Figure(reading.of.days_dropped),
        )
        for item, reading in found
    )
    return Table("items", message("table.items"), columns, rows, message("empty.items"))


def _stations(stations: list[Reading], notes: Notes) -> Table:
    by_name: dict[str, dict[str, Reading]] = {}
    for reading in stations:
        by_name.setdefault(reading.name, {})[_item(reading)] = reading
    shown = [item for item in (AQI, *ITEMS) if any(item in of for of in by_name.values())]
    columns = (
        Column(message("column.station"), number=False, weight=16),
        *(Column(message(f"column.{item}")) for item in shown),
    )
    rows = tuple(
        (Figure(name), *(_figure(of[item], notes) if item in of else Figure(None) for item in shown))
        for name, of in sorted(by_name.items())
    )
    return Table("stations", message("table.stations"), columns, rows, message("empty.stations"))


def season(inputs: DayInputs, notes: Notes) -> Section:
    """PM2.5 of the season so far against the same days of last year and the target, if one is in force."""
    found = [reading for reading in inputs.readings if reading.of.indicator == SEASON]
    reading = max(found, key=lambda reading: reading.of.end_on, default=None)
    if reading is None:
        return Section("season", message("section.season"), (message("season.none"),))
    lines = (_mean(reading, notes), _against_base(reading, notes), _against_target(reading, notes))
    return Section("season", message("section.season"), lines, (), _picture(reading, inputs))


def _picture(reading: Reading, inputs: DayInputs) -> tuple[Picture, ...]:
    """The season's line; none without a day of this season."""
    whole, of = periods.season(inputs.on), reading.of
    done = [value for day, value in inputs.season_days if day in whole]
    if not done:
        return ()
    left = whole.days - len(done)
    allowed = (
        remaining_mean(of.target, whole.days, done, len(done)) if of.target is not None and left else None
    )
    return (
        Picture(
            "season_line",
            reading.name,
            whole.start_on,
            whole.end_on,
            inputs.on,
            inputs.season_days,
            _printed(of.target),
            None if allowed is None else round_half_even(allowed, 1),
            message("picture.season_line", place=reading.name, start=whole.start_on, end=inputs.on),
        ),
    )


def _mean(reading: Reading, notes: Notes) -> Message:
    days = {"start": reading.of.start_on, "end": reading.of.end_on}
    if reading.of.value is None:
        return message("season.no_mean", **days)
    return message(
        "season.mean",
        **days,
        place=reading.name,
        mean=_figure(reading, notes, reading.of.unit),
        valid=reading.of.days_valid,
        dropped=reading.of.days_dropped,
    )


def _linked(value: Decimal | None, reading: Reading, notes: Notes, unit: str) -> Figure:
    return Figure(value, unit, Link("assessment", reading.id), notes.assessment(reading.of, reading.name)[:1])


def _against_base(reading: Reading, notes: Notes) -> Message:
    of = reading.of
    if of.base is None or of.value is None or not of.base:
        return message("season.no_base")
    base = _linked(_printed(of.base), reading, notes, of.unit)
    now, then = of.value, of.base
    if of.raw is not None and of.base_raw is not None:  # rounded once, at the end
        now, then = to_decimal(of.raw), to_decimal(of.base_raw)
    change = change_percent(now, then, of.end_on)
    if not change:
        return message("season.as_last_year", base=base)
    way = "season.rose" if change > 0 else "season.fell"
    return message(way, base=base, change=_linked(abs(change), reading, notes, "%"))


def _against_target(reading: Reading, notes: Notes) -> Message:
    of: Assessment = reading.of
    if of.target is None:
        return message("season.no_target")
    target = _linked(_printed(of.target), reading, notes, of.unit)
    if of.value is None:
        return message("season.target", target=target)
    gap = of.value - of.target
    way = "season.over_target" if gap > 0 else "season.within_target"
    return message(way, target=target, gap=_linked(_printed(abs(gap)), reading, notes, of.unit))

"""大气污染防治日调度单: one local day of a city or county, finished."""

from __future__ import annotations

from lantian.inventory import AreaKind
from lantian.records import Light
from lantian.report.air import air, season
from lantian.report.cases import closings, confirmed, findings, tasks
from lantian.report.inputs import DayInputs, Place
from lantian.report.light import WORST_FIRST, worst_light
from lantian.report.notes import Notes
from lantian.report.pool import Pool, pools
from lantian.report.response import answer_columns, answers, orders, warning
from lantian.report.sheet import Column, Figure, Message, Section, Sheet, Table, listed, message

__all__ = ["KIND", "day_sheet"]

KIND = "day_sheet"
_TOLD = (Light.RED, Light.AMBER, Light.BLIND)


def day_sheet(inputs: DayInputs) -> Sheet:
    """The finished sheet. Rows sorted, every count linked to the rows it counts, every source footnoted."""
    by_kind = pools(inputs)
    notes = Notes()
    sections = (
        air(inputs, notes),
        season(inputs, notes),
        warning(inputs, notes),
        orders(inputs, by_kind["order"], notes),
        findings(inputs, by_kind["finding"], notes),
        tasks(inputs, by_kind["task"], notes),
        _areas(inputs, by_kind, notes),
        confirmed(inputs, notes),
        closings(inputs, by_kind["task"], notes),
    )
    return Sheet(
        KIND,
        inputs.on,
        inputs.place.id,
        inputs.as_of,
        message("title.day_sheet"),
        _marks(inputs),
        (
            message("head.place", place=inputs.place.name, day=inputs.on),
            message("head.as_of", at=inputs.as_of),
        ),
        sections,
        notes.all(),
    )


def _marks(inputs: DayInputs) -> tuple[Message, ...]:
    """What is not real on this paper, one sentence each."""
    marks = []
    if inputs.drill:
        marks.append(message("mark.drill"))
    if inputs.replay is not None:
        marks.append(
            message(
                "mark.replay", city=inputs.replay.city, start=inputs.replay.from_on, end=inputs.replay.to_on
            )
        )
    if inputs.rehearsal:
        marks.append(message("mark.rehearsal_rest" if inputs.replay else "mark.rehearsal"))
    editions = set(inputs.counterfactual)
    editions |= {reading.of.edition for reading in inputs.readings if reading.counterfactual}
    if inputs.warning is not None:
        editions |= {decision.edition for decision in inputs.warning.decisions if decision.counterfactual}
    if editions:
        marks.append(message("mark.counterfactual", editions=listed(sorted(editions))))
    return tuple(marks)


def _areas(inputs: DayInputs, by_kind: dict[str, Pool], notes: Notes) -> Section:
    rule = notes.add("note.light")
    counties = [area for area in inputs.areas if area.kind is not AreaKind.CITY]
    counties.sort(key=lambda area: _worst_first(area, by_kind["plant"]))
    columns = (
        Column(message("column.area"), number=False, weight=16),
        Column(message("column.orders")),
        *answer_columns(inputs.office),
        Column(message("column.overdue")),
        *(Column(message(f"column.{light}")) for light in _TOLD),
        Column(message("column.light"), number=False, weight=13),
    )
    rows = [(Figure(area.name), *_area_counts(by_kind, inputs.office, area=area.id)) for area in counties]
    if len(rows) > 1:
        rows.append((Figure(message("total")), *_area_counts(by_kind, inputs.office)))
    caption = message("table.areas", note=Figure("", notes=(rule,)))
    table = Table("areas", caption, columns, tuple(rows), message("empty.areas"), total=len(rows) > 1)
    return Section("areas", message("section.areas"), (), (table,))


def _worst_first(area: Place, plants: Pool) -> tuple[int | str, ...]:
    """By light, then by how many plants have it, as the console sorts."""
    return (
        WORST_FIRST.index(_light(plants, area=area.id)),
        -plants.count(area=area.id, light=Light.RED),
        area.id,
    )


def _light(plants: Pool, **where: str) -> Light:
    return worst_light(light for light in Light if plants.count(light=light, **where))


def _area_counts(by_kind: dict[str, Pool], office: bool, **where: str) -> tuple[Figure, ...]:
    order, plants = by_kind["order"], by_kind["plant"]
    light = _light(plants, **where)
    return (
        order.figure(**where),
        *answers(order, office, **where),
        by_kind["task"].figure(overdue="yes", **where),
        *(plants.figure(light=of, **where) for of in _TOLD),
        Figure(message(f"light.{light}"), light=light),
    )

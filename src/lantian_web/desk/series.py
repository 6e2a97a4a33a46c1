"""Quarter-hour power of one plant around its orders, with what is shaded, crossed, missing and concluded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from lantian.inventory import MeterKind
from lantian.periods import day_bounds_ms, from_ms, to_ms
from lantian.records import FindingKind, FindingState, Outcome
from lantian_store.lake import Lake
from lantian_web.desk import conclusions, wording
from lantian_web.desk.story import Case
from lantian_web.findings.models import Finding
from lantian_web.inventory.models import Meter

__all__ = ["Band", "Source", "chart", "drawing", "sources", "sparks"]

SLOT_MS = 900_000
BEFORE = timedelta(hours=8)
LONGEST = timedelta(days=14)
Span = tuple[int, int]
RUN_STATES = {
    FindingState.CONFIRMED.value: Outcome.NOT_COMPLIED.value,
    FindingState.PROPOSED.value: conclusions.PENDING,
}


@dataclass(frozen=True, slots=True)
class Band:
    """One stretch of the verdict strip."""

    start_ms: int
    end_ms: int
    state: str

    def plain(self) -> list[Any]:
        word = {"grace": wording.label("grace", "band"), "unjudged": wording.label("unjudged", "band")}
        return [
            self.start_ms,
            self.end_ms,
            self.state,
            word.get(self.state) or wording.label(self.state, "outcome"),
        ]


def window(case: Case, now: datetime) -> Span:
    """From eight hours before the first order to its end, or to now; whole slots."""
    start = min(order.start_at for order in case.orders) - BEFORE
    ends = [order.end_at or now for order in case.orders]
    end = min(now, max(max(ends) + BEFORE / 4, start + 2 * BEFORE), start + LONGEST)
    return to_ms(start) // SLOT_MS * SLOT_MS, to_ms(end) // SLOT_MS * SLOT_MS


def read(points: Sequence[str], span: Span) -> dict[str, list[float | None]]:
    """Values per point over every slot of the span; None where there is no valid value."""
    n = max(0, (span[1] - span[0]) // SLOT_MS)
    grid: dict[str, list[float | None]] = {point: [None] * n for point in points}
    if not points or not n:
        return grid
    table = Lake(settings.LANTIAN_HOME).read("power", points=list(points), start_ms=span[0], end_ms=span[1])
    columns = (table[name].to_pylist() for name in ("point", "start", "value"))
    for point, start, value in zip(*columns, strict=True):
        slot = (start - span[0]) // SLOT_MS
        if point in grid and 0 <= slot < n and value is not None and value == value:
            grid[point][slot] = round(value, 1)
    return grid


def total(rows: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Sum over meters; missing as soon as one of them is missing, since a part is not the whole."""
    if not rows:
        return []
    return [
        None if any(v is None for v in slot) else round(sum(v or 0 for v in slot), 1)
        for slot in zip(*rows, strict=True)
    ]


def missing(values: Sequence[float | None], start_ms: int) -> list[Span]:
    """Stretches without a value."""
    found: list[Span] = []
    for slot, value in enumerate(values):
        if value is not None:
            continue
        begin = start_ms + slot * SLOT_MS
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], begin + SLOT_MS)
        else:
            found.append((begin, begin + SLOT_MS))
    return found


def chart(case: Case, line_id: str, now: datetime) -> dict[str, Any]:
    """All the case page's chart draws; `line_id` empty means the plant's sum."""
    span = window(case, now)
    chosen = [m for m in case.meters if not line_id or m.line_id == line_id]
    values = read([m.id for m in chosen], span)
    sides = {kind: total([values[m.id] for m in chosen if m.kind == kind]) for kind in MeterKind}
    gaps = missing(sides[MeterKind.PRODUCTION], span[0])
    production = [m for m in chosen if m.kind == MeterKind.PRODUCTION]
    findings = [f for f in case.beside if not line_id or f.subject_id in (line_id, case.plant_id)]
    return {
        "start": span[0],
        "end": span[1],
        "step": SLOT_MS,
        "shift": _shift(span[0]),
        "production": sides[MeterKind.PRODUCTION],
        "treatment": sides[MeterKind.TREATMENT],
        "rated": round(sum(m.rated_kw for m in production), 1),
        "idle": round(sum(m.idle_kw for m in production), 1),
        "threshold": threshold(case, findings, bool(line_id)),
        "orders": [
            [
                to_ms(o.start_at),
                to_ms(o.start_at) + o.grace_s * 1000,
                to_ms(o.end_at or now),
                wording.label(o.level, "level"),
            ]
            for o in case.orders
        ],
        "runs": [run for f in findings if f.unit == "kW" and f.state in RUN_STATES for run in f.runs],
        "missing": gaps,
        "bands": [band.plain() for band in bands(case, findings, gaps, span)],
    }


def _shift(ms: int) -> int:
    """Milliseconds from UTC to local time: a chart shows the city's clock wherever its reader sits."""
    offset = from_ms(ms).utcoffset()
    return int(offset.total_seconds() * 1000) if offset else 0


def threshold(case: Case, findings: Sequence[Finding], one_line: bool) -> dict[str, Any] | None:
    """The line it was measured against, in kW; a day's energy cap as the mean power it allows."""
    if one_line:
        known = next((f.threshold for f in findings if f.unit == "kW"), None)
        if known is None and len(case.lines) == 1:
            known = next((d.threshold for d in case.days if d.unit == "kW" and d.threshold), None)
        return {"value": round(known, 1), "kind": "slot"} if known is not None else None
    caps = [
        (d.threshold, d.slots_judged) for d in case.days if d.unit == "kWh" and d.threshold and d.slots_judged
    ]
    meters = sum(1 for m in case.meters if m.kind == MeterKind.PRODUCTION)
    if not caps or not meters:
        return None
    cap, slots = caps[-1][0], caps[-1][1] / meters  # slots are counted meter by meter
    return {"value": round(cap / (slots * SLOT_MS / 3_600_000), 1), "kind": "day", "cap": round(cap, 1)}


def bands(case: Case, findings: Sequence[Finding], gaps: Sequence[Span], span: Span) -> list[Band]:
    """The strip under the curve: grace, then each order day by its conclusion, slots by their own."""
    made: list[Band] = []
    for order in case.orders:
        start = to_ms(order.start_at)
        made.append(Band(start, start + order.grace_s * 1000, "grace"))
    for row in case.days:
        low, high = day_bounds_ms(row.on)
        own = case.order_of(row.order_id)
        if own is None:
            continue
        low = max(low, to_ms(own.start_at) + own.grace_s * 1000)
        high = min(high, to_ms(own.end_at) if own.end_at else high, span[1])
        made += _day(case, row.order_id, row.kind, case.shown[row.pk], (low, high), findings, gaps)
    return [band for band in made if band.end_ms > band.start_ms]


def _day(
    case: Case,
    order_id: str,
    kind: str,
    shown: str,
    span: Span,
    findings: Sequence[Finding],
    gaps: Sequence[Span],
) -> Iterable[Band]:
    """A day of a limit is one band; a day of a stop is told slot by slot: run before gap before order."""
    own = [f for f in case.beside if f.order_id == order_id and span[0] <= f.first_ms < span[1]]
    open_day = shown in (Outcome.NOT_COMPLIED, conclusions.PENDING)
    if kind == FindingKind.NOT_CURTAILED or (open_day and not own):
        return [Band(*span, shown)]  # without a finding: what was found is not for this log-in
    states = [Outcome.COMPLIED.value] * ((span[1] - span[0]) // SLOT_MS)
    marks: list[tuple[int, int, str]] = [(*gap, Outcome.CANNOT_TELL.value) for gap in gaps]
    marks += [
        (*run, RUN_STATES[f.state]) for f in findings if f in own and f.state in RUN_STATES for run in f.runs
    ]
    for begin, end, state in marks:
        low, high = (min(max(ms - span[0], 0), span[1] - span[0]) // SLOT_MS for ms in (begin, end))
        states[low:high] = [state] * (high - low)
    made: list[Band] = []
    for slot, state in enumerate(states):
        begin = span[0] + slot * SLOT_MS
        if made and made[-1].state == state:
            made[-1] = Band(made[-1].start_ms, begin + SLOT_MS, state)
        else:
            made.append(Band(begin, begin + SLOT_MS, state))
    return made


@dataclass(frozen=True, slots=True)
class Source:
    """What the lake holds of one meter for a case: how much, from where, and its digest."""

    meter: Meter
    rows: int
    missing: int
    batches: int
    received_ms: int | None
    sha256: str


def sources(case: Case, now: datetime) -> list[Source]:
    """One line of evidence per meter, read from the lake now; the digest covers point, start, value, version."""
    span = window(case, now)
    ids = [m.id for m in case.meters]
    if not ids:
        return []
    table = Lake(settings.LANTIAN_HOME).read("power", points=ids, start_ms=span[0], end_ms=span[1])
    held: dict[str, list[tuple[Any, ...]]] = {pk: [] for pk in ids}
    columns = (table[name].to_pylist() for name in ("point", "start", "value", "version", "received_at"))
    for row in zip(*columns, strict=True):
        held[row[0]].append(row[1:])
    return [_source(meter, sorted(held[meter.id], key=lambda r: r[0]), span) for meter in case.meters]


def _source(meter: Meter, rows: Sequence[tuple[Any, ...]], span: Span) -> Source:
    digest = hashlib.sha256()
    for start, value, version, _received in rows:
        digest.update(f"{meter.id},{start},{value},{version}\n".encode())
    good = sum(1 for row in rows if row[1] is not None and row[1] == row[1])
    return Source(
        meter,
        rows=len(rows),
        missing=(span[1] - span[0]) // SLOT_MS - good,
        batches=len({row[2] for row in rows}),
        received_ms=_ms(max((row[3] for row in rows), default=None)),
        sha256=digest.hexdigest(),
    )


def _ms(received: object) -> int | None:
    if isinstance(received, datetime):
        return to_ms(received)
    return int(str(received)) if received is not None else None


def sparks(findings: Sequence[Finding]) -> dict[str, dict[str, Any]]:
    """Small curves of findings for the desk: the order day they judge, at most a day long."""
    made: dict[str, dict[str, Any]] = {}
    if not findings:
        return made
    starts = {f.pk: day_bounds_ms(f.on) for f in findings}
    span = min(s for s, _ in starts.values()), max(e for _, e in starts.values())
    points = sorted({point for f in findings for point in f.points})
    values = read(points, span)
    for f in findings:
        low, high = ((ms - span[0]) // SLOT_MS for ms in starts[f.pk])
        made[f.pk] = {
            "v": total([values[point][low:high] for point in f.points]),
            "start": starts[f.pk][0],
            "order": f.unit_start_ms,
            "threshold": f.threshold if f.unit == "kW" else None,
            "runs": f.runs if f.unit == "kW" else [],
        }
    return made


def drawing(data: dict[str, Any], width: float = 960, height: float = 300) -> dict[str, Any]:
    """Paths of a chart for the page without scripts."""
    left, top, bottom = 56.0, 16.0, height - 40
    shown = [v for side in ("production", "treatment") for v in data[side] if v is not None]
    line = data["threshold"]
    peak = float(max([*shown, line["value"] if line else 0, 1])) * 1.08
    begun, ended = int(data["start"]), int(data["end"])

    def x(ms: float) -> float:
        return round(left + (width - left - 8) * (ms - begun) / max(ended - begun, 1), 1)

    def y(value: float) -> float:
        return round(bottom - (bottom - top) * value / peak, 1)

    def path(values: Sequence[float | None]) -> str:
        parts, pen = [], "M"
        for slot, value in enumerate(values):
            if value is None:
                pen = "M"
                continue
            begin = data["start"] + slot * data["step"]
            parts.append(f"{pen}{x(begin)} {y(value)}H{x(begin + data['step'])}")
            pen = "L"
        return "".join(parts)

    def box(begin: float, end: float, name: str) -> dict[str, Any]:
        low, high = max(begin, begun), min(end, ended)
        return {"x": x(low), "w": round(max(0, x(high) - x(low)), 1), "name": name}

    return {
        "width": width,
        "height": height,
        "top": top,
        "bottom": bottom,
        "left": left,
        "strip": bottom + 6,
        "production": path(data["production"]),
        "treatment": path(data["treatment"]),
        "orders": [box(o[0], o[2], o[3]) for o in data["orders"]],
        "gaps": [box(gap[0], gap[1], "") for gap in data["missing"]],
        "bands": [box(b[0], b[1], b[2]) for b in data["bands"]],
        "line": y(line["value"]) if line else None,
        "value": line["value"] if line else None,
        "marks": [(y(peak * k / 4), round(peak * k / 4)) for k in range(5)],
        "days": [
            (x(ms), from_ms(ms))
            for ms in range(begun, ended, SLOT_MS)
            if from_ms(ms).hour % 12 == 0 and from_ms(ms).minute == 0
        ],
    }

"""Quarter-hour power of every meter under the orders known, and the truth about it.

A piece is a part of one local day; its noise belongs to the quarter of the day it lies in, so rows do not depend
on how steps are cut. Breaches by runs are seen within a step: steps of at least two slots are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lantian.periods import day_bounds_ms, local_day
from lantian.records import Action, ObservationKind, Order
from lantian.rehearsal.batches import batch
from lantian.rehearsal.city import City, fleet_of
from lantian.rehearsal.conduct import Conduct, OrderGroup, choose, code, groups, limit_target, stop_target
from lantian.rehearsal.fleet import SLOTS, TREATMENT_IDLE, TREATMENT_RUN, Fleet, day_load, scheduled
from lantian.rehearsal.judged import Judged, truth_rows
from lantian.rehearsal.source import number, stream
from lantian.rehearsal.truth import TruthRow, merge

__all__ = ["SLOT_MS", "play"]

Floats = NDArray[np.float32]

SLOT_MS = 900_000
QUARTER = SLOTS // 4
RAMP_SHARE = 0.75  # of the grace time; plants that obey are down well before it ends
RESTART_MS = 3 * 3_600_000
LOOK_BACK_MS = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Quarter-hours [first, end) of a local day, within one quarter of it."""

    day: date
    day_start_ms: int
    first: int
    end: int

    @property
    def slots(self) -> NDArray[np.int32]:
        return np.arange(self.first, self.end, dtype=np.int32)

    @property
    def starts(self) -> NDArray[np.int64]:
        return self.day_start_ms + self.slots.astype(np.int64) * SLOT_MS


def _pieces(start_ms: int, end_ms: int) -> Iterator[Piece]:
    while start_ms < end_ms:
        day = local_day(start_ms)
        day_start, day_end = day_bounds_ms(day)
        first = (start_ms - day_start) // SLOT_MS
        quarter_end = day_start + (first // QUARTER + 1) * QUARTER * SLOT_MS
        stop = min(end_ms, day_end, quarter_end)
        yield Piece(day, day_start, first, (stop - day_start) // SLOT_MS)
        start_ms = stop


def play(
    city: City, start_ms: int, end_ms: int, orders: Sequence[Order]
) -> tuple[dict[str, pa.Table], list[TruthRow]]:
    """Rows of [start, end) by county, and the truth of every order judged in it.

    `start_ms` and `end_ms` are whole quarter-hours. `orders` are all orders known at the start, those that ended
    or were superseded too: a plant released from an order starts up again over three hours. ValueError else.
    """
    if start_ms % SLOT_MS or end_ms % SLOT_MS or end_ms <= start_ms:
        raise ValueError("a step is a run of whole quarter-hours")
    fleet = fleet_of(city)
    near = [order for order in orders if _moves(order, start_ms, end_ms)]
    known = groups(fleet, near)
    successors = {(order.enterprise_id, order.start_ms) for order in orders}
    values: list[NDArray[np.float64]] = []
    rows: list[TruthRow] = []
    pieces = list(_pieces(start_ms, end_ms))
    for piece in pieces:
        kw, found = _play_piece(fleet, piece, known, successors)
        values.append(kw)
        rows += found
    kw = np.concatenate(values, axis=1)
    starts = np.concatenate([piece.starts for piece in pieces])
    tables = {
        area_id: batch(
            fleet.meter_ids[low:high],
            [ObservationKind.POWER.value],
            starts,
            SLOT_MS // 1000,
            kw[low:high, :, None],
        )
        for area_id, low, high in fleet.county_rows
    }
    return tables, list(merge(rows))


def _moves(order: Order, start_ms: int, end_ms: int) -> bool:
    """Whether the order, or the ramp after it, still shows in [start, end)."""
    echo_ms = max(LOOK_BACK_MS, order.grace_s * 1000)
    return order.start_ms < end_ms and (order.end_ms is None or order.end_ms + echo_ms > start_ms)


def _noise(fleet: Fleet, piece: Piece) -> Floats:
    """1 +- a little [meters, slots], cut from the quarter of the day."""
    quarter, offset = divmod(piece.first, QUARTER)
    generator = stream(fleet.seed, "noise", piece.day.toordinal(), quarter)
    draw = generator.random((len(fleet.rated), QUARTER), dtype=np.float32)[
        :, offset : offset + piece.end - piece.first
    ]
    return 1 + np.float32(number("scale", "noise")) * (2 * draw - 1)


def _gaps(fleet: Fleet, piece: Piece) -> NDArray[np.bool_]:
    """Readings lost for no reason [meters, slots]: gaps of 2 to 8 slots, and meters silent all day."""
    count = len(fleet.rated)
    generator = stream(fleet.seed, "gaps", piece.day.toordinal())
    draw, begin, length = (
        generator.random(count),
        generator.integers(0, SLOTS, count),
        generator.integers(2, 9, count),
    )
    silent, gap = number("scale", "offline_share"), number("scale", "gap_share")
    lost = np.zeros((count, piece.end - piece.first), dtype=bool)
    lost[draw < silent] = True
    for meter in np.flatnonzero((draw >= silent) & (draw < silent + gap)):
        low = max(0, int(begin[meter]) - piece.first)
        lost[meter, low : max(0, int(begin[meter] + length[meter]) - piece.first)] = True
    return lost


def _play_piece(
    fleet: Fleet, piece: Piece, known: Sequence[OrderGroup], successors: set[tuple[str, int]]
) -> tuple[NDArray[np.float64], list[TruthRow]]:
    """kW [meters, slots] rounded to 0.1 with NaN for missing, and the truth of the piece."""
    slots = piece.slots
    on = scheduled(fleet, piece.day, slots)
    load = day_load(fleet, piece.day)
    holding = fleet.habits.holding
    normal = np.where(on, load[:, None], holding[:, None]).astype(np.float32)
    lost = _gaps(fleet, piece)
    share, judged = _under_orders(fleet, piece, known, successors, normal, on, lost)
    noise = _noise(fleet, piece)
    treated = np.clip((share - holding[:, None]) / (load - holding)[:, None], 0, 1)
    kw = np.empty((len(fleet.rated), len(slots)), dtype=np.float64)
    kw[0::2] = share * noise[0::2]
    kw[1::2] = (TREATMENT_IDLE + (TREATMENT_RUN - TREATMENT_IDLE) * treated) * noise[1::2]
    rows: list[TruthRow] = []
    for group in judged:
        rows += truth_rows(fleet, group, kw[0::2], lost[0::2], normal)
    kw *= fleet.rated[:, None]
    np.round(kw, 1, out=kw)
    kw[lost] = np.nan
    return kw, rows


def _under_orders(
    fleet: Fleet,
    piece: Piece,
    known: Sequence[OrderGroup],
    successors: set[tuple[str, int]],
    normal: Floats,
    on: NDArray[np.bool_],
    lost: NDArray[np.bool_],
) -> tuple[Floats, list[Judged]]:
    """Production share [lines, slots] with every order's ramps; marks dark meters in `lost`.

    `held` is what each line would run at if its latest order went on: the ramp of the next order begins there.
    """
    share, held = normal.copy(), normal.copy()
    starts = piece.starts
    judged: list[Judged] = []
    for group in known:
        end_ms = group.end_ms if group.end_ms is not None else int(starts[-1]) + SLOT_MS
        inside = (starts >= group.start_ms) & (starts < end_ms)
        target, conduct, dark = _target(fleet, group, piece, normal, on)
        lines = group.lines
        ramp = np.clip((starts - group.start_ms + SLOT_MS) / max(1.0, RAMP_SHARE * group.grace_ms), 0, 1)
        slope = ramp.astype(np.float32)
        share[lines] = np.where(inside, held[lines] * (1 - slope) + target * slope, share[lines])
        held[lines] = target
        if group.end_ms is not None:
            freed = [(order.enterprise_id, group.end_ms) not in successors for order in group.orders]
            loose = lines[np.array(freed, dtype=bool)[group.slot]] if len(lines) else lines
            up = np.clip((starts - group.end_ms) / RESTART_MS, 0, 1).astype(np.float32)
            after = starts >= group.end_ms
            share[loose] = np.where(after, held[loose] * (1 - up) + normal[loose] * up, share[loose])
            held[loose] = np.where(after, share[loose], normal[loose])
        counted = (starts >= group.judged_from_ms) & (starts < end_ms)
        lost[2 * lines[dark]] |= counted
        if counted.any():
            judged.append(Judged(group, np.flatnonzero(counted), conduct))
    return share, judged


def _target(
    fleet: Fleet, group: OrderGroup, piece: Piece, normal: Floats, on: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.int8], NDArray[np.bool_]]:
    """Target share [bound lines, slots], conduct per order, and which bound lines go dark."""
    lines = group.lines
    limited = np.array([action is Action.LIMIT for action in group.action], dtype=bool)
    stop, limit = choose(fleet, group.level, "stop"), choose(fleet, group.level, "limit")
    idle = fleet.habits.idle_from[group.plants] <= piece.day.toordinal()
    conduct = np.where(limited, limit.conduct[group.plants], stop.conduct[group.plants]).astype(np.int8)
    conduct[idle] = code(Conduct.IDLE)
    stopped = stop_target(fleet, group, stop, normal[lines], on[lines], piece.starts, piece.slots)
    capped = limit_target(fleet, group, limit, normal[lines], on[lines])
    target = np.where(limited[group.slot][:, None], capped, stopped)
    still = idle[group.slot]
    target[still] = normal[lines][still]
    return target, conduct, conduct[group.slot] == code(Conduct.DARK)

"""How plants meet orders: obey, cheat in several shapes, or look guilty while innocent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from lantian.records import Action, Level, Order
from lantian.rehearsal.fleet import SLOTS, Fleet
from lantian.rehearsal.source import rows, stream

__all__ = [
    "LOOK_ALIKES",
    "Choice",
    "Conduct",
    "OrderGroup",
    "choose",
    "code",
    "groups",
    "limit_target",
    "stop_target",
]

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Conduct(StrEnum):
    """What a plant does under an order, and the innocent states that look like guilt."""

    OBEYS = "obeys"
    BLIP = "blip"
    BORDER = "border"
    IGNORES = "ignores"
    NIGHT = "night"
    HALF = "half"
    ONE_LINE = "one_line"
    NEAR = "near"
    BURST = "burst"
    LATE = "late"
    SHORT = "short"
    DARK = "dark"
    IDLE = "idle"
    HOLDING = "holding"
    OTHER_LINES = "other_lines"
    AUTONOMOUS = "autonomous"
    EXEMPT = "exempt"


_CODES = {conduct: code for code, conduct in enumerate(Conduct)}

LOOK_ALIKES = frozenset(
    {
        Conduct.BLIP,
        Conduct.BORDER,
        Conduct.IDLE,
        Conduct.HOLDING,
        Conduct.OTHER_LINES,
        Conduct.AUTONOMOUS,
        Conduct.EXEMPT,
    }
)

NIGHT_FROM, NIGHT_TO = 84, 20  # quarter-hours of the local day: 21:00 to 05:00
BURST_SLOTS = 4


@dataclass(frozen=True, slots=True, eq=False)
class OrderGroup:
    """Orders of the same interval and level, as arrays over the plants and lines they bind.

    `orders[i]` binds plant `plants[i]` and asks for one kind of measure; `action` and `share` are per such order. `lines` are the bound lines that
    must stop or be limited, `slot[i]` is the order of line i, `first[i]` tells the order's first bound line.
    """

    start_ms: int
    end_ms: int | None
    grace_ms: int
    level: Level
    orders: tuple[Order, ...]
    plants: Ints
    action: tuple[Action, ...]
    share: Floats
    lines: Ints
    slot: Ints
    first: Bools

    @property
    def judged_from_ms(self) -> int:
        """End of the grace time."""
        return self.start_ms + self.grace_ms


def groups(fleet: Fleet, orders: Sequence[Order]) -> list[OrderGroup]:
    """Orders by interval and level, earliest start first. Orders of plants outside the city are left out."""
    together: dict[tuple[int, int, int, str], list[Order]] = {}
    for order in sorted(orders, key=lambda order: (order.enterprise_id, order.id)):
        if order.enterprise_id in fleet.plant_row:
            end = -1 if order.end_ms is None else order.end_ms
            together.setdefault((order.start_ms, end, order.grace_s, order.level.value), []).append(order)
    return [_group(fleet, together[key]) for key in sorted(together)]


def _group(fleet: Fleet, orders: list[Order]) -> OrderGroup:
    action: list[Action] = []
    share: list[int] = []
    lines: list[int] = []
    slot: list[int] = []
    first: list[bool] = []
    plants = [fleet.plant_row[order.enterprise_id] for order in orders]
    for i, order in enumerate(orders):
        measure = order.measures[0]
        action.append(measure.action)
        share.append(measure.share or 0)
        bound: list[int] = []
        if measure.action is Action.REDUCE:
            bound = sorted({fleet.line_row[m.line_id] for m in order.measures if m.line_id is not None})
        elif measure.action in (Action.STOP, Action.LIMIT):
            bound = list(range(int(fleet.first_line[plants[i]]), int(fleet.first_line[plants[i] + 1])))
        lines += bound
        slot += [i] * len(bound)
        first += [k == 0 for k in range(len(bound))]
    head = orders[0]
    return OrderGroup(
        head.start_ms,
        head.end_ms,
        head.grace_s * 1000,
        head.level,
        tuple(orders),
        np.array(plants, dtype=np.int32),
        tuple(action),
        np.array([percent / 100 for percent in share], dtype=np.float32),
        np.array(lines, dtype=np.int32),
        np.array(slot, dtype=np.int32),
        np.array(first, dtype=bool),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Each plant's way with a level: a conduct, how far it goes (0..1), and a quarter-hour of the day."""

    conduct: NDArray[np.int8]
    strength: Floats
    quarter: Ints


def choose(fleet: Fleet, level: Level, family: str) -> Choice:
    """The plants' choices [plants] at a level; the same at every order of that level. Idle plants have none."""
    table = [row for row in rows("conduct") if row["family"] == family]
    generator = stream(fleet.seed, "conduct", family, level.value)
    count = len(fleet.plant_row)
    edges = np.cumsum([float(row["share"]) for row in table])
    picked = np.minimum(np.searchsorted(edges, generator.random(count), side="right"), len(table) - 1)
    codes = np.array([_CODES[Conduct(row["conduct"])] for row in table], dtype=np.int8)[picked]
    strength = generator.random(count, dtype=np.float32)
    quarter = generator.integers(0, SLOTS, count).astype(np.int32)
    return Choice(codes, strength, quarter)


def code(conduct: Conduct) -> int:
    """The conduct's number in arrays."""
    return _CODES[conduct]


def _burst_quarter(quarter: Ints) -> Ints:
    """Where a hidden run begins: before dawn or in the evening, never across a quarter of the day."""
    return np.where(quarter < SLOTS // 2, 6 + quarter % 12, 76 + quarter % 14).astype(np.int32)


def stop_target(
    fleet: Fleet,
    group: OrderGroup,
    choice: Choice,
    normal: Floats,
    on: Bools,
    starts: NDArray[np.int64],
    slots: Ints,
) -> Floats:
    """Power share [bound lines, slots] that lines bound to stand still run at, once the ramp is over.

    `normal` and `on` [bound lines, slots] are the power and the schedule without an order.
    """
    plant = fleet.line_plant[group.lines]
    conduct, strength = choice.conduct[plant][:, None], choice.strength[plant][:, None]
    quarter = choice.quarter[plant][:, None]
    threshold = fleet.threshold[group.lines][:, None]
    load = fleet.habits.load[group.lines][:, None]
    held = np.broadcast_to(fleet.habits.holding[group.lines][:, None], normal.shape)
    several = (np.bincount(group.slot, minlength=len(group.orders))[group.slot] > 1)[:, None]
    first = group.first[:, None]
    half = np.where(on, np.maximum(threshold + 0.13, 0.5 * load), held)
    night = (slots >= NIGHT_FROM) | (slots < NIGHT_TO)
    burst_from = _burst_quarter(quarter)
    burst = (slots >= burst_from) & (slots < burst_from + BURST_SLOTS)
    late_ms = (8 + 12 * strength).astype(np.int64) * 900_000  # 2 to 5 hours after the grace time
    late = starts < group.judged_from_ms + late_ms
    shapes: dict[Conduct, NDArray[np.floating]] = {
        Conduct.BLIP: np.where((slots == quarter) & first, np.maximum(threshold + 0.25, held), held),
        Conduct.IGNORES: normal,
        Conduct.NIGHT: np.where(night, 0.85 * load, held),
        Conduct.HALF: half,
        Conduct.ONE_LINE: np.where(first, np.where(several, normal, half), held),
        Conduct.NEAR: np.where(on, threshold + 0.005 + 0.085 * strength, held),
        Conduct.BURST: np.where(burst, 0.9 * load, held),
        Conduct.LATE: np.where(late, normal, held),
        Conduct.DARK: np.where(strength > 0.5, normal, held),  # half of them have something to hide
    }
    target = held.astype(np.float32)
    for shape, values in shapes.items():
        target = np.where(conduct == code(shape), values, target)
    return target.astype(np.float32)


def limit_target(fleet: Fleet, group: OrderGroup, choice: Choice, normal: Floats, on: Bools) -> Floats:
    """Power share [bound lines, slots] of limited lines: a ratio of the cap, the cap being (1 - share) of normal."""
    plant = fleet.line_plant[group.lines]
    conduct, strength = choice.conduct[plant], choice.strength[plant]
    left = 1 - group.share[group.slot]
    ratios: dict[Conduct, NDArray[np.floating]] = {
        Conduct.BORDER: 1.0 + 0.05 * strength,
        Conduct.SHORT: 1.2 + 0.25 * strength,
        Conduct.NEAR: 1.105 + 0.085 * strength,
        Conduct.IGNORES: 1 / left,
    }
    ratio = 0.90 + 0.07 * strength
    for shape, values in ratios.items():
        ratio = np.where(conduct == code(shape), values, ratio)
    kept = np.minimum(left * ratio, 1.0)[:, None]
    return np.where(on, normal * kept, normal).astype(np.float32)

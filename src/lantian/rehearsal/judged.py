"""The truth of one piece: which orders were broken in the real power, readable or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lantian.records import Action, FindingKind
from lantian.rehearsal.conduct import Conduct, OrderGroup, code
from lantian.rehearsal.fleet import SLOTS, Fleet
from lantian.rehearsal.source import number
from lantian.rehearsal.truth import TruthRow

__all__ = ["Judged", "truth_rows"]

KINDS = {
    Action.STOP: FindingKind.NOT_STOPPED,
    Action.LIMIT: FindingKind.NOT_CURTAILED,
    Action.REDUCE: FindingKind.NOT_REDUCED,
    Action.AUTONOMOUS: FindingKind.NOT_STOPPED,
    Action.EXEMPT: FindingKind.NOT_STOPPED,
}
UNASKED = (Action.AUTONOMOUS, Action.EXEMPT)
HOLDING_NOTED = 0.15  # of rated; from here a line at rest is a look-alike
INNOCENT = (Conduct.OBEYS, Conduct.BLIP, Conduct.BORDER, Conduct.IDLE)
NEVER_JUDGED = -100.0

_CONDUCTS: tuple[Conduct, ...] = tuple(Conduct)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A group of orders, the columns of the piece after the grace time, and each order's conduct."""

    group: OrderGroup
    columns: NDArray[np.intp]
    conduct: NDArray[np.int8]


def _per_order(values: NDArray[np.float64], group: OrderGroup) -> NDArray[np.float64]:
    """The greatest of the order's bound lines."""
    found = np.full(len(group.orders), -np.inf)
    np.maximum.at(found, group.slot, values)
    return found


def _pair_margin(fleet: Fleet, group: OrderGroup, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of rated power by which two slots in a row pass the line, per order."""
    if share.shape[1] < 2:
        return np.full(len(group.orders), NEVER_JUDGED)
    pairs = np.minimum(share[:, 1:], share[:, :-1]).max(axis=1)
    return _per_order(np.array(100 * (pairs - fleet.threshold[group.lines])), group)


def _cap_margin(fleet: Fleet, group: OrderGroup, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of the cap by which the mean power passes the cap and its tolerance, per order.

    The base is the plant's ordinary mean power; limits are for plants that run round the clock.
    """
    habits, lines = fleet.habits, group.lines
    rated = fleet.rated[0::2][lines]
    plant = fleet.line_plant[lines]
    hours = (habits.shift_end - habits.shift_start)[plant] % SLOTS
    running = np.where(hours == 0, SLOTS, hours) / SLOTS
    base_kw = (habits.load[lines] * running + habits.holding[lines] * (1 - running)) * rated
    count = len(group.orders)
    base = np.bincount(group.slot, weights=base_kw, minlength=count)
    used = np.bincount(group.slot, weights=np.array(share.mean(axis=1)) * rated, minlength=count)
    cap = np.maximum(base * (1 - group.share), 1e-9)
    return np.array(100 * (used / cap - 1 - number("scale", "tolerance")))


def _note(fleet: Fleet, judged: Judged, i: int, breach: bool, held: float) -> Conduct:
    """The conduct where it shows; for the innocent, what makes them look guilty."""
    group = judged.group
    conduct: Conduct = _CONDUCTS[int(judged.conduct[i])]
    if breach or conduct not in INNOCENT:
        return conduct
    if conduct is Conduct.OBEYS and held >= HOLDING_NOTED and group.action[i] is not Action.LIMIT:
        return Conduct.HOLDING
    if conduct is Conduct.OBEYS and group.action[i] is Action.REDUCE:
        plant = group.plants[i]
        bound = int((group.slot == i).sum())
        if bound < int(fleet.first_line[plant + 1] - fleet.first_line[plant]):
            return Conduct.OTHER_LINES
    return conduct


def truth_rows(
    fleet: Fleet,
    judged: Judged,
    share: NDArray[np.float64],
    lost: NDArray[np.bool_],
    normal: NDArray[np.float32],
) -> list[TruthRow]:
    """One row per order of the group; `share`, `lost`, `normal` are [lines, slots] of the whole piece."""
    group, columns = judged.group, judged.columns
    lines = group.lines
    real = share[lines][:, columns]
    missing = _per_order(np.array(lost[lines][:, columns].mean(axis=1), dtype=np.float64), group)
    pair, cap = _pair_margin(fleet, group, real), _cap_margin(fleet, group, real)
    held = _per_order(fleet.habits.holding[lines].astype(np.float64), group)
    blinking = _blips(fleet, judged, real)
    innocent = np.isin(judged.conduct, [code(conduct) for conduct in INNOCENT])
    runs = np.array((normal[:, columns] > fleet.threshold[:, None]).any(axis=1), dtype=bool)
    rows: list[TruthRow] = []
    for i, order in enumerate(group.orders):
        action = group.action[i]
        if action in UNASKED:
            rows.append(_unasked(fleet, group, i, runs))
            continue
        margin = float(cap[i] if action is Action.LIMIT else pair[i])
        breach = margin > 0 and not bool(innocent[i])
        note = _note(fleet, judged, i, breach, float(held[i]))
        if note is Conduct.BLIP and not blinking[i]:
            note = Conduct.OBEYS
        unreadable = bool(missing[i] >= number("scale", "unreadable_share"))
        rows.append(
            TruthRow(order.enterprise_id, KINDS[action], order.id, breach, unreadable, round(margin, 2), note)
        )
    return rows


def _unasked(fleet: Fleet, group: OrderGroup, i: int, runs: NDArray[np.bool_]) -> TruthRow:
    """A plant of which nothing is asked; one that runs on looks guilty to a careless rule."""
    order, plant = group.orders[i], group.plants[i]
    running = runs[int(fleet.first_line[plant]) : int(fleet.first_line[plant + 1])].any()
    note = Conduct(group.action[i].value) if running else Conduct.OBEYS
    return TruthRow(order.enterprise_id, KINDS[group.action[i]], order.id, False, False, NEVER_JUDGED, note)


def _blips(fleet: Fleet, judged: Judged, real: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which orders saw a slot above the line in this piece."""
    above = (real > fleet.threshold[judged.group.lines][:, None]).any(axis=1)
    return _per_order(np.array(above, dtype=np.float64), judged.group) > 0

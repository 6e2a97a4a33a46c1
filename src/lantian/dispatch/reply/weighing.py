"""What the signs of a message weigh for each label: weights learnt from labelled replies, one straight sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["LABELS", "Weighed", "Weights", "weights"]

LABELS = ("received", "done", "question", "refused", "delayed", "other", "unclear")
FILE = "weights.npz"


@dataclass(frozen=True, slots=True)
class Weighed:
    """The heaviest label, by how much it outweighs the next, and the piece of text that speaks most for it."""

    label: str
    lead: float
    piece: str


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """`table` has a row per sign and a column per label, in units of `scale`; `rarity` is high for signs that few
    examples had; `sure` is the lead that a sign-for needs, `close` one that says little; `learnt_from` is the SHA-256
    of what was learnt from."""

    place: dict[str, int]
    table: NDArray[np.int8]
    scale: NDArray[np.float64]
    bias: NDArray[np.float64]
    rarity: NDArray[np.float32]
    sure: float
    close: float
    learnt_from: str

    def weigh(self, signs: Sequence[str]) -> Weighed:
        """Sum what the known signs weigh, over the length of their rarities taken as a vector."""
        known = [sign for sign in signs if sign in self.place]
        at = [self.place[sign] for sign in known]
        rows = self.table[at].astype(np.int64)
        length = float(np.linalg.norm(self.rarity[at].astype(np.float64))) or 1.0
        sums = rows.sum(axis=0) * self.scale / length + self.bias
        best, second = np.argsort(-sums, kind="stable")[:2]
        lead = (rows[:, best] * self.scale[best] - rows[:, second] * self.scale[second]).tolist()
        pieces = [
            (weight, sign) for weight, sign in zip(lead, known, strict=True) if not sign.startswith("#")
        ]
        piece = max(pieces, default=(0.0, ""), key=lambda each: each[0])[1].strip("^$")
        return Weighed(LABELS[best], float(sums[best] - sums[second]), piece)


@cache
def weights() -> Weights:
    """The weights that came with the package."""
    with (files(__package__) / FILE).open("rb") as file, np.load(file) as kept:
        names = kept["signs"].tobytes().decode().split("\n")
        return Weights(
            {name: row for row, name in enumerate(names)},
            kept["table"],
            kept["scale"],
            kept["bias"],
            kept["rarity"],
            float(kept["sure"]),
            float(kept["close"]),
            str(kept["learnt_from"]),
        )

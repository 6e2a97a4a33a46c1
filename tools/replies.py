"""Learn what the signs of replies weigh, from labelled replies: `make replies`.

`tools/reply_examples.csv` holds replies by set, one set per writer; those of sets `chat…` are written as chats are,
the others to catch the reader. `label` is one of the seven, or `not received` where all that matters is that it is no
sign-for; `quoted` tells that the chat marked it as an answer to an order. The weights go into the package with the
SHA-256 of what they were learnt from: the examples with their signs.

How well each chat is read by weights learnt from everything else is told first; the lead that a sign-for needs comes
from that.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from lantian.dispatch.reply.reading import doubt, shaped
from lantian.dispatch.reply.weighing import FILE, LABELS, Weights
from lantian.dispatch.reply.words import words

__all__ = ["EXAMPLES", "examples", "learnt_from", "main"]

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "tools" / "reply_examples.csv"
WEIGHTS = ROOT / "src" / "lantian" / "dispatch" / "reply" / FILE
ON = date(2026, 12, 8)
NO_SIGN = "not received"
COST, RARE = 3.0, 2
"""Cost of an example on the wrong side, and how many examples must have a sign for it to count."""
CHAT = "chat"
WRONG = 0.0025
"""Share of what is no sign-for that may be taken for one when weights judge a chat they were not learnt from."""
CLOSE = 0.3
"""A lead that says little."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled reply and its signs; `stopped` when it is no sign-for however it weighs."""

    set: str
    label: str
    signs: list[str]
    stopped: bool


def learnt_from(found: Sequence[Example]) -> str:
    """SHA-256 of the examples and all their signs: another word in a table or another sign makes it another."""
    told = ([one.set, one.label, one.stopped, one.signs] for one in found)
    return hashlib.sha256("\n".join(json.dumps(one) for one in told).encode()).hexdigest()


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def examples() -> list[Example]:
    known = words(ON)
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        rows = [
            (row, shaped(row["text"], known, replies_to_order=row["quoted"] == "1"))
            for row in csv.DictReader(file)
        ]
    return [Example(row["set"], row["label"], one.signs, bool(doubt(one))) for row, one in rows]


def learn(found: Sequence[Example], sure: float = 0.0) -> Weights:
    """One straight line per label against all others (linear support vectors)."""
    from scipy.sparse import csr_matrix
    from sklearn.svm import LinearSVC

    counts: dict[str, int] = {}
    for one in found:
        for sign in one.signs:
            counts[sign] = counts.get(sign, 0) + 1
    place = {sign: row for row, sign in enumerate(sorted(s for s, n in counts.items() if n >= RARE))}
    common = np.array([counts[sign] for sign in place])
    rarity = (np.log((1 + len(found)) / (1 + common)) + 1).astype(np.float32)
    columns = [[place[sign] for sign in one.signs if sign in place] for one in found]
    values = np.concatenate([rarity[c] / np.linalg.norm(rarity[c]) for c in columns])
    ends = np.cumsum([0, *map(len, columns)])
    matrix = csr_matrix((values, np.concatenate(columns), ends), shape=(len(found), len(place)))
    labels = np.array([one.label for one in found])
    table, bias = np.zeros((len(place), len(LABELS))), np.zeros(len(LABELS))
    for number, label in enumerate(LABELS):
        knows = np.ones(len(found), bool) if label == "received" else labels != NO_SIGN
        line = LinearSVC(C=COST, random_state=0).fit(matrix[knows], labels[knows] == label)
        table[:, number], bias[number] = line.coef_[0], line.intercept_[0]
    table *= rarity[:, None]
    scale = np.abs(table).max(axis=0) / 127
    return Weights(
        place, np.rint(table / scale).astype(np.int8), scale, bias, rarity, sure, CLOSE, learnt_from(found)
    )


def judged(found: Sequence[Example]) -> Iterator[tuple[Example, str, float]]:
    """Each example of a chat, and how weights learnt from all other sets weigh it."""
    for name in sorted({one.set for one in found if one.set.startswith(CHAT)}):
        known = learn([one for one in found if one.set != name])
        mine = [(one, known.weigh(one.signs)) for one in found if one.set == name]
        told = [(one, read.label, read.lead) for one, read in mine]
        right = sum(label == one.label for one, label, _ in told)
        wrong = sum(label == "received" != one.label for one, label, _ in told)
        say(f"{name:16s} {len(told):5d} {right / len(told):.3f} right, {wrong} wrongly signed for")
        yield from told


def sure_lead(told: Sequence[tuple[Example, str, float]]) -> float:
    """The lead that keeps wrong sign-fors below WRONG of what is none."""
    none = [one for one in told if one[0].label != "received"]
    leads = sorted(
        (lead for one, label, lead in none if label == "received" and not one.stopped),
        reverse=True,
    )
    allowed = int(WRONG * len(none))
    return leads[allowed] + 1e-6 if len(leads) > allowed else 0.0


def final(one: Example, label: str, lead: float, sure: float) -> str:
    """How a reply is read in the end."""
    return "unclear" if label == "received" and (one.stopped or lead < sure) else label


def main() -> None:
    found = examples()
    told = list(judged(found))
    sure = sure_lead(told)
    ends = [(final(one, label, lead, sure), one.label) for one, label, lead in told]
    wrong = sum(read == "received" != label for read, label in ends)
    say(
        f"a sign-for needs a lead of {sure:.2f}: {np.mean([read == label for read, label in ends]):.4f} of {len(ends)} right, "
        f"{wrong} of {sum(label != 'received' for _, label in ends)} wrongly signed for"
    )
    known = learn(found, sure)
    with WEIGHTS.open("wb") as file:
        np.savez_compressed(
            file,
            signs=np.frombuffer("\n".join(known.place).encode(), np.uint8),
            table=known.table,
            scale=known.scale,
            bias=known.bias,
            rarity=known.rarity,
            sure=sure,
            close=known.close,
            learnt_from=known.learnt_from,
        )
    say(f"{len(found)} examples, {len(known.place)} signs, {WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()

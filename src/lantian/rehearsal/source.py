"""What the rehearsal city is made of: its own CSV tables, and streams of numbers from explicit seeds."""

from __future__ import annotations

import csv
import zlib
from functools import cache
from importlib.resources import files

import numpy as np

__all__ = ["number", "own_targets", "rows", "stream", "texts"]


def _text(name: str) -> str:
    return files("lantian.rehearsal").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """All rows of `data/<name>.csv`, as text by column."""
    return tuple(csv.DictReader(_text(name).splitlines()))


def own_targets() -> str:
    """The invented city's season target, a CSV overlay of the table `season_targets` for region `rehearsal`."""
    return _text("season_target")


@cache
def texts(name: str, role: str) -> tuple[str, ...]:
    """The texts of one role in a table with the columns `role, text`."""
    return tuple(row["text"] for row in rows(name) if row["role"] == role)


@cache
def number(name: str, key: str) -> float:
    """One value of a table with the columns `name, value`; KeyError when absent."""
    for row in rows(name):
        if row["name"] == key:
            return float(row["value"])
    raise KeyError(f"{name}: {key}")


def stream(seed: int, *keys: int | str) -> np.random.Generator:
    """A generator of its own for every key, so that no draw depends on how many were made before."""
    words = [zlib.crc32(key.encode()) if isinstance(key, str) else key for key in keys]
    return np.random.default_rng([seed, *words])

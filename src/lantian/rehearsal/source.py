"""What the rehearsal city is made of: its own CSV tables, and streams of numbers from explicit seeds."""

from __future__ import annotations

import csv
import zlib
from functools import cache
from importlib.resources import files

import numpy as np

__all__ = ["number", "rows", "stream", "texts"]


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """All rows of `data/<name>.csv`, as text by column."""
    text = files("lantian.rehearsal").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


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

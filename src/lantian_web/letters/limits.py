"""Limits of supervision in force on a day."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from lantian.standards import in_force

__all__ = ["limit"]


@lru_cache(maxsize=64)
def limit(parameter: str, on: date) -> int:
    """One row of supervision_limits."""
    [row] = in_force("supervision_limits", on, parameter=parameter)
    return row.integer()

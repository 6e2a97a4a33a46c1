"""Worked examples of the rules, one CSV per topic; every row names its source."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest


def cases(name: str, **wanted: str) -> list[pytest.param]:
    """Rows of `name`.csv whose cells equal `wanted`, as parameters named by their case_id."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[k] == v for k, v in wanted.items())]
    assert rows, f"no example {wanted} in {name}"
    return [pytest.param(row, id=row["case_id"]) for row in rows]

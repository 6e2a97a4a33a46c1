"""Statements by the day: rows that would say something else than their writer meant are refused by name."""

from __future__ import annotations

import pytest

from lantian.observe.statements import Statement, read_emissions, read_forecast

PLANTS = {"p1": "p1", "甲厂": "p1", "": "p2"}  # p2 has no credit code


def emitted(text: str) -> Statement:
    return read_emissions(text.encode(), "e.csv", PLANTS)


def forecast(text: str) -> Statement:
    return read_forecast(text.encode(), "f.csv", {"90": "90"}, "90")


def test_an_empty_cell_is_nobody_s_plant() -> None:
    read = emitted("date,enterprise,so2_t\n2026-01-01,,1\n2026-01-01,甲厂,2\n")
    assert [(value.point, value.value) for value in read.values] == [("p1", 2000.0)]
    assert [(error.row, error.reason) for error in read.refused] == [(2, "unknown plant: ''")]


def test_tonnes_that_no_number_of_kilograms_holds_are_none() -> None:
    read = emitted("date,enterprise,so2_t\n2026-01-01,p1,1e308\n2026-01-02,p1,9999\n")
    assert [value.value for value in read.values] == [9_999_000.0]
    assert [(error.row, error.field, error.reason) for error in read.refused] == [
        (2, "so2_t", "no value: 1e+308")
    ]


@pytest.mark.parametrize("title", ["area", "Area", "CITY", "区域"])
def test_the_column_of_the_area_is_known_in_any_case(title: str) -> None:
    read = forecast(f"date,{title},aqi\n2026-12-12,90,80\n2026-12-12,elsewhere,300\n")
    assert [value.value for value in read.values] == [80.0]
    assert [(error.row, error.field) for error in read.refused] == [(3, title)]


@pytest.mark.parametrize("cell", ["9999", "99999", "1e300", "0"])
def test_a_code_or_a_number_that_cannot_be_is_no_forecast(cell: str) -> None:
    read = forecast(f"date,aqi\n2026-12-12,{cell}\n2026-12-13,500\n")
    assert [value.value for value in read.values] == [500.0]
    assert [error.row for error in read.refused] == [2]

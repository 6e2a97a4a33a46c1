"""Every name that is stored or shown has a row in the glossary, and the page is fresh."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from enum import StrEnum
from inspect import getmembers, isclass

from tools import glossary

import lantian

ROWS = glossary.read()
IDENTIFIERS = {row["identifier"] for row in ROWS}
# Invented behaviour of the rehearsal's plants and people: written to its truth file only, never stored or shown.
UNSTORED = "lantian.rehearsal"


def enums() -> set[type[StrEnum]]:
    found: set[type[StrEnum]] = set()
    for module in pkgutil.walk_packages(lantian.__path__, "lantian."):
        if module.name.startswith(UNSTORED):
            continue
        loaded = importlib.import_module(module.name)
        found |= {
            kind
            for _, kind in getmembers(loaded, isclass)
            if issubclass(kind, StrEnum) and kind is not StrEnum
        }
    return {kind for kind in found if kind.__module__.startswith("lantian.")}


def test_every_row_is_whole_and_its_identifier_its_own() -> None:
    assert [row for row in ROWS if not all(row.values()) or None in row] == []
    assert [name for name, times in Counter(row["identifier"] for row in ROWS).items() if times > 1] == []
    assert [name for name in IDENTIFIERS if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name)] == []
    assert {row["confidence"] for row in ROWS} <= set(glossary.CONFIDENCE)


def test_every_value_of_an_enumeration_is_an_identifier() -> None:
    values = {(kind.__name__, member.value) for kind in enums() for member in kind if member.value}
    assert len(values) > 60
    assert sorted((kind, value) for kind, value in values if value not in IDENTIFIERS) == []


def test_every_model_is_an_identifier() -> None:
    from django.apps import apps

    models = [model for model in apps.get_models() if model.__module__.startswith("lantian_web.")]
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower() for model in models}
    assert names - IDENTIFIERS == set()


def test_the_page_is_made_from_the_table() -> None:
    assert glossary.PAGE.read_text(encoding="utf-8") == glossary.render(ROWS)

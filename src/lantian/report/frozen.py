"""A sheet as canonical JSON and back. Same content, same bytes, same hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lantian.errors import DataError
from lantian.records import Light
from lantian.report.sheet import Column, Figure, Link, Message, Note, Section, Sheet, Table

__all__ = ["canonical", "content_sha256", "thaw"]

_KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Column, Figure, Link, Message, Note, Section, Sheet, Table)
}
_SCALARS: dict[str, Callable[[str], object]] = {
    "decimal": Decimal,
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "light": Light,
}


def canonical(sheet: Sheet) -> bytes:
    """UTF-8 JSON with sorted keys; fields at their defaults are left out."""
    text = json.dumps(_plain(sheet), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def content_sha256(sheet: Sheet) -> str:
    """Hash of the canonical JSON: what a bulletin is known by."""
    return hashlib.sha256(canonical(sheet)).hexdigest()


def thaw(data: bytes) -> Sheet:
    """The sheet of `canonical`'s bytes. DataError when they are something else."""
    try:
        sheet = _thawed(json.loads(data))
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise DataError(f"not a frozen sheet: {error}") from error
    if not isinstance(sheet, Sheet):
        raise DataError("not a frozen sheet")
    return sheet


def _plain(value: object) -> object:
    match value:
        case Light():
            return {"light": value.value}
        case None | str() | bool() | int():
            return value
        case Decimal():
            return {"decimal": format(value, "f")}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case tuple():
            return [_plain(item) for item in value]
    if is_dataclass(value):
        kept = {f.name: getattr(value, f.name) for f in fields(value)}
        told = {f.name: _plain(kept[f.name]) for f in fields(value) if kept[f.name] != f.default}
        return {"is": type(value).__name__, **told}
    raise TypeError(f"{type(value).__name__} cannot stand in a sheet")


def _thawed(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_thawed(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "is" in value:
        kind = _KINDS[value["is"]]
        return kind(**{name: _thawed(item) for name, item in value.items() if name != "is"})
    ((name, text),) = value.items()
    return _SCALARS[name](text)

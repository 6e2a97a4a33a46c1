"""A sheet as canonical JSON: same content, same bytes, same hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from lantian.records import Light
from lantian.report.sheet import Sheet

__all__ = ["canonical", "content_sha256"]


def canonical(sheet: Sheet) -> bytes:
    """UTF-8 JSON with sorted keys; fields at their defaults are left out."""
    text = json.dumps(_plain(sheet), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def content_sha256(sheet: Sheet) -> str:
    """Hash of the canonical JSON: what a bulletin is known by."""
    return hashlib.sha256(canonical(sheet)).hexdigest()


def _plain(value: object) -> object:
    match value:
        case Light():
            return {"light": value.value}
        case None | str() | bool() | int():
            return value
        case Decimal():
            return {"decimal": format(value, "f")}
        case datetime():
            return {"at": value.astimezone(UTC).isoformat()}
        case date():
            return {"day": value.isoformat()}
        case tuple():
            return [_plain(item) for item in value]
    if is_dataclass(value):
        kept = {f.name: getattr(value, f.name) for f in fields(value)}
        told = {f.name: _plain(kept[f.name]) for f in fields(value) if kept[f.name] != f.default}
        return {"is": type(value).__name__, **told}
    raise TypeError(f"{type(value).__name__} cannot stand in a sheet")

"""A paper as PDF through typst, with fonts found on this machine and nothing fetched.

typst bundles no Chinese font and draws a box for a character it cannot find, so coverage is checked first:
a missing font or glyph is an error with its name, never a silent box in an official paper.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import typst

from lantian.errors import StoreError
from lantian.report import Sheet
from lantian_web.bulletins.glyphs import missing
from lantian_web.bulletins.layout import LaidSheet, lay
from lantian_web.bulletins.pictures import drawn
from lantian_web.bulletins.wording import Run

__all__ = ["FONTS", "check_glyphs", "render", "written"]

SERIF, SANS = "Noto Serif CJK SC", "Noto Sans CJK SC"
FONTS = {
    "body": ("FangSong_GB2312", "FangSong", "STFangsong", SERIF),
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", SERIF),
    "heading": ("SimHei", "STHeiti", SANS),
    "caption": ("KaiTi_GB2312", "KaiTi", "STKaiti", SERIF),
}
"""Faces by use, the official ones first; the first that this machine has is taken."""


def render(sheet: Sheet) -> bytes:
    """The PDF; the same sheet and fonts give the same bytes. StoreError names a font or glyph that is absent."""
    return written(lay(sheet), sheet.as_of)


def written(laid: LaidSheet, as_of: datetime) -> bytes:
    """A paper that is laid out already."""
    faces = {use: _face(use, names) for use, names in FONTS.items()}
    check_glyphs(_letters(laid), {family for family, _, _ in faces.values()})
    layout = files("lantian_web.bulletins.files").joinpath("sheet.typ").read_bytes()
    made = typst.compile(
        layout,
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={
            "sheet": json.dumps(_plain(laid), ensure_ascii=False),
            "fonts": json.dumps({use: family for use, (family, _, _) in faces.items()}),
        },
        timestamp=int(as_of.timestamp()),
    )
    return bytes(made)


def _plain(laid: LaidSheet) -> dict[str, Any]:
    """The sheet as JSON takes it, its pictures drawn."""
    plain = asdict(laid)
    for section, told in zip(laid.sections, plain["sections"], strict=True):
        told["pictures"] = [
            {"svg": drawn(picture.of, "svg").decode(), "alt": picture.alt} for picture in section.pictures
        ]
    return plain


def check_glyphs(text: Iterable[str], families: Iterable[str]) -> None:
    """StoreError naming each character that a family cannot draw."""
    letters = set(text)
    for family in sorted(families):
        _, path, index = _installed()[family]
        absent = missing(letters, path, index)
        if absent:
            names = ", ".join(f"{c} (U+{ord(c):04X})" for c in absent[:12])
            raise StoreError(f"font {family} has no glyph for {names}")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_embedded_fonts=False)


@cache
def _installed() -> dict[str, tuple[str, str, int]]:
    """Family, file and index in it, of the upright face nearest to regular weight, by family."""
    upright = [font for font in _fonts().fonts() if font.path and font.style == "normal"]
    upright.sort(key=lambda font: (abs(font.weight - 400), font.path or ""), reverse=True)
    return {font.family: (font.family, font.path or "", font.index) for font in upright}


def _face(use: str, names: Sequence[str]) -> tuple[str, str, int]:
    found = next((_installed()[name] for name in names if name in _installed()), None)
    if found is None:
        raise StoreError(
            f"no font for the {use} of a PDF; install one of {', '.join(names)} (fonts-noto-cjk)"
        )
    return found


def _letters(laid: LaidSheet) -> set[str]:
    """Every character that the paper prints."""

    def told(value: object) -> Iterable[str]:
        if isinstance(value, str):
            yield from value
        elif isinstance(value, Run):
            yield from value.text
        elif isinstance(value, list):
            for item in value:
                yield from told(item)
        elif hasattr(value, "__dataclass_fields__"):
            for name in value.__dataclass_fields__:
                yield from told(getattr(value, name))

    return set(told(laid))

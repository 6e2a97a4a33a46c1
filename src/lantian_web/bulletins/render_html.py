"""A paper as HTML: the fragment inside the console's page, and a file that stands alone."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from django.template.loader import render_to_string

from lantian.records import Light
from lantian.report import Sheet
from lantian_web.bulletins.layout import LaidSheet, lay
from lantian_web.bulletins.links import href
from lantian_web.bulletins.pictures import drawn
from lantian_web.bulletins.wording import Run

__all__ = ["fragment", "render"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run with the address of its rows."""

    text: str
    href: str
    notes: tuple[int, ...]
    light: Light | None


def render(sheet: Sheet, bulletin_id: str) -> bytes:
    """The whole file: one document with its style inside, nothing fetched."""
    return render_to_string("bulletins/file.html", _context(sheet, bulletin_id)).encode()


def fragment(file: bytes) -> str:
    """The paper inside a rendered file, without its frame: what was frozen is shown, never worded anew."""
    text = file.decode()
    return text[text.index("<article") : text.rindex("</article>") + len("</article>")]


def _context(sheet: Sheet, bulletin_id: str) -> dict[str, object]:
    laid = lay(sheet)
    return {"laid": laid, "sheet": sheet, "sections": _sections(laid, bulletin_id)}


def _sections(laid: LaidSheet, bulletin_id: str) -> list[dict[str, object]]:
    def pieces(runs: list[Run]) -> list[Piece]:
        return [Piece(run.text, href(run.link, bulletin_id), run.notes, run.light) for run in runs]

    return [
        {
            "id": section.id,
            "heading": section.heading,
            "lines": [pieces(line) for line in section.lines],
            "pictures": [
                {"alt": picture.alt, "svg": b64encode(drawn(picture.of, "svg")).decode()}
                for picture in section.pictures
            ],
            "tables": [
                {
                    "id": table.id,
                    "caption": pieces(table.caption),
                    "heads": list(zip(table.heads, table.numbers, strict=True)),
                    "rows": [
                        [(pieces(cell), number) for cell, number in zip(row, table.numbers, strict=False)]
                        for row in table.rows
                    ],
                    "widths": [round(100 * weight) for weight in table.weights],
                    "empty": table.empty,
                    "total": table.total,
                }
                for table in section.tables
            ],
        }
        for section in laid.sections
    ]

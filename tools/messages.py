"""Bring the message catalogue up to date: new msgids in, gone ones out, translations kept.

python -m tools.messages          rewrite the catalogue, list what lacks a translation (exit 1 when any does)
python -m tools.messages --check  change nothing
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent / "src" / "lantian_web"
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, None] = dict.fromkeys(
    ("_", "gettext", "gettext_lazy", "lazy", "ngettext", "pgettext", "pgettext_lazy", "npgettext")
)
CONTEXT = ("pgettext", "pgettext_lazy", "npgettext")
PLURAL = ("ngettext", "npgettext")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed stamp: equal messages give an equal file
Found = tuple[str, str | tuple[str, str], str | None]


def sources() -> Iterator[tuple[str, str]]:
    """(path inside the package, Python text) of all code and templates."""
    for path in sorted(ROOT.rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), path.read_text()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".svg", ".txt"):
            yield str(path.relative_to(ROOT)), plain(templatize(path.read_text(), origin=str(path)))


def plain(text: str) -> str:
    """What templatize leaves between the messages is no Python; keep only its calls, line by line."""
    calls = re.compile(
        r"""\b(?:_|gettext|ngettext|pgettext|npgettext)\((?:[^()'"]|u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*")*\)""",
        re.S,
    )
    return "\n".join(found.group(0).replace("\n", " ") for found in calls.finditer(text))


def messages() -> Iterator[Found]:
    """(path, msgid or (singular, plural), context) of every message."""
    for path, text in sources():
        for _line, function, said, _comments in extract_python(io.BytesIO(text.encode()), KEYWORDS, (), {}):
            parts = [str(part) for part in (said if isinstance(said, tuple) else (said,)) if part]
            if not parts:
                continue
            context = parts.pop(0) if function in CONTEXT else None
            yield path, (parts[0], parts[1]) if function in PLURAL else parts[0], context


def fresh(old: Catalog) -> Catalog:
    """The catalogue of today's messages with the translations of the old one."""
    made = Catalog(
        locale="zh_Hans",
        project="Lantian",
        version="1",
        fuzzy=False,
        header_comment="# Chinese wording of Lantian; msgids are English. Kept by tools/messages.py.",
        creation_date=BEGAN,
        revision_date=BEGAN,
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
    )
    for path, said, context in messages():
        kept = old.get(said if isinstance(said, str) else said[0], context)
        flags = {"python-format"} if "%(" in (said if isinstance(said, str) else said[0]) else set()
        made.add(said, kept.string if kept else None, locations=[(path, 0)], context=context, flags=flags)
    return made


def missing(catalogue: Catalog) -> list[str]:
    """Msgids without a translation."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and not (all(message.string) if isinstance(message.string, tuple) else message.string)
    ]


def main() -> int:
    """Update, or only check."""
    old = read_po(CATALOGUE.open("rb"), locale="zh_Hans") if CATALOGUE.exists() else Catalog(locale="zh_Hans")
    made = fresh(old)
    if "--check" not in sys.argv:
        with CATALOGUE.open("wb") as file:
            write_po(file, made, width=110, sort_output=True, include_lineno=False)
    lacking = missing(made)
    for text in lacking:
        print(text)  # noqa: T201
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())

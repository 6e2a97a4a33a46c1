"""The guide speaks of commands, options and pages that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools import lifecycle

from lantian_cli.main import COMMANDS, load

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
COMMAND = re.compile(r"(?:^|`|\s)lantian ((?:[a-z]+)(?: [^`\n#|]*)?)", re.MULTILINE)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def commands(text: str) -> Iterator[list[str]]:
    """Words of every command the page shows, from code blocks and code spans."""
    code = re.findall(r"```\n(.*?)```", text, re.DOTALL) + re.findall(r"`(lantian [^`]+)`", text)
    for found in COMMAND.finditer("\n".join(code)):
        yield shlex.split(found[1])
    for options in re.findall(r'DEMO="([^"]*)"', text):
        if options != "...":
            yield ["demo", *shlex.split(options)]


def taken(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words call, and its words."""
    command, rest = load(words[0]), words[1:]
    while getattr(command, "commands", None):
        if not rest:
            return command, rest
        assert rest[0] in command.commands, f"lantian {' '.join(words)}"
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_command_shown_is_one(page: Path) -> None:
    for words in commands(page.read_text(encoding="utf-8")):
        assert words[0] in COMMANDS, words
        command, rest = taken(words)
        known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        used = [word.partition("=")[0] for word in rest if word.startswith("--")]
        assert [name for name in used if name not in known | {"--help"}] == [], words


def test_every_command_stands_in_the_guide() -> None:
    shown = {words[0] for page in PAGES for words in commands(page.read_text(encoding="utf-8"))}
    assert set(COMMANDS) - shown == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_the_life_of_a_task_is_drawn_from_its_table() -> None:
    assert lifecycle.PAGE.read_text(encoding="utf-8") == lifecycle.render()


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:4] for path in DECISIONS] == [f"{no:04d}" for no in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), path.name


def test_the_keys_of_the_guide_are_the_keys_of_the_console() -> None:
    templates = ROOT / "src" / "lantian_web" / "templates"
    pages = "\n".join(path.read_text(encoding="utf-8") for path in templates.rglob("*.html"))
    shown = set(re.findall(r'data-key="(\w)"', pages)) | set(re.findall(r"<kbd>(\w)</kbd>", pages))
    told = set(
        re.findall(r"<kbd>(\w)</kbd>", (ROOT / "docs" / "guide" / "desk.md").read_text(encoding="utf-8"))
    )
    assert {key.lower() for key in told} == {key.lower() for key in shown}

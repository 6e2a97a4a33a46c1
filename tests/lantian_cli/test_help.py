"""The command line itself: what it lists, what it imports for that, how it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lantian.errors import DataError, LawError, StoreError
from lantian_cli import main as cli

HEAVY = {"numba", "numpy", "pyarrow", "django", "duckdb"}


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    children = getattr(command, "commands", None)
    if not children:
        yield path, command
    for name, child in (children or {}).items():
        yield from leaves(child, (*path, name))


def test_help_loads_nothing_heavy() -> None:
    script = "import sys; from lantian_cli.main import app\ntry: app(['--help'])\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    listing, _, modules = done.stdout.rstrip().rpartition("\n")
    assert HEAVY.isdisjoint(modules.split())
    assert all(name in listing for name in cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_says_what_it_does_with_an_example(name: str) -> None:
    for path, command in leaves(cli.load(name), (name,)):
        assert f"Example: lantian {' '.join(path)}" in (command.help or ""), path


def test_an_unknown_command_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.app(["standard"])
    assert ended.value.code == 2
    assert "standards" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            DataError("not a number", source="a.csv", row=3, field="aqi"),
            "a.csv, row 3, field aqi: not a number",
        ),
        (LawError("no_signer", "a warning needs one"), "no_signer: a warning needs one"),
        (StoreError("segment 2 is cut"), "segment 2 is cut"),
        (FileNotFoundError(2, "No such file or directory", "b.csv"), "b.csv: No such file or directory"),
    ],
)
def test_errors_are_one_line_on_stderr_and_exit_2(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    assert cli.exit_code(fail) == 2
    assert capsys.readouterr() == ("", f"lantian: {said}\n")


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError("no file in it")])
def test_a_bug_is_not_dressed_up(error: Exception) -> None:
    def fail() -> None:
        raise error

    call: Callable[[], object] = fail
    with pytest.raises(type(error)):
        cli.exit_code(call)

"""What must hold over the whole repository, whoever changes it."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for path in (ROOT / "src").rglob("*.py") if "migrations" not in path.parts)
VENDOR = ROOT / "src" / "lantian_web" / "static" / "vendor"
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
NET_LINES = 400
# Places of the papers the project grew from, and of the air it replays: data, never code.
PLACES = re.compile(
    r"临汾|洛阳|尧都|曲沃|襄汾|洪洞|Linfen|Luoyang|Yaodu|Quwo|Xiangfen|Hongdong", re.IGNORECASE
)
MACHINE = re.compile(r"(?<![\w./$~-])/(?:work|home|root|Users|mnt|opt)/")
ADDRESS = re.compile(r"^\s*(?:-i\b|-f\b|--(?:extra-)?index-url|--find-links)|://", re.MULTILINE)


@cache
def tracked() -> tuple[Path, ...]:
    """Text files that are, or would be, committed."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    files = (ROOT / name for name in listing.split("\0") if name)
    return tuple(path for path in files if path.is_file() and b"\0" not in path.read_bytes()[:8000])


def net_lines(source: str) -> int:
    """Lines that hold code: no blank, comment or docstring lines."""
    documented: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            documented.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in documented
        for number, line in enumerate(source.splitlines(), 1)
    )


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_what_it_is_for_and_stays_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source.strip() or ast.get_docstring(ast.parse(source)), "no docstring"
    assert net_lines(source) <= NET_LINES


def test_no_place_of_the_papers_in_code() -> None:
    assert [named(path) for path in MODULES if PLACES.search(path.read_text(encoding="utf-8"))] == []


def test_no_path_of_a_machine() -> None:
    own = Path(__file__).resolve()
    files = [path for path in tracked() if path != own and VENDOR not in path.parents]
    assert [named(path) for path in files if MACHINE.search(path.read_text(encoding="utf-8"))] == []


def test_imports_run_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", LOCKS, ids=named)
def test_a_lock_pins_hashes_and_holds_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ADDRESS.search(text) is None
    pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(pins) > 40
    assert [pin.split(" ", 1)[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_locks_agree_and_hold_what_the_project_asks_for() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return {line.removesuffix(" \\") for line in text.splitlines() if re.match(r"[a-z0-9]", line)}

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    names = {re.split(r"[\[<>=!~; ]", line)[0].lower() for line in asked}
    assert names <= {pin.split("==")[0] for pin in pins("run.lock")}
    assert pins("run.lock") <= pins("dev.lock")


def test_the_npm_lock_holds_no_address_of_a_package() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in text
    packages = json.loads(text)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)
    assert packages[""]["dependencies"] == json.loads((ROOT / "package.json").read_text())["dependencies"]


def test_vendored_files_are_those_that_were_taken() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    present = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del present["SHA256SUMS"]
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in present.items()} == listed
    packages = {name.split("/")[0] for name in listed}
    assert [package for package in packages if not list((VENDOR / package).glob("LICENSE*"))] == []


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    from django.core.management import call_command

    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except SystemExit:
        pytest.fail("a model changed without a migration: lantian's makemigrations would write one")


def test_tests_have_a_home_of_their_own() -> None:
    from django.conf import settings

    assert Path(os.environ["LANTIAN_HOME"]).resolve() == settings.LANTIAN_HOME
    assert ROOT not in settings.LANTIAN_HOME.parents

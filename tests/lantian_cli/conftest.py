"""A home with the small city in it, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.lantian_cli.homes import FILL, python


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("homes") / "home"
    home.mkdir()
    done = python(home, "-c", FILL)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "home"))

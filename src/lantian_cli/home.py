"""Opening a home: the environment that settings are read from, and Django after it."""

from __future__ import annotations

import os
from pathlib import Path

from lantian.errors import DataError

__all__ = ["make_home", "open_home"]


def open_home(home: Path) -> None:
    """Set LANTIAN_HOME and start Django. DataError when there is no home here; nothing is written then."""
    filled = (home / "registry.sqlite3").is_file() or bool(os.environ.get("LANTIAN_DATABASE_URL"))
    if not (home.is_dir() and filled):
        raise DataError("there is no home here; `lantian demo` makes one", source=str(home))
    make_home(home)


def make_home(home: Path) -> None:
    """As `open_home`, making the folder. Compiled kernels are kept beside the home."""
    home.mkdir(parents=True, exist_ok=True)
    os.environ["LANTIAN_HOME"] = str(home.resolve())
    os.environ.setdefault("NUMBA_CACHE_DIR", str((home.parent / "numba").resolve()))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian_web.settings")
    import django

    django.setup()

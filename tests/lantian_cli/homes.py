"""A small home that holds a city, and commands run on it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.plays import own_environment

ROOT = Path(__file__).resolve().parents[2]
FILL = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from lantian_web.inventory.commands import import_city
from tests.lantian_web import cast
made = cast.city()
import_city(made, cast.learnt(made))
"""


def python(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the settings of a home."""
    environment = own_environment(
        LANTIAN_HOME=str(home), DJANGO_SETTINGS_MODULE="lantian_web.settings", PYTHONPATH=str(ROOT)
    )
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def lantian(home: Path, *arguments: str) -> tuple[int, Any]:
    """Exit code, and the JSON on stdout or the line on stderr."""
    done = python(home, "-m", "lantian_cli", *arguments, "--home", str(home))
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

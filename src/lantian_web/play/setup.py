"""Before the play: the city is built or read back, the registry filled, the log-ins made.

A home belongs to one script (seed, size, days, air): another one is refused, a second run finds everything there.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.core.management import call_command
from django.db import transaction

from lantian import rehearsal
from lantian.detect.baselines import learn
from lantian.detect.plants import PlantIndex
from lantian.errors import DataError
from lantian.inventory import Duty
from lantian.periods import at
from lantian.records import Action, Role
from lantian.standards import in_force
from lantian_store.durable import write_whole
from lantian_web.accounts import commands as accounts
from lantian_web.accounts.models import User
from lantian_web.events.commands import set_cursor
from lantian_web.events.queries import get_cursor
from lantian_web.inventory.commands import import_city, load_overlay
from lantian_web.play.real_air import RealAir, read_air
from lantian_web.play.watches import fill_watches

__all__ = ["Asked", "Login", "Script", "make_logins", "prepare"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    seed: int
    plants: int
    first: date
    last: date
    air: Path | None = None
    air_city: str | None = None
    rules: str | None = None
    forecast: str = "perfect"


@dataclass(frozen=True, slots=True)
class Login:
    """One log-in, shown once."""

    username: str
    password: str
    role: Role
    person: str


@dataclass(frozen=True, slots=True)
class Script:
    """The play: where, what city, what was asked; and what was left out of the air file."""

    home: Path
    asked: Asked
    city: rehearsal.City
    refused: tuple[DataError, ...] = ()  # rows of the air file that were left out
    flagged: tuple[DataError, ...] = ()  # cells of it that count as missing

    @property
    def real_air(self) -> bool:
        return self.asked.air is not None


def prepare(home: Path, asked: Asked, bars: Any) -> Script:
    """Everything up to the first hour. DataError when the home belongs to another script or the air file is foreign."""
    _check_rules(asked)
    air = _air(home, asked)
    _claim(home, asked, air.sha256 if air else "")
    with bars.step("city"):
        city = _city(home, asked)
    if air:
        city = city.with_air(air.days, rehearsal.ForecastKind(asked.forecast), air.around)
    with bars.step("registry"):
        call_command("migrate", verbosity=0, skip_checks=True)
        _fill(city, asked)
    return Script(home, asked, city, air.refused, air.flagged) if air else Script(home, asked, city)


def _claim(home: Path, asked: Asked, air_hash: str) -> None:
    """Write down which script this home plays, or refuse another one."""
    wanted = {key: str(value) for key, value in asdict(asked).items() if key != "air"} | {"air": air_hash}
    path = home / "city" / "script.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(wanted, ensure_ascii=False, indent=1).encode())
        return
    there = json.loads(path.read_text())
    for key, value in wanted.items():
        if there.get(key) != value:
            raise DataError(
                f"this home plays {key}={there.get(key)}, not {value}; name another --home", source=str(home)
            )


def _check_rules(asked: Asked) -> None:
    """StandardsError naming the gap when the first day lies before the trigger table and no edition is named."""
    in_force("warning_triggers", asked.first, asked.rules)


def _air(home: Path, asked: Asked) -> RealAir | None:
    if asked.air is None:
        return None
    if not asked.air_city:
        raise DataError("--air needs --city", source="command line")
    if asked.forecast not in ("perfect", "persistence"):
        raise DataError(f"--forecast {asked.forecast}: perfect or persistence", source="command line")
    return read_air(asked.air, asked.air_city, asked.first, asked.last, home)


def _city(home: Path, asked: Asked) -> rehearsal.City:
    folder = home / "city" / "tables"
    if not (folder / "done").exists():
        days = (asked.last - asked.first).days + 1
        city = rehearsal.build_city(asked.seed, asked.plants, first_day=asked.first, days=days)
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in rehearsal.to_tables(city).items():
            pq.write_table(table, folder / f"{name}.parquet")
        write_whole(folder / "done", b"")
        return city
    return rehearsal.from_tables(
        {path.stem: pq.read_table(path) for path in sorted(folder.glob("*.parquet"))}
    )


@transaction.atomic
def _fill(city: rehearsal.City, asked: Asked) -> None:
    """Registry rows, all or none; the cursor `filled` says that it was done."""
    if get_cursor("filled") is not None:
        return
    index = PlantIndex.build(city.enterprises, city.lines, city.meters)
    row = {meter.id: i for i, meter in enumerate(city.meters)}
    energy = city.daily_energy[[row[key] for key in index.meter_ids]]
    import_city(city, learn(energy, city.energy_days, index))
    set_cursor("play", 1, json.dumps(_marks(city, asked), ensure_ascii=False))
    for table, text in rehearsal.own_tables(city).items():
        load_overlay(table, text, "rehearsal", "", "system", at(asked.first, 0))
    fill_watches(city)
    set_cursor("filled", 1)


def _marks(city: rehearsal.City, asked: Asked) -> dict[str, object]:
    """What every page and paper says of this play: a drill, which part is real, which rules are counterfactual."""
    marks: dict[str, object] = {
        "drill": True,
        "air": "real" if city.real_air else "rehearsal",
        "first": asked.first.isoformat(),
        "last": asked.last.isoformat(),
        "edition": asked.rules or "",
        "counterfactual": asked.rules is not None,
        "forecast": asked.forecast if city.real_air else city.forecast_kind.value,
    }
    if not city.real_air:
        return marks | {"regions": ["rehearsal"]}
    return marks | {"air_city": asked.air_city, "air_file": asked.air.name if asked.air else ""}


@transaction.atomic
def make_logins(script: Script) -> tuple[Login, ...]:
    """An analyst, the dispatcher of the county with most plants, a leader, the manager of its first plant with a duty.

    Made once, shown at once: nothing when there are log-ins already.
    """
    if User.objects.exists():
        return ()
    city = script.city
    now = at(city.first_day, 0)
    county = Counter(plant.area_id for plant in city.enterprises).most_common(1)[0][0]
    ordered = {row.enterprise_id for row in city.listed if row.action is Action.STOP}
    plant = next(p for p in city.enterprises if p.area_id == county and p.id in ordered)
    unit = next(u for u in city.units if u.enterprise_id == plant.id)
    office = next(p for p in city.posts if p.duty is Duty.ANALYST)
    leader = next(p for p in city.posts if p.duty is Duty.SIGNER)
    dispatcher = next(p for p in city.posts if p.duty is Duty.DISPATCHER and p.area_id == county)
    manager = next(p for p in city.posts if p.duty is Duty.MANAGER and p.unit_id == unit.id)
    return tuple(
        _login(name, role, scope, post.person_id, now)
        for name, role, scope, post in (
            ("analyst", Role.ANALYST, ("area", office.area_id), office),
            ("dispatcher", Role.DISPATCHER, ("area", county), dispatcher),
            ("leader", Role.LEADER, ("area", office.area_id), leader),
            ("plant", Role.PLANT_MANAGER, ("enterprise", plant.id), manager),
        )
    )


def _login(name: str, role: Role, scope: tuple[str, str], person: str, now: datetime) -> Login:
    user, password = accounts.add_user(name, now, "system", person)
    accounts.give(user, role, *scope, now=now, by="system")
    return Login(name, password, role, person)

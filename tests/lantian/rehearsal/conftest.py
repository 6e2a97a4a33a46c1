"""One small city, and its episode played once for all tests."""

from __future__ import annotations

import pytest

from lantian.records import Order
from lantian.rehearsal import City, build_city

from .season import DAYS, FIRST_DAY, Played, episode_orders, play_and_judge


@pytest.fixture(scope="session")
def city() -> City:
    return build_city(7, 400, first_day=FIRST_DAY, days=DAYS)


@pytest.fixture(scope="session")
def orders(city: City) -> list[Order]:
    return episode_orders(city)


@pytest.fixture(scope="session")
def played(city: City, orders: list[Order]) -> Played:
    return play_and_judge(city, orders)

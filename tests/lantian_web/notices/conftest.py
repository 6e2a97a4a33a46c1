"""A chat platform, a clock, and a courier between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.lantian_web import cast
from tests.lantian_web.notices.robots import FakeClock, Robots, serving

from lantian_web.notices import commands
from lantian_web.notices.courier import Courier
from lantian_web.notices.models import Channel


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(cast.SIGNED)


@pytest.fixture
def robots(clock: FakeClock, settings: object) -> Iterator[Robots]:
    with serving(Robots(clock)) as made:
        settings.NOTICE_HOSTS = frozenset({"127.0.0.1"})  # type: ignore[attr-defined]
        settings.BASE_URL = "https://lantian.example"  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def channel(robots: Robots, town: cast.City) -> Callable[..., Channel]:
    """`channel("north", "9001")`: a WeCom robot for an area."""

    def make(name: str, area: str, **more: object) -> Channel:
        given: dict[str, object] = {"kind": "wecom", "address": robots.wecom(f"key-of-{name}")} | more
        return commands.add_channel(
            name=name,
            area_id=area,
            by=cast.ANALYST,
            now=cast.SIGNED,
            **given,  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def courier(clock: FakeClock, town: cast.City) -> Iterator[Courier]:
    made = Courier(clock)
    yield made
    made.close()

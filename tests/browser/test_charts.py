"""The pictures in a real browser: drawn under the console's own policy, wide and narrow, day and night."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from django.utils import translation
from playwright.sync_api import Browser, Route, expect

from lantian.assess.patterns import calendar, heat_map, week_profile
from lantian.assess.roses import pollution_rose, wind_rose
from lantian.observe.panel import DayPanel, HourPanel
from lantian.periods import Period
from lantian.records import ObservationKind as Kind
from lantian_web.assessments import charts

pytestmark = pytest.mark.browser
FOLDER = Path(charts.__file__).resolve().parents[2] / "static"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'"
PAGE = """<!doctype html><link rel="stylesheet" href="/lantian.css"><script src="/lantian.js"></script>
<script src="/vendor/echarts/echarts.min.js" defer></script><script src="/charts.js" defer></script>
<div class="plot" data-chart="/option.json"></div>"""


def options() -> dict[str, object]:
    rng = np.random.default_rng(2)
    hours = HourPanel(
        ("<b>站</b>",),
        date(2026, 11, 1),
        {
            Kind.PM25: rng.lognormal(4, 0.5, (1, 24 * 50)),
            Kind.WIND_FROM: rng.uniform(0, 360, (1, 24 * 50)),
            Kind.WIND_SPEED: rng.gamma(2, 1, (1, 24 * 50)),
        },
    )
    hours.values[Kind.PM25][0, 30:40] = np.nan
    days = DayPanel(("a",), date(2026, 11, 1), {Kind.PM25: rng.lognormal(4, 0.7, (1, 40))})
    point = hours.points[0]
    two = Period(date(2026, 11, 1), date(2026, 11, 2))
    with translation.override("zh-hans"):
        return {
            "calendar": charts.calendar(calendar(days, "a", Period(date(2026, 11, 1), date(2026, 12, 10)))),
            "heat_map": charts.heat_map(heat_map(hours, [point], Kind.PM25, two)),
            "profile": charts.profile(week_profile(hours, point, Kind.PM25)),
            "pollution_rose": charts.pollution_rose(pollution_rose(hours, point, Kind.PM25)),
            "wind_rose": charts.wind_rose(wind_rose(hours, point)),
        }


OPTIONS = options()


@pytest.mark.parametrize("kind", OPTIONS)
@pytest.mark.parametrize(("width", "theme"), [(760, "light"), (380, "dark")])
def test_a_picture_is_drawn(browser: Browser, kind: str, width: int, theme: str) -> None:
    def answer(route: Route) -> None:
        name = route.request.url.split("picture.test/")[1]
        if name == "option.json":
            route.fulfill(body=json.dumps(OPTIONS[kind]), content_type="application/json")
        elif name:
            kind_of = "text/css" if name.endswith("css") else "text/javascript"
            route.fulfill(body=(FOLDER / name).read_bytes(), content_type=kind_of)
        else:
            route.fulfill(body=PAGE, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    context = browser.new_context(viewport={"width": width, "height": 400}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.route("http://picture.test/**", answer)
    page.goto("http://picture.test/")
    drawn = page.locator("[data-drawn] svg")
    expect(drawn).to_be_visible()
    box, holder = drawn.bounding_box(), page.locator(".plot").bounding_box()
    assert box is not None
    assert holder is not None
    assert box["width"] <= holder["width"] <= width
    assert page.locator(".plot b").count() == 0  # a name is text
    page.set_viewport_size({"width": width - 60, "height": 400})
    expect(page.locator(f"[data-drawn='{round(holder['width']) - 60}']")).to_be_visible()
    assert problems == []
    context.close()

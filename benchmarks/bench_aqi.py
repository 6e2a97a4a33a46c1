"""The array engine's AQI against the exact scalar specification and against aqi-hub, on one thread.

Run: `NUMBA_CACHE_DIR=var/numba python benchmarks/bench_aqi.py [ROWS]` (a million city-hours unless told; the extra
`bench` holds aqi-hub). Every row of the engine has to be the scalar's; then the ratio per row of one run, and where
aqi-hub gives another answer, how often, and who is right by the clause.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from aqi_hub.aqi_cn.aqi import cal_aqi_cn, cal_iaqi_cn, cal_primary_pollutant, get_aqi_level

from lantian.assess.aqi import AQI_ITEMS, Reading, aqi_of, iaqi
from lantian.assess.engine import aqi_arrays, primary_of
from lantian.records import ObservationKind as Kind
from lantian.standards import in_force

HUB = {Kind.SO2: "SO2", Kind.NO2: "NO2", Kind.PM10: "PM10", Kind.PM25: "PM25", Kind.CO: "CO", Kind.O3: "O3"}
TOPS = {Kind.SO2: 1200.0, Kind.NO2: 900.0, Kind.PM10: 700.0, Kind.PM25: 600.0, Kind.CO: 60.0, Kind.O3: 900.0}
HUB_ROWS = 20_000
EDITION = "2026"

Rows = Mapping[Reading, np.ndarray[Any, Any]]


def random_rows(count: int, report: str) -> Rows:
    """Readings with two decimals, a tenth of them on a tie, a twentieth missing."""
    rng = np.random.default_rng(633)
    rows = {}
    for item in AQI_ITEMS:
        period = "1h" if report == "hourly" else "8h" if item is Kind.O3 else "24h"
        values = np.round(rng.uniform(0, TOPS[item], count), 2)
        ties = rng.random(count) < 0.1
        step = 0.1 if item is Kind.CO else 1.0
        values[ties] = np.round((np.floor(values[ties] / step) + 0.5) * step, 2)
        values[rng.random(count) < 0.05] = np.nan
        rows[item, period] = values
    return rows


def unlike(rows: Rows, report: str, edition: str) -> int:
    """Rows in which the engine's AQI, class, primary items, single indices or missing items are not the scalar's."""
    found = aqi_arrays(rows, report, edition)
    columns = {key: array.tolist() for key, array in rows.items()}
    wrong = 0
    for at in range(len(found.aqi)):
        row = {key: column[at] for key, column in columns.items()}
        known = {key: None if value != value else Decimal(str(value)) for key, value in row.items()}
        wanted = aqi_of(known, report, edition)
        single = {item: int(n) for item, n in zip(AQI_ITEMS, found.iaqi[at].tolist(), strict=True) if n >= 0}
        same = (
            (wanted.aqi or 0) == found.aqi[at]
            and (wanted.level or 0) == found.level[at]
            and wanted.primary == primary_of(int(found.primary[at]))
            and wanted.missing == primary_of(int(found.missing[at]))
            and dict(wanted.iaqi) == single
        )
        wrong += not same
    return wrong


def best(work: Callable[[], Any], times: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def by_hub(rows: list[dict[str, float]], report: str) -> None:
    """AQI, primary items and class of some rows by aqi-hub."""
    for row in rows:
        aqi, single = cal_aqi_cn(**row, data_type=report)
        cal_primary_pollutant(single)
        get_aqi_level(aqi)


def ratio(report: str, count: int) -> None:
    """Time per row of both, in one run."""
    rows = {key: np.nan_to_num(array, nan=1.0) for key, array in random_rows(count, report).items()}
    aqi_arrays(rows, report, EDITION)
    own = best(lambda: aqi_arrays(rows, report, EDITION)) / count
    names = {item: item.value for item in AQI_ITEMS}
    columns = {names[item]: array[:HUB_ROWS].tolist() for (item, _), array in rows.items()}
    hub_rows = [{name: values[at] for name, values in columns.items()} for at in range(min(HUB_ROWS, count))]
    hub = best(lambda: by_hub(hub_rows, report), 3) / len(hub_rows)
    print(
        f"{report:7s} engine {own * 1e9:7.1f} ns/row, aqi-hub {hub * 1e9:9.1f} ns/row: {hub / own:6.0f} times as fast"
    )


def scales() -> Iterator[tuple[Kind, str, str]]:
    """Item, period of the scale, aqi-hub's name; PM by the hour on the daily scale."""
    for item in AQI_ITEMS:
        for period in ("24h", "1h", "8h"):
            if _points(item, period):
                yield item, period, f"{HUB[item]}_{period.upper()}"


def _points(item: Kind, period: str) -> tuple[Any, ...]:
    rows = in_force("iaqi_breakpoints", _DAY, EDITION)
    return tuple(row for row in rows if (row["item"], row["period"]) == (item.value, period))


_DAY = date(2026, 3, 1)


def differences() -> None:
    """Every published step of every scale, and the ways in which whole sets differ; the clause decides."""
    print(
        "\nwhere aqi-hub differs under edition 2026, every published step of each scale; the exact value is the clause's:"
    )
    for item, period, name in scales():
        places = 1 if item is Kind.CO else 0
        top = int(max(row.number() for row in _points(item, period)) * 10**places)
        steps = [Decimal(n).scaleb(-places) for n in range(top + 20)]
        pairs = [(step, iaqi(item, period, step, EDITION), cal_iaqi_cn(name, float(step))) for step in steps]
        wrong = [pair for pair in pairs if pair[1] != pair[2]]
        if wrong:
            step, exact, hub = wrong[0]
            why = (
                "binary floats before the ceiling (HJ 633-2026 4.2.6)"
                if exact + 1 == hub
                else "not the points of Table 3"
            )
            print(
                f"  {name:9s} {len(wrong):4d} of {len(steps)}: at {step} exact {exact}, aqi-hub {hub}: {why}"
            )
    odd = [Decimal("60.4"), Decimal("115.2"), Decimal("35.5"), Decimal("150.49")]
    pairs_ = [(v, iaqi(Kind.PM25, "24h", v, EDITION), cal_iaqi_cn("PM25_24H", float(v))) for v in odd]
    told = "; ".join(f"{v}: exact {a}, aqi-hub {b}" for v, a, b in pairs_ if a != b)
    print(f"  not rounded before the formula (4.2.2, 4.2.3, GB/T 8170), PM2.5 24 h: {told}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hub_aqi, _ = cal_aqi_cn(None, 118, 8, 35, 0.8, 100, data_type="hourly")  # type: ignore[arg-type]
    case = {(Kind.PM10, "1h"): 118, (Kind.SO2, "1h"): 8, (Kind.NO2, "1h"): 35, (Kind.O3, "1h"): 100}
    given: dict[Reading, Decimal | None] = {key: Decimal(v) for key, v in case.items()}
    given[Kind.CO, "1h"] = Decimal("0.8")
    own = aqi_of(given, "hourly", EDITION).aqi
    print(f"  PM2.5 missing, the others at most 100 (5.3.1): exact {own}, aqi-hub {hub_aqi}")
    still: dict[Reading, Decimal | None] = {
        (i, "8h" if i is Kind.O3 else "24h"): Decimal(0) for i in AQI_ITEMS
    }
    hub_zero, _ = cal_aqi_cn(0, 0, 0, 0, 0, 0, data_type="daily")
    print(
        f"  all nought (Table 1 begins at 1): exact {aqi_of(still, 'daily', EDITION).aqi}, aqi-hub {hub_zero}"
    )
    print(
        "  edition 2012: aqi-hub has none (SO2 1 h and O3 8 h above 800, PM by 24 h means, O3 1 h of a day)"
    )


def main() -> None:
    """Check, measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    for report, edition in (("daily", "2026"), ("hourly", "2026"), ("daily", "2012"), ("hourly", "2012")):
        share = count if (report, edition) == ("hourly", "2026") else count // 5
        wrong = unlike(random_rows(share, report), report, edition)
        print(f"{share} random rows, {report} {edition}: {wrong} unlike the scalar")
        assert not wrong
    for report in ("daily", "hourly"):
        ratio(report, count)
    differences()


if __name__ == "__main__":
    main()

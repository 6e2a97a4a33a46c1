"""What the cells of a column say: numbers, times, wind directions. A cell that says nothing known is named."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lantian.observe.panel import Floats
from lantian.observe.tables import plain_text
from lantian.periods import day_start_ms

__all__ = [
    "Bad",
    "Ints",
    "MISSING",
    "YEARS",
    "codes_of",
    "directions",
    "far_off",
    "hours_of",
    "moments",
    "numbers",
    "scaled",
    "to_utc_ms",
]

Ints = NDArray[np.int64]
Bad = list[tuple[int, str]]  # (row, cell)

MISSING = frozenset(
    (
        "",
        "-",
        "--",
        "—",
        "——",
        "–",
        "-;",
        "/",
        "na",
        "n/a",
        "#n/a",
        "nan",
        "null",
        "none",
        "nil",
        "无",
        "缺测",
    )
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_CLOCK = r"(?:[:时点](?P<min>\d{1,2})?分?(?::?(?P<sec>\d{1,2})(?:\.0*)?)?)?)?(?P<z>Z|[+-]\d{2}:?\d{2})?"
_MOMENTS = (  # without marks between them month, day and hour have two digits each: 2026111 may be two days
    re.compile(
        r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?(?:[T ]*(?P<h>(?<=[T 日])\d{1,2})" + _CLOCK
    ),
    re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)日?(?:[T ]*(?P<h>\d\d|(?<=[T 日])\d)" + _CLOCK),
)
_NONE = np.iinfo(np.int64).min
_SERIAL = (20_000, 80_000)  # days since 1899-12-30 that a date can be: 1954 to 2119
YEARS = (1992, 2100)
"""First year that a file may speak of, and the one after the last: the city's zone has had no summer time since 1992."""
_FAR_MS = 15 * 366 * 86_400_000  # no file spans thirty years of hours
_POINTS = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]
_CHINESE = str.maketrans({"北": "N", "东": "E", "南": "S", "西": "W", "偏": "", "风": ""})
_CALM = frozenset(("C", "CALM", "静", "无持续"))


def codes_of(column: pa.Array) -> tuple[list[str], Ints]:
    """The distinct texts of a column, made plain, and each row's place among them; an empty cell is ""."""
    encoded = _encoded(column)
    texts = ["" if value is None else plain_text(_shown(value)) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False).astype(np.int64)
    return [*texts, ""], codes


def _encoded(column: pa.Array) -> pa.DictionaryArray:
    if pa.types.is_nested(column.type):  # lists and the like of a Parquet file say nothing that can be read
        column = pa.array([None if cell is None else str(cell) for cell in column.to_pylist()], pa.string())
    return column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _by_text(column: pa.Array, read: Callable[[str], float | None]) -> tuple[Floats, Bad]:
    """`read` once for each distinct text (NaN = nothing there, None = cannot be read)."""
    texts, codes = codes_of(column)
    found = [read(text) for text in texts]
    values = np.array([math.nan if value is None else value for value in found])[codes]
    wrong = {no for no, value in enumerate(found) if value is None}
    rows = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
    return values, [(row, texts[codes[row]]) for row in rows]


def numbers(column: pa.Array) -> tuple[Floats, Bad]:
    """Numbers of a column, NaN where nothing stands, and the cells that are none. float32 keeps its shortest text."""
    kind = column.type
    if pa.types.is_float32(kind):
        encoded = column.dictionary_encode()
        exact = np.array(
            [float(str(np.float32(value))) for value in encoded.dictionary.to_numpy()], np.float64
        )
        codes = encoded.indices.fill_null(len(exact)).to_numpy(zero_copy_only=False)
        return _finite(np.append(exact, math.nan)[codes])
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return _finite(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    if pa.types.is_null(kind):
        return np.full(len(column), math.nan), []
    return _by_text(column, _number)


def _finite(values: Floats) -> tuple[Floats, Bad]:
    rows = np.flatnonzero(np.isinf(values)).tolist()
    if not rows:
        return values, []
    bad = [(row, str(values[row])) for row in rows]
    return np.where(np.isinf(values), math.nan, values), bad


def _number(text: str) -> float | None:
    if text.lower() in MISSING:
        return math.nan
    return float(text) if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def scaled(values: Floats, factor: Decimal, keep: Collection[float] = ()) -> Floats:
    """Every number times an exact factor, each from its shortest decimal text; the codes in `keep` stay."""
    if factor == 1:
        return values
    encoded = pa.array(values, from_pandas=True).dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    made = [value if value in keep else _times(value, factor) for value in distinct]
    codes = encoded.indices.fill_null(len(made)).to_numpy(zero_copy_only=False)
    exact: Floats = np.array([*made, math.nan])[codes]
    return exact


def _times(value: float, factor: Decimal) -> float:
    made = float(Decimal(str(value)) * factor)
    return made if math.isfinite(made) else value  # beyond what a number holds: none in any unit


def directions(column: pa.Array) -> tuple[Floats, Bad]:
    """Degrees from north of wind words (16 points, English or Chinese) or numbers; calm is NaN."""
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        return _by_text(column, _direction)
    return numbers(column)


def _direction(text: str) -> float | None:
    word = text.upper()
    if word in _CALM or text.removesuffix("风") in _CALM:
        return math.nan
    word = word.translate(_CHINESE)
    for point in (word, word[::-1], word[:1] + word[:0:-1]):  # 东北 is NE, 北东北 is NNE
        if point in _POINTS:
            return _POINTS.index(point) * 22.5
    return _number(text)


def moments(column: pa.Array, epoch_1904: bool = False) -> tuple[Ints, NDArray[np.bool_], Bad, bool]:
    """Local milliseconds of a column of times or days; which rows have one; the cells that are none.

    The last answer tells whether day numbers of a workbook were read. An instant with an offset is turned into the
    city's time.
    """
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        shift = 0
        if pa.types.is_timestamp(column.type) and column.type.tz is not None:
            shift = -_offset_ms(date(2000, 1, 1))
        stated = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())  # less than 1 ms is none
        local = stated.fill_null(0).to_numpy(zero_copy_only=False) + shift
        known = ~stated.is_null().to_numpy(zero_copy_only=False)
        low, high = (int(np.datetime64(f"{year}-01-01", "ms").astype(np.int64)) for year in YEARS)
        there = known & (local >= low) & (local < high)
        bad = [(row, _stated(column, row)) for row in np.flatnonzero(~there).tolist()]
        return local, there, bad, False
    texts, codes = codes_of(column)
    found = [_moment(text, epoch_1904) for text in texts]
    serial = any(
        text for text, value in zip(texts, found, strict=True) if value is not None and _is_serial(text)
    )
    values = np.array([_NONE if value is None else value for value in found])[codes]
    there = values != _NONE
    bad = [(row, texts[codes[row]]) for row in np.flatnonzero(~there).tolist()]
    return values, there, bad, serial


def _stated(column: pa.Array, row: int) -> str:
    """A cell of a column of times or days as it is shown in a message."""
    cell = column.slice(row, 1).cast(pa.string()).to_pylist()[0]
    return "" if cell is None else str(cell)


def _is_serial(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) and _SERIAL[0] < float(text) < _SERIAL[1]


def _moment(text: str, epoch_1904: bool) -> int | None:
    """Milliseconds since 1970 of a text as if it were UTC, None when it is no time."""
    if _is_serial(text):
        days = float(text) + (1462 if epoch_1904 else 0)
        return round((days - 25_569) * 86_400) * 1000
    found = next(filter(None, (form.fullmatch(text) for form in _MOMENTS)), None)
    if not found:
        return None
    year, month, day = int(found["y"]), int(found["m"]), int(found["d"])
    hour, minute, second = (int(found[part] or 0) for part in ("h", "min", "sec"))
    if not YEARS[0] <= year < YEARS[1] or hour > 24 or (hour == 24 and minute + second) or minute > 59:
        return None
    try:
        moment = datetime(year, month, day, tzinfo=UTC) + timedelta(
            hours=hour, minutes=minute, seconds=second
        )
    except ValueError:
        return None
    local = round(moment.timestamp() * 1000)
    if found["z"]:
        local -= offset_of(found["z"]) + _offset_ms(moment.date())
    return local


def offset_of(zone: str) -> int:
    """Milliseconds east of UTC of `Z`, `UTC` or `+08:00`. ValueError for anything else."""
    if zone in ("Z", "UTC"):
        return 0
    found = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", zone)
    if not found:
        raise ValueError(zone)
    size = (int(found[2]) * 60 + int(found[3])) * 60_000
    return -size if found[1] == "-" else size


@cache
def _offset_ms(day: date) -> int:
    """UTC less local time of the city on a day [ms]: minus eight hours in China."""
    return day_start_ms(day) - round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def to_utc_ms(local: Ints, zone: str = "") -> Ints:
    """UTC milliseconds of local ones: of the city's zone, or of an offset such as `+09:00`."""
    return local - offset_of(zone) if zone else local + _offset_ms(date(2000, 1, 1))


def far_off(starts: Ints, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose time lies so far from the middle of all good rows' times that a digit of the year must be wrong."""
    if not good.any():
        return np.zeros(len(starts), np.bool_)
    found: NDArray[np.bool_] = good & (np.abs(starts - np.median(starts[good])) > _FAR_MS)
    return found


def hours_of(column: pa.Array) -> tuple[Ints, Bad]:
    """Hours 0-24 of a column: 7, "07", "07:00", "7时"."""

    def read(text: str) -> float | None:
        found = re.fullmatch(r"(\d{1,2})(?:\.0|:00(?::00)?|时|点)?", text)
        return float(found[1]) if found and int(found[1]) <= 24 else None

    values, bad = _by_text(column, read)
    return np.nan_to_num(values, nan=0.0).astype(np.int64), bad

"""Units, exact conversions and GB/T 8170 rounding.

Law arithmetic never starts from binary floats: a float enters as its shortest decimal text. Means of many values
stay `Fraction` until the one rounding at output, so that a tie is seen as a tie.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from fractions import Fraction
from typing import SupportsFloat

from lantian.errors import DataError

__all__ = ["Number", "convert", "energy_kwh", "power_kw", "round_half_even", "to_decimal"]

Number = Decimal | Fraction | int | float | str | SupportsFloat

# unit -> (dimension, size in the dimension's base unit)
_UNITS: dict[str, tuple[str, Decimal]] = {
    "ug/m3": ("concentration", Decimal("1")),
    "mg/m3": ("concentration", Decimal("1000")),
    "W": ("power", Decimal("0.001")),
    "kW": ("power", Decimal("1")),
    "MW": ("power", Decimal("1000")),
    "kWh": ("energy", Decimal("1")),
    "MWh": ("energy", Decimal("1000")),
    "minute": ("time", Decimal("1")),
    "h": ("time", Decimal("60")),
    "day": ("time", Decimal("1440")),
    "percent": ("share", Decimal("0.01")),
    "share": ("share", Decimal("1")),
}


def to_decimal(value: Number) -> Decimal:
    """The value's shortest decimal text as a Decimal (NumPy scalars too; float32 keeps its own shortest text).

    A Fraction is divided out to 28 digits. DataError when the value is no finite number.
    """
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise DataError(f"{value!r} is not a number") from None
    if not number.is_finite():
        raise DataError(f"{value!r} is not a finite number")
    return number


def round_half_even(value: Number, places: int) -> Decimal:
    """Round once by GB/T 8170 (四舍六入五成双) to `places` decimals; the result has exactly `places` decimals.

    >>> round_half_even("12.5", 0), round_half_even(1.25, 1), round_half_even(1.251, 1)
    (Decimal('12'), Decimal('1.2'), Decimal('1.3'))
    """
    step = Decimal(1).scaleb(-places)
    if isinstance(value, Fraction):
        exact = round(value, places)  # half-even on the exact ratio
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(step)
    return to_decimal(value).quantize(step, rounding=ROUND_HALF_EVEN)


def convert(value: Number, from_unit: str, to_unit: str) -> Decimal:
    """Exact conversion between two units of one dimension. DataError when they do not measure the same thing."""
    try:
        (from_dimension, from_size), (to_dimension, to_size) = _UNITS[from_unit], _UNITS[to_unit]
    except KeyError as error:
        raise DataError(f"unknown unit {error.args[0]!r}") from None
    if from_dimension != to_dimension:
        raise DataError(f"{from_unit} ({from_dimension}) cannot become {to_unit} ({to_dimension})")
    return to_decimal(value) * from_size / to_size


def energy_kwh(power: Number, step_s: int) -> Decimal:
    """Energy [kWh] of a mean power [kW] held for `step_s` seconds."""
    return to_decimal(power) * step_s / 3600


def power_kw(energy: Number, step_s: int) -> Decimal:
    """Mean power [kW] of an energy [kWh] used within `step_s` seconds."""
    return to_decimal(energy) * 3600 / step_s

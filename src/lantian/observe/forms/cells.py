"""One cell of a form: what it means, what was put right, what is wrong with it.

Put right is only what leaves no doubt (full-width digits, blanks, a whole number under a code). Everything else is
refused: a telephone in scientific form has lost its digits, and a bare number may be a day of either date system.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lantian.observe.forms.layout import Column
from lantian.periods import CITY_TZ

__all__ = ["Reading", "read_cell"]

OPEN_ENDED = frozenset({"长期", "至今", "不限", "无"})
YEARS = range(2000, 2101)
DIGITS_OF_A_PHONE = range(7, 13)
WHOLE = 1 << 53
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028\u2029\u2060\ufeff\u00ad]")
_WIDE = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000\xa0]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_NUMBER = re.compile(r"\d+(\.0+)?")
_CODE = re.compile(r"[\w.\-]+")
_PHONE = re.compile(r"\+?[\d\- ()]+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PLAIN = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?")
_TIME = re.compile(r"(\d{1,2})[:时点](\d{2})?(?::00)?分?")


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell's meaning (None = empty). `fault` says why it is refused, `notes` what was put right."""

    value: Any = None
    fault: str = ""
    notes: tuple[str, ...] = ()


class _Wrong(Exception):
    """What is wrong with a cell."""


def read_cell(raw: Any, column: Column, yes: str, no: str) -> Reading:
    """What a cell of the column holds."""
    notes: list[str] = []
    try:
        value = _value(raw, column, (yes, no), notes)
        if value is None and column.required:
            return Reading(None, "empty")
        return Reading(value, "", tuple(notes))
    except _Wrong as wrong:
        return Reading(None, str(wrong), tuple(notes))


def _value(raw: Any, column: Column, words: tuple[str, str], notes: list[str]) -> Any:
    if raw is None:
        return None
    if isinstance(raw, bool):
        if column.kind != "yes":
            raise _Wrong("boolean")
        return raw
    if column.kind in ("day", "moment"):
        return _moment(raw, column.kind, notes)
    if isinstance(raw, (datetime, date, time, timedelta)):
        raise _Wrong("date_as_text")
    if isinstance(raw, (int, float)):
        text = _number(raw, column, notes)
    else:
        text = _clean(str(raw), notes, words=column.kind in ("text", "choice"))
    if not text:
        return None
    return _judged(text, column, words, notes)


def _plain(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0])


def _number(raw: float, column: Column, notes: list[str]) -> str:
    if isinstance(raw, float) and (raw != int(raw) if abs(raw) < WHOLE else True):
        raise _Wrong("fraction")
    if column.kind not in ("code", "phone"):
        raise _Wrong("number_as_text")
    notes.append("phone_as_number" if column.kind == "phone" else "code_as_number")
    return str(int(raw))


def _clean(text: str, notes: list[str], words: bool = False) -> str:
    """Text without what nobody sees; within `words` Chinese punctuation stays as it is written."""
    if _CONTROL.search(text):
        raise _Wrong("control_character")
    plain = _WIDE.sub(_plain, text) if words else unicodedata.normalize("NFKC", text)
    if any(ord(a) != ord(b) and a.isalnum() and b.isascii() for a, b in zip(text, plain, strict=False)):
        notes.append("full_width")
    bare = _INVISIBLE.sub("", plain)
    if bare != plain:
        notes.append("invisible")
    if "\n" in bare.strip() or "\t" in bare.strip():
        notes.append("line_break")
    joined = " ".join(bare.split())
    if bare != bare.strip():
        notes.append("blanks")
    if joined.startswith("#") and joined.rstrip("!?").isupper() and joined[1:2].isalpha():
        raise _Wrong("error_value")
    return joined


def _judged(text: str, column: Column, words: tuple[str, str], notes: list[str]) -> Any:
    if column.kind == "code":
        if _SCIENTIFIC.fullmatch(text):
            raise _Wrong("code_scientific")
        if " " in text:
            text = text.replace(" ", "")
            notes.append("blanks")
        if not _CODE.fullmatch(text):
            raise _Wrong("code_characters")
    elif column.kind == "phone":
        return _phone(text, notes)
    elif column.kind == "choice":
        known = {word: value for value, word in column.choices} | {
            value: value for value, _ in column.choices
        }
        bare = {_bracketless(word): value for word, value in known.items()}
        if (found := known.get(text) or bare.get(_bracketless(text))) is None:
            raise _Wrong("no_choice")
        return found
    elif column.kind == "yes":
        if text not in words:
            raise _Wrong("no_choice")
        return text == words[0]
    if len(text) > column.most:
        raise _Wrong("too_long")
    return text


def _bracketless(text: str) -> str:
    return re.sub(r"[\s()（）]", "", text)


def _phone(text: str, notes: list[str]) -> str:
    if _SCIENTIFIC.fullmatch(text):
        raise _Wrong("phone_scientific")
    if re.search(r"[/,;、，；]", text) or re.search(r"\d{7,} +\d{7,}", text):
        raise _Wrong("two_phones")
    if not _PHONE.fullmatch(text):
        raise _Wrong("no_phone")
    digits = re.sub(r"\D", "", text)
    if text.startswith("+86"):
        digits = digits[2:]
    if len(digits) not in DIGITS_OF_A_PHONE:
        raise _Wrong("phone_digits")
    plain = text.replace(" ", "") if "-" in text else digits
    if plain != text:
        notes.append("phone_blanks")
    return plain


def _moment(raw: Any, kind: str, notes: list[str]) -> date | datetime | None:
    """A day, or an instant of the city's clock; 24:00 is 00:00 of the next day."""
    if isinstance(raw, (int, float, time, timedelta)):
        raise _Wrong("bare_number" if isinstance(raw, (int, float)) else "time_without_day")
    if isinstance(raw, datetime):
        found = raw
    elif isinstance(raw, date):
        found = datetime.combine(raw, time())
    else:
        text = _clean(str(raw), notes)
        if not text:
            return None
        if text in OPEN_ENDED:
            notes.append("open_ended")
            return None
        found = _written(text, kind)
        if not _PLAIN.fullmatch(text):
            notes.append("date_as_text")
    if found.year not in YEARS:
        raise _Wrong("year")
    if kind == "day":
        if found.time() != time():
            raise _Wrong("time_in_day")
        return found.date()
    return found.replace(second=0, microsecond=0, tzinfo=CITY_TZ)


def _written(text: str, kind: str) -> datetime:
    if _NUMBER.fullmatch(text) and not _COMPACT.fullmatch(text):
        raise _Wrong("bare_number")
    day, _, clock = text.replace("T", " ").partition(" ")
    if not clock and kind == "moment" and (glued := re.fullmatch(r"(\d{4}年\d{1,2}月\d{1,2}日)(.+)", day)):
        day, clock = glued[1], glued[2]
    match = _DAY.fullmatch(day) or _COMPACT.fullmatch(day)
    if match is None:
        raise _Wrong("no_day" if kind == "day" else "no_moment")
    try:
        year, month, day_of_month = (int(part) for part in match.groups())
        found = datetime.combine(date(year, month, day_of_month), time())
    except ValueError:
        raise _Wrong("no_such_day") from None
    if year not in YEARS:
        raise _Wrong("year")
    if not clock:
        if kind == "moment":
            raise _Wrong("day_without_time")
        return found
    told = _TIME.fullmatch(clock)
    hour, minute = (int(told[1]), int(told[2] or 0)) if told else (99, 0)
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise _Wrong("no_such_time")
    if kind == "day" and (hour or minute):
        raise _Wrong("time_in_day")
    return found + timedelta(hours=hour, minutes=minute)

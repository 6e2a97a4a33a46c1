"""Instants as people type them in Chinese: how many, which day, which hour. Parts of the grammar of `sentence`.

A part that cannot be told for certain is UNCLEAR, never the likeliest guess.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from re import Match

from lantian.dispatch.clock import office_hours
from lantian.periods import add_working_minutes, at, is_workday, month, next_workday, quarter, week

__all__ = ["DAY", "DURATION", "HALF", "HOUR", "NUMBER", "Doubt", "day_of", "moment_of", "number", "span_end"]


class Doubt(StrEnum):
    """Why a time that somebody typed gives no due time."""

    UNCLEAR = "time_unclear"
    NO_OFFICE_DAY = "no_office_day"  # 下班 on a day on which nobody works
    WEEKDAY_DISAGREES = "weekday_disagrees"


NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|[零〇一二两三四五六七八九十百]+)"
_WHOLE = r"(?:[0-9]{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_AFTER = "[0-9零〇一二两三四五六七八九十小日天月个次]"
_WEEK = r"(?:周|星期|礼拜)"
DAY = rf"""(?:
    (?P<year>20[0-9]{{2}})[年/.-](?P<ymonth>{_WHOLE})[月/.-](?P<yday>{_WHOLE})[日号]?
  | (?P<month>{_WHOLE})月(?P<mday>{_WHOLE})[日号]?
  | (?<![0-9/.])(?P<smonth>[0-9]{{1,2}})/(?P<sday>[0-9]{{1,2}})(?![0-9/])
  | (?P<which>本月|当月|这个月|下个?月)(?P<wday>{_WHOLE})[日号]
  | (?P<last>(?:本|当|这个|下个?)?月[底末]|(?:本季度?|季度)[底末]|(?:今|本|当)?年[底末])
  | (?P<run>本周|这周|下个?周|本月|这个月|下个?月|本季度|本年度?|今年)(?=之?以?内)
  | (?P<rel>大后天|后天|后日|今天|今日|当天|当日|明天|明日|次日|翌日|[今明当](?=[早晚晨]))
  | (?P<past>昨天|昨日|昨(?=[早晚晨夜])|前天|前日|前晚|上个?{_WEEK}[一二三四五六日天]?|上个?月)
  | (?P<ahead>下下|下个?|本|这个?)?{_WEEK}(?P<weekday>[一二三四五六日天])
  | (?P<office>下一?个?工作日|次一?工作日)
  | (?<![0-9.月])(?P<mere>{_WHOLE})[日号](?!之?以?内)
)(?:\((?:{_WEEK}(?P<said>[一二三四五六日天])|(?:(?P<pmonth>{_WHOLE})月)?(?P<pday>{_WHOLE})[日号])\))?"""
HALF = r"(?P<half>凌晨|清晨|早晨|早上|一大早|一早|早|上午|中午|正午|午间|下午|傍晚|晚上|晚间|晚|夜里|夜间|半夜|深夜|午夜)"
HOUR = rf"""(?:
    (?P<hh>[0-9]{{1,2}}):(?P<mm>[0-9]{{2}})(?::00)?
  | (?P<hour>{_WHOLE})[点时](?![间段候限位])(?:(?P<minute>半|[一三]刻|{_WHOLE}(?!{_AFTER}))分?|整|钟)?
  | (?P<desk>下班|上班)
)"""
DURATION = rf"""(?P<amount>
    (?:(?P<hours>{NUMBER})个?(?P<andhalf>半)?(?:小时|钟头|[hH])(?:(?P<more>{NUMBER})分钟?)?)
  | (?:(?P<half>半)个?(?:小时|钟头))
  | (?:(?P<minutes>{NUMBER})(?:分钟|分|min))
  | (?P<quarter>[一三])刻钟
  | (?:(?P<officehours>{NUMBER})个?工作小时)
  | (?:(?P<workdays>{NUMBER})个?工作[日天])
  | (?:(?P<days>{NUMBER})(?:天|日|个?自然日|个?日历日))
  | (?:(?P<weeks>{NUMBER})个?{_WEEK})
  | (?P<halfmonth>半个?月)
  | (?:(?P<months>{NUMBER})个月)
  | (?P<vague>半[天日]|{NUMBER}天半|数[日天]|几[日天]|几个?小时|数小时)
)"""
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_WEEKDAYS = {sign: value for value, sign in enumerate("一二三四五六日")} | {"天": 6}
_TOO_MANY = 1000  # of anything: a slip of the finger
_UNITS = {"十": 10, "百": 100}
_AHEAD = {"大后天": 3, "后天": 2, "后日": 2, "明天": 1, "明日": 1, "次日": 1, "翌日": 1, "明": 1}
# hours that go with a part of the day, as typed, and what is added to them
_HALVES: tuple[tuple[str, range, int], ...] = (
    ("凌晨", range(7), 0),
    ("清晨 早晨 早上 一大早 一早 早", range(4, 12), 0),
    ("上午", range(5, 13), 0),
    ("中午 正午 午间", range(11, 14), 0),
    ("中午 午间", range(1, 3), 12),
    ("下午", range(1, 8), 12),
    ("下午", range(12, 20), 0),
    ("傍晚", range(4, 8), 12),
    ("傍晚", range(16, 20), 0),
    ("晚上 晚间 晚", range(5, 12), 12),
    ("晚上 晚间 晚", range(17, 25), 0),
    ("夜里 夜间 半夜 深夜 午夜", range(8, 12), 12),
    ("夜里 夜间 半夜 深夜 午夜", range(20, 25), 0),
    ("晚上 晚间 晚 夜里 夜间 半夜 深夜 午夜", range(12, 13), 12),
)


def number(text: str) -> Fraction | None:
    """Arabic or Chinese number; None when it is none (一八)."""
    if text[0].isascii():
        return Fraction(text)
    total, digit = 0, None
    for sign in text:
        if sign in _UNITS:
            total += _UNITS[sign] * (1 if digit is None else digit)
            digit = None
        elif digit in (None, 0):
            digit = _DIGITS[sign]
        else:
            return None
    return Fraction(total + (digit or 0))


def _whole(text: str) -> int | None:
    found = number(text)
    return int(found) if found is not None and found == int(found) else None


def _date(year: int, month_no: int | None, day: int | None) -> date | Doubt:
    try:
        return date(year, month_no or 0, day or 0)
    except ValueError:
        return Doubt.UNCLEAR


def _coming(now: date, month_no: int | None, day: int | None) -> date | Doubt:
    """The date without a year: this year's, or next year's when that is the nearer one (5 January said in December)."""
    found = _date(now.year, month_no, day)
    if isinstance(found, date) and found < now and found.month + 12 - now.month <= 6:
        return _date(now.year + 1, month_no, day)
    return found


def _month_ahead(now: date, which: str) -> date:
    return month(now).end_on + timedelta(days=1) if which.startswith("下") else now


def _last(now: date, words: str) -> date:
    if "年" in words:
        return date(now.year, 12, 31)
    if "季" in words:
        return quarter(now).end_on
    if "周" in words:
        return week(now).end_on + timedelta(days=7 * words.startswith("下"))
    return month(_month_ahead(now, words)).end_on


def day_of(found: Match[str], today: date) -> date | Doubt | None:
    """The day named, today when none is; None for one that is over (昨天)."""
    part = found.groupdict()
    if part["past"]:
        return None
    if part["year"]:
        return _date(int(part["year"]), _whole(part["ymonth"]), _whole(part["yday"]))
    if part["month"]:
        return _coming(today, _whole(part["month"]), _whole(part["mday"]))
    if part["smonth"]:
        return _coming(today, int(part["smonth"]), int(part["sday"]))
    if part["which"]:
        first = _month_ahead(today, part["which"])
        return _date(first.year, first.month, _whole(part["wday"]))
    if part["last"] or part["run"]:
        return _last(today, part["last"] or part["run"])
    if part["weekday"]:
        ahead = {"下": 1, "下下": 2}.get((part["ahead"] or "").removesuffix("个"), 0)
        return week(today).start_on + timedelta(days=_WEEKDAYS[part["weekday"]] + 7 * ahead)
    if part["office"]:
        return next_workday(today)
    if part["mere"]:
        # 三日前 may be three days ago
        plain = part["mere"].isascii()
        return _date(today.year, today.month, _whole(part["mere"])) if plain else Doubt.UNCLEAR
    return today + timedelta(days=_AHEAD.get(part["rel"] or "", 0))


def _same(day: date, weekday: str | None, month_no: str | None, month_day: str | None) -> bool:
    """Whether the day is the one in brackets behind it: 12月10日（周四）, 周五（12月11日）."""
    return (
        (weekday is None or _WEEKDAYS[weekday] == day.weekday())
        and (month_no is None or _whole(month_no) == day.month)
        and (month_day is None or _whole(month_day) == day.day)
    )


def _desk(day: date, half: str | None, word: str) -> datetime | Doubt:
    """Opening or close of the office, or of its morning or afternoon."""
    if not is_workday(day):
        return Doubt.NO_OFFICE_DAY
    spans = office_hours(day)
    opens = word == "上班"
    if half in (None, "早", "早上", "晚", "晚上"):
        half = None
    elif half not in ("上午", "中午", "下午"):
        return Doubt.UNCLEAR
    span = spans[0] if half in ("上午", "中午") or (half is None and opens) else spans[-1]
    edge = span[0] if opens else span[1]
    return at(day, edge.hour, edge.minute)


def _hour(half: str | None, hour: int, written: str, dated: bool) -> int | None:
    """The hour of the day from 0 to 24; None when it may be one of two."""
    if half:
        for words, hours, added in _HALVES:
            if half in words.split() and hour in hours:
                return hour + added
        return None
    if hour == 0:
        return 0 if dated else None
    if hour <= 6 and not written.startswith("0"):
        return None
    return hour


def moment_of(found: Match[str], now: datetime, before: bool) -> datetime | Doubt | None:
    """The instant that the parts of a match (DAY, HALF, HOUR) name, from `now` (local). A day without an hour is
    its 24:00. `before`: the text says 前. None for a day that is over."""
    part = found.groupdict()
    day = day_of(found, now.date())
    if not isinstance(day, date):
        return day
    if not _same(day, part["said"], part["pmonth"], part["pday"]):
        return Doubt.WEEKDAY_DISAGREES
    half, written = part["half"], part["hh"] or part["hour"]
    if part["desk"]:
        return _desk(day, half, part["desk"])
    if not written:
        if not half:
            return at(day, 24)
        if half in ("中午", "正午", "午间"):
            return at(day, 12)
        return _desk(day, half, "下班") if half in ("上午", "下午") and not before else Doubt.UNCLEAR
    typed = _whole(written)
    dated = bool(part["month"] or part["year"] or part["rel"] not in (None, "今天", "今日", "今", "当天"))
    hour = None if typed is None else _hour(half, typed, written, dated)
    minute = _minute(part["mm"] or part["minute"] or "0")
    if hour is None or minute is None or hour > 24 or minute > 59 or (hour == 24 and minute):
        return Doubt.UNCLEAR
    return at(day, hour, minute)


def _minute(text: str) -> int | None:
    return {"半": 30, "一刻": 15, "三刻": 45}.get(text) or (None if text[-1] in "半刻" else _whole(text))


def span_end(found: Match[str], now: datetime) -> datetime | Doubt:
    """The end of a span typed (DURATION), counted from `now` (local).

    Hours and minutes run from now. Days, weeks and months do not count the first day and end at 24:00 of the last;
    working days end when the office closes.
    """
    part = {key: value for key, value in found.groupdict().items() if value is not None}
    today = now.date()
    amounts = {
        key: number(part[key])
        for key in ("hours", "more", "minutes", "officehours", "workdays", "days", "weeks", "months")
        if key in part
    }
    if "vague" in part or any(amount is None or not 0 < amount < _TOO_MANY for amount in amounts.values()):
        return Doubt.UNCLEAR
    known = {key: amount for key, amount in amounts.items() if amount is not None}
    if "hours" in known or "half" in part:
        halves = ("half" in part) + ("andhalf" in part)
        minutes = 60 * known.get("hours", Fraction(0)) + 30 * halves + known.get("more", 0)
        return now + timedelta(minutes=float(minutes))
    if "minutes" in known or "quarter" in part:
        quarter_hours = {"一": 15, "三": 45}.get(part.get("quarter", ""), 0)
        return now + timedelta(minutes=float(known.get("minutes", 0) + quarter_hours))
    if "officehours" in known:
        return add_working_minutes(now, int(60 * known["officehours"]), office_hours)
    if any(amount != int(amount) for amount in known.values()):
        return Doubt.UNCLEAR
    if "workdays" in known:
        return _desk(next_workday(today, int(known["workdays"])), None, "下班")
    if "months" in known:
        ahead = today.year * 12 + today.month - 1 + int(known["months"])
        last = month(date(ahead // 12, ahead % 12 + 1, 1)).end_on
        return at(last.replace(day=min(today.day, last.day)), 24)
    days = int(known.get("days", 0) + 7 * known.get("weeks", 0)) + 15 * ("halfmonth" in part)
    return at(today + timedelta(days=days), 24) if days else Doubt.UNCLEAR

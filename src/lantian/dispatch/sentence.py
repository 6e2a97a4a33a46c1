"""One sentence as it is typed in a work chat → a draft: what kind of order, due when, how urgent.

Nothing is guessed. A time is a due time only where the words make it one (前, 内, 最迟, 反馈 …); two that disagree, one
that is over and one that can be read in two ways give none, and the draft says so beside the words in question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from re import Match

from lantian.dispatch.deadline import Urgency, kinds
from lantian.dispatch.typed_time import DAY, DURATION, HALF, HOUR, Doubt, day_of, moment_of, span_end
from lantian.errors import PeriodError
from lantian.periods import CITY_TZ, UnpublishedYear

__all__ = ["Draft", "Meaning", "Said", "read"]


class Said(StrEnum):
    """What a stretch of the sentence says, or why it is not taken."""

    DUE = "due_time"
    AT_ONCE = "at_once"
    KIND = "dispatch_kind"
    UNCLEAR = "time_unclear"
    NO_OFFICE_DAY = "no_office_day"
    WEEKDAY_DISAGREES = "weekday_disagrees"
    PAST = "time_is_over"
    YEAR_UNPUBLISHED = "year_unpublished"
    TIMES_DISAGREE = "times_disagree"
    KINDS_DISAGREE = "kinds_disagree"


_TAKEN = frozenset({Said.DUE, Said.AT_ONCE, Said.KIND})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a stretch says; `at` the time it names, `kind` the kind of order."""

    said: Said
    at: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The sentence as typed, and what was read out of it; `said` are stretches of it in their order."""

    text: str
    category: str | None
    due_at: datetime | None
    urgency: Urgency | None
    said: tuple[tuple[str, Meaning], ...]

    @property
    def doubts(self) -> tuple[tuple[str, Meaning], ...]:
        """What the sender has to put right or leave: nothing of it was taken."""
        return tuple(pair for pair in self.said if pair[1].said not in _TAKEN)


# Wide characters people type for narrow ones; every one stays one character.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2236: ord(":"), 0xFE55: ord(":")}
_REPORT = r"(?:进行)?(?:反馈|回复|答复|回报|上报|报送|报告|报(?![警道废停])|提交|交(?!通|叉|办|接)|完成|办结|整改到位|到位)"
_LATEST = r"(?:最迟|至迟|最晚|不[得能]?晚于|不[得能]?迟于|截至|截止到?|(?:时限|期限|截止时间|反馈时间|完成时间)(?:为|是)?:?|限(?:时|期|于|在)?)"
_DAYS = frozenset(
    ("year", "month", "smonth", "which", "last", "run", "rel", "past", "weekday", "office", "mere")
)
_SPAN = re.compile(
    rf"(?P<latest>{_LATEST}在?)?(?<![0-9月年第.:点]){DURATION}(?P<within>之内|以内|内)?", re.VERBOSE
)
_POINT = re.compile(
    rf"(?P<latest>{_LATEST}于?)?(?P<on>[于在])?(?:{DAY})?的?{HALF}?(?:{HOUR})?"
    rf"(?P<before>之前|以前|前(?![后期端段列置沿景面])|截止|为止|止|之内|以内|内(?![部容]))?(?P<then>{_REPORT})?",
    re.VERBOSE,
)
# 收到后2小时内: from when, nobody knows here
_COUNTED_ELSEWHERE = re.compile(r"(?:(?<!今)后|(?<!即日)(?<!今[日天])(?<!现在)起|之时|开始)[,、]?$")
_OF_FACTS = re.compile(
    r"(?:近|过去|未来|今后|最近|连续|持续|累计|此前|以前|每|隔|前|超过?|达|提前|推迟|延长|延迟)$"
)
_BAN = r"(?:一律|[均都])?(?:不得|不能|不准|不许|不要|禁止|严禁|保持|继续|持续)"
_FACT = re.compile(
    r"(?:有(?!关)|未|无|没|曾|已|又|[均都](?![须要应需])|同(?![步时])|仍|累计|连续|多次|反复|出现|发生|超标|平均|浓度"
    rf"|{_BAN}|再次[超出报发]|数据[异超缺显偏为]|[0-9一二两三四五六七八九十]+[次起家])"
)
_NO_DUE = re.compile(rf"{_BAN}|[的已]")  # 明天8点前不得复产: not due then
_BANNED = re.compile(r"(?:不得|不能|不准|禁止|严禁)[在于]?$")
# words before an instant that say of which day it is in a way not read here: 节后第一天下班前, 每周五, 明年3月
_OTHER_DAY = re.compile(r"[日天周月旬节末夕初年号期晚早每隔)]$")
_OTHER_BASE = re.compile(r"[每隔年]$|后[的,、]?$|的$")
_VAGUE = re.compile(
    r"(?:周末|(?<![0-9一二两三四五六七八九十百])年|元旦节?|春节|清明节?|五一|端午节?|中秋节?|国庆节?|节|天黑|月初|月中|[上中下]旬|[午晚]饭)前"
    r"(?![后期端段列置沿景面])"
)
_AT_ONCE = re.compile(
    r"(?<![非不])(?<!不必)(?<!无需)(?<!不用)(?<!不需)(?:立即|即刻|立刻|马上|火速|第一时间|紧急|特急|加急)"
)


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    meaning: Meaning


def read(text: str, now: datetime) -> Draft:
    """Read a sentence typed at `now` (aware). PeriodError for a naive instant."""
    if now.tzinfo is None:
        raise PeriodError(f"{now.isoformat()} has no time zone")
    local = now.astimezone(CITY_TZ)
    places = [place for place, sign in enumerate(text) if not sign.isspace()]
    plain = "".join(text[place] for place in places).translate(_NARROW)
    times = _agreed(_times(plain, local))
    at_once = [_Found(*hit.span(), Meaning(Said.AT_ONCE)) for hit in _AT_ONCE.finditer(plain)]
    named = _kinds(plain, local)
    found = sorted([*times, *at_once, *named], key=lambda each: (each.start, each.end))
    said = tuple((text[places[each.start] : places[each.end - 1] + 1], each.meaning) for each in found)
    due = {each.meaning.at for each in times} if all(each.meaning.said is Said.DUE for each in times) else ()
    kind = {each.meaning.kind for each in named if each.meaning.said is Said.KIND}
    return Draft(
        text,
        next(iter(kind), None),
        next(iter(due), None),
        Urgency.EMERGENCY if at_once else None,
        said,
    )


def _agreed(times: list[_Found]) -> list[_Found]:
    """Due times that disagree are none."""
    if len({each.meaning.at for each in times if each.meaning.said is Said.DUE}) < 2:
        return times
    return [
        _Found(each.start, each.end, Meaning(Said.TIMES_DISAGREE, each.meaning.at))
        if each.meaning.said is Said.DUE
        else each
        for each in times
    ]


def _kinds(plain: str, local: datetime) -> list[_Found]:
    """Kinds that the words name; a word inside a longer one (检查 in 交叉检查) does not count."""
    hits = [
        (place, place + len(word), kind.key)
        for kind in kinds(local.date())
        for word in kind.keywords
        for place in _places(plain, word)
    ]
    whole = [
        hit
        for hit in hits
        if not any(a <= hit[0] and hit[1] <= b and b - a > hit[1] - hit[0] for a, b, _ in hits)
    ]
    said = Said.KIND if len({key for _, _, key in whole}) == 1 else Said.KINDS_DISAGREE
    return [_Found(start, end, Meaning(said, kind=key)) for start, end, key in whole]


def _places(plain: str, word: str) -> Iterator[int]:
    place = plain.find(word)
    while place >= 0:
        yield place
        place = plain.find(word, place + 1)


def _times(plain: str, local: datetime) -> list[_Found]:
    found = [each for hit in _SPAN.finditer(plain) if (each := _span(plain, hit, local))]
    spoken = [hit.span() for hit in _SPAN.finditer(plain) if hit["within"] or hit["latest"]]
    other_day = False  # 明天开展核查，18点前反馈: of which day?
    for hit in _POINT.finditer(plain):
        start, end = hit.span()
        if start == end or any(a < end and start < b for a, b in spoken):
            continue
        each = _point(plain, hit, local)
        if each and each.meaning.said is Said.DUE and other_day and not _dated(hit):
            each = _Found(each.start, each.end, Meaning(Said.UNCLEAR))
        found += [each] if each else []
        other_day = other_day or (_dated(hit) and _later(hit, local))
    taken = [(each.start, each.end) for each in found]
    for hit in _VAGUE.finditer(plain):
        if not any(a < hit.end() and hit.start() < b for a, b in taken):
            found.append(_Found(*hit.span(), Meaning(Said.UNCLEAR)))
    return found


def _dated(hit: Match[str]) -> bool:
    return any(hit[part] for part in _DAYS)


def _later(hit: Match[str], local: datetime) -> bool:
    try:
        day = day_of(hit, local.date())
    except UnpublishedYear:
        return True
    return isinstance(day, date) and day > local.date()


def _span(plain: str, hit: Match[str], local: datetime) -> _Found | None:
    """A span is a due time with 内, or after 限; not one of facts (近2小时内, 2小时内3次超标)."""
    start, before = hit.start(), plain[: hit.start()]
    end = hit.end("within") if hit["within"] else hit.end("amount")
    if not (hit["within"] or hit["latest"]) or _OF_FACTS.search(before) or _FACT.match(plain, end):
        return None
    if _COUNTED_ELSEWHERE.search(before):
        return _Found(start, end, Meaning(Said.UNCLEAR))
    meaning = _meaning(hit, local, before=False)
    return _Found(start, end, meaning) if meaning else None


def _point(plain: str, hit: Match[str], local: datetime) -> _Found | None:
    """An instant is a due time with 前, after 最迟, before 反馈, or as the last words of the sentence."""
    marks = hit["before"] or hit["latest"]
    end = hit.end("before") if hit["before"] else hit.start("then") if hit["then"] else hit.end()
    named = any(hit[part] for part in ("half", "hh", "hour", "desk"))
    dated = _dated(hit)
    if not (named or dated) or (hit["before"] == "止" and not dated):
        return None
    if hit["before"] and plain[end : end + 1] in ("往", "去"):  # 18点前往: at 18:00, or before?
        return _Found(hit.start(), end, Meaning(Said.UNCLEAR))
    last = not plain[hit.end() :].strip("。.!;") and (not hit.start() or plain[hit.start() - 1] in ",。;、:")
    if not marks and not hit["then"] and not (last and named):
        return None
    earlier, within = plain[: hit.start()], (hit["before"] or "").endswith("内")
    if _NO_DUE.match(plain, end) or _BANNED.search(earlier) or (within and _FACT.match(plain, end)):
        return None
    if (_OTHER_BASE if dated else _OTHER_DAY).search(earlier):
        return _Found(hit.start(), end, Meaning(Said.UNCLEAR)) if hit["before"] else None
    meaning = _meaning(hit, local, before=bool(hit["before"]) and not within)
    weak = not hit["before"] and (hit["latest"] or "截至").startswith("截")
    if meaning is None or (weak and meaning.said is Said.PAST):  # 12月8日完成整改: what has happened
        return None
    return _Found(hit.start(), end, meaning)


def _meaning(hit: Match[str], local: datetime, before: bool) -> Meaning | None:
    try:
        found = span_end(hit, local) if "amount" in hit.groupdict() else moment_of(hit, local, before)
    except UnpublishedYear:
        return Meaning(Said.YEAR_UNPUBLISHED)
    if found is None:
        return None
    if isinstance(found, Doubt):
        return Meaning(Said(found.value))
    return Meaning(Said.DUE if found > local else Said.PAST, found)

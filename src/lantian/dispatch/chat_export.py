"""Messages of a chat copied or exported by hand: who wrote what at which minute, line by line.

Texts pasted from WeChat, WeCom and DingTalk have the sender and the time in a line above the message, before it, or
after it; tables have them in columns. One file is read in the one form that most of its lines have. Nothing is lost:
a line that belongs to no message and a message whose time cannot be read are handed back with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import Enum

from lantian.errors import DataError
from lantian.periods import CITY_TZ

__all__ = ["ChatExport", "Form", "Message", "Unread", "read_rows", "read_text", "text_of"]

_CLOCK = (
    r"(?:(?:(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?|(?P<month2>\d{1,2})[-/月](?P<day2>\d{1,2})日?|"
    r"(?P<back>今天|昨天|前天))?[ T]*(?:星期[一二三四五六日天]|周[一二三四五六日天])?\s*)?"
    r"(?P<half>上午|下午|早上|晚上|凌晨|中午|傍晚|AM|PM|am|pm)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\.\d+)?"
    r"(?:\s*(?P<after>AM|PM|am|pm))?"
)
_NAME = r"(?P<name>(?!\d{4}[-/.年]|\d{1,2}月|今天|昨天|前天|上午|下午|凌晨|晚上|中午|傍晚|早上|星期|周[一二三四五六日天]\s)[^\s::][^\n]{0,38}?)"
_SYSTEM = re.compile(r"^.{1,40}(?:撤回了一条消息|加入了?群聊|退出了群聊|移出了?群聊|修改群名|拍了拍).{0,40}$")
_DAY_LINE = re.compile(
    r"^[\s—–=*-]*(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"\s*(?:星期[一二三四五六日天]|周[一二三四五六日天])?[\s—–=*-]*$"
)
_TIME_LINE = re.compile(rf"^\s*{_CLOCK}\s*$")
_HALF_DAY = 12
_COLUMNS = {
    "sender": ("发送者", "发送人", "发言人", "昵称", "姓名", "成员", "用户", "sender", "from", "nickname"),
    "at": ("发送时间", "消息时间", "时间", "日期", "sendtime", "time", "createtime"),
    "text": ("消息内容", "聊天内容", "内容", "消息", "文本", "正文", "content", "text", "message"),
}


class Form(Enum):
    """Where sender and time stand. Higher up wins when two fit equally often."""

    NAME_TIME = re.compile(rf"^\s*{_NAME}\s*[(\[]?\s+?[(\[]?{_CLOCK}[)\]]?\s*[::]?\s*$")
    TIME_NAME = re.compile(
        rf"^\s*[(\[]?{_CLOCK}[)\]]?\s+(?P<name>[^\s::,，。;；!！?？]{{1,24}}(?: [^\s::,，。]{{1,12}})?)\s*[::]?\s*$"
    )
    NAME_TIME_TEXT = re.compile(rf"^\s*{_NAME}\s*[(\[]\s*{_CLOCK}\s*[)\]]\s*[::]\s*(?P<text>\S.*)$")
    TIME_NAME_TEXT = re.compile(
        rf"^\s*[(\[]?{_CLOCK}[)\]]?\s+(?P<name>[^\s::][^::\n]{{0,30}}?)\s*[::]\s*(?P<text>\S.*)$"
    )
    NAME_TEXT = re.compile(
        r"^\s*(?P<name>[^\s::「『“\"，。,!！?？#\[][^::\n，。]{0,24}?)\s*[::]\s*(?P<text>\S.*)$"
    )
    TABLE = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `at` is None where the chat shows no time; `line` is 1-based."""

    line: int
    sender: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Unread:
    """Lines that are in no message, and messages whose time cannot be read."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class ChatExport:
    """What a file holds."""

    form: Form
    messages: tuple[Message, ...]
    unread: tuple[Unread, ...]


def text_of(data: bytes, source: str) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or GB 18030. DataError when it is none of them."""
    codecs = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DataError("neither UTF-8 nor GB 18030 text", source=source)


def _moment(found: re.Match[str], today: date) -> datetime:
    """The instant of a time stamp. ValueError when there is no such time."""
    parts = found.groupdict()
    hour, half = int(parts["hour"]), (parts["half"] or parts["after"] or "").lower()
    if half:
        if half in ("下午", "晚上", "傍晚", "pm") and hour < _HALF_DAY:
            hour += _HALF_DAY
        elif half == "晚上" and hour == _HALF_DAY:
            raise ValueError("twelve in the evening may be noon or midnight")
        elif half in ("上午", "凌晨", "早上", "am") and hour == _HALF_DAY:
            hour = 0
        elif half == "中午" and hour < 3:
            hour += _HALF_DAY
    day = today
    if parts["year"]:
        day = date(int(parts["year"]), int(parts["month"]), int(parts["day"]))
    elif parts["month2"]:
        day = date(today.year, int(parts["month2"]), int(parts["day2"]))
        if day > today + timedelta(days=1):  # pasted in January, written in December
            day = day.replace(year=today.year - 1)
    elif parts["back"]:
        day = today - timedelta(days=("今天", "昨天", "前天").index(parts["back"]))
    second = int(parts["second"] or 0)
    return datetime.combine(day, time(hour, int(parts["minute"]), second), CITY_TZ)


def _dated(found: re.Match[str]) -> bool:
    return any(found[name] for name in ("year", "month2", "back"))


def _form_of(lines: Sequence[str]) -> tuple[Form, bool]:
    """The form that most lines have, and whether its time stamps carry a date: then those without are text."""
    timed = (Form.NAME_TIME, Form.TIME_NAME, Form.NAME_TIME_TEXT, Form.TIME_NAME_TEXT)
    hits = {form: [found for line in lines if (found := form.value.match(line))] for form in timed}
    best = max(timed, key=lambda form: len(hits[form]))
    if hits[best]:
        dated = [found for found in hits[best] if found["year"]]
        return best, bool(dated)
    return Form.NAME_TEXT, False


def read_text(text: str, today: date, source: str = "") -> ChatExport:
    """Read a pasted or exported text. `today` dates what carries no date. DataError when no message is in it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("：", ":").split("\n")
    raw = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    form, years = _form_of(lines)
    messages: list[Message] = []
    unread: list[Unread] = []
    body: list[str] = []
    day, stamp = today, None
    current: Message | None = None
    bad: Unread | None = None

    def close() -> None:
        nonlocal current, bad, body
        said = "\n".join(body).strip("\n ")
        if bad is not None:
            unread.append(replace(bad, text="\n".join([bad.text, *body]).strip()))
        elif current is not None:
            messages.append(replace(current, text=said))
        current, bad, body = None, None, []

    for number, (line, own) in enumerate(zip(lines, raw, strict=True), start=1):
        if found := _DAY_LINE.match(line):
            try:
                day = date(int(found["year"]), int(found["month"]), int(found["day"]))
                close()
                continue
            except ValueError:
                pass
        if _SYSTEM.match(line) and not form.value.match(line):
            close()
            messages.append(Message(number, "", stamp, own.strip()))
            continue
        if form is Form.NAME_TEXT and (found := _TIME_LINE.match(line)):
            close()
            try:
                stamp = _moment(found, day)
            except ValueError as error:
                unread.append(Unread(number, own, f"no such time: {error}"))
            continue
        head = form.value.match(line)
        if head and form is not Form.NAME_TEXT and years and not head["year"]:
            head = None
        if head is None:
            if current is None and bad is None:
                if own.strip():
                    unread.append(Unread(number, own, "before the first message"))
            else:
                body.append(own)
            continue
        close()
        at = stamp
        if form is not Form.NAME_TEXT:
            try:
                at = _moment(head, day)
            except ValueError as error:
                bad = Unread(number, own, f"no such time: {error}")
                continue
            if _dated(head):
                day = at.date() if head["year"] else day
        if "text" in head.groupdict():
            start = head.start("text")
            body = [own[start:]]
        current = Message(number, head["name"].strip(" -()[]"), at, "")
    close()
    if not messages and not unread:
        raise DataError("there is no message in it", source=source)
    return ChatExport(form, tuple(messages), tuple(unread))


def _columns(row: Sequence[object]) -> dict[str, int] | None:
    names = [str(cell).strip().lower().replace(" ", "") for cell in row]
    found = {}
    for wanted, known in _COLUMNS.items():
        places = [names.index(name) for name in known if name in names]
        if not places:
            return None
        found[wanted] = places[0]
    return found


def _cell_moment(cell: object, today: date) -> datetime:
    if isinstance(cell, datetime):
        return cell if cell.tzinfo else cell.replace(tzinfo=CITY_TZ)
    found = re.fullmatch(_CLOCK, str(cell).strip())
    if found is None:
        raise ValueError(f"{cell!r} is no time")
    return _moment(found, today)


def _table(
    rows: Iterable[Sequence[object]], columns: dict[str, int], first: int, today: date
) -> Iterator[Message | Unread]:
    for line, row in enumerate(rows, start=first):
        cells = [*row, *[""] * (max(columns.values()) + 1 - len(row))]
        shown = " | ".join(str(cell) for cell in row)
        if not shown.replace("|", "").strip():
            continue
        try:
            at = _cell_moment(cells[columns["at"]], today)
        except ValueError as error:
            yield Unread(line, shown, f"no such time: {error}")
            continue
        yield Message(line, str(cells[columns["sender"]]).strip(), at, str(cells[columns["text"]]).strip())


def read_rows(rows: Sequence[Sequence[object]], today: date, source: str = "") -> ChatExport:
    """Read a table (CSV, workbook). DataError when it has no columns of sender, time and text."""
    for place, row in enumerate(rows):
        columns = _columns(row)
        if columns is not None:
            found = list(_table(rows[place + 1 :], columns, place + 2, today))
            before = [
                Unread(line, " | ".join(map(str, each)), "before the first message")
                for line, each in enumerate(rows[:place], start=1)
                if any(str(cell).strip() for cell in each)
            ]
            return ChatExport(
                Form.TABLE,
                tuple(each for each in found if isinstance(each, Message)),
                (*before, *(each for each in found if isinstance(each, Unread))),
            )
    raise DataError("no columns of sender, time and text", source=source)

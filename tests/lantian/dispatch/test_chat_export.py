"""Exports of chats: who wrote what at which minute, whatever client it was copied from; nothing is lost."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lantian.dispatch.chat_export import Form, read_rows, read_text, text_of
from lantian.errors import DataError
from lantian.periods import CITY_TZ

TODAY = date(2026, 12, 8)


def at(hour: int, minute: int, second: int = 0, day: int = 8) -> datetime:
    return datetime(2026, 12, day, hour, minute, second, tzinfo=CITY_TZ)


@pytest.mark.parametrize(
    ("text", "form", "found"),
    [
        (
            "张三 2026-12-08 07:31:22\n收到\n\n李四 2026-12-08 07:33:00\n好的\n马上办\n",
            Form.NAME_TIME,
            [("张三", at(7, 31, 22), "收到"), ("李四", at(7, 33), "好的\n马上办")],
        ),
        (
            "2026-12-08 07:31:22 张三\n收到\n2026-12-08 07:33:00 李四\n09:10收到，09:35到场\n10:00 前反馈",
            Form.TIME_NAME,
            [("张三", at(7, 31, 22), "收到"), ("李四", at(7, 33), "09:10收到，09:35到场\n10:00 前反馈")],
        ),
        (
            "07:31 张三\n收到\n07:33 李四\n好",
            Form.TIME_NAME,
            [("张三", at(7, 31), "收到"), ("李四", at(7, 33), "好")],
        ),
        (
            "张三: 收到\n李四：好\n第二行",
            Form.NAME_TEXT,
            [("张三", None, "收到"), ("李四", None, "好\n第二行")],
        ),
        (
            "2026年12月7日 下午3:05\n张三：收到\n下午3:10\n李四：办完了",
            Form.NAME_TEXT,
            [("张三", at(15, 5, day=7), "收到"), ("李四", at(15, 10), "办完了")],
        ),
        (
            "张三 下午12:05\n收到\n李四 凌晨0:10\n好",
            Form.NAME_TIME,
            [("张三", at(12, 5), "收到"), ("李四", at(0, 10), "好")],
        ),
        ("王五 昨天 15:05\n收到", Form.NAME_TIME, [("王五", at(15, 5, day=7), "收到")]),
        (
            "张三(2026-12-08 07:31:22): 收到\n李四(2026-12-08 07:31:25)：好",
            Form.NAME_TIME_TEXT,
            [("张三", at(7, 31, 22), "收到"), ("李四", at(7, 31, 25), "好")],
        ),
        (
            "—————  2026-12-07  —————\n\n张三  23:58\n收到\n\n—————  2026-12-08  —————\n\n张三  00:10\n好",
            Form.NAME_TIME,
            [("张三", at(23, 58, day=7), "收到"), ("张三", at(0, 10), "好")],
        ),
        (
            "张三 2026-12-08 07:31:22\n「攻坚办：请核查」\n- - - - -\n收到\n县局 张三 12月8日 09:42",
            Form.NAME_TIME,
            [("张三", at(7, 31, 22), "「攻坚办：请核查」\n- - - - -\n收到\n县局 张三 12月8日 09:42")],
        ),
    ],
)
def test_forms(text: str, form: Form, found: list[tuple[str, datetime | None, str]]) -> None:
    export = read_text(text, TODAY)
    assert (export.form, export.unread) == (form, ())
    assert [(each.sender, each.at, each.text) for each in export.messages] == found


def test_a_recall_is_a_message_of_its_own_and_ends_the_one_before() -> None:
    export = read_text(
        "张三 2026-12-08 07:31:22\n收到\n李四撤回了一条消息\n王五 2026-12-08 07:32:00\n好", TODAY
    )
    assert [each.text for each in export.messages] == ["收到", "李四撤回了一条消息", "好"]


def test_what_cannot_be_read_is_handed_back_with_its_text() -> None:
    export = read_text("群聊记录\n张三 2026-12-08 25:10\n收到\n李四 2026-12-08 07:33\n好", TODAY)
    assert [(each.line, each.text) for each in export.unread] == [
        (1, "群聊记录"),
        (2, "张三 2026-12-08 25:10\n收到"),
    ]
    assert [each.text for each in export.messages] == ["好"]
    twelve = read_text("张三 晚上12:10\n收到\n李四 下午1:00\n好", TODAY)
    assert "midnight" in twelve.unread[0].why


def test_a_day_without_a_year_is_the_last_one() -> None:
    export = read_text("张三 12-31 23:50\n收到", date(2027, 1, 2))
    assert export.messages[0].at == datetime(2026, 12, 31, 23, 50, tzinfo=CITY_TZ)


def test_a_table_names_its_columns() -> None:
    rows = [
        ["导出"],
        ["发送者", "时间", "内容"],
        ["张三", "2026-12-08 07:31", "收到"],
        ["李四", "早上", "好"],
        [],
    ]
    export = read_rows(rows, TODAY)
    assert [(m.line, m.sender, m.at, m.text) for m in export.messages] == [(3, "张三", at(7, 31), "收到")]
    assert [each.line for each in export.unread] == [1, 4]
    with pytest.raises(DataError):
        read_rows([["a", "b"], ["1", "2"]], TODAY)


NAMES = st.sampled_from(["张三", "安岭县-李四", "王五（北渠县）", "Zhao Liu"])
BODIES = st.text(alphabet="收到办结请核查，。！ ab", min_size=1, max_size=20).filter(str.strip)


@given(st.lists(st.tuples(NAMES, st.integers(0, 1439), BODIES), min_size=1, max_size=8), st.booleans())
def test_every_message_comes_back(said: list[tuple[str, int, str]], above: bool) -> None:
    lines = []
    for name, minute, body in said:
        stamp = f"2026-12-08 {minute // 60:02d}:{minute % 60:02d}:00"
        lines += [f"{stamp} {name}" if above else f"{name} {stamp}", body]
    export = read_text("\n".join(lines), TODAY)
    assert export.unread == ()
    assert [(each.sender, each.at, each.text) for each in export.messages] == [
        (name, at(minute // 60, minute % 60), body.strip()) for name, minute, body in said
    ]


@given(st.text(alphabet="张三李四 收到:：0123-/年月日下午\n「」.", max_size=120))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        export = read_text(text, TODAY)
    except DataError:
        return
    lines = [each.line for each in (*export.messages, *export.unread)]
    assert lines
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(codec: str) -> None:
    assert text_of("张三：收到".encode(codec), "a.txt") == "张三：收到"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(DataError):
        text_of(b"\x89PNG\x00\x01\xff\xfe\xff", "a.png")

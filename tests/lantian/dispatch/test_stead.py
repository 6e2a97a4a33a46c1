"""In whose place a reply is said."""

from __future__ import annotations

import pytest

from lantian.dispatch.reply.stead import Stead, before_receipt, beside_receipt, steads


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("代王明收到", [Stead("", "王明")]),
        ("替王科长签收", [Stead("", "王科长")]),
        ("李四代王明收到", [Stead("李四", "王明")]),
        ("收到(李四代)", [Stead("李四", "")]),
        ("收到,代签", [Stead("", "")]),
        ("代 @ 王明 收到", [Stead("", "王明")]),
        ("受王明委托,收到", [Stead("", "王明")]),
        ("我受李科长的委托签收", [Stead("我", "李科长")]),
        ("受委托,收到", [Stead("", "")]),
        ("王明委托我收到", [Stead("", "王明")]),
        ("收到,已接受委托检测", []),
        ("收到,马上通知王明", []),
        ("收到,请代表参会", []),
        ("收到,交代下去了", []),
        ("收到,代码已更新", []),
    ],
)
def test_who_signs_for_whom(body: str, told: list[Stead]) -> None:
    assert list(steads("", body)) == told


def test_blanks_tell_nothing_however_many_there_are() -> None:
    assert steads("", f"代{' ' * 1900}王明{' ' * 80}收到") == (Stead("", "王明"),)


def test_what_stands_before_the_receipt_of_each_clause() -> None:
    assert before_receipt("王明收到,马上办") == "王明"
    assert before_receipt("马上办") == ""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("王明收到了", ("王明了",)),
        ("收到,马上停", ("马上停",)),
        ("收到 王明", ("王明",)),
        ("收到--王明", ("王明",)),
        ("收到。--王明", ("王明",)),
        ("我是王明,收到", ("我是王明",)),
        ("收到(南县)", ("南县",)),
        ("收到,已通知王明、李四", ("已通知王明、李四",)),
        ("收到", ()),
    ],
)
def test_what_stands_beside_words_of_receipt(body: str, told: tuple[str, ...]) -> None:
    assert beside_receipt("", body) == told
    assert beside_receipt("王明回复", body) == ("王明回复", *told)

"""Replies of the work chats: read as a person would, and never a sign-for in doubt."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools.replies import EXAMPLES as TAUGHT
from tools.replies import examples, learnt_from

from lantian.dispatch.reply import Label, numbers_in, read, words
from lantian.dispatch.reply.weighing import weights
from lantian.standards import parse

EXAMPLES = Path(__file__).resolve().parents[2] / "worked_examples"
WORDS = words(date(2026, 12, 8))


def rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def score(name: str) -> tuple[int, int, int, int]:
    """(rows, labels right, wrong sign-fors, numbers right); no text leaves this function."""
    right = wrong = numbers = 0
    found = rows(name)
    for row in found:
        reading = read(row["text"], WORDS, replies_to_order=row["replies_to_order"] == "1")
        right += reading.label == row["label"]
        wrong += reading.label is Label.RECEIVED and row["label"] != Label.RECEIVED
        numbers += ";".join(reading.numbers) == row["numbers"]
    return len(found), right, wrong, numbers


@pytest.mark.parametrize(
    ("name", "count", "least", "allowed"),
    [
        ("chat_replies_seen.csv", 250, 0.98, 0),  # learnt from
        ("chat_replies_unseen.csv", 250, 0.98, 0),  # written before there was any reader, and never looked at
        ("chat_replies_exam.csv", 900, 0.97, 3),  # two more writers, and never learnt from
    ],
)
def test_replies_are_read(name: str, count: int, least: float, allowed: int) -> None:
    found, right, wrong, numbers = score(name)
    print(f"{name}: {right} of {count} labels right, {wrong} wrong sign-fors, {numbers} numbers right")
    told = (found, right >= least * count, wrong <= allowed, numbers >= 0.99 * count)
    assert told == (count, True, True, True), (
        f"{right} right, {wrong} wrong sign-fors, {numbers} numbers right"
    )


@pytest.mark.slow
def test_the_weights_are_learnt_from_these_examples_with_these_signs() -> None:
    assert weights().learnt_from == learnt_from(examples()), "run `make replies`"


def test_what_was_learnt_is_known() -> None:
    with TAUGHT.open(encoding="utf-8", newline="") as file:
        taught = [row for row in csv.DictReader(file) if row["set"].startswith("chat")][::7]
    told = [
        (row["label"], read(row["text"], WORDS, replies_to_order=row["quoted"] == "1").label)
        for row in taught
    ]
    wrong = [one for one in told if one[1] is Label.RECEIVED != one[0]]
    assert len(told) > 1000
    assert sum(was == now for was, now in told) >= 0.97 * len(told)
    assert len(wrong) <= 0.001 * len(told)


PLAIN = ["收到", "收到了", "我县收到", "31号令收到", "安岭县张三收到", "好的收到", "收到调度令", "签收"]


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize(
    "turn",
    [
        "{}吗",
        "{}了吗？",
        "请各单位{}后回复",
        "{}，不归我们管",
        "{}，申请延期",
        "{}，哪个厂？",
        "{}，明天再去",
        "{}，但是有困难",
        "可能{}",
        "转发：张三：{}",
        "@所有人 {}",
        "【自动回复】{}",
    ],
)
def test_what_turns_a_sign_for(text: str, turn: str) -> None:
    assert read(text, WORDS).label is Label.RECEIVED
    assert read(turn.format(text), WORDS, replies_to_order=True).label is not Label.RECEIVED


@pytest.mark.parametrize("text", PLAIN[:4])
@pytest.mark.parametrize("no", ["没", "没有", "未", "还没", "木有", "尚未"])
def test_a_denial_is_none(text: str, no: str) -> None:
    denied = text.replace("收到", f"{no}收到")
    assert read(denied, WORDS).label is Label.REFUSED


@pytest.mark.parametrize("text", PLAIN)
@pytest.mark.parametrize(
    "frame", ["{}，谢谢领导", "好的，{}", "{}，马上落实", "@李四 {}", "{}[抱拳]", "　{}！！"]
)
def test_courtesy_and_promises_change_nothing(text: str, frame: str) -> None:
    assert read(frame.format(text), WORDS).label is Label.RECEIVED


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    reading = read(text, WORDS)
    assert reading.label in Label
    assert all(number in text for number in reading.numbers)


@given(st.text(alphabet="收到没未不吗？请各单位后，。12号令0034@「」：\n 好的办完已停明天转退", max_size=24))
def test_no_denial_question_or_request_is_a_sign_for(text: str) -> None:
    reading = read(text, WORDS, replies_to_order=True)
    if any(turn in text for turn in ("没收到", "未收到", "收到吗", "收到没", "请收到", "不收到")):
        again = text.count("收到") > 1
        assert again or reading.label is not Label.RECEIVED


NO_SIGNS = r"""
收到，拒绝执行|收到，不同意|收到，做不到|收到，办不了|收到，不能停|收到，不去|收到，要申诉|收到，我们有异议|收到，企业已注销|收到，建议转交河东
收到，应由河东负责|收到，属于城管|收到，归王明管|收到，没人手|收到，先放着|收到，时间太紧|收到，把地址发我
#接龙\n1. 安岭 没收到\n2. 北渠 收到|没收到31，收到32|除了31都收到了|31以外都收到了|收到❓|收到🤔|收到👎|收到❌|？收到|收到没？收到！|收到不收到|收到了木
煤收到了|设备收到|核酸结果收到|补贴款已收到|衣服收到了|传真收到|反馈已收到|设备已收到，今天装|平川已收到，河东呢|老王那边收到了
让李四签收|速收到|AI助手：收到|已自动签收|签到|收车|收官|收作业|9:30 到|电话 138 0013 8000 139 1234 5678|31 32 33 34 35 36|1208-0031收到
「李科长：今晚聚餐」\n-----\n收到|「王明：没收到」\n-----\n收到|> 李科长: 明天开会\n收到
"""


@pytest.mark.parametrize("text", [one for line in NO_SIGNS.split("\n") for one in line.split("|") if one])
def test_what_is_near_a_sign_for_and_is_none(text: str) -> None:
    assert read(text.replace("\\n", "\n"), WORDS).label is not Label.RECEIVED


@pytest.mark.parametrize(
    "text",
    [
        "收到1",
        "收到，天冷注意保暖",
        "旺达快递收到",
        "收到没问题",
        "收到，绝不拖延",
        "没事，收到",
        "收到，不等人齐先去",
        "通知收到，马上办",
    ],
)
def test_what_looks_like_something_else_and_is_a_sign_for(text: str) -> None:
    assert read(text, WORDS).label is Label.RECEIVED


@pytest.mark.parametrize("quote", ["调度机器人：【调度令】M20261208-0012 请核查", "攻坚办：请立即核查砖厂"])
def test_a_yes_answers_a_quoted_order_and_nothing_else_that_is_quoted(quote: str) -> None:
    assert read(f"「{quote}」\n- - - - -\n好的", WORDS).label is Label.RECEIVED
    assert read("「李科长：今晚聚餐」\n- - - - -\n好的", WORDS).label is not Label.RECEIVED


@pytest.mark.parametrize(
    "part",
    [
        *(
            "我县",
            "好的呢",
            "收到了",
            "值班员老",
            "31号",
            "不归我",
            "明天去",
            "行了哈",
            "请",
            "没有",
            "可能",
            "十",
        ),
        *("31  ", "31、", "31 - ", "三十一、", "0031-", "31" + " " * 30, "「a:", "@a ", "收到 没 "),
    ],
)
def test_no_repetition_takes_long_to_read(part: str) -> None:
    assert read((part * 700)[:1990] + "？", WORDS).label is not Label.RECEIVED
    assert read("指标 " + part * 12 + "？", WORDS).label is not Label.RECEIVED


def test_a_long_text_goes_to_a_person() -> None:
    assert read("收到" * 1500, WORDS).label is Label.UNCLEAR


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("31号令收到", ["31"]),
        ("31号前完成", []),
        ("12月31号收到", []),
        ("31号上午去", []),
        ("0031至0033收到", ["0031", "0033"]),
        ("31、32号收到", ["31", "32"]),
        ("31 32 33 都收到了", ["31", "32", "33"]),
        ("2026-1208-0031 已办结", ["2026-1208-0031"]),
        ("M20261208-0001", []),
        ("０031号令", ["０031"]),
        ("三十一号令收到", ["三十一"]),
        ("9:30收到", []),
        ("12369收到3起", []),
        ("13800138000收到", []),
        ("出动3台车20人", []),
        ("2号炉已停", []),
        ("调度令0045收到", ["0045"]),
    ],
)
def test_numbers_of_orders_alone(text: str, found: list[str]) -> None:
    assert list(numbers_in(text, WORDS).numbers) == found


def test_numbers_of_the_reply_and_of_what_it_quotes_are_told_apart() -> None:
    reading = read("「攻坚办：请核查0031、0032」\n- - - - -\n32收到", WORDS)
    assert (reading.label, reading.numbers, reading.own) == (Label.RECEIVED, ("0031", "0032", "32"), ("32",))


@pytest.mark.parametrize(
    ("text", "doubt", "about"),
    [
        ("几号之前要报？", "", True),
        ("今晚开会几点？", "", False),
        ("吃饭了吗？", "", False),
        ("已停产，还要报什么？", "signs or asks", True),
        ("车间已经停了，什么时候能复工？", "signs or asks", True),
        ("现场核查完毕还要报什么材料？", "signs or asks", True),
        ("停产前要报什么材料？", "", True),
    ],
)
def test_a_question_tells_whether_it_is_about_an_order_and_only_that(
    text: str, doubt: str, about: bool
) -> None:
    reading = read(text, WORDS)
    assert (reading.label, reading.doubt, reading.about_order) == (Label.QUESTION, doubt, about)


def test_a_city_adds_words_of_its_own() -> None:
    header = "kind,word,means,valid_from,valid_to,source,confidence,note\n"
    own = parse("reply_words", header + "variant,接旨,收到,,,the city,original,\n")
    assert read("接旨", WORDS).label is not Label.RECEIVED
    assert read("接旨", words(date(2026, 12, 8), own)).label is Label.RECEIVED
    more = parse("reply_words", header + "order,开会,,,,the city,original,\n")
    assert read("今晚开会几点？", words(date(2026, 12, 8), more)).about_order

"""Every word on a page has its Chinese, and every code has a word."""

from __future__ import annotations

import re
from enum import StrEnum

import pytest
from babel.messages.pofile import read_po
from django.utils.translation import override
from tools import messages

from lantian import records
from lantian_web.desk import wording
from lantian_web.desk.case_words import EVENTS

HAN = re.compile(r"[\u3400-\u9fff]")


def test_no_msgid_lacks_a_translation_and_none_is_left_over() -> None:
    with messages.CATALOGUE.open("rb") as file:
        kept = read_po(file)
    made = messages.fresh(kept)
    assert messages.missing(made) == []
    wanted = {(m.id, m.context) for m in made if m.id}
    assert {(m.id, m.context) for m in kept if m.id} == wanted


def test_placeholders_survive_translation() -> None:
    with messages.CATALOGUE.open("rb") as file:
        for message in read_po(file):
            said = message.string[0] if isinstance(message.string, tuple) else message.string
            asked = message.id[-1] if isinstance(message.id, tuple) else message.id
            if asked and "%(" in asked:
                found = re.findall(r"%\((\w+)\)", said)
                assert set(found) <= set(re.findall(r"%\((\w+)\)", asked)), asked


def test_every_event_has_a_word() -> None:
    """Kinds are written where they are emitted, as "subject.happened"."""
    emitted = set()
    for path in messages.ROOT.rglob("*.py"):
        if path.name in ("commands.py", "issue.py"):
            emitted |= set(
                re.findall(r'"((?:warning|order|finding|task|verdict|bulletin)\.[a-z]+)"', path.read_text())
            )
    assert {"bulletin.asked", "bulletin.made", "task.claimed"} <= emitted
    assert emitted <= set(EVENTS)


@pytest.mark.parametrize(
    ("group", "enum"),
    [
        ("level", records.Level),
        ("finding", records.FindingKind),
        ("finding_state", records.FindingState),
        ("outcome", records.Outcome),
        ("task", records.TaskKind),
        ("task_state", records.TaskState),
        ("action", records.Action),
        ("order_state", records.OrderState),
        ("decision", records.DecisionKind),
        ("basis", records.Basis),
        ("role", records.Role),
        ("light", records.Light),
    ],
)
def test_every_code_has_a_chinese_word(group: str, enum: type[StrEnum]) -> None:
    with override("zh-hans"):
        for member in enum:
            assert HAN.search(wording.label(member.value, group)), member

"""What happens to tasks makes notices; each reaction runs in the transaction of its event.

Which events are heard, and by whom, is the table `notice_rules`.
"""

from __future__ import annotations

from collections.abc import Sequence

from lantian.periods import local_day, to_ms
from lantian.standards import table
from lantian_web.events.commands import NewEvent, react
from lantian_web.notices.asking import Ask, ask_for, queue
from lantian_web.notices.rules import heard_by

HEARD = sorted({row.text("event") for row in table("notice_rules") if row.text("event").startswith("task.")})


@react(*HEARD)
def tell(events: Sequence[NewEvent]) -> None:
    """Queue what the recipients of these events have to hear."""
    ask_for(events)


@react("letter.signed")
def tell_letter(events: Sequence[NewEvent]) -> None:
    """The unit that a signed letter goes to, and the leader whom it names, hear of it."""
    queue([ask for event in events for ask in _of_letter(event)])


def _of_letter(event: NewEvent) -> list[Ask]:
    who = {"unit": ("", event.unit_id), "leader": (str(event.params.get("leader", "")), "")}
    params = {"number": event.params["number"], "letter": event.subject_id}
    return [
        Ask(
            event.kind,
            event.subject_kind,
            event.subject_id,
            event.happened_at,
            rule.audience,
            *who[rule.audience],
            event.area_id,
            weight=rule.weight,
            params=params,
        )
        for rule in heard_by(event.kind, "", local_day(to_ms(event.happened_at)))
        if any(who.get(rule.audience, ()))
    ]

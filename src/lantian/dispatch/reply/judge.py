"""Weighing the clauses of a reply into one label. A doubt is never a sign-for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from lantian.dispatch.reply import patterns
from lantian.dispatch.reply.clause import NUMBER, Clause, Grammar, grammar
from lantian.dispatch.reply.numbers import MARK, numbers_in
from lantian.dispatch.reply.shape import Form, Shape, plain, shape_of
from lantian.dispatch.reply.words import Words

__all__ = ["Label", "Reading", "read"]

LONGEST = 2000  # characters that are read; what is longer is no reply


class Label(StrEnum):
    """What a reply is."""

    RECEIVED = "received"
    DONE = "done"
    QUESTION = "question"
    REFUSED = "refused"
    DELAYED = "delayed"
    OTHER = "other"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reading:
    """A label, the order numbers as written, and by which sign.

    `said` is the reply without what it quotes, with a mark in the place of each number; `own` are the numbers in it.
    """

    label: Label
    numbers: tuple[str, ...]
    why: str
    said: str
    quote: str = ""
    own: tuple[str, ...] = ()


def read(text: str, words: Words, *, replies_to_order: bool = False) -> Reading:
    """Read one message. `replies_to_order` tells that the chat marked it as an answer to a task's notice."""
    numbered = numbers_in(text[:LONGEST], words)
    whole = re.sub(rf"(?<={MARK})\s*[~-]\s*(?={MARK})", "至", plain(numbered.marked, words)).replace(
        MARK, NUMBER
    )
    shape = shape_of(whole, words)
    label, why = (Label.UNCLEAR, "long") if len(text) > LONGEST else _judge(shape, words, replies_to_order)
    own = numbered.placed[shape.quote.count(NUMBER) :]
    return Reading(label, numbered.numbers, why, shape.body, shape.quote, tuple(dict.fromkeys(own)))


def _judge(shape: Shape, words: Words, replies: bool) -> tuple[Label, str]:
    body = shape.body
    if words.has("automatic", body) or words.has("automatic", shape.name):
        return Label.OTHER, "automatic"
    if shape.form is Form.LOG:
        return Label.OTHER, "log"
    tools = grammar(words)
    if shape.form is Form.CHAIN:
        return _chain(shape, tools)
    said = " ".join(filter(None, (shape.name, body)))
    if words.has("system", said):
        return Label.OTHER, "system"
    order_quoted = replies or _orders(shape.quote, tools)
    short = _short(shape, tools, order_quoted)
    if short is not None:
        return short
    clauses = [tools.clause(part) for part in tools.split(body)]
    if shape.name and tools.clause(shape.name).acts is False and not words.is_one("tag", shape.name):
        clauses = _named(shape.name, clauses, tools)
    return _weigh(shape, clauses, tools, order_quoted)


def _orders(quote: str, tools: Grammar) -> bool:
    """Whether what is quoted asks for something, and is not itself somebody's answer."""
    if not patterns.ASKS_ORDER.search(quote):
        return False
    said = [tools.clause(part) for part in tools.split(quote.split(":", 1)[-1])]
    return not any(c.receipt or c.done or c.denied or c.delays for c in said)


def _named(name: str, clauses: list[Clause], tools: Grammar) -> list[Clause]:
    """A pasted name or unit before the colon belongs to nobody's meaning; anything else is read too."""
    return clauses if tools.receipt.fullmatch(f"{name}收到") else [tools.clause(name), *clauses]


def _chain(shape: Shape, tools: Grammar) -> tuple[Label, str]:
    found = [tools.clause(entry) for entry in shape.entries]
    whole = [[tools.clause(part) for part in tools.split(entry)] for entry in shape.entries]
    if not found:
        return Label.OTHER, "chain opened"
    if any(c.denied or c.asks or c.refuses or c.delays or c.done for part in whole for c in part):
        return Label.UNCLEAR, "chain mixed"
    if all(any(c.receipt for c in part) for part in whole):
        return Label.RECEIVED, "chain"
    return Label.UNCLEAR, "chain"


def _short(shape: Shape, tools: Grammar, order_quoted: bool) -> tuple[Label, str] | None:
    """Messages of one word, or of none."""
    words = tools.words
    bare = re.sub(r"[\s,。!~.、;:…·*'^_-]+", "", shape.body)
    if shape.name and not bare:
        return None
    if not bare:
        if shape.icons and not order_quoted:
            return Label.OTHER, "icon"
        return Label.UNCLEAR, "empty"
    if not re.search(r"[a-z0-9一-龥№+√]", bare):
        return Label.UNCLEAR, "empty"
    once = re.sub(r"^(.+?)\1+$", r"\1", bare)
    plainest = words.without("courtesy", re.sub(r"大家|各位|领导们?|同志们?|你们|您|都|真是|了", "", bare))
    if words.has("courtesy", once) and not words.without("particle", words.without("title", plainest)):
        return Label.OTHER, "courtesy"
    if patterns.JUST_TALK.fullmatch(bare):
        return Label.OTHER, "chatter"
    if words.is_one("donephrase", bare):
        return None
    for word in (bare, once):
        if words.is_one("nod", word):
            return Label.UNCLEAR, "nod"
        if tools.short.fullmatch(word):
            return (Label.RECEIVED, "short, quoted") if order_quoted else (Label.UNCLEAR, "short")
    parts = tools.split(shape.body)
    signs = any(
        tools.receipt.fullmatch(p) or tools.formula.fullmatch(p) or words.is_one("donephrase", p)
        for p in parts
    )
    if parts and not signs and all(tools.yes.fullmatch(part) for part in parts):
        if all(words.is_one("courtesy", part) for part in parts):
            return Label.OTHER, "courtesy"
        plainly = any(
            tools.short.fullmatch(part)
            or tools.short.fullmatch(re.sub(rf"^(?:{words.any('filler', 'nod')})", "", part))
            for part in parts
        )
        return (Label.RECEIVED, "short, quoted") if order_quoted and plainly else (Label.UNCLEAR, "short")
    if words.is_one("courtesy", bare) or words.is_one("courtesy", once):
        return Label.OTHER, "courtesy"
    return None


def _weigh(shape: Shape, clauses: Sequence[Clause], tools: Grammar, order_quoted: bool) -> tuple[Label, str]:
    words, body = tools.words, shape.body
    clauses = _excused(clauses, tools, body)
    asks, refuses = any(c.asks for c in clauses), any(c.refuses for c in clauses)
    delays, done = any(c.delays for c in clauses), any(c.done for c in clauses)
    receipt, denied = any(c.receipt for c in clauses), any(c.denied for c in clauses)
    if shape.to_all:
        return Label.OTHER, "to all"
    if patterns.SARCASM.search(body):
        return Label.UNCLEAR, "scorn"
    aside = _aside(body, clauses, words, order_quoted)
    if aside is not None:
        return aside
    if tools.tally.search(f"{shape.name}:{body}" if shape.name else body) and not (
        asks and (patterns.WHO.search(body) or patterns.PLAIN_ASK.search(body))
    ):
        return Label.OTHER, "tally"
    if tools.dont.search(body) and not receipt:
        return Label.OTHER, "office"
    if (
        (words.has("past_order", body) or (done and tools.earlier.search(body)))
        and NUMBER not in body
        and not asks
    ):
        return Label.OTHER, "earlier order"
    if shape.cited and not receipt and not asks:
        return Label.OTHER, "word cited"
    polite = asks and words.has("asking", body)
    missing = denied and not receipt and not any(c.delays or c.done for c in clauses)
    material = any(words.has("matter", c.text) and c.denied for c in clauses)
    if (
        missing
        and not material
        and (patterns.NOT_SENT.search(body) or (tools.resend.search(body) and not asks))
    ):
        return Label.REFUSED, "not received"
    if words.has("reminder", body) and not (receipt or done or refuses or delays):
        return (
            (Label.QUESTION, "question")
            if asks and patterns.PLAIN_ASK.search(body) and not re.search(r"请|抓紧|务必|@", body)
            else (Label.OTHER, "reminder")
        )
    unseen = tools.sees.search(body) and (tools.resend.search(body) or order_quoted)
    asks_more = any(c.asks for c in clauses if not tools.sees.search(c.text))
    if unseen and not (receipt or done or delays or refuses or asks_more):
        return Label.REFUSED, "not seen"
    if patterns.FLAT_NO.fullmatch(re.sub(r"[\s,。!~]+", "", body)):
        return Label.REFUSED, "refused"
    if (
        (receipt or denied or any(c.doubtful for c in clauses))
        and (done or denied)
        and len({_kind(c) for c in clauses}) > 1
        and patterns.ONE_OTHER.search(body)
    ):
        return Label.UNCLEAR, "mixed"
    if _mixed(clauses) or (patterns.BOTH.search(body) and not (asks or refuses or delays)):
        return Label.UNCLEAR, "mixed"
    if delays and (polite or not asks or _only_polite(clauses)):
        return (Label.REFUSED, "refused") if refuses and not receipt else (Label.DELAYED, "delayed")
    if refuses and (polite or not asks or _only_tag(clauses)):
        return Label.REFUSED, "refused"
    if asks:
        return _question(body, clauses, receipt)
    if denied:
        return _denied(clauses, receipt, tools)
    if _timeline(clauses, words):
        return Label.DONE, "a timeline"
    if done and not _halfway(clauses):
        return Label.DONE, "done"
    if receipt and words.has("request", patterns.PHONE.sub("", body)):
        return Label.QUESTION, "request"
    if receipt:
        return _received(shape, clauses, tools, order_quoted)
    return _silent(shape, clauses, tools, order_quoted)


def _aside(
    body: str, clauses: Sequence[Clause], words: Words, order_quoted: bool
) -> tuple[Label, str] | None:
    """What is said to others, or of nothing that was asked."""
    receipt = any(c.receipt or c.formula for c in clauses)
    if patterns.HUSH.search(body) and not receipt:
        return Label.OTHER, "office"
    if patterns.THREAT.search(body):
        return Label.OTHER, "reminder"
    if receipt or order_quoted or NUMBER in body:
        return None
    if (words.has("slip", body) or patterns.SLIP.search(body)) and not re.search(
        r"我们没|我[县局区]没|不归|不是我", body
    ):
        return Label.OTHER, "sent by mistake"
    if patterns.SUMMONS.search(body):
        return Label.OTHER, "a meeting"
    if (
        words.has("meeting", body)
        and patterns.CALL.search(body)
        and not any(c.refuses and "不" in c.text for c in clauses)
    ):
        return Label.OTHER, "a meeting"
    if words.has("chatter", body) and not patterns.WORK.search(body) and not any(c.denied for c in clauses):
        return Label.OTHER, "chatter"
    if any(c.foreign for c in clauses) and not any(
        c.asks or c.refuses or c.done or c.denied for c in clauses
    ):
        return Label.OTHER, "something else received"
    return None


def _excused(clauses: Sequence[Clause], tools: Grammar, body: str) -> list[Clause]:
    """Why somebody is late or away, said before the sign-for, and a report promised for tomorrow, turn nothing."""
    signed = next((place for place, c in enumerate(clauses) if c.receipt or c.formula), -1)
    now = tools.promise.search(body) is not None
    told = []
    for place, c in enumerate(clauses):
        unseen = c.denied and (
            patterns.EXCUSE.search(c.text) is None or re.search(r"收|接到|令|通知|件|图", c.text)
        )
        before = place < signed and not unseen and not c.asks and not c.refuses and not c.doubtful
        if before and (
            clauses[signed].deputed
            or (patterns.EXCUSE.search(c.text) and not patterns.ASKS_TIME.search(c.text))
        ):
            c = replace(c, delays=False, troubled=False, done=False, denied=False)
        elif (
            place > signed >= 0
            and c.delays
            and (
                (patterns.SOON_TOLD.match(c.text) and not (c.asks or c.refuses))
                or (
                    (clauses[signed].deputed or "代" in clauses[signed].text) and patterns.AWAY.search(c.text)
                )
            )
        ):
            c = replace(c, delays=False, troubled=False)
        elif (
            place > signed >= 0
            and not (c.asks or c.delays or c.refuses)
            and patterns.EXCUSE_AFTER.match(c.text)
        ):
            c = replace(c, troubled=False)
        elif c.delays and now and tools.tomorrow.search(c.text):
            c = replace(c, delays=False)
        told.append(c)
    return told


def _only_polite(clauses: Sequence[Clause]) -> bool:
    return all(c.delays or c.refuses for c in clauses if c.asks)


def _only_tag(clauses: Sequence[Clause]) -> bool:
    """Asked only with a soft ending: "surely not ours?" declines."""
    return all(
        (c.refuses and re.search(r"吧\??$", c.text) is not None)
        or (patterns.SENT_WRONG.search(c.text) is not None and len(clauses) > 1)
        for c in clauses
        if c.asks
    )


def _kind(clause: Clause) -> str:
    for kind in ("denied", "refuses", "delays", "done", "receipt"):
        if getattr(clause, kind):
            return kind
    return ""


def _mixed(clauses: Sequence[Clause]) -> bool:
    """Several orders, answered in different ways."""
    numbered = [c for c in clauses if c.bears_number and not c.asks]
    kinds = {_kind(c) for c in numbered}
    return len(numbered) > 1 and len(kinds) > 1 and bool(kinds - {"", "delays"})


def _question(body: str, clauses: Sequence[Clause], receipt: bool) -> tuple[Label, str]:
    bare = re.sub(r"[\s,。.…!~?]+", "", body)
    if re.fullmatch(r"(?:已?收到了?)+", bare) or re.search(r"应该.{0,4}收到了?吧", bare):
        return Label.UNCLEAR, "doubt"
    if all(c.doubtful for c in clauses if c.asks) and re.search(
        r"(?:可能|好像|大概|也许|应该).{0,6}收到", bare
    ):
        return Label.UNCLEAR, "doubt"
    return Label.QUESTION, "question"


def _denied(clauses: Sequence[Clause], receipt: bool, tools: Grammar) -> tuple[Label, str]:
    words = tools.words
    if any(c.denied and words.has("matter", c.text) and not words.has("damaged", c.text) for c in clauses):
        return Label.OTHER, "material missing"
    if not receipt:
        doubtful = any(c.doubtful and not c.denied for c in clauses) or any(
            words.has("partial", c.text) and not c.denied for c in clauses
        )
        return (Label.UNCLEAR, "partly") if doubtful else (Label.REFUSED, "not received")
    first = next(place for place, c in enumerate(clauses) if c.denied)
    later = any(c.receipt for c in clauses[first + 1 :])
    earlier = re.search(r"刚才|刚刚|一开始|之前|起初|早上|开始", clauses[first].text)
    settled = re.search(r"现在|这回|才|刚|又|补", "".join(c.text for c in clauses[first + 1 :]))
    if later and earlier and settled:
        return Label.RECEIVED, "received in the end"
    return Label.UNCLEAR, "partly"


def _timeline(clauses: Sequence[Clause], words: Words) -> bool:
    """Times of the day one after the other, the last with a result."""
    timed = [c for c in clauses if patterns.CLOCK.search(c.text)]
    return (
        len(timed) > 1
        and timed[-1] is clauses[-1]
        and words.has("result", timed[-1].text)
        and "前" not in timed[-1].text
    )


def _halfway(clauses: Sequence[Clause]) -> bool:
    """Something is done, something else is still being done."""
    return any(
        re.search(
            r"(?:还有|另外|其余|剩下)[^,]*(?:正|没|未|在)|还没|尚未|(?:还|仍|正)在?(?:弄|办|处理|查|整|干|搞|核实|灭|拆|停|关|清|烧|冒|修|生产)",
            c.text,
        )
        for c in clauses
    )


def _received(
    shape: Shape, clauses: Sequence[Clause], tools: Grammar, order_quoted: bool
) -> tuple[Label, str]:
    if shape.quote and not order_quoted and not any(c.bears_number for c in clauses):
        return Label.UNCLEAR, "answers something else"
    now = re.search(r"今晚|今天|今夜|连夜|现在|马上|立即|立刻|这就", shape.body)
    for clause in clauses:
        if clause.doubtful and not clause.receipt:
            return Label.UNCLEAR, "doubt"
        if clause.foreign and not clause.receipt:
            return Label.UNCLEAR, "something else received"
        if clause.troubled and not (
            clause.formula
            or ((now or patterns.PAPER.search(clause.text)) and tools.tomorrow.search(clause.text))
        ):
            return Label.UNCLEAR, "turned"
    if (
        tools.words.has("meeting", shape.body)
        and not patterns.MEETS.search(shape.body)
        and not any(c.deputed for c in clauses)
    ):
        return Label.UNCLEAR, "a meeting"
    if any(
        tools.words.has("doubt", tools.words.without("courtesy", c.text)) and not patterns.ETA.search(c.text)
        for c in clauses
    ):
        return Label.UNCLEAR, "doubt"
    return Label.RECEIVED, "received"


def _silent(shape: Shape, clauses: Sequence[Clause], tools: Grammar, order_quoted: bool) -> tuple[Label, str]:
    """No word of receipt that counts."""
    words, body = tools.words, shape.body
    troubled = any(c.troubled for c in clauses)
    if any(c.foreign for c in clauses):
        return Label.OTHER, "something else received"
    if shape.name and words.is_one("tag", shape.name) and not troubled and len(body) > 3:
        return Label.DONE, "report"
    if any(c.formula for c in clauses) and not troubled:
        return Label.RECEIVED, "formula"
    if tools.slogan.search(body):
        return Label.OTHER, "slogan"
    if tools.upon.search(body) and patterns.UNDER_WAY.search(body) and not troubled:
        return Label.RECEIVED, "under way"
    if (
        len(clauses) == 1
        and not order_quoted
        and tools.thing.fullmatch(clauses[0].text)
        and not (
            NUMBER in body
            or re.search(r"收到了?[个吧没吗的]|一半|部分|[我你他她但可只就]|没|不|有|错", body)
            or any(
                words.has(kind, body)
                for kind in ("order", "partial", "negtail", "doubt", "question", "unit", "title")
            )
            or re.search(rf"收到(?:{words.any('surname')})", body)
        )
    ):
        return Label.OTHER, "something else received"
    if any(c.doubtful for c in clauses):
        return Label.UNCLEAR, "doubt"
    if not any(c.denied for c in clauses) and words.has("request", body):
        return Label.QUESTION, "request"
    if not troubled and any(c.acts for c in clauses) and not body.endswith(("...", "…")):
        agreed = words.is_one("assent", clauses[0].text.rstrip("了"))
        if order_quoted or (agreed and len(clauses) > 1):
            return Label.RECEIVED, "assent and action"
        return Label.UNCLEAR, "action"
    if order_quoted or NUMBER in body:
        return Label.UNCLEAR, "unknown"
    if words.has("notice", body):
        return Label.OTHER, "chatter"
    if (
        words.has("result", body)
        or words.has("formula", body)
        or patterns.WORK.search(body)
        or (troubled and re.search(r"[我俺咱]", body))
    ):
        return Label.UNCLEAR, "turned"
    if len(patterns.TALK.findall(body)) > 3:
        return Label.OTHER, "chatter"
    return Label.UNCLEAR, "unknown"

"""Reading a reply: its numbers, its shape, and the label that its signs weigh most for. A doubt is never a sign-for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from lantian.dispatch.reply.numbers import MARK, numbers_in
from lantian.dispatch.reply.shape import Form, Shape, plain, shape_of
from lantian.dispatch.reply.signs import NUMBER, signs
from lantian.dispatch.reply.stead import RECEIPT, Stead, before_receipt, beside_receipt, steads
from lantian.dispatch.reply.weighing import weights
from lantian.dispatch.reply.words import Words

__all__ = ["Label", "Reading", "Shaped", "doubt", "read", "shaped"]

LONGEST = 2000  # characters that are read; what is longer is no reply

_NOT = (
    r"(?:没有?|未|莫|冇|冒|木有?|唔|尚未|并未|从未|无|冇有)(?:有|能|曾|再|完全|都|全|人|见|我们?|经|接|看)?"
)
_DENIED = re.compile(rf"{_NOT}(?:{RECEIPT.pattern})|收不到")
_DOUBTS = {
    "asks": re.compile(
        r"[?❓❔⁉🤔]|\[疑问\]|(?:收到|签收|收悉)了?(?:[吗么否伐]|不收|[没木冇](?!问题|毛病|意见|异议|二话|说的|啥|有问题|得说|麻达))"
    ),
    "wants it": re.compile(
        rf"(?:请|麻烦|务必|抓紧|尽快|速|让[^,。;!\n]{{1,4}})[^,。;!\n]{{0,12}}(?:{RECEIPT.pattern})"
    ),
    "unsure": re.compile(
        rf"(?:可能|好像|大概|也许|似乎|应该|估计|兴许|恐怕|貌似)[^,。;!\n]{{0,8}}(?:{RECEIPT.pattern})"
    ),
    "not all": re.compile(r"除了|以外|之外|除外|除[^了]{1,8}外"),
    "against it": re.compile(r"👎|❌|✖|×|\[弱\]|\[裂开\]"),
    "another number": re.compile(rf"(?<![:\d])m?\d[\d-]{{2,}}\s*(?:号|令)*\s*(?:{RECEIPT.pattern})"),
}
"""What a sign-for must not have in it, however it weighs."""
_ROBOT = re.compile(r"自动(?:回复|应答|答复|签收)|auto[- ]?reply|out of office|(?:助手|客服|机器人)\Z")
_FIGURES, _LETTERS = re.compile(r"\d"), re.compile(r"[^\W\d_]|№")
_ORDERS = re.compile(rf"{NUMBER}|请|调度|督办|交办|令")
_CLAUSES = re.compile(r"[^,。;!~…\n]*[^,。;!~…\n?]\??")
_ASKING = re.compile(r"[?吗呢么否]|什么|啥|咋|怎|几|哪|谁|多少|是不是|要不要|能不能")
_MOST_CLAUSES = 12
_DONE = re.compile(
    r"已经?全?部?(?:停|关|封|处置|整改|完成|清理|落实|办)|[办整弄处改查搞](?:置|改|理|查)?(?:完毕|完了|好了|结了)|已到位"
)
"""Words by which a report of what was done is known also within a question."""


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
    """A label, the order numbers as written, and why: what stands in the way of a sign-for, or the piece of text that
    speaks most for the label.

    `said` is the reply without what it quotes, with a mark in the place of each number; `own` are the numbers in it,
    `name` what stands before a colon at its head. `steads` tell in whose place it is said, `signer` is what stands before
    the word of receipt, `beside` the parts of it without words of receipt; `doubt` is why a question may not be one to
    the sender of the order, `about_order` whether its own words show that it is about one.
    """

    label: Label
    numbers: tuple[str, ...]
    why: str
    said: str
    quote: str = ""
    own: tuple[str, ...] = ()
    name: str = ""
    steads: tuple[Stead, ...] = ()
    signer: str = ""
    beside: tuple[str, ...] = ()
    doubt: str = ""
    about_order: bool = False


@dataclass(frozen=True, slots=True)
class Shaped:
    """A message taken apart, with marks for its numbers; all of them, and those that it does not only quote."""

    shape: Shape
    numbers: tuple[str, ...]
    own: tuple[str, ...]
    answers: bool
    """It answers an order: the chat says so, or it quotes one."""

    @property
    def signs(self) -> list[str]:
        """What it is weighed by."""
        return signs(self.shape, quoted=self.answers)


def shaped(text: str, words: Words, *, replies_to_order: bool = False) -> Shaped:
    """Take a message apart. `replies_to_order` tells that the chat marked it as an answer to a task's notice."""
    numbered = numbers_in(text[:LONGEST], words)
    whole = re.sub(rf"(?<={MARK})\s*[~-]\s*(?={MARK})", "至", plain(numbered.marked, words)).replace(
        MARK, NUMBER
    )
    shape = shape_of(whole)
    own = tuple(dict.fromkeys(numbered.placed[shape.quote.count(NUMBER) :]))
    asked = shape.quote.split(":", 1)[-1]
    order = _ORDERS.search(shape.quote) is not None and RECEIPT.search(asked) is None
    return Shaped(shape, numbered.numbers, own, replies_to_order or order)


def read(text: str, words: Words, *, replies_to_order: bool = False) -> Reading:
    """Read one message. `replies_to_order` tells that the chat marked it as an answer to a task's notice."""
    found = shaped(text, words, replies_to_order=replies_to_order)
    label, why = _label(found) if len(text) <= LONGEST else (Label.UNCLEAR, "long")
    shape, asks = found.shape, label is Label.QUESTION
    return Reading(
        label,
        found.numbers,
        why,
        shape.body,
        shape.quote,
        found.own,
        shape.name,
        steads(shape.name, shape.body) if shape.form is Form.PLAIN else (),
        before_receipt(shape.body) if shape.form is Form.PLAIN else "",
        beside_receipt(shape.name, shape.body) if shape.form is Form.PLAIN else (),
        _asks_others(found) if asks else "",
        asks and any(word in shape.body for word in words.orders),
    )


def _label(found: Shaped) -> tuple[Label, str]:
    weighed = weights().weigh(found.signs)
    label = Label(weighed.label)
    if label is Label.OTHER and weighed.lead < weights().close and RECEIPT.search(found.shape.body):
        return Label.UNCLEAR, "close"  # what might be a sign-for is not put aside
    if label is not Label.RECEIVED:
        return label, weighed.piece
    why = doubt(found)
    if why:
        return Label.UNCLEAR, why
    return (label, weighed.piece) if weighed.lead >= weights().sure else (Label.UNCLEAR, "close")


def _beside(found: Shaped) -> str:
    """By its shape, what shows that a message is no answer to an order."""
    shape = found.shape
    if shape.form is Form.LOG:
        return "others talk"
    if shape.to_all:
        return "to all"
    if shape.quote and not found.answers and NUMBER not in shape.body:
        return "answers something else"
    if _ROBOT.search(shape.name) or _ROBOT.search(shape.body.split(":", 1)[0]):
        return "automatic"
    return ""


def _asks_others(found: Shaped) -> str:
    """Why a question may not be one to the sender of the order, and that alone."""
    if _beside(found) or (found.shape.mentions and not found.answers):
        return "asks others"
    if RECEIPT.search(found.shape.body) or _reports(found.shape.body):
        return "signs or asks"
    return "" if weights().weigh(found.signs).lead >= weights().sure else "not plain"


def _reports(body: str) -> bool:
    """Whether a question also says that something has been done: by a word of it, or in a clause that asks nothing."""
    clauses = [part.strip() for part in _CLAUSES.findall(body)]
    told = [clause for clause in clauses[:_MOST_CLAUSES] if clause and not _ASKING.search(clause)]
    labels = (weights().weigh(signs(shape_of(clause), quoted=False)).label for clause in told)
    return _DONE.search(body) is not None or (len(clauses) > 1 and Label.DONE in labels)


def doubt(found: Shaped) -> str:
    """What stands in the way of a sign-for, however it weighs; empty where nothing does."""
    shape = found.shape
    if why := _beside(found):
        return why
    if len(_FIGURES.findall(shape.body)) > 2 * len(_LETTERS.findall(shape.body)):
        return "mostly figures"
    for why, pattern in _DOUBTS.items():
        if pattern.search(shape.body):
            return why
    denied = list(_DENIED.finditer(shape.body))
    last = max((one.end() for one in RECEIPT.finditer(shape.body)), default=0)
    several = found.own or shape.form is Form.CHAIN  # then a denial may be of one of them
    return "denied" if denied and (several or denied[-1].end() == last) else ""

"""Numbers of orders in a chat message, as written; dates, times of day, hotlines, plant parts and counts are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lantian.dispatch.reply.words import Words

__all__ = ["MARK", "Numbered", "numbers_in"]

MARK = "\ue000"
"""Stands in for a number in the text that is read on."""

_WIDE = {0xFF10 + digit: ord("0") + digit for digit in range(10)} | {
    ord(wide): ord(plain) for wide, plain in zip("－—–‑：．／，＃～", "----:./,#~", strict=True)
}
_HAN = "零〇一二三四五六七八九十百"
_FULL = r"(?<![\dA-Za-z-])20\d{2}-?[01]\d[0-3]\d-?\d{4}(?![\d-])"
_ITEM = rf"(?:\d{{1,4}}+|[{_HAN}]{{1,5}}+)"
_AND = r"(?:\s*+(?:[、,和及与跟至到/~+]|-++)\s*+|\s++)"
_LIST = rf"{_ITEM}(?:(?:号令?)?{_AND}第?{_ITEM}){{0,40}}"
_CLEAN_LEFT = rf"(?<![A-Za-z\d.+月日点{_HAN}-])(?<!\d:)"
_DATED_LEFT = re.compile(r"(?:月|月份|日期|时间)\s*$")
_ORDER_RIGHT = (
    r"(?=\s*(?:令|调度|督办|任务|工单|单|派|交办|通知|指令|文|件|、|,|。|;|!|\.|:|$|\)|）|和|及|与|收|签|已|未|没|木有|刚|才|请转|"
    r"不是|不归|不属|不在|都|均|也|全|办[结完妥]|完成了|搞定|弄|的|是|尚|还没|刚收|才收|申请|请求|反馈|处|整改|退|了解|明白|知悉|"
    r"归|这|跟|由|转|怎|什么|啥|在哪|哪|有没|[Oo][Kk]|好了|收悉|俺|我们?收|咱|补|代|要求|内容|附件|延))"
)
_SPAN_RIGHT = r"(?!\s*(?:之前|以前|前|上午|下午|早|晚|中午|凌晨|夜|起|开始|左右|\d{1,2}[点时:]))"
_BY_MARK = re.compile(rf"{_CLEAN_LEFT}第?({_LIST})号(?:令|{_SPAN_RIGHT}{_ORDER_RIGHT})")
_PREDICATE = (
    r"(?=\s*(?:都|均|也|全部?|已经?|刚|才|我们?|俺|咱|一并|分别|统统|[两俩仨几三四五六]\s*(?:个|份|条|道|件|处)?(?:调度令|令|单|任务|事儿?|点)?)*\s*"
    r"(?:收到|收悉|收讫|签收|签了|接到|接着|接令|看到|看了|回过|办结|办完|办好|办妥|办了|办毕|办不|弄好|弄完|整完|清完|清了|拾掇|停产|停工|停炉|停了|关了|封了|查了|落实|改了|改好|整好|"
    r"解决|搞定|好了|完结|完成|处理|整改|反馈|没|未|不是|不归|不属|退回|延期|申请|[Oo][Kk]|知悉|不在我|代收|先办|分两|是同|是不是|(?:号|令)?是哪))"
)
_TWO = rf"(?:\d{{2,3}}|0\d{{3}}|[{_HAN}]{{0,3}}十[{_HAN}]{{0,2}}|[零〇][{_HAN}]{{3}})"
_BARE = re.compile(rf"{_CLEAN_LEFT}({_TWO}(?:{_AND}{_TWO}){{0,40}}){_PREDICATE}")
_SIGNED = re.compile(
    rf"{_CLEAN_LEFT}第?({_TWO}(?:{_AND}{_TWO}){{0,40}})(?:#|令)(?=\s*(?:均|都|已|也)*(?:收|签|知|办|停|没|未|不归|不是|已))"
)
_DOTTED = re.compile(rf"{_CLEAN_LEFT}(\d{{2,4}}(?:\.\d{{2,4}}){{2,}})(?![\d.])")
_AFTER = re.compile(
    rf"(?:收到|签收)了?\s*第?({_TWO}(?:{_AND}{_TWO}){{0,40}})(?=\s*(?:$|[,。!;]|号(?:令|$|[,。!;])|都|均|马上|立即|已))"
)
_SHORT = re.compile(
    r"(?<![\d./+-])(?<![A-Za-z]·)(?<![A-Z])(?<!\d:)(0\d{3})(?![\d./]|:\d|-\d|\s*(?:前|之前|左右|准时|集合|开会|到(?!00))|[\s-]?\d{5,})"
)
_NAMED = re.compile(
    rf"(?:调度令|督办单|交办单|工单|任务单?|编号|单号|令|No\.?|NO\.?|no\.?|#)\s*[:：]?\s*第?({_TWO})"
    r"(?!\d|\s*(?:个|家|项|条|件|份|点|时|分|日|月|年|天|人|台|次|处|批|:))"
)
_BESIDE = re.compile(
    r"(?:\A|(?<=[\s,。;、和与跟]))(\d{2,4})(?=(?:号|令|#)?(?:[一-龥、]))(?!\s*(?:[人个家台辆吨分点天多%元处条车次袋斤块米位户名件级日月年时小公千万亿岁度]|[号日](?:早|晚|上|下|前|之|再|去|能|才)))"
)
_NEAR = 10
_EACH = re.compile(_ITEM)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Order numbers of a text in the order of their places, and the text with each replaced by a mark."""

    numbers: tuple[str, ...]
    placed: tuple[str, ...]  # one for each mark
    marked: str


def _spans(text: str, hotlines: frozenset[str]) -> Iterator[tuple[int, int]]:
    for found in re.finditer(_FULL, text):
        yield found.span()
    for pattern in (_BY_MARK, _SIGNED, _DOTTED, _BARE, _AFTER, _SHORT, _NAMED):
        for found in pattern.finditer(text):
            start = found.start(1)
            if pattern is _BY_MARK and _DATED_LEFT.search(text[:start].removesuffix("第")):
                continue
            for item in _EACH.finditer(found[1]):
                bare = pattern is not _BY_MARK
                if not (bare and item[0] in hotlines):
                    yield start + item.start(), start + item.end()


def _beside(text: str, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Numbers at the head of a clause that stand beside one that is an order's: as long, and not far from it."""
    sure = [text[start:end] for start, end in taken if text[start:end].isdecimal()]
    return [
        found.span(1)
        for found in _BESIDE.finditer(text)
        if all(found.end(1) <= start or found.start(1) >= end for start, end in taken)
        and any(len(one) == len(found[1]) and 0 < abs(int(one) - int(found[1])) <= _NEAR for one in sure)
    ]


def numbers_in(text: str, words: Words) -> Numbered:
    """Order numbers, full (day and serial), short (serial), or in Chinese numerals.

    A range is its two ends. Numbers are given as written, each once.
    """
    plain = text.translate(_WIDE)
    taken: list[tuple[int, int]] = []
    for start, end in _spans(plain, words.hotlines):
        if all(end <= other[0] or start >= other[1] for other in taken):
            taken.append((start, end))
    taken += _beside(plain, taken)
    taken.sort()
    marked, last = [], 0
    for start, end in taken:
        marked += [text[last:start], MARK]
        last = end
    placed = tuple(text[start:end] for start, end in taken)
    return Numbered(tuple(dict.fromkeys(placed)), placed, "".join([*marked, text[last:]]))

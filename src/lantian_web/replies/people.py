"""Who wrote a message, by the names and the words in it, and in whose name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lantian.dispatch.reply import Label, Reading
from lantian.inventory import Duty
from lantian_web.accounts.models import Person, Unit
from lantian_web.accounts.queries import posts_of
from lantian_web.inventory.models import Area
from lantian_web.notices.models import Handle
from lantian_web.notices.queries import person_of

__all__ = ["People", "Sender", "in_anothers_name"]

_LONGEST_NAME, _LONGEST_SAID = 24, 200
_LED = re.compile(r"\A(?:由|先)+")
_MYSELF = re.compile(r"(?:我|本人|俺|咱)们?(?:先|来|就|也)*")
_MY_UNIT = re.compile(r"(?:我|本|俺|咱)们?.{0,6}[县市区镇乡村局办厂司位道院所站队科处]")
_LONGEST_REST = 12
_ROUND_A_NAME = re.compile(
    r"(?:已经?|均|都|也|刚|才|先|全部?|这边|那边|方面|我们?|俺们?|咱们?|本人|这里|是|的|了|啦|哈|说|回?复|答|报告?|签字?"
    r"|同志|副?[^\W\d_]?[长任记理员总工]|[^\W\d_]{0,6}[局办厂司站所队科处院])*"
)
"""What may stand with a bare name: "我是王明", "南县已", "王明科长", "南县大气办"."""
_ENDS, _BEGINS = re.compile(r"[^\W_\d]*$"), re.compile(r"[^\W_\d]*")
_UNSPOKEN = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """A person, or why nobody is known by these words."""

    person_id: str = ""
    unit_id: str = ""
    area_id: str = ""
    enterprise_id: str = ""
    why: str = ""


class People:
    """Names of the city, read once for a whole file."""

    @cached_property
    def _by_name(self) -> dict[str, list[Sender]]:
        found: dict[str, list[Sender]] = {}
        rows = Person.objects.filter(active=True).values_list(
            "id", "name", "unit_id", "unit__area_id", "unit__enterprise_id", "unit__name"
        )
        for person_id, name, unit_id, area_id, plant_id, unit_name in rows:
            found.setdefault(_folded(name), []).append(
                Sender(person_id, unit_id, area_id, plant_id, unit_name)
            )
        return found

    @cached_property
    def _areas(self) -> dict[str, str]:
        return {row.id: row.name for row in Area.objects.all()}

    def of(self, words: str, handle: str, kind: str, area_id: str) -> Sender:
        """Who is called so in a chat of the area: by their own name there, else by a name that one person has."""
        if handle and (person_id := person_of(kind, handle)):
            return self._within(self.known(person_id), area_id)
        if kind and not handle and (person_id := person_of(kind, words)):
            return self._within(self.known(person_id), area_id)
        asked = _folded(words)
        exact = self._by_name.get(asked, [])
        found = exact or [each for name in self._names_in(words) for each in self._by_name[name]]
        if kind and handle:
            found = [each for each in found if each.person_id not in self._called(kind)]
        if not found:
            return Sender(why="stranger")
        if len(found) > 1:
            found = self._narrowed(found, asked)
        if len(found) > 1:
            return Sender(why="name of several people")
        return self._within(found[0], area_id)

    def _names_in(self, words: str) -> list[str]:
        """Names that stand in the words by themselves, or behind a unit or an area: "王明" is not in "王明华"."""
        asked, places = _folded(words), self._places

        def stands(name: str) -> bool:
            at = asked.find(name)
            before = _ENDS.search(asked[:at])[0]  # type: ignore[index]
            after = _BEGINS.match(asked[at + len(name) :])[0]  # type: ignore[index]
            apart = not before or before in places or len(before) > 2
            return apart and (not after or after in places or after in self._titles)

        return [name for name in self._by_name if len(name) > 1 and name in asked and stands(name)]

    def means(self, words: str, sender: Sender) -> bool:
        """Whether the words are the sender's own name, or stand for the sender's own unit."""
        said = _LED.sub("", _folded(words))
        found = {each.person_id for name in self._names_in(said) for each in self._by_name[name]}
        return found == {sender.person_id} if found else _MY_UNIT.fullmatch(said) is not None

    def names_another(self, words: str, sender: Sender) -> bool:
        """Whether a name that we know, and that is not the sender's, stands anywhere in the words."""
        names, _, _ = self._named(words)
        return self._others(names, sender)

    def is_another(self, words: str, sender: Sender) -> bool:
        """Whether the words are nothing but the name of another, or of a place that is neither the sender's own nor
        above it."""
        names, places, rest = self._named(words)
        if len(rest) > _LONGEST_REST or _ROUND_A_NAME.fullmatch(rest) is None:
            return False
        return self._others(names, sender) or not places <= self._own_places(sender)

    def _others(self, names: set[str], sender: Sender) -> bool:
        return any(sender.person_id not in {p.person_id for p in self._by_name[name]} for name in names)

    def _named(self, words: str) -> tuple[set[str], set[str], str]:
        """Names of people and of places in the words, the longest first, and the letters that are left."""
        said, names, places = _folded(words)[:_LONGEST_SAID], set[str](), set[str]()
        known = self._pieces(said, self._by_name) | self._pieces(said, self._places)
        for piece in sorted(known, key=lambda each: (-len(each), each)):
            if piece in said:
                (places if piece in self._places else names).add(piece)
                said = said.replace(piece, "\0")
        return names, places, _UNSPOKEN.sub("", said)

    def _own_places(self, sender: Sender) -> set[str]:
        """What the sender's unit is called, its area, and those above it."""
        above = [name for area, name in self._areas.items() if sender.area_id.startswith(area)]
        return _called([self._units.get(sender.unit_id, ""), *above])

    @staticmethod
    def _pieces(said: str, known: Container[str]) -> set[str]:
        ends = (
            (at, at + size)
            for at in range(len(said))
            for size in range(2, min(_LONGEST_NAME, len(said) - at) + 1)
        )
        return {said[start:end] for start, end in ends if said[start:end] in known}

    @cached_property
    def _units(self) -> dict[str, str]:
        return dict(Unit.objects.values_list("id", "name"))

    @cached_property
    def _places(self) -> set[str]:
        return _called([*self._areas.values(), *self._units.values()]) - {""}

    @cached_property
    def _titles(self) -> set[str]:
        return {_folded(post.title) for post in posts_of(list(Duty))} - {""}

    def _called(self, kind: str) -> set[str]:
        """People who are known by another name in this kind of chat than the one a message came with."""
        return set(Handle.objects.filter(channel_kind=kind).values_list("person_id", flat=True))

    def _narrowed(self, found: Sequence[Sender], asked: str) -> list[Sender]:
        """Of several of one name those whose unit or area stands beside the name."""
        near = [
            each
            for each in found
            if _folded(each.why) in asked
            or (each.area_id and _folded(self._areas.get(each.area_id, "\0")) in asked)
        ]
        return near or list(found)

    def _within(self, sender: Sender, area_id: str) -> Sender:
        if sender.why and not sender.person_id:
            return sender
        elsewhere = not sender.area_id.startswith(area_id)
        return Sender(
            sender.person_id,
            sender.unit_id,
            sender.area_id,
            sender.enterprise_id,
            "of another county" if elsewhere else "",
        )

    @staticmethod
    def known(person_id: str) -> Sender:
        """The person of an id; nobody who has left."""
        row = Person.objects.filter(pk=person_id, active=True).select_related("unit").first()
        if row is None:
            return Sender(why="stranger")
        return Sender(row.pk, row.unit_id, row.unit.area_id, row.unit.enterprise_id)


def in_anothers_name(reading: Reading, sender: Sender, people: People, kind: str, area_id: str) -> bool:
    """Whether a reply is given for somebody else, as far as its words tell: then a person says whose it is.

    "代王明收到", "王明收到", "王明：收到" and "收到——王明" are by another than 王明 in 王明's name, "南县收到" is for a county
    of which the sender is not; "代签" names nobody. Who says "我代收" and names nobody we know speaks for the sender's own
    unit. Of a question that names another one cannot tell whether it is asked of them or for them.
    """
    if reading.name:
        named = people.of(reading.name, "", kind, area_id)
        if named.why != "stranger" and named.person_id != sender.person_id:
            return True
    for stead in reading.steads:
        own = people.means(stead.whom or stead.by, sender)
        if not (own or (not stead.whom and _MYSELF.fullmatch(stead.by))):
            return True
    if people.names_another(reading.name, sender):
        return True
    if reading.label is not Label.QUESTION and any(
        people.is_another(part, sender) for part in reading.beside
    ):
        return True
    return people.names_another(reading.said if reading.steads else reading.signer, sender)


def _called(places: Iterable[str]) -> set[str]:
    """Names of places, also without the word for what they are: "安岭" for "安岭县"."""
    whole = {_folded(place) for place in places}
    return whole | {name[:-1] for name in whole if len(name) > 2 and name[-1] in "县市区"}


def _folded(text: str) -> str:
    return re.sub(r"[\s·.]+", "", unicodedata.normalize("NFKC", text)).lower()

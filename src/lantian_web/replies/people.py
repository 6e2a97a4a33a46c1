"""Who wrote a message, by the names and the words in it, and in whose name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property

from lantian.dispatch.reply import Reading
from lantian.inventory import Duty
from lantian_web.accounts.models import Person
from lantian_web.accounts.queries import posts_of
from lantian_web.inventory.models import Area
from lantian_web.notices.models import Handle
from lantian_web.notices.queries import person_of

__all__ = ["People", "Sender", "in_anothers_name"]

_LONGEST_NAME, _LONGEST_SAID = 24, 200
_LED = re.compile(r"\A(?:由|先)+")
_MYSELF = re.compile(r"(?:我|本人|俺|咱)们?(?:先|来|就|也)*")
_MY_UNIT = re.compile(r"(?:我|本|俺|咱)们?.{0,6}[县市区镇乡村局办厂司位道院所站队科处]")
_ENDS, _BEGINS = re.compile(r"[^\W_\d]*$"), re.compile(r"[^\W_\d]*")


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
        said = _folded(words)[:_LONGEST_SAID]
        for place in sorted(self._pieces(said, self._places), key=len, reverse=True):
            said = said.replace(place, "\0")
        found = self._pieces(said, self._by_name)
        whole = [name for name in found if not any(name != other and name in other for other in found)]
        return any(sender.person_id not in {p.person_id for p in self._by_name[name]} for name in whole)

    @staticmethod
    def _pieces(said: str, known: Container[str]) -> set[str]:
        ends = (
            (at, at + size)
            for at in range(len(said))
            for size in range(2, min(_LONGEST_NAME, len(said) - at) + 1)
        )
        return {said[start:end] for start, end in ends if said[start:end] in known}

    @cached_property
    def _places(self) -> set[str]:
        places = {_folded(place) for place in self._areas.values()}
        return (places | {_folded(each.why) for people in self._by_name.values() for each in people}) - {""}

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

    "代王明收到", "王明收到" and "王明：收到" are by another than 王明 in 王明's name; "代签" names nobody. Who says "我代收"
    and names nobody we know speaks for the sender's own unit.
    """
    if reading.name:
        named = people.of(reading.name, "", kind, area_id)
        if named.why != "stranger" and named.person_id != sender.person_id:
            return True
    for stead in reading.steads:
        own = people.means(stead.whom or stead.by, sender)
        if not (own or (not stead.whom and _MYSELF.fullmatch(stead.by))):
            return True
    return people.names_another(reading.said if reading.steads else reading.signer, sender)


def _folded(text: str) -> str:
    return re.sub(r"[\s·.]+", "", unicodedata.normalize("NFKC", text)).lower()

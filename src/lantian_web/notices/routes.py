"""Which channels carry a notice, the first to be tried first."""

from __future__ import annotations

from collections.abc import Sequence

from lantian.errors import DataError
from lantian_web.notices.channels import port_of
from lantian_web.notices.channels.port import Robot
from lantian_web.notices.models import Channel, Readers

__all__ = ["Routes", "may_speak", "why_silent"]


class Routes:
    """The active channels, read once.

    A unit's own channel goes before those of its area; a county's before the city's. What an office has to hear is
    never written where plants read alone; what a plant has to hear goes to an office where plants have no channel.
    """

    def __init__(self) -> None:
        self.channels = list(Channel.objects.filter(active=True).order_by("order", "id"))
        self.units = {channel.unit_id for channel in self.channels if channel.unit_id}
        self.silent = [channel for channel in self.channels if not may_speak(channel)]

    def of(self, area_id: str, unit_id: str, to_plant: bool) -> Sequence[Channel]:
        """Channels for a recipient of this unit in this area, in the order they are tried in."""
        found = [
            channel
            for channel in self.channels
            if area_id.startswith(channel.area_id)
            and channel.unit_id in ("", unit_id)
            and (to_plant or channel.readers != Readers.PLANTS)
        ]
        return sorted(
            found,
            key=lambda channel: (
                not channel.unit_id,
                -len(channel.area_id),
                to_plant and channel.readers == Readers.OFFICE,
                channel.order,
                channel.pk,
            ),
        )

    def at(self, area_id: str, unit_id: str, to_plant: bool, turn: int) -> Channel | None:
        """The first channel from this turn on that may be spoken to. Where none may, the one whose turn it is (the last
        one when there are no more): there it waits. None when there is no channel at all."""
        channels = self.of(area_id, unit_id, to_plant)
        left = channels[min(turn, len(channels) - 1) :]
        return next((channel for channel in left if channel not in self.silent), left[0]) if left else None

    def turn_after(
        self, channel: Channel, area_id: str, unit_id: str, to_plant: bool, turn: int
    ) -> int | None:
        """The turn of the next channel after this one that may be spoken to; None when there is none. After a channel
        that is none of theirs any more comes the one whose turn it is."""
        channels = self.of(area_id, unit_id, to_plant)
        start = channels.index(channel) + 1 if channel in channels else turn
        places = range(start, len(channels))
        return next((place for place in places if channels[place] not in self.silent), None)


def may_speak(channel: Channel) -> bool:
    """Whether the settings of this process let the channel's address be spoken to."""
    return not why_silent(channel)


def why_silent(channel: Channel) -> str:
    """Why the settings of this process do not let the channel's address be spoken to."""
    try:
        port_of(channel.kind).check(Robot(channel.address, channel.secret))
    except DataError as error:
        return error.reason
    return ""

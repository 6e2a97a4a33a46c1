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
        """The channel whose turn it is; the last one when there are no more. None when there is no channel at all."""
        channels = self.of(area_id, unit_id, to_plant)
        return channels[min(turn, len(channels) - 1)] if channels else None

    def later(self, area_id: str, unit_id: str, to_plant: bool, turn: int) -> Sequence[Channel]:
        """The channels that come after this turn."""
        return self.of(area_id, unit_id, to_plant)[turn + 1 :]


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

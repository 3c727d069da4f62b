"""Which objects' changes are captured, and for which channels (facts: section 4.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, not_found
from tests.simulators.salesforce.ids import IdMaker
from tests.simulators.salesforce.pubsub.schemas import SUPPORTED
from tests.simulators.salesforce.schema.eventing import CHANNEL, CHANNEL_MEMBER
from tests.simulators.salesforce.store import Record

Json = dict[str, Any]
STANDARD_CHANNEL = "ChangeEvents"
PLACE = "/data/"
SUFFIX = "ChangeEvent"
CHANNEL_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__chn", re.ASCII)
NOT_IMITATED = ("filterExpression", "enrichedFields")


@dataclass(frozen=True, slots=True)
class Member:
    """An object selected for a channel."""

    id: str
    channel: str
    object: str

    @property
    def event(self) -> str:
        """The name of the change event."""
        return f"{self.object}{SUFFIX}"

    @property
    def developer_name(self) -> str:
        """How metadata names the selection."""
        return f"{self.channel.replace('__', '_')}_{self.event}"

    def as_json(self) -> Json:
        """What the control plane shows."""
        return {"id": self.id, "channel": self.channel, "object": self.object}


class Selection:
    """Channels and their members."""

    def __init__(self, ids: IdMaker) -> None:
        self._ids = ids
        self.channels: dict[str, str] = {}
        """Id of each custom channel by its name."""
        self.members: dict[str, Member] = {}

    def objects(self) -> frozenset[str]:
        """The objects that are selected anywhere."""
        return frozenset(one.object for one in self.members.values())

    def topics_of(self, object_name: str) -> frozenset[str]:
        """The topics that changes of an object go to; its own goes with the standard channel."""
        chosen = {one.channel for one in self.members.values() if one.object == object_name}
        own = {f"{object_name}{SUFFIX}"} if STANDARD_CHANNEL in chosen else set()
        return frozenset(PLACE + name for name in chosen | own)

    def knows(self, topic: str) -> bool:
        """Whether a topic exists; that of an object does before anybody selects the object."""
        name = topic.removeprefix(PLACE)
        known = {STANDARD_CHANNEL, *self.channels, *(one + SUFFIX for one in SUPPORTED)}
        return topic.startswith(PLACE) and name in known

    def create(self, kind: str, body: Mapping[str, Any], limit: int) -> str:
        """What the tooling API is asked for; its id. SalesforceError for what cannot be."""
        metadata = body.get("Metadata")
        if not isinstance(metadata, Mapping):
            raise _refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]")
        if kind == CHANNEL.name:
            return self.add_channel(str(body.get("FullName", "")), metadata)
        asked = [name for name in NOT_IMITATED if metadata.get(name)]
        if asked:
            raise _refused("FUNCTIONALITY_NOT_ENABLED", f"{asked[0]} is not imitated here")
        channel, event = metadata.get("eventChannel"), metadata.get("selectedEntity")
        return self.select(str(channel), str(event), limit).id

    def add_channel(self, name: str, metadata: Mapping[str, Any]) -> str:
        """A custom channel for change events; its id."""
        if CHANNEL_NAME.fullmatch(name) is None:
            raise _refused("INVALID_INPUT", f"{name} is no name of a channel, as My_Channel__chn")
        if metadata.get("channelType") != "data":
            raise _refused("INVALID_INPUT", "channelType must be data")
        if name in self.channels:
            raise _refused("DUPLICATE_DEVELOPER_NAME", f"The channel {name} exists already")
        self.channels[name] = self._ids.next(CHANNEL.prefix)
        return self.channels[name]

    def select(self, channel: str, event: str, limit: int) -> Member:
        """Select a change event for a channel; an object counts once, on however many channels."""
        name = event.removesuffix(SUFFIX)
        if channel != STANDARD_CHANNEL and channel not in self.channels:
            raise _refused("INVALID_INPUT", f"Unable to find the specified channel: {channel}")
        if not event.endswith(SUFFIX) or name not in SUPPORTED:
            raise _refused("INVALID_INPUT", f"invalid event in selectedEntity: {event}")
        if any((one.channel, one.object) == (channel, name) for one in self.members.values()):
            raise _refused("DUPLICATE_VALUE", f"{event} is selected for {channel} already")
        if len(self.objects() | {name}) > limit:
            message = f"The limit of {limit} entities selected for change events is exceeded"
            raise _refused("LIMIT_EXCEEDED", message)
        made = Member(self._ids.next(CHANNEL_MEMBER.prefix), channel, name)
        self.members[made.id] = made
        return made

    def keep(self, channel: str, event: str, limit: int) -> None:
        """Select a change event, unless it is selected already. SalesforceError."""
        known = ((one.channel, one.event) for one in self.members.values())
        if (channel, event) not in known:
            self.select(channel, event, limit)

    def named(self, developer_name: str) -> Member | None:
        """The selection with this name."""
        found = (one for one in self.members.values() if one.developer_name == developer_name)
        return next(found, None)

    def copy(self) -> "Selection":
        """The same, for trying something out."""
        made = Selection(self._ids)
        made.channels, made.members = dict(self.channels), dict(self.members)
        return made

    def remove(self, record_id: str) -> None:
        """Take back a selection, or a channel with its selections. SalesforceError NOT_FOUND."""
        names = {one: name for name, one in self.channels.items()}
        if record_id in names:
            name = names[record_id]
            del self.channels[name]
            gone = [one.id for one in self.members.values() if one.channel == name]
        else:
            gone = [record_id]
        for one in gone:
            if self.members.pop(one, None) is None:
                raise not_found()

    def channel_rows(self) -> list[Record]:
        """PlatformEventChannel, custom ones."""
        return [_channel_row(name, one) for name, one in self.channels.items()]

    def member_rows(self) -> list[Record]:
        """PlatformEventChannelMember."""
        return [_member_row(one) for one in self.members.values()]


def _channel_row(name: str, channel_id: str) -> Record:
    fields = {
        "Id": channel_id,
        "DeveloperName": name.removesuffix("__chn"),
        "FullName": name,
        "ChannelType": "data",
    }
    return Record(CHANNEL.name, channel_id, fields, 0)


def _member_row(one: Member) -> Record:
    fields = {
        "Id": one.id,
        "DeveloperName": one.developer_name,
        "FullName": one.developer_name,
        "EventChannel": one.channel,
        "SelectedEntity": one.event,
        "Metadata": {"eventChannel": one.channel, "selectedEntity": one.event},
    }
    return Record(CHANNEL_MEMBER.name, one.id, fields, 0)


def _refused(code: str, message: str) -> SalesforceError:
    return SalesforceError(400, code, message)

"""What comes and goes by the wire: requests become values, replies become bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Fetch:
    """A FetchRequest; all but the number counts in the first one of a stream only."""

    topic: str
    preset: int
    replay_id: bytes
    wanted: int


@dataclass(frozen=True, slots=True)
class Publishing:
    """A PublishRequest, as far as a refusal needs it."""

    topic: str
    events: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as one subscriber gets it."""

    id: str
    schema_id: str
    payload: bytes
    replay_id: bytes


class Messages:
    """Reads and writes the messages of the compiled protocol."""

    def __init__(self, compiled: ModuleType) -> None:
        self._kinds: Any = compiled

    def fetch(self, data: bytes) -> Fetch:
        """A FetchRequest."""
        read = self._kinds.FetchRequest.FromString(data)
        return Fetch(read.topic_name, read.replay_preset, read.replay_id, read.num_requested)

    def topic_name(self, data: bytes) -> str:
        """What a TopicRequest asks for."""
        return str(self._kinds.TopicRequest.FromString(data).topic_name)

    def schema_id(self, data: bytes) -> str:
        """What a SchemaRequest asks for."""
        return str(self._kinds.SchemaRequest.FromString(data).schema_id)

    def publishing(self, data: bytes) -> Publishing:
        """A PublishRequest."""
        read = self._kinds.PublishRequest.FromString(data)
        return Publishing(read.topic_name, len(read.events))

    def fetched(
        self, events: Sequence[Delivered], *, latest: bytes, rpc_id: str, pending: int
    ) -> bytes:
        """A FetchResponse; without events it is a keepalive."""
        kinds = self._kinds
        shown = [
            kinds.ConsumerEvent(
                event=kinds.ProducerEvent(id=one.id, schema_id=one.schema_id, payload=one.payload),
                replay_id=one.replay_id,
            )
            for one in events
        ]
        response = kinds.FetchResponse(
            events=shown, latest_replay_id=latest, rpc_id=rpc_id, pending_num_requested=pending
        )
        return bytes(response.SerializeToString())

    def schema(self, schema_id: str, text: str, rpc_id: str) -> bytes:
        """A SchemaInfo."""
        made = self._kinds.SchemaInfo(schema_json=text, schema_id=schema_id, rpc_id=rpc_id)
        return bytes(made.SerializeToString())

    def topic(self, name: str, *, tenant: str, schema_id: str, rpc_id: str) -> bytes:
        """A TopicInfo: everybody may listen to change events, nobody may publish them."""
        made = self._kinds.TopicInfo(
            topic_name=name,
            tenant_guid=tenant,
            can_publish=False,
            can_subscribe=True,
            schema_id=schema_id,
            rpc_id=rpc_id,
        )
        return bytes(made.SerializeToString())

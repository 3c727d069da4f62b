"""An independent subscriber: gRPC and Avro by their own libraries, bitmaps decoded by the facts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import fastavro
import grpc

from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.soap_listener import eventually
from tests.simulators.salesforce.pubsub.protocol import compiled

PREFIX = "sfdc.platform.eventbus.grpc."
ORG_ID = "00D5g0000000001EAA"
SECONDS = 20.0
"""An RPC that has not ended by then fails its test."""
LATEST, EARLIEST, CUSTOM = 0, 1, 2
FIVE = ("Lead", "Contact", "Account", "Opportunity", "Task")
Refusal = tuple[grpc.StatusCode, str]


@dataclass(frozen=True)
class Event:
    """A decoded event: ``body`` without the header, sets of fields by their names."""

    id: str
    replay_id: bytes
    schema_id: str
    schema: dict[str, Any]
    content: dict[str, Any]

    @property
    def header(self) -> dict[str, Any]:
        found: dict[str, Any] = self.content["ChangeEventHeader"]
        return found

    @property
    def kind(self) -> str:
        return str(self.header["changeType"])

    @property
    def ids(self) -> list[str]:
        return list(self.header["recordIds"])

    @property
    def values(self) -> dict[str, Any]:
        """What is not null."""
        return {
            name: value
            for name, value in self.content.items()
            if name != "ChangeEventHeader" and value is not None
        }

    def names(self, key: str) -> list[str]:
        """The fields that a header's bitmaps mean; parts of compounds as ``Name.LastName``."""
        found: list[str] = []
        for one in self.header[key]:
            place, dash, bits = one.rpartition("-")
            columns, prefix = self.schema["fields"], ""
            if dash:
                column = columns[int(place)]
                columns, prefix = _record(self.schema, column)["fields"], column["name"] + "."
            found += [prefix + columns[bit]["name"] for bit in _bits(bits)]
        return found

    @property
    def changed(self) -> list[str]:
        return self.names("changedFields")


def _bits(text: str) -> list[int]:
    assert text.startswith("0x"), text
    binary = "".join(f"{int(digit, 16):04b}" for digit in text[2:])
    return [place for place, bit in enumerate(reversed(binary)) if bit == "1"]


def _record(schema: dict[str, Any], column: dict[str, Any]) -> dict[str, Any]:
    """The compound of a column; a type that stands in several is spelt out in the first only."""
    known = {
        kind["name"]: kind
        for one in schema["fields"]
        for kind in (one["type"] if isinstance(one["type"], list) else [one["type"]])
        if isinstance(kind, dict) and kind["type"] == "record"
    }
    for kind in column["type"]:
        if isinstance(kind, dict) and kind["type"] == "record":
            return kind
        if kind in known:
            found: dict[str, Any] = known[kind]
            return found
    raise AssertionError(f"{column['name']} is no compound")


class Bus:
    """The Pub/Sub API of one org, with the driver's present token."""

    def __init__(self, org: Driver) -> None:
        self.org = org
        self.kinds: Any = compiled()
        self._channel = grpc.insecure_channel(org.look("change-events")["address"])
        self._schemas: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._channel.close()

    def headers(self, **changes: str) -> tuple[tuple[str, str], ...]:
        given = {
            "accesstoken": self.org.token,
            "instanceurl": str(self.org.http.base_url),
            "tenantid": ORG_ID,
            **changes,
        }
        return tuple((name, value) for name, value in given.items() if value)

    def call(self, name: str, request: Any, reply: str, **headers: str) -> Any:
        """A unary RPC."""
        send = self._channel.unary_unary(
            f"/eventbus.v1.PubSub/{name}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=getattr(self.kinds, reply).FromString,
        )
        return send(request, timeout=SECONDS, metadata=self.headers(**headers))

    def topic(self, name: str, **headers: str) -> Any:
        return self.call(
            "GetTopic", self.kinds.TopicRequest(topic_name=name), "TopicInfo", **headers
        )

    def schema_info(self, schema_id: str) -> Any:
        return self.call("GetSchema", self.kinds.SchemaRequest(schema_id=schema_id), "SchemaInfo")

    def schema(self, schema_id: str) -> dict[str, Any]:
        """A schema, which is asked for once."""
        if schema_id not in self._schemas:
            self._schemas[schema_id] = json.loads(self.schema_info(schema_id).schema_json)
        return self._schemas[schema_id]

    def fetch(
        self, topic: str, wanted: int = 100, *, preset: int = LATEST, after: bytes = b""
    ) -> Any:
        return self.kinds.FetchRequest(
            topic_name=topic, replay_preset=preset, replay_id=after, num_requested=wanted
        )

    def stream(self, first: Any, *, method: str = "Subscribe", **headers: str) -> "Stream":
        """A stream with its first request sent; it may be refused yet."""
        requests: SimpleQueue[Any] = SimpleQueue()
        requests.put(first)
        send = self._channel.stream_stream(
            f"/eventbus.v1.PubSub/{method}",
            request_serializer=type(first).SerializeToString,
            response_deserializer=self.kinds.FetchResponse.FromString,
        )
        iterator = iter(requests.get, None)
        replies: Any = send(iterator, timeout=SECONDS, metadata=self.headers(**headers))
        return Stream(self, requests, replies)

    def subscribe(
        self,
        topic: str = "/data/ChangeEvents",
        wanted: int = 100,
        *,
        preset: int = LATEST,
        after: bytes = b"",
    ) -> "Stream":
        """A stream that the server has accepted: whatever is written from now on comes."""
        before = self._stream_ids()
        made = self.stream(self.fetch(topic, wanted, preset=preset, after=after))
        eventually(lambda: bool(self._stream_ids() - before))
        return made

    def _stream_ids(self) -> set[str]:
        return {one["rpc_id"] for one in self.streams()}

    def streams(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.org.look("change-events")["streams"]
        return found

    def read(self, consumer_event: Any) -> Event:
        """Decode an event."""
        event = consumer_event.event
        schema = self.schema(event.schema_id)
        parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
        content: Any = fastavro.schemaless_reader(BytesIO(event.payload), parsed, None)
        return Event(event.id, consumer_event.replay_id, event.schema_id, schema, content)


@dataclass
class Stream:
    """One Subscribe call."""

    bus: Bus
    requests: SimpleQueue[Any]
    replies: Any
    last: Any = None
    _read: list[Event] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.requests.put(None)
        self.replies.cancel()

    @cached_property
    def _iterator(self) -> Iterator[Any]:
        return iter(self.replies)

    def response(self) -> Any:
        """The next response, whatever it holds."""
        self.last = next(self._iterator)
        return self.last

    def events(self, number: int) -> list[Event]:
        """The next so many events, and no more than these."""
        while len(self._read) < number:
            self._read += [self.bus.read(one) for one in self.response().events]
        found, self._read = self._read[:number], self._read[number:]
        return found

    def event(self) -> Event:
        return self.events(1)[0]

    def ask(self, wanted: int, topic: str = "", **more: Any) -> None:
        self.requests.put(self.bus.fetch(topic, wanted, **more))

    def refusal(self) -> Refusal:
        """How the stream ends, after any responses."""
        try:
            for response in self._iterator:
                self.last = response
        except grpc.RpcError as error:
            return _refusal(error)
        return grpc.StatusCode.OK, ""


def refused(call: Any, *arguments: Any, **more: Any) -> Refusal:
    """Status and code of a unary RPC that is refused."""
    try:
        call(*arguments, **more)
    except grpc.RpcError as error:
        return _refusal(error)
    raise AssertionError("the call was not refused")


def _refusal(error: Any) -> Refusal:
    trailers = {one.key: one.value for one in error.trailing_metadata()}
    if "rpc-id" in trailers:
        assert f"rpcId: {trailers['rpc-id']}" in error.details()
    return error.code(), trailers.get("error-code", "").removeprefix(PREFIX)


def select(org: Driver, *objects: str, channel: str = "ChangeEvents") -> list[str]:
    """Select objects for a channel; the ids of the selections."""
    body = {"objects": objects or FIVE, "channel": channel}
    return [str(one["id"]) for one in org.control("change-events/select", body)]

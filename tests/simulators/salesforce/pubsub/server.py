"""Serves the Pub/Sub API of an org by gRPC, in the event loop of the simulator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import grpc.aio

from tests.simulators.salesforce.pubsub.door import (
    enter,
    existing_schema,
    existing_topic,
    schema_of_topic,
)
from tests.simulators.salesforce.pubsub.messages import Fetch, Messages, Publishing
from tests.simulators.salesforce.pubsub.protocol import SERVICE, compiled
from tests.simulators.salesforce.pubsub.refusals import (
    RefusedError,
    cannot_publish,
    no_events_to_publish,
)
from tests.simulators.salesforce.pubsub.subscription import Subscription

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

Context = grpc.aio.ServicerContext[Any, bytes]
HOST = "127.0.0.1"
ERROR_CODE = "error-code"
RPC_ID = "rpc-id"
OPTIONS = (("grpc.so_reuseport", 0),)
"""Two simulators on one port would share the calls between them."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An RPC of a user whose token was good when it began."""

    context: Context
    user_id: str
    rpc_id: str


Work = Callable[[Any, Visit], Awaitable[bytes | None]]
"""(request or requests, visit) -> the reply of a unary RPC; raises RefusedError."""


class PubSubServer:
    """Start it in the loop in which the org lives."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._messages = Messages(compiled())
        self._server = grpc.aio.server(options=OPTIONS)
        self._server.add_generic_rpc_handlers((self._handlers(),))
        self.streams: set[Subscription] = set()
        self.address = ""

    async def start(self, port: int) -> None:
        """Listen on 127.0.0.1; port 0 picks a free one, which ``address`` then names."""
        bound = self._server.add_insecure_port(f"{HOST}:{port}")
        self.address = f"{HOST}:{bound}"
        await self._server.start()

    async def stop(self) -> None:
        """End all streams and stop listening."""
        await self._server.stop(None)

    def drop_streams(self) -> int:
        """Break every stream; their number."""
        for one in self.streams:
            one.drop()
        return len(self.streams)

    def _handlers(self) -> grpc.GenericRpcHandler:
        messages = self._messages
        unary, stream = grpc.unary_unary_rpc_method_handler, grpc.stream_stream_rpc_method_handler
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Subscribe": stream(self._entered(self._subscribe), messages.fetch),
            "GetSchema": unary(self._entered(self._get_schema), messages.schema_id),
            "GetTopic": unary(self._entered(self._get_topic), messages.topic_name),
            "Publish": unary(self._entered(self._publish), messages.publishing),
            "PublishStream": stream(self._entered(self._publish_stream), messages.publishing),
        }
        return grpc.method_handlers_generic_handler(SERVICE, handlers)

    def _entered(self, work: Work) -> Callable[[Any, Context], Awaitable[bytes | None]]:
        """Check who calls, do the work, and end the RPC as Salesforce does when it is refused."""

        async def handle(request: Any, context: Context) -> bytes | None:
            rpc_id = str(uuid4())
            given = context.invocation_metadata() or ()
            headers = {key: value for key, value in given if isinstance(value, str)}
            try:
                return await work(request, Visit(context, enter(self._org, headers), rpc_id))
            except RefusedError as no:
                code = ((ERROR_CODE, no.code),) if no.code else ()
                message = f"{no.message} rpcId: {rpc_id}"
                await context.abort(no.status, message, (*code, (RPC_ID, rpc_id)))

        return handle

    async def _get_schema(self, schema_id: str, visit: Visit) -> bytes:
        found = existing_schema(self._org, schema_id)
        return self._messages.schema(found.id, found.text, visit.rpc_id)

    async def _get_topic(self, name: str, visit: Visit) -> bytes:
        existing_topic(self._org, name)
        tenant = f"core/simulated/{self._org.settings.org_id}"
        schema_id = schema_of_topic(self._org, name)
        return self._messages.topic(name, tenant=tenant, schema_id=schema_id, rpc_id=visit.rpc_id)

    async def _publish(self, request: Publishing, _visit: Visit) -> bytes:
        existing_topic(self._org, request.topic)
        raise cannot_publish(request.topic) if request.events else no_events_to_publish()

    async def _publish_stream(self, requests: AsyncIterator[Publishing], visit: Visit) -> None:
        async for request in requests:
            await self._publish(request, visit)

    async def _subscribe(self, requests: AsyncIterator[Fetch], visit: Visit) -> None:
        first = await anext(aiter(requests), None)
        if first is not None:
            stream = Subscription(self._org, visit.user_id, first, visit.rpc_id)
            await self._serve(stream, requests, visit)

    async def _serve(
        self,
        stream: Subscription,
        requests: AsyncIterator[Fetch],
        visit: Visit,
    ) -> None:
        self.streams.add(stream)
        reader = asyncio.create_task(_read(stream, requests))
        try:
            while not stream.over:
                # Bulk jobs write while nobody asks for them.
                self._org.settle()
                await self._deliver(stream, visit)
        finally:
            self.streams.discard(stream)
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader

    async def _deliver(self, stream: Subscription, visit: Visit) -> None:
        batch = stream.take()
        latest = batch[-1].replay_id if batch else stream.keepalive()
        if latest:
            await visit.context.write(
                self._messages.fetched(
                    batch, latest=latest, rpc_id=visit.rpc_id, pending=stream.pending
                )
            )
        else:
            await stream.wait()


async def _read(stream: Subscription, requests: AsyncIterator[Fetch]) -> None:
    """Hand the later requests to the stream."""
    try:
        async for request in requests:
            stream.ask(request)
    except RefusedError as problem:
        stream.end(problem)
    else:
        stream.end()


@asynccontextmanager
async def serving(org: "Org", port: int | None) -> AsyncIterator[PubSubServer | None]:
    """The server, which runs meanwhile; None, and no server, without a port."""
    if port is None:
        yield None
        return
    server = PubSubServer(org)
    await server.start(port)
    try:
        yield server
    finally:
        await server.stop()

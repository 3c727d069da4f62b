"""One origin for several processes: connections go in turn to whichever of them takes them."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

CHUNK = 65536
TRIES = 200
PAUSE_SECONDS = 0.05
"""A connection waits up to ten seconds for a process that takes it."""

HOST = "127.0.0.1"


class Balancer:
    """Passes connections on, as a load balancer before a deployment does (TCP only)."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._turn = 0
        self._open: set[asyncio.Task[None]] = set()

    async def run(self, port: int, ready: threading.Event, stop: asyncio.Event) -> None:
        """Listens until it is told to stop."""
        server = await asyncio.start_server(self._serve, HOST, port)
        ready.set()
        await stop.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await self._connect()
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
            far_writer.transport.abort()
        writer.transport.abort()
        self._open.discard(task)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in range(TRIES):
            for _ in self._ports:
                self._turn += 1
                with suppress(OSError):
                    port = self._ports[self._turn % len(self._ports)]
                    return await asyncio.open_connection(HOST, port)
            await asyncio.sleep(PAUSE_SECONDS)
        raise ConnectionRefusedError


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction; its end is passed on, so that the other one can finish."""
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


@contextmanager
def balancing(port: int, ports: Sequence[int]) -> Iterator[None]:
    """Listens on a port for the processes behind the others, in a thread of its own."""
    loop, stop, ready = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
    serving = Balancer(ports).run(port, ready, stop)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
    thread.start()
    assert ready.wait(timeout=10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()

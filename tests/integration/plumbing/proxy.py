"""A TCP proxy whose connections a test can cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CHUNK = 65536


@dataclass
class Proxy:
    """`url` leads through it. `cut` resets every connection; new ones are let through.

    While `flowing` is not set, bytes are held and connections stay open, as under an alarm.
    """

    url: str = ""
    carried: int = 0
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> int:
        """Resets what is open; answers how many connections that were."""
        for writer in self._writers:
            writer.transport.abort()
        return len(self._writers) // 2

    async def serve(self, host: str, port: int, *streams: object) -> None:
        """One connection, until either end is gone."""
        reader, writer = streams
        assert isinstance(reader, asyncio.StreamReader)
        assert isinstance(writer, asyncio.StreamWriter)
        far_reader, far_writer = await asyncio.open_connection(host, port)
        pair = {writer, far_writer}
        self._writers |= pair
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        except OSError:
            pass  # cut, or the far end is gone
        finally:
            self._writers -= pair
            for end in pair:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self.flowing.wait()
            self.carried += len(data)
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError


@asynccontextmanager
async def proxied(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the server of a URL."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    host, port = parts.hostname, parts.port
    proxy = Proxy()
    proxy.flowing.set()
    server = await asyncio.start_server(lambda r, w: proxy.serve(host, port, r, w), "127.0.0.1", 0)
    own_port = server.sockets[0].getsockname()[1]
    user = parts.netloc.rpartition("@")[0]
    proxy.url = parts._replace(netloc=f"{user}@127.0.0.1:{own_port}").geturl()
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
        await server.wait_closed()

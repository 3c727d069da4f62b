import gzip
from collections.abc import AsyncIterator

import httpx2
import pytest

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.wire import exchange


class Endless(httpx2.AsyncByteStream):
    def __init__(self) -> None:
        self.chunks = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.chunks += 1
            yield b"x" * 1024

    async def aclose(self) -> None:
        self.closed = True


async def ask(answer: httpx2.Response, *, max_bytes: int = 10_000) -> httpx2.Response:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _request: answer)) as http:
        request = http.build_request("GET", "https://crm.example/")
        return await exchange(http, request, crm="HubSpot", max_bytes=max_bytes)


async def test_a_body_without_end_is_not_read_to_the_end() -> None:
    stream = Endless()
    with pytest.raises(CrmFatalError) as caught:
        await ask(httpx2.Response(200, stream=stream))
    assert caught.value.code == "crm_answer_too_large"
    assert (stream.chunks, stream.closed) == (10, True)


async def test_a_zipped_body_counts_unpacked() -> None:
    packed = gzip.compress(b" " * 50_000)
    answer = httpx2.Response(200, content=packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(CrmFatalError) as caught:
        await ask(answer)
    assert caught.value.code == "crm_answer_too_large"


async def test_a_body_that_is_not_what_its_encoding_says_is_a_lost_answer() -> None:
    answer = httpx2.Response(
        200, stream=httpx2.ByteStream(b"no gzip"), headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(CrmRetriableError) as caught:
        await ask(answer)
    assert caught.value.code == "crm_connection_lost"


async def test_a_body_at_the_bound_is_read() -> None:
    assert len((await ask(httpx2.Response(200, content=b"x" * 10_000))).content) == 10_000

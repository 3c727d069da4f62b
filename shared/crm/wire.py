"""One HTTP exchange with a CRM: bounded in time and size, never redirected, never with cookies."""

import asyncio

import httpx2

from shared.crm.errors import CrmFatalError, CrmRetriableError

CONNECT_SECONDS = 10.0
"""TCP and TLS to a CRM take well under a second; ten mean that the network is gone."""
TOTAL_SECONDS = 120.0
"""HubSpot itself gives up after 100 s (524, facts: hubspot-api 2); Salesforce would go on for
ten minutes, but by then the lane's lease has passed to somebody else."""
MAX_BODY_BYTES = 64 * 1024 * 1024
"""Five full query pages of 2,000 wide rows are about 20 MB; more is no answer of a CRM."""
_DECODED_ALREADY = ("content-encoding", "content-length", "transfer-encoding")


async def exchange(
    http: httpx2.AsyncClient,
    request: httpx2.Request,
    *,
    crm: str,
    total_seconds: float = TOTAL_SECONDS,
    max_bytes: int = MAX_BODY_BYTES,
) -> httpx2.Response:
    """The answer, whatever its status, with its body read.

    CrmRetriableError with code crm_timeout, crm_unreachable or crm_connection_lost when no whole
    answer came: a write may have taken effect all the same. CrmFatalError (crm_answer_too_large)
    when the body is larger than `max_bytes`. `crm` is the CRM's name for the messages.
    """
    # The client is shared by all tenants: a cookie that one org set must not reach another one.
    request.headers.pop("cookie", None)
    try:
        async with asyncio.timeout(total_seconds):
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                return await _read(response, crm, max_bytes)
            finally:
                await response.aclose()
    except (TimeoutError, httpx2.TimeoutException) as late:
        raise CrmRetriableError(
            f"{crm} did not answer within {total_seconds:.0f} s ({type(late).__name__}). "
            "Nothing is lost: the call is made again.",
            code="crm_timeout",
        ) from None
    except httpx2.ConnectError:
        raise CrmRetriableError(
            f"No connection to {crm} could be made. Check the network, DNS and the proxy of this "
            "machine; the call is made again.",
            code="crm_unreachable",
        ) from None
    except (httpx2.TransportError, httpx2.DecodingError, httpx2.StreamError) as lost:
        # The text of these can hold parts of the URL or the answer, so only the name is told.
        raise CrmRetriableError(
            f"The connection to {crm} broke before the answer was complete "
            f"({type(lost).__name__}); the call is made again.",
            code="crm_connection_lost",
        ) from None


async def _read(response: httpx2.Response, crm: str, max_bytes: int) -> httpx2.Response:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise CrmFatalError(
                f"{crm} answered with more than {max_bytes} bytes; the rest was not read. "
                "Ask for fewer records or fields in one call.",
                code="crm_answer_too_large",
                status=response.status_code,
            )
    kept = [
        (name, value)
        for name, value in response.headers.multi_items()
        if name.lower() not in _DECODED_ALREADY
    ]
    return httpx2.Response(
        response.status_code, headers=kept, content=bytes(body), request=response.request
    )

"""An admin's steps through the advanced setup."""

import httpx2

from tests.unit.mapping.office import DRAFT, SETUP, etag

LEAD = {"create_in_salesforce": "lead"}


async def begin(client: httpx2.AsyncClient) -> httpx2.Response:
    answer = await client.post(f"{SETUP}/choice", json={"kind": "advanced"})
    assert answer.status_code == 201, answer.text
    return answer


async def put(client: httpx2.AsyncClient, part: str, body: object) -> httpx2.Response:
    """A page saved from the newest revision on."""
    read = await client.get(DRAFT)
    return await client.put(f"{DRAFT}/{part}", json=body, headers=etag(read))


async def finish(client: httpx2.AsyncClient) -> httpx2.Response:
    """The finish, with everything acknowledged that the review warns of."""
    review = (await client.get(f"{SETUP}/review")).json()
    return await client.post(f"{SETUP}/finish", json={"acknowledge": review["acknowledge"]})

"""Batches of HubSpot: what is sent, and how many records the answers account for."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tests.bench.comparing import Run
from tests.bench.simulators.wire import Request, Server
from tests.simulators.people import people

BATCH = 100
"""Inputs of one call, the most that HubSpot takes (facts: hubspot-api §3)."""
ROOT = "/crm/v3/objects/contacts/batch"
SEED = 7
Properties = dict[str, str]
Json = Mapping[str, object]


def create(server: Server, items: int) -> Run:
    """New contacts."""
    _emptied(server)
    return _timed(server, items, _creates(items))


def read(server: Server, items: int) -> Run:
    """Contacts by id, with eight properties."""
    ids = _created(server, items)
    names = ["firstname", "lastname", "email", "phone", "company", "city", "country", "zip"]
    bodies = [
        {"inputs": [{"id": one} for one in some], "properties": names} for some in _batches(ids)
    ]
    return _timed(server, items, [_request("read", body) for body in bodies])


def update(server: Server, items: int) -> Run:
    """Three other values for each contact."""
    ids = _created(server, items)
    inputs = [
        {
            "id": one,
            "objectWriteTraceId": one,
            "properties": {"jobtitle": f"Title {one}", "phone": f"+49 30 {one}", "city": "Bremen"},
        }
        for one in ids
    ]
    return _timed(server, items, _requests("update", inputs))


def upsert(server: Server, items: int) -> Run:
    """By e-mail address: every other contact exists, and gets three other values."""
    _created(server, items)
    known = [one["email"] for one in _properties(items)]
    inputs = [
        {
            "id": address if number % 2 else f"new.{address}",
            "idProperty": "email",
            "objectWriteTraceId": str(number),
            "properties": {"lastname": f"Name {number}", "phone": "+49 30 1", "city": "Bremen"},
        }
        for number, address in enumerate(known)
    ]
    return _timed(server, items, _requests("upsert", inputs))


def _timed(server: Server, items: int, requests: Sequence[Request]) -> Run:
    answers, spent = server.timed(requests)
    return Run(items, len(_ids(answers)), spent.seconds, spent.core_seconds)


def _emptied(server: Server) -> None:
    server.ask([Request("POST", "/_control/reset")])


def _created(server: Server, items: int) -> list[str]:
    _emptied(server)
    return sorted(_ids(server.ask(_creates(items))), key=int)


def _ids(answers: Sequence[bytes]) -> set[str]:
    return {one["id"] for answer in answers for one in msgspec.json.decode(answer)["results"]}


def _creates(items: int) -> list[Request]:
    inputs = [
        {"properties": one, "objectWriteTraceId": str(number)}
        for number, one in enumerate(_properties(items))
    ]
    return _requests("create", inputs)


def _properties(items: int) -> list[Properties]:
    return [
        {
            "firstname": one.first_name,
            "lastname": one.last_name,
            "email": one.email,
            "phone": one.phone,
            "company": one.company,
            "jobtitle": one.title,
            "address": one.street,
            "city": one.city,
            "zip": one.postal_code,
            "country": one.country,
        }
        for one in people(items, seed=SEED)
    ]


def _requests(what: str, inputs: Sequence[Json]) -> list[Request]:
    return [_request(what, {"inputs": some}) for some in _batches(inputs)]


def _request(what: str, body: Json) -> Request:
    return Request("POST", f"{ROOT}/{what}", msgspec.json.encode(body))


def _batches(rows: Sequence[object]) -> Iterator[Sequence[object]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]

"""Collections and bulk jobs of Salesforce: what is sent, and what the answers account for."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tests.bench.comparing import Run
from tests.bench.simulators.spending import spending
from tests.bench.simulators.wire import Request, Server
from tests.simulators.people import people

BATCH = 200
"""Records of one call, the most that Collections take (facts: salesforce-api §2.6)."""
DATA = "/services/data/v66.0"
ROOT = f"{DATA}/composite/sobjects"
KEY = "Causeway_Key__c"
SEED = 7
TYPE = {"attributes": {"type": "Contact"}}
Row = Mapping[str, object]


def create(server: Server, items: int) -> Run:
    """New contacts."""
    _emptied(server)
    return _timed(server, items, _creates(items))


def update(server: Server, items: int) -> Run:
    """Three other values for each contact."""
    rows = [
        {**TYPE, "Id": one, "Title": f"Title {one}", "Phone": "+49 30 1", "MailingCity": "Bremen"}
        for one in _created(server, items)
    ]
    return _timed(server, items, _requests("PATCH", ROOT, rows))


def upsert(server: Server, items: int) -> Run:
    """By external id: every other contact exists."""
    _created(server, items)
    rows = [
        {**TYPE, **one, KEY: f"key-{number if number % 2 else -number - 1}"}
        for number, one in enumerate(_fields(items))
    ]
    return _timed(server, items, _requests("PATCH", f"{ROOT}/Contact/{KEY}", rows))


def retrieve(server: Server, items: int) -> Run:
    """Contacts by id, with eight fields."""
    names = ["FirstName", "LastName", "Email", "Phone", "Title", "MailingCity", KEY, "OwnerId"]
    bodies = [{"ids": some, "fields": names} for some in _batches(_created(server, items))]
    requests = [Request("POST", f"{ROOT}/Contact", msgspec.json.encode(one)) for one in bodies]
    answers, spent = server.timed(requests)
    found = [one for answer in answers for one in msgspec.json.decode(answer) if one is not None]
    return Run(items, len(found), spent.seconds, spent.core_seconds)


def ingest(server: Server, items: int) -> Run:
    """One bulk job that inserts: created, filled, closed, and looked at until it is complete."""
    _emptied(server)
    data = _csv(items)
    with spending(server.process_id) as spent:
        job = _job(server, Request("POST", f"{DATA}/jobs/ingest", JOB))
        path = f"{DATA}/jobs/ingest/{job['id']}"
        server.ask([Request("PUT", f"{path}/batches", data, "text/csv")])
        server.ask([Request("PATCH", path, b'{"state": "UploadComplete"}')])
        while job["state"] not in {"JobComplete", "Failed"}:
            job = _job(server, Request("GET", path))
    written = job["numberRecordsProcessed"] - job["numberRecordsFailed"]
    return Run(items, written, spent.seconds, spent.core_seconds)


JOB = msgspec.json.encode({"object": "Contact", "operation": "insert", "lineEnding": "LF"})


def _job(server: Server, request: Request) -> dict[str, Any]:
    (answer,) = server.ask([request])
    found: dict[str, Any] = msgspec.json.decode(answer)
    return found


def _timed(server: Server, items: int, requests: Sequence[Request]) -> Run:
    answers, spent = server.timed(requests)
    return Run(items, len(_ids(answers)), spent.seconds, spent.core_seconds)


def _emptied(server: Server) -> None:
    """As new, with the package that brings the key; a bulk job takes no time of its own."""
    server.ask([Request("POST", "/_control/reset")])
    server.ask([Request("POST", "/_control/package", b'{"installed": true}')])
    server.ask([Request("POST", "/_control/switches", b'{"bulk_seconds": 0}')])


def _created(server: Server, items: int) -> list[str]:
    _emptied(server)
    return sorted(_ids(server.ask(_creates(items))))


def _ids(answers: Sequence[bytes]) -> set[str]:
    found = [one for answer in answers for one in msgspec.json.decode(answer)]
    return {one["id"] for one in found if one["success"]}


def _creates(items: int) -> list[Request]:
    rows = [{**TYPE, **one, KEY: f"key-{number}"} for number, one in enumerate(_fields(items))]
    return _requests("POST", ROOT, rows)


def _fields(items: int) -> list[Row]:
    return [
        {
            "FirstName": one.first_name,
            "LastName": one.last_name,
            "Email": one.email,
            "Phone": one.phone,
            "Title": one.title,
            "MailingStreet": one.street,
            "MailingCity": one.city,
            "MailingPostalCode": one.postal_code,
            "MailingCountry": one.country,
        }
        for one in people(items, seed=SEED)
    ]


def _csv(items: int) -> bytes:
    text = io.StringIO()
    rows = _fields(items)
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _requests(method: str, path: str, rows: Sequence[Row]) -> list[Request]:
    bodies = [{"allOrNone": False, "records": some} for some in _batches(rows)]
    return [Request(method, path, msgspec.json.encode(one)) for one in bodies]


def _batches(rows: Sequence[object]) -> Iterator[Sequence[object]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]

"""Drives bulk jobs with plain HTTP, and the independent client over loopback."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
from requests import Session
from simple_salesforce.api import Salesforce

from tests.contracts.simulators.salesforce.driver import VERSION, Driver
from tests.contracts.simulators.salesforce.test_simple_salesforce import Unencrypted

INGEST = "/jobs/ingest"
QUERY = "/jobs/query"
JOB_SECONDS = 100
"""Long enough that only the virtual clock moves a job on."""


@contextmanager
def bulk2(org: Driver, object_name: str) -> Iterator[Any]:
    """The bulk 2.0 interface of simple-salesforce to one object."""
    with Session() as session:
        session.mount("https://", Unencrypted())
        host = urlsplit(str(org.http.base_url)).netloc
        client = Salesforce(
            instance=host, session_id=org.token, session=session, version=VERSION[-4:]
        )
        yield getattr(client.bulk2, object_name)


class Jobs:
    """Ingest jobs of one org, whose time only the test lets pass."""

    def __init__(self, org: Driver) -> None:
        self.org = org
        org.switch(bulk_seconds=JOB_SECONDS)

    def create(self, operation: str, object_name: str = "Contact", **more: str) -> dict[str, Any]:
        body = {"object": object_name, "operation": operation, "contentType": "CSV", **more}
        response = self.org.call("POST", INGEST, body)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def upload(self, job_id: str, text: str | bytes, kind: str = "text/csv") -> httpx2.Response:
        data = text if isinstance(text, bytes) else text.encode()
        return self.org.call(
            "PUT",
            f"{INGEST}/{job_id}/batches",
            content=data,
            headers={"Content-Type": kind},
        )

    def state(self, job_id: str, state: str) -> httpx2.Response:
        return self.org.call("PATCH", f"{INGEST}/{job_id}", {"state": state})

    def pass_time(self, share: float = 1.0) -> None:
        self.org.control("clock", {"advance_seconds": JOB_SECONDS * share})

    def start(self, operation: str, text: str | bytes, **more: str) -> str:
        """A closed job."""
        job_id: str = self.create(operation, **more)["id"]
        assert self.upload(job_id, text).status_code == 201
        assert self.state(job_id, "UploadComplete").status_code == 200
        return job_id

    def run(self, operation: str, text: str | bytes, **more: str) -> dict[str, Any]:
        """The info of a job whose time is over."""
        job_id = self.start(operation, text, **more)
        self.pass_time()
        return self.info(job_id)

    def info(self, job_id: str) -> dict[str, Any]:
        response = self.org.call("GET", f"{INGEST}/{job_id}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def results(self, job_id: str, which: str) -> list[dict[str, str]]:
        response = self.org.call("GET", f"{INGEST}/{job_id}/{which}")
        assert response.status_code == 200, response.text
        assert response.headers["content-type"].startswith("text/csv")
        return list(csv.DictReader(io.StringIO(response.text)))

    def successes(self, job_id: str) -> list[dict[str, str]]:
        return self.results(job_id, "successfulResults")

    def failures(self, job_id: str) -> list[dict[str, str]]:
        return self.results(job_id, "failedResults")

"""An independent client, written by people who know the real one, drives the simulator."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from tests.contracts.simulators.salesforce.driver import Driver


class Unencrypted(HTTPAdapter):
    """The client insists on https; the simulator has no certificate."""

    def send(self, request: PreparedRequest, *args: Any, **more: Any) -> Response:
        assert request.url is not None
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, *args, **more)


@pytest.fixture
def client(org: Driver) -> Iterator[Any]:
    org.install()
    with Session() as session:
        session.mount("https://", Unencrypted())
        host = urlsplit(str(org.http.base_url)).netloc
        yield Salesforce(instance=host, session_id=org.token, session=session, version="66.0")


def test_records_are_created_read_changed_and_deleted(client: Any) -> None:
    made = client.Contact.create({"LastName": "Smith", "Email": "smith@example.com"})
    assert made["success"] is True
    assert client.Contact.get(made["id"])["LastName"] == "Smith"
    assert client.Contact.update(made["id"], {"LastName": "Jones"}) == 204
    assert client.Contact.get(made["id"])["Name"] == "Jones"
    assert client.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as problem:
        client.Contact.get(made["id"])
    assert "ENTITY_IS_DELETED" in str(problem.value.content)


def test_upserts_by_an_external_id(client: Any) -> None:
    key = "Causeway_Key__c/portal:contact:1"
    assert client.Contact.upsert(key, {"LastName": "New"}) == 201
    assert client.Contact.upsert(key, {"LastName": "Newer"}) == 200
    assert client.Contact.get_by_custom_id("Causeway_Key__c", "portal:contact:1")["Name"] == "Newer"
    for _ in range(2):
        client.Contact.create({"LastName": "Twin", "Email": "twin@example.com"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Contact.upsert("Email/twin@example.com", {"LastName": "Which"})


def test_queries_of_several_pages(client: Any, org: Driver) -> None:
    org.control("seed", {"people": 2_100, "seed": 1})
    found = client.query_all("SELECT Id, Owner.Name FROM Contact")
    assert found["totalSize"] == len(found["records"]) == 2_100
    assert len(list(client.query_all_iter("SELECT Id FROM Contact"))) == 2_100
    assert client.query("SELECT COUNT() FROM Contact")["totalSize"] == 2_100


def test_deleted_records_with_include_deleted(client: Any) -> None:
    made = client.Lead.create({"LastName": "L", "Company": "C"})
    client.Lead.delete(made["id"])
    soql = "SELECT Id, IsDeleted FROM Lead"
    assert client.query(soql)["totalSize"] == 0
    assert client.query(soql, include_deleted=True)["records"][0]["IsDeleted"] is True


def test_errors_are_what_the_client_expects(client: Any, org: Driver) -> None:
    with pytest.raises(SalesforceMalformedRequest) as problem:
        client.Contact.create({"FirstName": "Only"})
    assert "REQUIRED_FIELD_MISSING" in str(problem.value.content)
    with pytest.raises(SalesforceMalformedRequest):
        client.query("SELECT Nope FROM Contact")
    org.control("end-sessions")
    with pytest.raises(SalesforceExpiredSession):
        client.limits()


def test_describes_and_limits(client: Any) -> None:
    assert client.describe()["maxBatchSize"] == 200
    names = {field["name"] for field in client.Task.describe()["fields"]}
    assert {"WhoId", "WhatId", "Subject", "Causeway_Key__c"} <= names
    assert client.Contact.metadata()["objectDescribe"]["keyPrefix"] == "003"
    assert client.limits()["DailyApiRequests"]["Max"] == 100_000
    assert client.api_usage["api-usage"].total == 100_000


def test_composites_through_restful(client: Any) -> None:
    step = {
        "method": "POST",
        "url": "/services/data/v66.0/sobjects/Account",
        "referenceId": "a",
        "body": {"Name": "Org"},
    }
    found = client.restful("composite", method="POST", json={"compositeRequest": [step]})
    assert found["compositeResponse"][0]["httpStatusCode"] == 201
    rows = [{"attributes": {"type": "Account"}, "Name": f"N{number}"} for number in range(3)]
    made = client.restful("composite/sobjects", method="POST", json={"records": rows})
    assert [one["success"] for one in made] == [True, True, True]


def test_changes_of_the_last_hour(client: Any, org: Driver) -> None:
    kept = client.Contact.create({"LastName": "Kept"})["id"]
    gone = client.Contact.create({"LastName": "Gone"})["id"]
    client.Contact.delete(gone)
    org.control("clock", {"advance_seconds": 120})
    start = datetime.now(UTC) - timedelta(hours=1)
    end = start + timedelta(hours=1, minutes=2)
    assert client.Contact.updated(start, end)["ids"] == [kept]
    deleted = client.Contact.deleted(start, end)["deletedRecords"]
    assert [one["id"] for one in deleted] == [gone]


def test_tooling_requests(client: Any) -> None:
    found = client.toolingexecute("query/?q=SELECT+Id+FROM+PackageInstallRequest")
    assert found["totalSize"] == 0


def test_line_10_layouts_are_listed_and_retrieved_and_deployed(client: Any, tmp_path: Path) -> None:
    client.mdapi._client.transport.session.mount("https://", Unencrypted())
    listed = client.mdapi.list_metadata([{"type": "Layout"}])
    assert "Lead-Lead Layout" in [one.fullName for one in listed]
    wanted = {"Layout": ["Lead-Lead Layout"]}
    retrieve_id, state = client.mdapi.retrieve("", unpackaged=wanted)
    assert state == "Queued"
    assert client.mdapi.check_retrieve_status(retrieve_id)[0] == "Succeeded"
    status, _, messages, data = client.mdapi.retrieve_zip(retrieve_id)
    assert (status, messages) == ("Succeeded", [])
    file = tmp_path / "same.zip"
    file.write_bytes(data)
    deploy_id, _ = client.mdapi.deploy(str(file), sandbox=False)
    status, _, detail, _ = client.mdapi.check_deploy_status(deploy_id)
    assert (status, detail["deployed_count"], detail["errors"]) == ("Succeeded", "1", [])


def test_line_2_graphs_trees_and_batches_through_restful(client: Any) -> None:
    url = "/services/data/v66.0/sobjects/Account"
    node = {"method": "POST", "url": url, "referenceId": "a", "body": {"Name": "Org"}}
    graph = {"graphId": "g", "compositeRequest": [node]}
    found = client.restful("composite/graph", method="POST", json={"graphs": [graph]})
    assert found["graphs"][0]["isSuccessful"] is True
    record = {"attributes": {"type": "Account", "referenceId": "r"}, "Name": "Tree"}
    made = client.restful("composite/tree/Account", method="POST", json={"records": [record]})
    assert made["results"][0]["referenceId"] == "r"
    batch = {"batchRequests": [{"method": "GET", "url": "v66.0/limits"}]}
    answer = client.restful("composite/batch", method="POST", json=batch)
    assert (answer["hasErrors"], answer["results"][0]["statusCode"]) == (False, 200)


def test_what_a_pre_flight_asks(client: Any) -> None:
    found = client.query("SELECT OrganizationType, IsSandbox FROM Organization")["records"][0]
    assert (found["OrganizationType"], found["IsSandbox"]) == ("Enterprise Edition", False)
    soql = "SELECT PermissionsApiEnabled, PermissionsModifyMetadata FROM UserPermissionAccess"
    row = client.query(soql)["records"][0]
    assert (row["PermissionsApiEnabled"], row["PermissionsModifyMetadata"]) == (True, True)


def test_line_6_counting_a_field(client: Any) -> None:
    client.Contact.create({"LastName": "X"})
    found = client.query("SELECT COUNT(Id) total FROM Contact")["records"]
    assert dict(found[0])["total"] == 1

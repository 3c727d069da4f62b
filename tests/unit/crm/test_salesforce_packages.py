import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.salesforce.metadata import ComponentFailure, MetadataClient
from shared.crm.salesforce.tooling import (
    InstalledPackage,
    InstallStatus,
    PackageVersion,
    ToolingClient,
)
from tests.unit.crm.fakes import Answer, SalesforceLine, in_turn, reply

TOOLING = "/services/data/v66.0/tooling"
VERSION = "04t000000000001AAA"


def tooling(answer: Answer) -> tuple[SalesforceLine, ToolingClient]:
    line = SalesforceLine(answer)
    return line, ToolingClient(line.transport)


def metadata(answer: Answer) -> tuple[SalesforceLine, MetadataClient]:
    line = SalesforceLine(answer)
    return line, MetadataClient(line.transport)


async def test_an_installation_is_started() -> None:
    line, client = tooling(lambda _r: reply({"id": "0Hf1", "success": True, "errors": []}, 201))
    assert await client.install(VERSION, "None", enable_remote_sites=True) == "0Hf1"
    assert line.paths == [f"POST {TOOLING}/sobjects/PackageInstallRequest"]
    assert line.bodies == [
        {
            "SubscriberPackageVersionKey": VERSION,
            "NameConflictResolution": "Block",
            "SecurityType": "None",
            "EnableRss": True,
        }
    ]


async def test_an_installation_without_an_id_did_not_start() -> None:
    _line, client = tooling(lambda _r: reply({"success": False, "errors": []}))
    with pytest.raises(CrmFatalError) as caught:
        await client.install(VERSION, "Full", enable_remote_sites=False)
    assert caught.value.code == "install_refused"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("InProgress", "in_progress"),
        ("IN_PROGRESS", "in_progress"),
        ("Success", "success"),
        ("SUCCESS", "success"),
        ("Error", "error"),
        ("ERROR", "error"),
        ("Unknown", "unknown"),
        ("UNKNOWN", "unknown"),
        ("Odd", "unknown"),
        (None, "unknown"),
    ],
)
async def test_statuses_in_either_spelling(status: str | None, state: str) -> None:
    line, client = tooling(lambda _r: reply({"Id": "0Hf1", "Status": status, "Errors": None}))
    assert await client.install_status("0Hf1") == InstallStatus(state, ())  # type: ignore[arg-type]
    assert line.paths == [f"GET {TOOLING}/sobjects/PackageInstallRequest/0Hf1"]


async def test_the_errors_of_an_installation_are_told() -> None:
    errors = {"errors": [{"message": "Package is not yet available"}, {"message": "x" * 600}]}
    _line, client = tooling(lambda _r: reply({"Status": "ERROR", "Errors": errors}))
    found = await client.install_status("0Hf1")
    assert found.errors == ("Package is not yet available", "x" * 500)


async def test_a_key_is_sent_with_the_order_and_with_the_question() -> None:
    line, client = tooling(
        in_turn([reply({"id": "0Hf1", "success": True}, 201), reply({"records": []})])
    )
    await client.install(
        VERSION,
        "Full",
        enable_remote_sites=False,
        name_conflict="RenameMetadata",
        password="it's",
    )
    assert await client.package_version(VERSION, password="it's") is None
    body = line.bodies[0]
    assert isinstance(body, dict)
    assert (body["NameConflictResolution"], body["Password"]) == ("RenameMetadata", "it's")
    where = line.requests[1].url.params["q"].partition(" WHERE ")[2]
    assert where == f"Id = '{VERSION}' AND InstallationKey = 'it\\'s'"


async def test_why_an_installation_was_not_started_is_told() -> None:
    refused = {"success": False, "errors": [{"message": "Packages may not be downloaded"}]}
    _line, client = tooling(lambda _r: reply(refused))
    with pytest.raises(CrmFatalError, match="Packages may not be downloaded"):
        await client.install(VERSION, "Full", enable_remote_sites=False)


async def test_an_uninstall_is_started_and_watched() -> None:
    request = "SubscriberPackageVersionUninstallRequest"
    line, client = tooling(
        in_turn(
            [
                reply({"id": "06y1", "success": True, "errors": []}, 201),
                reply({"Id": "06y1", "Status": "Queued"}),
                reply({"Id": "06y1", "Status": "InProgress"}),
                reply({"Id": "06y1", "Status": "Success"}),
            ]
        )
    )
    assert await client.uninstall(VERSION) == "06y1"
    states = [(await client.uninstall_status("06y1")).state for _ in range(3)]
    assert states == ["in_progress", "in_progress", "success"]
    assert line.bodies[0] == {"SubscriberPackageVersionId": VERSION}
    assert line.paths[:2] == [
        f"POST {TOOLING}/sobjects/{request}",
        f"GET {TOOLING}/sobjects/{request}/06y1",
    ]


async def test_an_uninstall_that_failed_is_asked_for_its_reasons() -> None:
    rows = [{"Message": "A report uses it"}, {"Message": "x" * 600}]
    line, client = tooling(in_turn([reply({"Status": "Error"}), reply({"records": rows})]))
    found = await client.uninstall_status("06y1")
    assert found == InstallStatus("error", ("A report uses it", "x" * 500))
    assert line.requests[1].url.params["q"] == (
        "SELECT Message FROM PackageVersionUninstallRequestError WHERE ParentRequestId = '06y1'"
    )


async def test_an_uninstall_without_an_id_did_not_start() -> None:
    _line, client = tooling(lambda _r: reply({"success": False, "errors": []}))
    with pytest.raises(CrmFatalError, match="second-generation"):
        await client.uninstall(VERSION)


async def test_whether_a_version_can_be_installed_yet() -> None:
    record = {
        "Id": VERSION,
        "SubscriberPackageId": "0331",
        "InstallValidationStatus": "PACKAGE_UNAVAILABLE",
        "MajorVersion": 1,
        "MinorVersion": 2,
        "PatchVersion": 0,
        "BuildNumber": 4,
        "IsBeta": True,
    }
    line, client = tooling(
        in_turn([reply({"done": True, "records": [record]}), reply({"records": []})])
    )
    assert await client.package_version(VERSION) == PackageVersion(
        VERSION, "0331", "PACKAGE_UNAVAILABLE", "1.2.0.4", beta=True
    )
    assert await client.package_version("04t' OR Id != '") is None
    assert [request.url.params["q"].partition(" WHERE ")[2] for request in line.requests] == [
        "Id = '04t000000000001AAA'",
        "Id = '04t\\' OR Id != \\''",
    ]
    assert (
        line.requests[0]
        .url.params["q"]
        .startswith("SELECT Id, SubscriberPackageId, InstallValidationStatus, MajorVersion")
    )


async def test_one_package_among_those_that_are_installed() -> None:
    numbers = {"MajorVersion": 1, "MinorVersion": 0, "PatchVersion": 0, "BuildNumber": 1}
    rows = reply({"records": [installed("04t1", "cway"), installed("04t2", None)]})
    line, client = tooling(in_turn([rows, reply({"records": [numbers]}), rows]))
    assert await client.installed_package("03304t2") == InstalledPackage(
        "03304t2", "04t2", "", "1.0.0.1", beta=False
    )
    assert await client.installed_package("033other") is None
    assert len(line.requests) == 3


def installed(version_id: str, namespace: str | None) -> dict[str, Any]:
    package = {"Id": f"033{version_id}", "NamespacePrefix": namespace}
    return {"SubscriberPackage": package, "SubscriberPackageVersionId": version_id}


async def test_installed_packages_with_the_numbers_that_can_be_had() -> None:
    numbers = {
        "MajorVersion": 1,
        "MinorVersion": 2,
        "PatchVersion": 0,
        "BuildNumber": 4,
        "IsBeta": True,
    }
    first = {
        "done": False,
        "nextRecordsUrl": f"{TOOLING}/query/01g-1",
        "records": [installed("04t1", "cway")],
    }
    line, client = tooling(
        in_turn(
            [
                reply(first),
                reply(
                    {"done": True, "records": [installed("04t2", None), installed("04t3", None)]}
                ),
                reply({"records": [numbers]}),
                reply([{"errorCode": "MALFORMED_QUERY", "message": "x"}], 400),
                reply({"records": []}),
            ]
        )
    )
    assert await client.installed_packages() == [
        InstalledPackage("03304t1", "04t1", "cway", "1.2.0.4", beta=True),
        InstalledPackage("03304t2", "04t2", "", "", beta=False),
        InstalledPackage("03304t3", "04t3", "", "", beta=False),
    ]
    assert line.paths[1] == f"GET {TOOLING}/query/01g-1"


async def test_a_broken_call_is_not_taken_for_a_hidden_version() -> None:
    _line, client = tooling(
        in_turn([reply({"records": [installed("04t1", "cway")]}), reply({}, 503)])
    )
    with pytest.raises(CrmRetriableError):
        await client.installed_packages()


async def test_a_list_of_packages_without_end_is_an_error() -> None:
    endless = {"done": False, "nextRecordsUrl": f"{TOOLING}/query/01g-1", "records": []}
    line, client = tooling(lambda _r: reply(endless))
    with pytest.raises(CrmFatalError) as caught:
        await client.installed_packages()
    assert caught.value.code == "page_limit_exceeded"
    assert len(line.requests) == 21


async def test_a_list_that_leads_to_another_host_is_not_followed() -> None:
    away = {"done": False, "nextRecordsUrl": "//evil.example/", "records": []}
    line, client = tooling(lambda _r: reply(away))
    with pytest.raises(CrmFatalError) as caught:
        await client.installed_packages()
    assert caught.value.code == "crm_path_refused"
    assert len(line.requests) == 1


async def test_a_deployment_is_one_multipart_call() -> None:
    line, client = metadata(lambda _r: reply({"id": "0Af1", "deployResult": {}}, 201))
    assert await client.deploy(b"PK-zip", test_level="NoTestRun") == "0Af1"
    [request] = line.requests
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    parts = request.content.split(b"--" + boundary)
    assert line.paths == ["POST /services/data/v66.0/metadata/deployRequest"]
    assert b'name="json"' in parts[1]
    assert json.loads(parts[1].partition(b"\r\n\r\n")[2]) == {
        "deployOptions": {
            "checkOnly": False,
            "rollbackOnError": True,
            "singlePackage": True,
            "testLevel": "NoTestRun",
        }
    }
    assert b'name="file"; filename="package.zip"' in parts[2]
    assert parts[2].endswith(b"\r\n\r\nPK-zip\r\n")


async def test_an_expired_token_does_not_lose_the_zip() -> None:
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    line, client = metadata(in_turn([reply(expired, 401), reply({"id": "0Af1"}, 201)]))
    assert await client.deploy(b"PK-zip") == "0Af1"
    assert b"PK-zip" in line.requests[1].content


async def test_a_deployment_that_did_not_start_or_is_too_large() -> None:
    line, client = metadata(lambda _r: reply({}))
    with pytest.raises(CrmFatalError, match="did not start"):
        await client.deploy(b"PK")
    with pytest.raises(CrmFatalError, match="larger"):
        await client.deploy(bytes(40 * 1024 * 1024))
    assert len(line.requests) == 1


@pytest.mark.parametrize("spell", [lambda value: value, str, lambda value: str(value).lower()])
async def test_a_deploy_status_in_strings_or_not(spell: Callable[[object], object]) -> None:
    yes, no = True, False
    failure = {"fullName": "Lead.Causeway_Key__c", "componentType": "CustomField", "problem": "no"}
    result = {
        "status": "Failed",
        "done": spell(yes),
        "success": spell(no),
        "numberComponentsDeployed": spell(3),
        "numberComponentErrors": spell(1),
        "numberComponentsTotal": spell(4),
        "numberTestsCompleted": spell(0),
        "numberTestErrors": spell(0),
        "numberTestsTotal": spell(0),
        "errorMessage": "rolled back",
        "details": {"componentFailures": [failure]},
    }
    line, client = metadata(lambda _r: reply({"id": "0Af1", "deployResult": result}))
    found = await client.deploy_status("0Af1")
    assert str(line.requests[0].url).endswith("/metadata/deployRequest/0Af1?includeDetails=true")
    assert (found.state, found.done, found.success) == ("Failed", True, False)
    assert (found.components, found.tests) == ((3, 1, 4), (0, 0, 0))
    assert found.failures == (ComponentFailure("Lead.Causeway_Key__c", "CustomField", "no"),)
    assert found.message == "rolled back"


async def test_a_single_failure_may_stand_alone_and_details_may_be_absent() -> None:
    alone = {"status": "Failed", "details": {"componentFailures": {"fullName": "X"}}}
    answers: list[httpx2.Response] = [
        reply({"deployResult": alone}),
        reply({"deployResult": {"status": "Pending", "details": None}}),
    ]
    _line, client = metadata(in_turn(answers))
    assert [one.name for one in (await client.deploy_status("1")).failures] == ["X"]
    pending = await client.deploy_status("1")
    assert (pending.state, pending.done, pending.failures) == ("Pending", False, ())

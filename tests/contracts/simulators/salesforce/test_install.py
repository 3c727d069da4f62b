from typing import Any

import pytest

from tests.contracts.simulators.salesforce.driver import PACKAGE_VERSION, Driver, error_of

REQUESTS = "/tooling/sobjects/PackageInstallRequest"
UNINSTALLS = "/tooling/sobjects/SubscriberPackageVersionUninstallRequest"


def install(org: Driver, **more: Any) -> str:
    body = {
        "SubscriberPackageVersionKey": PACKAGE_VERSION,
        "NameConflictResolution": "Block",
        "SecurityType": "Full",
        "EnableRss": True,
        **more,
    }
    answer = org.call("POST", REQUESTS, body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def request_of(org: Driver, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = org.call("GET", f"{REQUESTS}/{request_id}").json()
    return found


def tooling(org: Driver, soql: str) -> Any:
    return org.query(soql, resource="tooling/query")


def validation(org: Driver, extra: str = "") -> str:
    soql = (
        "SELECT Id, SubscriberPackageId, InstallValidationStatus FROM SubscriberPackageVersion "  # noqa: S608
        f"WHERE Id = '{PACKAGE_VERSION}'{extra}"
    )
    return str(tooling(org, soql)["records"][0]["InstallValidationStatus"])


def test_line_10_an_install_takes_its_time_and_brings_the_field(org: Driver) -> None:
    org.switch(install_seconds=60)
    request_id = install(org)
    assert request_id.startswith("0Hf")
    found = request_of(org, request_id)
    assert (found["Status"], found["Errors"]) == ("IN_PROGRESS", None)
    assert found["EnableRss"] is True
    assert org.query("SELECT Causeway_Key__c FROM Lead")[0]["errorCode"] == "INVALID_FIELD"
    org.control("clock", {"advance_seconds": 61})
    assert request_of(org, request_id)["Status"] == "SUCCESS"
    assert org.query("SELECT Causeway_Key__c FROM Lead")["totalSize"] == 0
    soql = f"SELECT Status, Errors FROM PackageInstallRequest WHERE Id = '{request_id}'"  # noqa: S608
    assert tooling(org, soql)["records"][0]["Status"] == "SUCCESS"


def test_line_10_the_status_has_two_spellings(org: Driver) -> None:
    org.switch(install_status_spelling="title", install_seconds=60)
    request_id = install(org)
    assert request_of(org, request_id)["Status"] == "InProgress"
    org.control("clock", {"advance_seconds": 61})
    assert request_of(org, request_id)["Status"] == "Success"


def test_line_10_a_failed_install_lists_its_errors(org: Driver) -> None:
    org.switch(install_errors=["Field limit reached", "Sorry"])
    found = request_of(org, install(org))
    assert found["Status"] == "ERROR"
    assert found["Errors"] == {"errors": [{"message": "Field limit reached"}, {"message": "Sorry"}]}
    assert org.query("SELECT Causeway_Key__c FROM Lead")[0]["errorCode"] == "INVALID_FIELD"
    assert tooling(org, "SELECT Id FROM InstalledSubscriberPackage")["records"] == []


def test_line_10_a_new_version_is_unavailable_at_first(org: Driver) -> None:
    org.switch(package_unavailable_seconds=300)
    assert validation(org) == "PACKAGE_UNAVAILABLE"
    failed = request_of(org, install(org))
    assert failed["Status"] == "ERROR"
    assert "not yet available" in failed["Errors"]["errors"][0]["message"]
    org.control("clock", {"advance_seconds": 301})
    assert validation(org) == "NO_ERRORS_DETECTED"
    assert request_of(org, install(org))["Status"] == "SUCCESS"


def test_line_10_an_installation_key(org: Driver) -> None:
    org.switch(installation_key="sesame")
    assert validation(org) == "INSTALL_KEY_REQUIRED"
    assert validation(org, " AND InstallationKey = 'open'") == "INSTALL_KEY_INVALID"
    assert validation(org, " AND InstallationKey = 'sesame'") == "NO_ERRORS_DETECTED"
    assert request_of(org, install(org))["Status"] == "ERROR"
    assert request_of(org, install(org, Password="sesame"))["Status"] == "SUCCESS"


@pytest.mark.parametrize("where", ["", " WHERE MajorVersion = 1", " WHERE Id = null OR Id = null"])
def test_line_10_versions_are_found_by_id_only(org: Driver, where: str) -> None:
    found = tooling(org, f"SELECT Id FROM SubscriberPackageVersion{where}")  # noqa: S608
    assert found[0]["errorCode"] == "MALFORMED_QUERY"


def test_line_10_what_is_installed(org: Driver) -> None:
    install(org)
    soql = (
        "SELECT SubscriberPackage.Id, SubscriberPackage.NamespacePrefix, "
        "SubscriberPackageVersionId, SubscriberPackageVersion.MajorVersion "
        "FROM InstalledSubscriberPackage"
    )
    row = tooling(org, soql)["records"][0]
    assert row["SubscriberPackage"]["Id"].startswith("033")
    assert row["SubscriberPackage"]["NamespacePrefix"] is None
    assert row["SubscriberPackageVersionId"] == PACKAGE_VERSION
    assert row["SubscriberPackageVersion"]["MajorVersion"] == 1
    found = org.call("GET", f"/tooling/sobjects/SubscriberPackageVersion/{PACKAGE_VERSION}")
    assert found.json()["IsBeta"] is False


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("SubscriberPackageVersionKey", None, "REQUIRED_FIELD_MISSING"),
        ("SubscriberPackageVersionKey", "0335g0000000001AAA", "INVALID_CROSS_REFERENCE_KEY"),
        ("SecurityType", "Everyone", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("NameConflictResolution", "x", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Nope", 1, "INVALID_FIELD"),
    ],
)
def test_line_10_bad_install_requests(org: Driver, field: str, value: Any, code: str) -> None:
    body = {"SubscriberPackageVersionKey": PACKAGE_VERSION, field: value}
    assert error_of(org.call("POST", REQUESTS, body)) == (400, code)


def test_line_10_an_uninstall_takes_the_field_away(org: Driver) -> None:
    install(org)
    record_id = org.create("Contact", LastName="X", Causeway_Key__c="k")
    answer = org.call("POST", UNINSTALLS, {"SubscriberPackageVersionId": PACKAGE_VERSION})
    request_id = answer.json()["id"]
    assert request_id.startswith("06y")
    found = org.call("GET", f"{UNINSTALLS}/{request_id}").json()
    assert found["Status"] == "Success"
    assert "Causeway_Key__c" not in org.get("Contact", record_id)
    again = org.call("POST", UNINSTALLS, {"SubscriberPackageVersionId": PACKAGE_VERSION})
    failed = org.call("GET", f"{UNINSTALLS}/{again.json()['id']}").json()
    assert failed["Status"] == "Error"
    soql = (
        "SELECT Message FROM PackageVersionUninstallRequestError "  # noqa: S608
        f"WHERE ParentRequestId = '{again.json()['id']}'"
    )
    assert "not installed" in tooling(org, soql)["records"][0]["Message"]


def test_line_10_an_uninstall_is_queued_and_blocks_an_install_meanwhile(org: Driver) -> None:
    install(org)
    org.switch(install_seconds=100)
    answer = org.call("POST", UNINSTALLS, {"SubscriberPackageVersionId": PACKAGE_VERSION})
    url = f"{UNINSTALLS}/{answer.json()['id']}"
    assert org.call("GET", url).json()["Status"] == "Queued"
    assert validation(org) == "UNINSTALL_IN_PROGRESS"
    org.control("clock", {"advance_seconds": 30})
    assert org.call("GET", url).json()["Status"] == "InProgress"
    org.control("clock", {"advance_seconds": 71})
    assert org.call("GET", url).json()["Status"] == "Success"
    assert validation(org) == "NO_ERRORS_DETECTED"


@pytest.mark.parametrize("status", ["PACKAGE_UNAVAILABLE_CRC", "PACKAGE_UNAVAILABLE_ZIP"])
def test_line_10_a_version_can_be_unavailable_in_other_words(org: Driver, status: str) -> None:
    org.switch(package_unavailable_seconds=300, package_waiting_status=status)
    assert validation(org) == status
    assert request_of(org, install(org))["Status"] == "ERROR"


def test_line_10_the_query_of_a_version_may_find_nothing(org: Driver) -> None:
    install(org)
    org.switch(package_versions_hidden=True)
    soql = f"SELECT MajorVersion FROM SubscriberPackageVersion WHERE Id = '{PACKAGE_VERSION}'"  # noqa: S608
    assert tooling(org, soql)["records"] == []
    assert len(tooling(org, "SELECT Id FROM InstalledSubscriberPackage")["records"]) == 1


def test_line_10_tooling_describes(org: Driver) -> None:
    names = [one["name"] for one in org.call("GET", "/tooling/sobjects").json()["sobjects"]]
    assert "PackageInstallRequest" in names
    described = org.call("GET", f"{REQUESTS}/describe").json()
    assert described["keyPrefix"] == "0Hf"
    assert org.call("GET", "/tooling/sobjects/Nope/describe").status_code == 404
    assert error_of(org.call("GET", f"{REQUESTS}/0Hf")) == (404, "NOT_FOUND")


def test_line_10_an_admin_installs_by_hand(org: Driver) -> None:
    url = "/packaging/installPackage.apexp"
    page = org.http.get(url, params={"p0": PACKAGE_VERSION})
    assert "Install for All Users" in page.text
    assert org.http.get(url, params={"p0": "033"}).status_code == 404
    done = org.http.post(url, data={"p0": PACKAGE_VERSION})
    assert "Installation Complete!" in done.text
    assert len(tooling(org, "SELECT Id FROM InstalledSubscriberPackage")["records"]) == 1
    org.switch(installation_key="sesame")
    assert "Password" in org.http.get(url, params={"p0": PACKAGE_VERSION}).text
    assert "INSTALL_KEY" in org.http.post(url, data={"p0": PACKAGE_VERSION, "Password": "x"}).text

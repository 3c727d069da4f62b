"""What a pre-flight asks: the edition, the user's permissions, what objects allow."""

from typing import Any

import pytest

from tests.contracts.simulators.salesforce.driver import (
    PACKAGE_VERSION,
    Driver,
    error_of,
    rows_of,
)
from tests.contracts.simulators.salesforce.soap_driver import Soap, retrieve_body
from tests.contracts.simulators.salesforce.zips import post, zipped

ASKED = (
    "PermissionsApiEnabled",
    "PermissionsAssignPermissionSets",
    "PermissionsCustomizeApplication",
    "PermissionsInstallPackaging",
    "PermissionsModifyAllData",
    "PermissionsModifyMetadata",
    "PermissionsViewSetup",
)
ACCESS = f"SELECT {', '.join(ASKED)} FROM UserPermissionAccess"  # noqa: S608 -- our own names
INSTALL = {"SubscriberPackageVersionKey": PACKAGE_VERSION}


def held(org: Driver) -> set[str]:
    rows = org.rows(f"{ACCESS} LIMIT 1")
    assert len(rows) == 1
    return {name.removeprefix("Permissions") for name, value in rows[0].items() if value}


def described(org: Driver, name: str) -> dict[str, Any]:
    found: dict[str, Any] = org.call("GET", f"/sobjects/{name}/describe").json()
    return found


def test_an_administrator_may_do_everything_that_an_install_needs(org: Driver) -> None:
    everything = {name.removeprefix("Permissions") for name in ASKED}
    assert held(org) == everything
    org.grant(user="sales@org.example.com")
    assert held(org) == {"ApiEnabled", "ViewSetup"}


def test_a_permission_can_be_missing_and_every_query_says_so(org: Driver) -> None:
    org.switch(missing_permissions=["ModifyAllData", "PermissionsViewSetup"])
    assert held(org) == {
        "ApiEnabled",
        "AssignPermissionSets",
        "CustomizeApplication",
        "InstallPackaging",
        "ModifyMetadata",
    }
    soql = (
        "SELECT AssigneeId, PermissionSet.PermissionsModifyAllData, "
        "PermissionSet.PermissionsModifyMetadata, PermissionSet.Profile.Name "
        "FROM PermissionSetAssignment "
        "WHERE PermissionSet.IsOwnedByProfile = true"
    )
    row = next(one for one in org.rows(soql) if one["AssigneeId"] == org.user_id)["PermissionSet"]
    assert row["PermissionsModifyAllData"] is False
    assert row["PermissionsModifyMetadata"] is True
    assert row["Profile"]["Name"] == "Custom Administrator"
    soql = "SELECT Profile.PermissionsViewSetup FROM User WHERE Username = 'admin@org.example.com'"
    profile = org.rows(soql)
    assert profile[0]["Profile"]["PermissionsViewSetup"] is False


def test_a_permission_that_no_column_shows_is_no_column(org: Driver) -> None:
    answer = org.call(
        "GET", "/query", params={"q": "SELECT PermissionsUseAnyApiClient FROM UserPermissionAccess"}
    )
    assert error_of(answer) == (400, "INVALID_FIELD")


def test_without_modify_metadata_modify_all_data_still_deploys(org: Driver) -> None:
    org.switch(missing_permissions=["ModifyMetadata"])
    assert post(org, zipped({})).status_code == 201
    org.switch(missing_permissions=["ModifyMetadata", "ModifyAllData"])
    assert error_of(post(org, zipped({}))) == (403, "INSUFFICIENT_ACCESS")


def test_line_10_installing_needs_download_appexchange_packages(org: Driver) -> None:
    org.switch(missing_permissions=["InstallPackaging"])
    answer = org.call("POST", "/tooling/sobjects/PackageInstallRequest", INSTALL)
    assert error_of(answer) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert "InstallPackaging" not in held(org)


def test_setup_objects_are_not_there_without_view_setup(org: Driver) -> None:
    org.switch(missing_permissions=["ViewSetup", "AssignPermissionSets", "ManageUsers"])
    answer = org.call("GET", "/query", params={"q": "SELECT Id FROM PermissionSet"})
    assert error_of(answer) == (400, "INVALID_TYPE")
    org.switch(missing_permissions=["ViewSetup", "InstallPackaging"])
    soql = "SELECT Id FROM InstalledSubscriberPackage"
    answer = org.call("GET", "/tooling/query", params={"q": soql})
    assert error_of(answer) == (400, "INVALID_TYPE")


def test_only_some_users_may_assign_permission_sets(org: Driver) -> None:
    org.install()
    set_id = org.rows("SELECT Id FROM PermissionSet WHERE Name = 'Causeway_Integration'")[0]["Id"]
    org.grant(user="sales@org.example.com")
    body = {"PermissionSetId": set_id, "AssigneeId": org.user_id}
    answer = org.call("POST", "/sobjects/PermissionSetAssignment", body)
    assert error_of(answer) == (400, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert described(org, "PermissionSetAssignment")["createable"] is False


def test_a_user_without_api_enabled_is_turned_away(org: Driver) -> None:
    org.switch(missing_permissions=["ApiEnabled"])
    assert error_of(org.call("GET", "/sobjects")) == (403, "API_CURRENTLY_DISABLED")
    identity = org.http.get(
        "/services/oauth2/userinfo", headers={"Authorization": f"Bearer {org.token}"}
    )
    assert identity.json()["user_id"] == org.user_id


SOQL = {"q": "SELECT OrganizationType, IsSandbox FROM Organization"}


@pytest.mark.parametrize(
    "edition",
    [
        {"edition": "Enterprise Edition"},
        {"edition": "Unlimited Edition"},
        {"edition": "Developer Edition"},
        {"edition": "Professional Edition", "api_addon": True},
    ],
)
def test_the_organization_tells_its_edition(org: Driver, edition: dict[str, Any]) -> None:
    org.switch(**edition)
    row = org.call("GET", "/query", params=SOQL).json()["records"][0]
    assert (row["OrganizationType"], row["IsSandbox"]) == (edition["edition"], False)


@pytest.mark.parametrize(
    "edition",
    [
        {"edition": "Professional Edition"},
        {"edition": "Team Edition", "api_addon": True},
        {"api_disabled": True},
    ],
)
def test_an_edition_without_api_refuses_every_call(org: Driver, edition: dict[str, Any]) -> None:
    org.switch(**edition)
    answer = org.call("GET", "/query", params=SOQL)
    assert error_of(answer) == (403, "API_DISABLED_FOR_ORG")
    assert Soap(org).fault(retrieve_body(("Layout", "*"))) == "API_DISABLED_FOR_ORG"


@pytest.mark.parametrize(
    ("may", "flags"),
    [
        (["read"], (False, False, False)),
        (["read", "create"], (True, False, False)),
        (["read", "edit"], (False, True, False)),
        (["read", "create", "edit", "delete"], (True, True, True)),
    ],
)
def test_describe_shows_what_the_user_may_do_with_an_object(
    org: Driver, may: list[str], flags: tuple[bool, bool, bool]
) -> None:
    org.switch(object_permissions={"Lead": may})
    shown = described(org, "Lead")
    assert (shown["createable"], shown["updateable"], shown["deletable"]) == flags
    assert shown["queryable"] is True
    answer = org.call("POST", "/sobjects/Lead", {"LastName": "X", "Company": "Y"})
    assert answer.status_code == (201 if flags[0] else 400)
    made = org.control("create", {"object": "Lead", "fields": {"LastName": "A", "Company": "B"}})
    url = f"/sobjects/Lead/{made['id']}"
    answer = org.call("PATCH", url, {"LastName": "Z"})
    assert answer.status_code == (204 if flags[1] else 400)
    answer = org.call("DELETE", url)
    assert answer.status_code == (204 if flags[2] else 400)


def test_an_object_that_may_not_be_read_is_not_there(org: Driver) -> None:
    org.switch(object_permissions={"Lead": []})
    names = [one["name"] for one in org.call("GET", "/sobjects").json()["sobjects"]]
    assert "Lead" not in names
    assert "Contact" in names
    assert error_of(org.call("GET", "/sobjects/Lead/describe")) == (404, "NOT_FOUND")
    answer = org.call("GET", "/query", params={"q": "SELECT Id FROM Lead"})
    assert error_of(answer) == (400, "INVALID_TYPE")
    rows = rows_of("Lead", [{"LastName": "X", "Company": "Y"}])
    answer = org.call("POST", "/composite/sobjects", {"records": rows})
    assert answer.json()[0]["success"] is False

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import VERSION, Driver, error_of
from tests.contracts.simulators.salesforce.zips import (
    DEPLOYS,
    NAMESPACE,
    deploy,
    package,
    package_xml,
    post,
    problems,
    removal,
    status,
    zipped,
)
from tests.simulators.machinery.launch import running

FIELD = f"""<CustomObject {NAMESPACE}><fields><fullName>Size__c</fullName><label>Size</label>
<length>20</length><type>Text</type></fields></CustomObject>"""


def permission_sets(org: Driver) -> list[dict[str, Any]]:
    return org.rows("SELECT Id FROM PermissionSet WHERE IsOwnedByProfile = false")


def assign(org: Driver) -> None:
    sets = org.rows("SELECT Id FROM PermissionSet WHERE Name = 'Causeway_Integration'")
    fields = {"PermissionSetId": sets[0]["Id"], "AssigneeId": org.user_id}
    org.create("PermissionSetAssignment", **fields)


def key_is_seen(org: Driver) -> bool:
    return isinstance(org.query("SELECT Causeway_Key__c FROM Task"), dict)


@pytest.mark.parametrize("part", ["json", "entity_content"])
def test_line_10_a_deploy_walks_from_pending_to_succeeded(org: Driver, part: str) -> None:
    org.switch(install_seconds=100)
    answer = post(org, zipped(package()), part=part)
    assert answer.status_code == 201
    body = answer.json()
    assert body["id"].startswith("0Af")
    assert body["deployOptions"]["singlePackage"] is True
    assert body["deployResult"]["status"] == "Pending"
    org.control("clock", {"advance_seconds": 50})
    assert status(org, body["id"])["status"] == "InProgress"
    assert status(org, body["id"])["done"] is False
    org.control("clock", {"advance_seconds": 51})
    result = status(org, body["id"])
    assert (result["status"], result["success"]) == ("Succeeded", True)
    assert result["numberComponentsDeployed"] == result["numberComponentsTotal"] == 6
    assert len(result["details"]["componentSuccesses"]) == 6


def test_line_10_a_deployed_field_is_unseen_until_its_permission_set_is_assigned(
    org: Driver,
) -> None:
    deploy(org, zipped(package()))
    assert key_is_seen(org) is False
    assign(org)
    assert key_is_seen(org) is True
    record_id = org.create("Contact", LastName="X", Causeway_Key__c="k")
    assert org.get("Contact", record_id)["Causeway_Key__c"] == "k"
    org.grant(user="sales@org.example.com")
    assert key_is_seen(org) is False


def test_line_10_field_permissions_can_be_left_out_of_the_play(org: Driver) -> None:
    org.switch(field_permissions=False)
    deploy(org, zipped(package()))
    assert key_is_seen(org) is True


def test_line_10_the_uninstall_manifest_takes_it_all_away(org: Driver) -> None:
    deploy(org, zipped(package()))
    assign(org)
    assert deploy(org, zipped(removal()))["success"] is True
    assert key_is_seen(org) is False
    assert permission_sets(org) == []
    soql = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = false"
    assert org.rows(soql) == []


def test_line_10_check_only_changes_nothing(org: Driver) -> None:
    result = deploy(org, zipped(package()), checkOnly=True)
    assert (result["success"], result["checkOnly"]) == (True, True)
    assert permission_sets(org) == []


def test_line_10_failures_can_be_ordered(org: Driver) -> None:
    org.switch(deploy_errors=[{"fullName": "Contact.X__c", "problem": "Field limit reached"}])
    result = deploy(org, zipped(package()))
    assert (result["status"], result["numberComponentErrors"]) == ("Failed", 1)
    failure = result["details"]["componentFailures"][0]
    assert (failure["fullName"], failure["problem"]) == ("Contact.X__c", "Field limit reached")
    assert permission_sets(org) == []


def test_line_10_booleans_and_numbers_can_come_as_text(org: Driver) -> None:
    org.switch(deploy_as_strings=True)
    result = deploy(org, zipped(package()))
    assert (result["done"], result["numberComponentErrors"]) == ("true", "0")


def test_line_10_a_zip_needs_a_manifest_at_its_root(org: Driver) -> None:
    nested = {"src/package.xml": package_xml()}
    assert problems(org, nested) == ["No package.xml found"]
    assert deploy(org, zipped(nested), singlePackage=False)["success"] is True
    assert deploy(org, b"no zip")["status"] == "Failed"
    assert "Error parsing file" in problems(org, {"package.xml": "<Package"})[0]


def test_line_10_members_have_to_exist(org: Driver) -> None:
    manifest = package_xml(
        ("ApexPage", "Missing"), ("CustomField", "Contact.No__c"), ("Nonsense", "X")
    )
    absent = "was named in package.xml, but was not found in zipped directory"
    assert problems(org, {"package.xml": manifest}) == [
        f"An object 'Missing' of type ApexPage {absent}",
        f"An object 'Contact.No__c' of type CustomField {absent}",
        "Unknown type name 'Nonsense' specified in package.xml",
    ]


def test_line_10_a_page_needs_its_meta_file(org: Driver) -> None:
    files = {"package.xml": package_xml(("ApexPage", "P")), "pages/P.page": "<apex:page/>"}
    assert problems(org, files) == ["Required field is missing: pages/P.page-meta.xml"]
    assert deploy(org, zipped({**files, "pages/P.page-meta.xml": "<x/>"}))["success"] is True


def test_line_10_a_permission_for_an_unknown_field_fails(org: Driver) -> None:
    permission = f"""<PermissionSet {NAMESPACE}><fieldPermissions><editable>true</editable>
    <field>Contact.No__c</field><readable>true</readable></fieldPermissions></PermissionSet>"""
    files = {
        "package.xml": package_xml(("PermissionSet", "P")),
        "permissionsets/P.permissionset": permission,
    }
    text = "In field: field - no CustomField named Contact.No__c found"
    assert problems(org, files) == [text]


def test_line_10_a_permission_for_a_required_field_fails(org: Driver) -> None:
    permission = f"""<PermissionSet {NAMESPACE}><fieldPermissions><editable>true</editable>
    <field>Contact.LastName</field><readable>true</readable></fieldPermissions></PermissionSet>"""
    files = {
        "package.xml": package_xml(("PermissionSet", "P")),
        "permissionsets/P.permissionset": permission,
    }
    assert problems(org, files) == ["You cannot deploy to a required field: Contact.LastName"]


def test_line_10_a_permission_set_needs_its_pages_and_its_elements_together(org: Driver) -> None:
    def refused(inner: str) -> list[str]:
        text = f"<PermissionSet {NAMESPACE}>{inner}</PermissionSet>"
        manifest = package_xml(("PermissionSet", "P"))
        name = "permissionsets/P.permissionset"
        return problems(org, {"package.xml": manifest, name: text})

    page = "<pageAccesses><apexPage>Nope</apexPage><enabled>true</enabled></pageAccesses>"
    assert refused(page) == ["In field: apexPage - no ApexPage named Nope found"]
    text = "Element pageAccesses is duplicated at this location in type PermissionSet"
    assert refused(f"{page}<label>P</label>{page}") == [f"Error parsing file: {text}"]


def test_line_10_production_purges_nothing(org: Driver) -> None:
    files = {"package.xml": package_xml()}
    assert problems(org, files, purgeOnDelete=True) == [
        "purgeOnDelete cannot be used in production"
    ]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Driver]:
    options = ["--sandbox", "--install-seconds", "0"]
    with (
        running("tests.simulators.salesforce", options) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        driver = Driver(http)
        driver.grant()
        yield driver


def test_line_10_a_sandbox_can_succeed_in_part(sandbox: Driver) -> None:
    sandbox.switch(field_permissions=False)
    bad = {**package(), "pages/P.page": "<apex:page/>"}
    bad["package.xml"] = package_xml(("ApexPage", "P"), ("CustomField", "Lead.Causeway_Key__c"))
    rolled_back = deploy(sandbox, zipped(bad))
    assert (rolled_back["status"], rolled_back["numberComponentsDeployed"]) == ("Failed", 0)
    result = deploy(sandbox, zipped(bad), rollbackOnError=False)
    assert (result["status"], result["success"]) == ("SucceededPartial", True)
    assert (result["numberComponentsDeployed"], result["numberComponentErrors"]) == (1, 1)
    details = result["details"]
    assert [one["fullName"] for one in details["componentFailures"]] == ["P"]
    assert [one["fullName"] for one in details["componentSuccesses"]] == ["Lead.Causeway_Key__c"]
    assert sandbox.query("SELECT Causeway_Key__c FROM Lead")["totalSize"] == 0


def test_line_10_a_whole_object_brings_its_fields(org: Driver) -> None:
    org.switch(field_permissions=False)
    files = {"package.xml": package_xml(("CustomObject", "*")), "objects/Lead.object": FIELD}
    assert deploy(org, zipped(files))["success"] is True
    record_id = org.create("Lead", LastName="X", Company="Y", Size__c="XL")
    assert org.get("Lead", record_id)["Size__c"] == "XL"
    unknown = {"package.xml": package_xml(("CustomObject", "*")), "objects/Zoo.object": FIELD}
    assert problems(org, unknown) == ["no CustomObject named Zoo found"]


def test_line_10_production_insists_on_rollback_and_on_tests_of_apex(org: Driver) -> None:
    files = {"package.xml": package_xml()}
    assert problems(org, files, rollbackOnError=False) == [
        "rollbackOnError must be true in a production org"
    ]
    apex = {
        "package.xml": package_xml(("ApexClass", "A")),
        "classes/A.cls": "public class A {}",
        "classes/A.cls-meta.xml": "<x/>",
    }
    assert problems(org, apex) == ["testLevel of NoTestRun cannot be used in production"]
    assert deploy(org, zipped(apex), testLevel="RunLocalTests")["success"] is True


def test_line_10_deploying_needs_a_permission(org: Driver) -> None:
    org.switch(modify_metadata=False)
    assert error_of(post(org, zipped(package()))) == (403, "INSUFFICIENT_ACCESS")


def test_line_10_a_deploy_can_be_cancelled(org: Driver) -> None:
    org.switch(install_seconds=100)
    deploy_id = post(org, zipped(package())).json()["id"]
    body = {"deployResult": {"status": "Canceling"}}
    cancelled = org.call("PATCH", f"{DEPLOYS}/{deploy_id}", body)
    assert cancelled.status_code == 202
    assert cancelled.json()["deployResult"]["status"] == "Canceling"
    assert cancelled.json()["deployResult"]["done"] is False
    org.control("clock", {"advance_seconds": 101})
    assert status(org, deploy_id)["status"] == "Canceled"
    assert error_of(org.call("GET", f"{DEPLOYS}/0Af000000000000AAA")) == (404, "NOT_FOUND")


def test_line_10_both_parts_are_needed(org: Driver) -> None:
    headers = {"Authorization": f"Bearer {org.token}"}
    url = VERSION + DEPLOYS
    only = {"json": (None, b"{}", "application/json")}
    answer = org.http.post(url, files=only, headers=headers)
    assert error_of(answer) == (400, "INVALID_MULTIPART_REQUEST")
    broken = {"json": (None, b"{", "application/json"), "file": ("x.zip", b"", "application/zip")}
    answer = org.http.post(url, files=broken, headers=headers)
    assert error_of(answer) == (400, "JSON_PARSER_ERROR")


def test_line_10_a_deploy_is_in_progress_before_it_fails_with_component_failures(
    org: Driver,
) -> None:
    org.switch(install_seconds=100)
    files = {"package.xml": package_xml(("ApexPage", "Missing"))}
    answer = post(org, zipped(files))
    assert answer.status_code == 201
    deploy_id = answer.json()["id"]
    org.control("clock", {"advance_seconds": 50})
    running_still = status(org, deploy_id)
    assert (running_still["status"], running_still["details"]["componentFailures"]) == (
        "InProgress",
        [],
    )
    org.control("clock", {"advance_seconds": 51})
    result = status(org, deploy_id)
    assert (result["status"], result["done"], result["success"]) == ("Failed", True, False)
    failure = result["details"]["componentFailures"][0]
    assert (failure["componentType"], failure["fullName"]) == ("ApexPage", "Missing")
    assert (failure["problemType"], failure["success"]) == ("Error", False)

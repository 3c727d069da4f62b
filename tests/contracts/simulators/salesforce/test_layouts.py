"""Page layouts: retrieved by SOAP, deployed whole (facts: section 6)."""

import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of
from tests.contracts.simulators.salesforce.soap_driver import (
    Soap,
    check_body,
    retrieve_body,
    zip_of,
)
from tests.contracts.simulators.salesforce.zips import (
    NAMESPACE,
    deploy,
    package_xml,
    post,
    problems,
    unzipped,
    zipped,
)

LEAD = "Lead-Lead Layout"
FILE = f"layouts/{LEAD}.layout"
PAGE = '<apex:page standardController="Lead"/>'
ITEM = "<layoutItems><height>200</height><page>Timeline</page><width>100%</width></layoutItems>"
SMALL = f"""<Layout {NAMESPACE}><layoutSections><label>Small</label>
<layoutColumns>
<layoutItems><behavior>Required</behavior><field>Status</field></layoutItems>
<layoutItems><behavior>Required</behavior><field>Name</field></layoutItems>
<layoutItems><behavior>Required</behavior><field>Company</field></layoutItems>
</layoutColumns><style>OneColumn</style></layoutSections></Layout>"""


def retrieve(org: Driver, *members: tuple[str, str], single: bool = True) -> dict[str, str]:
    soap = Soap(org)
    begun = soap.result(retrieve_body(*members, single=single))
    assert (begun.findtext("done"), begun.findtext("state")) == ("false", "Queued")
    done = soap.result(check_body(begun.findtext("id") or ""))
    assert (done.findtext("done"), done.findtext("status")) == ("true", "Succeeded")
    return unzipped(zip_of(done))


def put(org: Driver, text: str, name: str = LEAD) -> dict[str, str]:
    return {"package.xml": package_xml(("Layout", name)), f"layouts/{name}.layout": text}


def kept(org: Driver, name: str = LEAD) -> str:
    response = org.http.get("/_control/layouts", params={"name": name})
    return str(response.json()["layouts"][0]["xml"])


def with_page(text: str) -> str:
    return text.replace("</layoutItems>", f"</layoutItems>{ITEM}", 1)


def page_files() -> dict[str, str]:
    return {"pages/Timeline.page": PAGE, "pages/Timeline.page-meta.xml": "<x/>"}


def test_line_10_the_rest_api_cannot_retrieve(org: Driver) -> None:
    body = {"unpackaged": {"types": [{"members": [LEAD], "name": "Layout"}]}}
    assert error_of(org.call("POST", "/metadata/retrieveRequest", body)) == (404, "NOT_FOUND")


def test_line_10_layouts_are_listed_by_their_encoded_names(org: Driver) -> None:
    query = "<queries><type>Layout</type></queries><asOfVersion>66.0</asOfVersion>"
    listed = Soap(org).results(f"<listMetadata>{query}</listMetadata>")
    names = [one.findtext("fullName") or "" for one in listed]
    assert [name for name in names if name.startswith("Lead-")] == [
        "Lead-Lead %28Marketing%29 Layout",
        "Lead-Lead %28Sales%29 Layout",
        "Lead-Lead Layout",
    ]
    assert listed[names.index(LEAD)].findtext("fileName") == FILE
    assert (listed[0].findtext("id") or "").startswith("00h")


def test_line_10_a_retrieve_walks_from_pending_to_succeeded(org: Driver) -> None:
    org.switch(install_seconds=100)
    soap = Soap(org)
    retrieve_id = soap.result(retrieve_body(("Layout", LEAD))).findtext("id") or ""
    assert retrieve_id.startswith("09S")
    assert soap.result(check_body(retrieve_id)).findtext("status") == "Pending"
    org.control("clock", {"advance_seconds": 50})
    running = soap.result(check_body(retrieve_id))
    assert (running.findtext("status"), running.findtext("done")) == ("InProgress", "false")
    assert running.find("zipFile") is None
    org.control("clock", {"advance_seconds": 51})
    done = soap.result(check_body(retrieve_id))
    assert (done.findtext("status"), done.findtext("success")) == ("Succeeded", "true")
    files = unzipped(zip_of(done))
    assert sorted(files) == [FILE, "package.xml"]
    assert files["package.xml"].count(f"<members>{LEAD}</members>") == 1


def test_line_10_the_zip_is_handed_out_once(org: Driver) -> None:
    soap = Soap(org)
    retrieve_id = soap.result(retrieve_body(("Layout", LEAD))).findtext("id") or ""
    without = soap.result(check_body(retrieve_id, zip_too=False))
    assert (without.findtext("done"), without.find("zipFile")) == ("true", None)
    assert FILE in unzipped(zip_of(soap.result(check_body(retrieve_id))))
    assert soap.fault(check_body(retrieve_id)) == "INVALID_LOCATOR"


def test_line_10_files_lie_in_a_folder_unless_it_is_a_single_package(org: Driver) -> None:
    files = retrieve(org, ("Layout", "*"), ("ApexPage", "Territory_Map"), single=False)
    assert f"unpackaged/{FILE}" in files
    assert "unpackaged/layouts/Contact-Contact %28Support%29 Layout.layout" in files
    assert "unpackaged/pages/Territory_Map.page-meta.xml" in files
    assert "unpackaged/package.xml" in files


def test_line_10_a_missing_layout_is_a_message_of_a_successful_retrieve(org: Driver) -> None:
    soap = Soap(org)
    begun = soap.result(retrieve_body(("Layout", "Lead-No Layout"), ("Layout", LEAD)))
    done = soap.result(check_body(begun.findtext("id") or ""))
    assert done.findtext("success") == "true"
    problem = "Entity of type 'Layout' named 'Lead-No Layout' cannot be found"
    assert [one.findtext("problem") for one in done.findall("messages")] == [problem]
    assert FILE in unzipped(zip_of(done))


def test_line_10_a_retrieved_layout_holds_what_its_admin_made_of_it(org: Driver) -> None:
    text = retrieve(org, ("Layout", LEAD))[FILE]
    assert text.count("<layoutSections>") == 6
    assert text.count("<relatedLists>") == 5
    assert "<label>Scoring &amp; Territory (&lt;internal&gt;)</label>" in text
    assert "<page>Territory_Map</page>" in text
    assert "<component>runtime_sales_social:socialCard</component>" in text
    sales = retrieve(org, ("Layout", "Lead-Lead %28Sales%29 Layout"))
    sold = sales["layouts/Lead-Lead %28Sales%29 Layout.layout"]
    assert "<label>Vertrieb \u2013 Überblick</label>" in sold
    assert sold.index("RelatedHistoryList") < sold.index("RelatedActivityList")


def test_line_10_a_layout_that_is_deployed_as_retrieved_stays_the_same(org: Driver) -> None:
    before = retrieve(org, ("Layout", "*"))
    assert deploy(org, zipped(before))["success"] is True
    assert retrieve(org, ("Layout", "*")) == before


def test_line_10_a_deploy_replaces_the_whole_layout(org: Driver) -> None:
    assert deploy(org, zipped(put(org, SMALL)))["success"] is True
    text = retrieve(org, ("Layout", LEAD))[FILE]
    assert text.count("<layoutSections>") == 1
    assert "relatedLists" not in text
    assert "Territory_Map" not in text
    assert text.index("<field>Status") < text.index("<field>Name") < text.index("<field>Company")


def test_line_10_comments_do_not_come_back(org: Driver) -> None:
    commented = SMALL.replace("<layoutSections>", "<!-- mine --><layoutSections>")
    assert deploy(org, zipped(put(org, commented)))["success"] is True
    assert "mine" not in retrieve(org, ("Layout", LEAD))[FILE]
    response = org.http.get("/_control/layouts", params={"name": LEAD})
    shown = response.json()["layouts"][0]
    assert (shown["sent"], shown["deploys"]) == (commented, 1)


def test_line_10_a_page_can_be_put_on_a_layout_in_one_deploy(org: Driver) -> None:
    text = with_page(retrieve(org, ("Layout", LEAD))[FILE])
    manifest = package_xml(("ApexPage", "Timeline"), ("Layout", LEAD))
    files = {"package.xml": manifest, FILE: text, **page_files()}
    assert deploy(org, zipped(files), checkOnly=True)["success"] is True
    assert "Timeline" not in kept(org)
    assert deploy(org, zipped(files))["success"] is True
    assert "<page>Timeline</page>" in kept(org)
    assert retrieve(org, ("ApexPage", "Timeline"))["pages/Timeline.page"] == PAGE


def test_line_10_a_layout_needs_its_pages_and_their_controller(org: Driver) -> None:
    text = with_page(SMALL)
    assert problems(org, put(org, text)) == ["In field: page - no ApexPage named Timeline found"]
    manifest = package_xml(("ApexPage", "Timeline"), ("Layout", LEAD))
    files = {"package.xml": manifest, FILE: text, **page_files(), "pages/Timeline.page": "<p/>"}
    refusal = "Visualforce page Timeline does not use the standard controller of Lead"
    assert problems(org, files) == [refusal]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            SMALL.replace(
                "<layoutItems><behavior>Required</behavior><field>Name</field></layoutItems>", ""
            ),
            "Layout must contain an item for required layout field: Name",
        ),
        (SMALL.replace("Required", "Edit"), "Field:Name must be Required"),
        (
            SMALL.replace("Company", "Firm__c"),
            "In field: field - no CustomField named Lead.Firm__c",
        ),
        (
            SMALL.replace(
                "</Layout>", "<excludeButtons>X</excludeButtons><layoutSections/></Layout>"
            ),
            "Element layoutSections is duplicated at this location in type Layout",
        ),
        (SMALL.replace("</Layout>", "<sections/></Layout>"), "sections invalid at this location"),
        (SMALL.replace("</Layout>", ""), "Error parsing file: no element found"),
    ],
)
def test_line_10_a_careless_layout_is_refused(org: Driver, text: str, problem: str) -> None:
    before = kept(org)
    assert problem in problems(org, put(org, text))[0]
    assert kept(org) == before


def test_line_10_a_page_on_a_layout_cannot_be_deleted(org: Driver) -> None:
    removal = package_xml(("ApexPage", "Territory_Map"))
    early = {"package.xml": package_xml(), "destructiveChanges.xml": removal}
    shown = "This Visualforce Page is referenced elsewhere in salesforce.com. Remove the usage and"
    assert problems(org, early)[0].startswith(shown)
    both = {**put(org, SMALL), "destructiveChanges.xml": removal}
    assert problems(org, both)[0].endswith(f"Layout - {LEAD}")
    late = {**put(org, SMALL), "destructiveChangesPost.xml": removal}
    assert deploy(org, zipped(late))["success"] is True
    assert retrieve(org, ("ApexPage", "*")).keys() == {"package.xml"}


def test_line_10_a_deleted_field_leaves_the_layouts(org: Driver) -> None:
    org.control("fields", {"object": "Lead", "name": "Size__c", "type": "string"})
    text = SMALL.replace(
        "</layoutColumns>",
        "<layoutItems><behavior>Edit</behavior><field>Size__c</field></layoutItems></layoutColumns>",
    )
    assert deploy(org, zipped(put(org, text)))["success"] is True
    gone = package_xml(("CustomField", "Lead.Size__c"))
    files = {"package.xml": package_xml(), "destructiveChanges.xml": gone}
    assert deploy(org, zipped(files))["success"] is True
    assert "Size__c" not in kept(org)


def test_line_10_names_in_parentheses_are_the_encoded_ones(org: Driver) -> None:
    assert deploy(org, zipped(put(org, SMALL, "Lead-Lead (Sales) Layout")))["success"] is True
    assert "<label>Small</label>" in kept(org, "Lead-Lead %28Sales%29 Layout")


def test_an_admin_edits_layouts_behind_the_api(org: Driver) -> None:
    org.control("layouts", {"name": "Lead-New Layout", "xml": SMALL})
    files = retrieve(org, ("Layout", "Lead-New Layout"))
    assert "<label>Small</label>" in files["layouts/Lead-New Layout.layout"]
    assert org.control("layouts", {"name": "Lead-New Layout", "xml": None}) == {"deleted": True}
    bad = org.http.post("/_control/layouts", json={"name": LEAD, "xml": "<Layout"})
    assert bad.status_code == 400
    assert org.http.get("/_control/layouts", params={"name": "Lead-New Layout"}).status_code == 404


def test_line_10_metadata_needs_a_permission_by_soap_too(org: Driver) -> None:
    org.switch(modify_metadata=False)
    assert Soap(org).fault(retrieve_body(("Layout", "*"))) == "INSUFFICIENT_ACCESS"
    assert error_of(post(org, zipped({}))) == (403, "INSUFFICIENT_ACCESS")


def test_line_1_soap_takes_the_session_of_its_header(org: Driver) -> None:
    org.token = "00D!expired"
    assert Soap(org).fault(retrieve_body(("Layout", "*"))) == "INVALID_SESSION_ID"


def test_line_2_soap_calls_count_and_meet_the_cap(org: Driver) -> None:
    Soap(org).result(retrieve_body(("Layout", "*")))
    assert org.look("calls")["by_endpoint"] == {"POST /services/Soap/m retrieve": 1}
    org.control("limits", {"used": 100_000})
    assert Soap(org).fault(retrieve_body(("Layout", "*"))) == "REQUEST_LIMIT_EXCEEDED"


def test_line_3_retired_versions_of_soap_are_faults(org: Driver) -> None:
    body = retrieve_body(("Layout", "*"))
    assert Soap(org).fault(body, version="30.0") == "UNSUPPORTED_API_VERSION"
    assert Soap(org).fault(body, version="99.0") == "UNSUPPORTED_API_VERSION"


def test_line_10_a_broken_permission_set_is_told_once(org: Driver) -> None:
    files = {
        "package.xml": package_xml(("PermissionSet", "P")),
        "permissionsets/P.permissionset": "<PermissionSet",
    }
    assert "Error parsing file" in problems(org, files)[0]


def test_a_fault_of_a_soap_call_has_the_shape_of_soap(org: Driver) -> None:
    fault = {"match": "POST /services/Soap/*", "kind": "http", "code": "REQUEST_LIMIT_EXCEEDED"}
    org.control("faults", fault)
    assert Soap(org).fault(retrieve_body(("Layout", "*"))) == "REQUEST_LIMIT_EXCEEDED"
    assert Soap(org).result(retrieve_body(("Layout", "*"))).findtext("state") == "Queued"

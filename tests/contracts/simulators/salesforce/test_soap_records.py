"""What only SOAP can do with records: convert, merge, undelete (facts: section 2.11)."""

from xml.etree import ElementTree as ET

from tests.contracts.simulators.salesforce.driver import Driver, error_of
from tests.contracts.simulators.salesforce.soap_driver import Soap

CLOSED = "<convertedStatus>Closed - Converted</convertedStatus>"


def lead(org: Driver, **fields: str) -> str:
    return org.create("Lead", LastName="L", Company="Org", **fields)


def converted(org: Driver, lead_id: str, more: str = "") -> ET.Element:
    inner = f"{CLOSED}<leadId>{lead_id}</leadId>{more}"
    body = f"<convertLead><leadConverts>{inner}</leadConverts></convertLead>"
    return Soap(org, "u").result(body)


def merge_body(object_name: str, master: str, *losers: str, fields: str = "") -> str:
    ids = "".join(f"<recordToMergeIds>{one}</recordToMergeIds>" for one in losers)
    record = f"<masterRecord><type>{object_name}</type><Id>{master}</Id>{fields}</masterRecord>"
    return f"<merge><request>{record}{ids}</request></merge>"


def code_of(result: ET.Element) -> str:
    assert result.findtext("success") == "false"
    return result.findtext("errors/statusCode") or ""


def test_line_5_rest_has_no_lead_conversion(org: Driver) -> None:
    lead_id = lead(org)
    answer = org.call("POST", f"/sobjects/Lead/{lead_id}/convert", {})
    assert error_of(answer)[1] in {"NOT_FOUND", "METHOD_NOT_ALLOWED"}
    for name, value in (("IsConverted", True), ("ConvertedContactId", "003000000000000AAA")):
        answer = org.call("PATCH", f"/sobjects/Lead/{lead_id}", {name: value})
        assert error_of(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_line_5_soap_converts_a_lead_and_rest_refuses_to_write_it_then(org: Driver) -> None:
    lead_id = lead(org, Email="l@example.com")
    task = org.create("Task", Subject="Call", WhoId=lead_id)
    result = converted(org, lead_id, "<opportunityName>Deal</opportunityName>")
    assert result.findtext("success") == "true"
    contact = result.findtext("contactId") or ""
    shown = org.get("Lead", lead_id)
    assert (shown["IsConverted"], shown["ConvertedContactId"]) == (True, contact)
    assert shown["ConvertedAccountId"] == result.findtext("accountId")
    assert org.get("Opportunity", result.findtext("opportunityId") or "")["Name"] == "Deal"
    assert org.get("Contact", contact)["Email"] == "l@example.com"
    assert org.get("Task", task)["WhoId"] == contact
    answer = org.call("PATCH", f"/sobjects/Lead/{lead_id}", {"Title": "T"})
    assert error_of(answer) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert answer.json()[0]["message"] == "cannot reference converted lead"


def test_line_5_a_lead_is_converted_once_and_into_what_is_there(org: Driver) -> None:
    account = org.create("Account", Name="Org")
    lead_id = lead(org)
    no_deal = "<doNotCreateOpportunity>true</doNotCreateOpportunity>"
    result = converted(org, lead_id, f"<accountId>{account}</accountId>{no_deal}")
    assert result.findtext("accountId") == account
    assert result.findtext("opportunityId") is None
    assert code_of(converted(org, lead_id)) == "CANNOT_UPDATE_CONVERTED_LEAD"
    bad = f"<leadId>{lead(org)}</leadId><convertedStatus>Open</convertedStatus>"
    body = f"<convertLead><leadConverts>{bad}</leadConverts></convertLead>"
    assert code_of(Soap(org, "u").result(body)) == "INVALID_STATUS"


def test_line_5_a_merge_bins_the_losers_and_names_their_master(org: Driver) -> None:
    master, first, second = (org.create("Account", Name=name) for name in ("M", "A", "B"))
    contact = org.create("Contact", LastName="C", AccountId=first)
    deal = org.create(
        "Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-12-31", AccountId=second
    )
    body = merge_body("Account", master, first, second, fields="<Phone>123</Phone>")
    result = Soap(org, "u").result(body)
    assert (result.findtext("success"), result.findtext("id")) == ("true", master)
    assert [one.text for one in result.findall("mergedRecordIds")] == [first, second]
    assert {one.text for one in result.findall("updatedRelatedIds")} == {contact, deal}
    assert org.get("Account", master)["Phone"] == "123"
    assert org.get("Contact", contact)["AccountId"] == master
    answer = org.call("GET", f"/sobjects/Account/{first}")
    assert error_of(answer) == (404, "ENTITY_IS_DELETED")
    gone = org.query(
        "SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE IsDeleted = true",
        resource="queryAll",
    )["records"]
    assert {(one["Id"], one["MasterRecordId"]) for one in gone} == {
        (first, master),
        (second, master),
    }


def test_line_5_merges_that_are_refused(org: Driver) -> None:
    ids = [org.create("Contact", LastName=name) for name in "abcd"]
    soap = Soap(org, "u")
    assert code_of(soap.result(merge_body("Contact", *ids))) == "LIMIT_EXCEEDED"
    itself = merge_body("Contact", ids[0], ids[0])
    assert code_of(soap.result(itself)) == "INVALID_CROSS_REFERENCE_KEY"
    assert code_of(soap.result(merge_body("Task", ids[0], ids[1]))) == "INVALID_TYPE_FOR_OPERATION"
    lead_ids = [lead(org), lead(org)]
    converted(org, lead_ids[1])
    assert code_of(soap.result(merge_body("Lead", *lead_ids))) == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert len(org.rows("SELECT Id FROM Contact")) == 5


def test_a_person_merges_too(org: Driver) -> None:
    master, loser = (org.create("Contact", LastName=name) for name in "ab")
    body = {"object": "Contact", "master_id": master, "ids": [loser], "fields": {"Title": "T"}}
    assert org.control("merge", body)["mergedRecordIds"] == [loser]
    assert org.get("Contact", master)["Title"] == "T"
    assert org.look("changes")[-1]["by"] == "user"
    refused = org.http.post("/_control/merge", json={**body, "ids": [master]})
    assert refused.status_code == 400


def test_line_5_undelete_and_empty_the_bin(org: Driver) -> None:
    kept, lost = (org.create("Contact", LastName=name) for name in "ab")
    for one in (kept, lost):
        assert org.call("DELETE", f"/sobjects/Contact/{one}").status_code == 204
    soap = Soap(org, "u")
    assert soap.result(f"<undelete><ids>{kept}</ids></undelete>").findtext("success") == "true"
    assert org.get("Contact", kept)["IsDeleted"] is False
    again = soap.result(f"<undelete><ids>{kept}</ids></undelete>")
    assert code_of(again) == "UNDELETE_FAILED"
    emptied = soap.result(f"<emptyRecycleBin><ids>{lost}</ids></emptyRecycleBin>")
    assert emptied.findtext("success") == "true"
    assert error_of(org.call("GET", f"/sobjects/Contact/{lost}")) == (404, "NOT_FOUND")
    found = org.query("SELECT Id FROM Contact", resource="queryAll")["records"]
    assert [one["Id"] for one in found] == [kept]


def test_line_1_soap_login_is_off_and_sessions_are_access_tokens(org: Driver) -> None:
    soap = Soap(org, "u")
    login = "<login><username>u</username><password>p</password></login>"
    assert soap.fault(login) == "INVALID_OPERATION"
    assert soap.fault(login, version="64.0") == "INVALID_OPERATION"
    assert soap.result("<getUserInfo/>").findtext("userName") == "admin@org.example.com"
    assert (soap.result("<getServerTimestamp/>").findtext("timestamp") or "").endswith("Z")
    assert soap.fault("<describeGlobal/>") == "INVALID_OPERATION"

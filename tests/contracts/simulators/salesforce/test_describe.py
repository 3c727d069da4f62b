from typing import Any

from tests.contracts.simulators.salesforce.driver import Driver, error_of

OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "Task", "User")


def fields_of(org: Driver, name: str) -> dict[str, dict[str, Any]]:
    described = org.call("GET", f"/sobjects/{name}/describe").json()
    return {one["name"]: one for one in described["fields"]}


def required(org: Driver, name: str) -> set[str]:
    return {
        field["name"]
        for field in fields_of(org, name).values()
        if field["createable"] and not field["nillable"] and not field["defaultedOnCreate"]
    }


def test_line_4_the_global_describe_lists_the_objects_with_their_prefixes(org: Driver) -> None:
    listed = org.call("GET", "/sobjects").json()["sobjects"]
    prefixes = {one["name"]: one["keyPrefix"] for one in listed}
    assert {name: prefixes[name] for name in OBJECTS} == {
        "Account": "001",
        "Contact": "003",
        "Lead": "00Q",
        "Opportunity": "006",
        "Task": "00T",
        "User": "005",
    }


def test_line_4_the_basic_describe_shows_recent_items(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Recent")
    found = org.call("GET", "/sobjects/Contact").json()
    assert found["objectDescribe"]["label"] == "Contact"
    assert [one["Id"] for one in found["recentItems"]] == [record_id]


def test_line_4_what_is_required_follows_from_the_describe(org: Driver) -> None:
    assert required(org, "Contact") == {"LastName"}
    assert required(org, "Lead") == {"LastName", "Company"}
    assert required(org, "Account") == {"Name"}
    assert required(org, "Opportunity") == {"Name", "StageName", "CloseDate"}
    assert required(org, "Task") == set()


def test_line_4_field_attributes(org: Driver) -> None:
    fields = fields_of(org, "Contact")
    assert (fields["Email"]["type"], fields["Email"]["length"]) == ("email", 80)
    assert fields["Email"]["idLookup"] is True
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert fields["AccountId"]["relationshipName"] == "Account"
    assert fields["MailingAddress"]["updateable"] is False
    assert fields["HasOptedOutOfEmail"]["defaultedOnCreate"] is True
    assert fields["SystemModstamp"]["type"] == "datetime"
    assert fields["Description"]["filterable"] is False
    who = fields_of(org, "Task")["WhoId"]
    assert who["referenceTo"] == ["Contact", "Lead"]
    assert who["polymorphicForeignKey"] is True


def test_line_4_picklists(org: Driver) -> None:
    fields = fields_of(org, "Lead")
    assert fields["Rating"]["restrictedPicklist"] is True
    assert fields["LeadSource"]["restrictedPicklist"] is False
    assert fields["Rating"]["picklistValues"][0] == {
        "active": True,
        "defaultValue": False,
        "label": "Hot",
        "validFor": None,
        "value": "Hot",
    }


def test_line_4_the_key_field_exists_only_with_the_package(org: Driver) -> None:
    assert "Causeway_Key__c" not in fields_of(org, "Task")
    org.install()
    field = fields_of(org, "Task")["Causeway_Key__c"]
    assert (field["custom"], field["externalId"], field["unique"]) == (True, True, True)
    assert (field["length"], field["caseSensitive"]) == (255, False)
    for name in ("Contact", "Lead", "Account", "Opportunity"):
        assert "Causeway_Key__c" in fields_of(org, name)
    assert "Causeway_Key__c" not in fields_of(org, "User")


def test_line_4_a_hidden_field_is_absent_everywhere(org: Driver) -> None:
    record_id = org.create("Contact", LastName="Seen", Phone="1")
    org.switch(hidden_fields={"Contact": ["Phone"]})
    assert "Phone" not in fields_of(org, "Contact")
    assert "Phone" not in org.get("Contact", record_id)
    answer = org.call("PATCH", f"/sobjects/Contact/{record_id}", {"Phone": "2"})
    assert error_of(answer) == (400, "INVALID_FIELD")
    assert org.query("SELECT Phone FROM Contact")[0]["errorCode"] == "INVALID_FIELD"


def test_line_4_a_read_only_field_can_be_seen_but_not_written(org: Driver) -> None:
    org.switch(read_only_fields={"Contact": ["Phone"]})
    assert fields_of(org, "Contact")["Phone"]["updateable"] is False
    answer = org.call("POST", "/sobjects/Contact", {"LastName": "X", "Phone": "1"})
    assert error_of(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    assert answer.json()[0]["fields"] == ["Phone"]
    assert "Unable to create/update fields: Phone." in answer.json()[0]["message"]


def test_line_4_an_unchanged_describe_is_not_sent_again(org: Driver) -> None:
    first = org.call("GET", "/sobjects/Contact/describe")
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert org.call("GET", "/sobjects/Contact/describe", headers=since).status_code == 304
    org.install()
    assert org.call("GET", "/sobjects/Contact/describe", headers=since).status_code == 200


def test_line_4_an_unknown_object_is_not_described(org: Driver) -> None:
    assert error_of(org.call("GET", "/sobjects/Nothing/describe")) == (404, "NOT_FOUND")


def test_line_4_an_admin_can_add_a_field(org: Driver) -> None:
    org.control("fields", {"object": "Contact", "name": "Size__c", "type": "double", "scale": 1})
    record_id = org.create("Contact", LastName="X", Size__c=1.25)
    assert org.get("Contact", record_id)["Size__c"] == 1.2
    assert fields_of(org, "Contact")["Size__c"]["custom"] is True


ATTRIBUTES = (
    "aggregatable autoNumber byteLength calculated calculatedFormula cascadeDelete "
    "caseSensitive compoundFieldName controllerName createable custom defaultValue "
    "defaultValueFormula defaultedOnCreate dependentPicklist deprecatedAndHidden digits "
    "displayLocationInDecimal encrypted externalId extraTypeInfo filterable "
    "filteredLookupInfo groupable highScaleNumber htmlFormatted idLookup inlineHelpText "
    "label length mask maskType name nameField namePointing nillable permissionable "
    "picklistValues precision queryByDistance referenceTargetField referenceTo "
    "relationshipName relationshipOrder restrictedDelete restrictedPicklist scale soapType "
    "sortable type unique updateable writeRequiresMasterRead"
)


def test_line_4_a_field_has_all_its_attributes(org: Driver) -> None:
    for name in ("Contact", "Lead", "Account", "Opportunity", "Task", "User"):
        for field in fields_of(org, name).values():
            assert set(ATTRIBUTES.split()) <= set(field)


def test_line_4_compound_fields_are_read_and_their_parts_written(org: Driver) -> None:
    record_id = org.create("Contact", LastName="X", FirstName="Y", MailingCity="Bonn")
    shown = org.get("Contact", record_id)
    assert shown["Name"] == "Y X"
    assert shown["MailingAddress"]["city"] == "Bonn"
    for name in ("Name", "MailingAddress"):
        answer = org.call("PATCH", f"/sobjects/Contact/{record_id}", {name: "Z"})
        assert error_of(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_line_4_an_object_knows_what_points_at_it(org: Driver) -> None:
    children = org.call("GET", "/sobjects/Account/describe").json()["childRelationships"]
    found = {one["relationshipName"]: (one["childSObject"], one["field"]) for one in children}
    assert found["Contacts"] == ("Contact", "AccountId")
    assert found["Tasks"] == ("Task", "WhatId")

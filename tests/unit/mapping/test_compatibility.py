"""The type table of facts native 4.2, cell by cell, and what may not be joined."""

import pytest

from services.mapping.domain.compatibility import kind_of, salesforce_takes
from services.mapping.domain.model import Kind
from tests.unit.mapping.catalogues import hubspot, salesforce

FITTING = [
    ("enumeration", "select", "picklist", Kind.PICKLIST),
    ("enumeration", "radio", "picklist", Kind.PICKLIST),
    ("enumeration", "checkbox", "multipicklist", Kind.MULTI_PICKLIST),
    ("enumeration", "booleancheckbox", "boolean", Kind.BOOLEAN),
    ("bool", "booleancheckbox", "boolean", Kind.BOOLEAN),
    ("number", "number", "double", Kind.NUMBER),
    ("number", "number", "int", Kind.NUMBER),
    ("number", "number", "currency", Kind.NUMBER),
    ("string", "text", "string", Kind.TEXT),
    ("string", "text", "textarea", Kind.TEXT),
    ("string", "text", "email", Kind.EMAIL),
    ("string", "text", "picklist", Kind.PICKLIST),
    ("string", "phonenumber", "phone", Kind.PHONE),
    ("string", "textarea", "textarea", Kind.TEXT),
    ("date", "date", "date", Kind.DATE),
    ("date", "date", "datetime", Kind.DATE),
    ("datetime", "date", "datetime", Kind.DATETIME),
    ("datetime", "date", "date", Kind.DATE),
]

CLASHING = [
    ("enumeration", "select", "multipicklist"),
    ("enumeration", "checkbox", "picklist"),
    ("number", "number", "string"),
    ("string", "text", "currency"),
    ("string", "text", "date"),
    ("string", "textarea", "string"),
    ("bool", "booleancheckbox", "picklist"),
    ("date", "date", "string"),
    ("object_coordinates", "text", "string"),
]


@pytest.mark.parametrize(("type_", "field_type", "salesforce_type", "kind"), FITTING)
def test_fitting_types(type_: str, field_type: str, salesforce_type: str, kind: Kind) -> None:
    pair = hubspot("x", type_, field_type), salesforce("X", salesforce_type)
    assert kind_of(*pair) is kind


@pytest.mark.parametrize(("type_", "field_type", "salesforce_type"), CLASHING)
def test_clashing_types(type_: str, field_type: str, salesforce_type: str) -> None:
    assert kind_of(hubspot("x", type_, field_type), salesforce("X", salesforce_type)) is None


def test_only_the_owner_is_joined_to_a_user() -> None:
    owner = hubspot("hubspot_owner_id", "enumeration", "select")
    user = salesforce("OwnerId", "reference", references=("Group", "User"))
    account = salesforce("AccountId", "reference", references=("Account",))
    assert kind_of(owner, user) is Kind.OWNER
    assert kind_of(owner, account) is None
    assert kind_of(owner, salesforce("Rating", "picklist")) is None
    assert kind_of(hubspot("stage", "enumeration", "select"), user) is None


def test_a_bare_date_is_not_written_to_a_field_with_a_time() -> None:
    assert not salesforce_takes(hubspot("day", "date", "date"), salesforce("At__c", "datetime"))
    assert salesforce_takes(hubspot("day", "date", "date"), salesforce("Day__c", "date"))
    read_only = salesforce("Day__c", "date", writable=False)
    assert not salesforce_takes(hubspot("day", "date", "date"), read_only)

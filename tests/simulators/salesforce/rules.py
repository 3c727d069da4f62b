"""What the org's own rules say to a write: references, unique values, duplicates, validation."""

from collections.abc import Mapping
from typing import Any

from tests.simulators.salesforce.draft import Fields, ParentByKey
from tests.simulators.salesforce.errors import (
    SalesforceError,
    converted,
    duplicate_value,
    invalid_reference,
    is_deleted,
    wrong_id,
)
from tests.simulators.salesforce.schema.catalogue import Catalogue
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.store import Record, Store
from tests.simulators.salesforce.switches import Switches

PREFIX = 3
DUPLICATE_CHECKED = frozenset({"Contact", "Lead"})


class Rules:
    """The rules of one org."""

    def __init__(self, *, store: Store, catalogue: Catalogue, switches: Switches) -> None:
        self._store = store
        self._catalogue = catalogue
        self._switches = switches

    def parent_id(self, parent: ParentByKey) -> str:
        """The id of a parent that was named by an external id. SalesforceError INVALID_FIELD."""
        for object_name in parent.reference.refers:
            found = self._store.table(object_name).find(parent.key_field, parent.value) or ()
            alive = [one for one in found if one.deleted_at is None]
            if len(alive) == 1:
                return alive[0].id
        entity = parent.reference.refers[0]
        message = (
            f"Foreign key external ID: {parent.value} not found for field {parent.key_field} "
            f"in entity {entity}"
        )
        raise SalesforceError(400, "INVALID_FIELD", message, fields=[])

    def check_references(self, kind: ObjectType, changed: Fields, after: Fields) -> None:
        """SalesforceError when an id points at nothing, at the wrong object, or at the bin."""
        for name, value in changed.items():
            field = kind.fields[name.lower()]
            if field.type == "reference" and value is not None:
                target = self._check_reference(field, value)
                _check_usable(kind, field, target)
        if kind.name == "Task":
            self._check_task(after)

    def _check_reference(self, field: Field, value: str) -> Record:
        target = self._catalogue.by_prefix(value[:PREFIX])
        if target is None or target.name not in field.refers:
            raise wrong_id(field.label, value, field.name)
        record = self._store.get(target.name, value)
        if record is None:
            raise invalid_reference(fields=[field.name])
        if record.deleted_at is not None:
            raise is_deleted()
        if target.name == "Lead" and record.fields["IsConverted"]:
            raise converted()
        return record

    def _check_task(self, after: Fields) -> None:
        who = after.get("WhoId") or ""
        if who.startswith("00Q") and after.get("WhatId"):
            message = "Related To ID: a task of a lead cannot be related to another object"
            raise SalesforceError(400, "FIELD_INTEGRITY_EXCEPTION", message, fields=["WhatId"])

    def task_account(self, after: Mapping[str, Any]) -> str | None:
        """The account that a task belongs to by what or whom it is about."""
        for key in ("WhatId", "WhoId"):
            found = after.get(key) or ""
            target = self._catalogue.by_prefix(found[:PREFIX]) if found else None
            record = None if target is None else self._store.get(target.name, found)
            if record is not None:
                account = record.id if record.object == "Account" else None
                account = account or record.fields.get("AccountId")
                if account is not None:
                    return str(account)
        return None

    def check_unique(self, kind: ObjectType, changed: Fields, record_id: str | None) -> None:
        """SalesforceError DUPLICATE_VALUE when another live record has a unique value."""
        if kind.name == "PermissionSetAssignment":
            self._check_assignment(changed)
        for name, value in changed.items():
            if value is None or not kind.fields[name.lower()].unique:
                continue
            for other in self._store.table(kind.name).find(name, value) or ():
                if other.id != record_id and other.deleted_at is None:
                    raise duplicate_value(name, other.id)

    def _check_assignment(self, changed: Fields) -> None:
        assigned = self._store.table("PermissionSetAssignment")
        for other in assigned.find("AssigneeId", changed["AssigneeId"]) or ():
            same = other.fields["PermissionSetId"] == changed["PermissionSetId"]
            if same and other.deleted_at is None:
                raise duplicate_value("<unknown>", "<unknown>")

    def check_validation(self, kind: ObjectType, after: Fields) -> None:
        """SalesforceError FIELD_CUSTOM_VALIDATION_EXCEPTION when the admin's rule fires."""
        rule = self._switches.validation_rule
        if rule is None or rule.object != kind.name or after.get(rule.field) != rule.value:
            return
        code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        raise SalesforceError(400, code, rule.message, fields=[rule.field])

    def check_duplicates(
        self,
        kind: ObjectType,
        changed: Fields,
        record_id: str | None,
        *,
        allow_save: bool,
        details: bool,
    ) -> None:
        """SalesforceError DUPLICATES_DETECTED when another record has the same e-mail."""
        rule = self._switches.duplicate_rule
        address = changed.get("Email")
        if rule == "off" or address is None or kind.name not in DUPLICATE_CHECKED:
            return
        if rule == "alert" and allow_save:
            return
        found = self._store.table(kind.name).find("Email", address) or ()
        others = [one for one in found if one.id != record_id and one.deleted_at is None]
        if others:
            raise _duplicates(kind.name, others, may_save=rule == "alert", details=details)


def _check_usable(kind: ObjectType, field: Field, target: Record) -> None:
    """A record type must be an active one of the object, an owner an active user."""
    of_object = target.fields.get("SobjectType") == kind.name and target.fields.get("IsActive")
    if target.object == "RecordType" and not of_object:
        message = f"{field.label}: this ID value isn't valid for the user: {target.id}"
        code = "INVALID_CROSS_REFERENCE_KEY"
        raise SalesforceError(400, code, message, fields=[field.name])
    if field.name == "OwnerId" and target.fields.get("IsActive") is False:
        message = (
            f"operation performed with inactive user [{target.id}] as owner of {kind.name.lower()}"
        )
        raise SalesforceError(400, "INACTIVE_OWNER_OR_USER", message, fields=[])


def _duplicates(
    name: str, others: list[Record], *, may_save: bool, details: bool
) -> SalesforceError:
    message = "You're creating a duplicate record. We recommend you use an existing record instead."
    matches = [_match(one, details=details) for one in others]
    result = {
        "allowSave": may_save,
        "duplicateRule": f"Standard_{name}_Duplicate_Rule",
        "duplicateRuleEntityType": name,
        "errorMessage": message,
        "matchResults": [
            {
                "entityType": name,
                "errors": [],
                "matchEngine": "FuzzyMatchEngine",
                "matchRecords": matches,
                "rule": f"Standard_{name}_Match_Rule_v1_1",
                "size": len(matches),
                "success": True,
            }
        ],
    }
    return SalesforceError(400, "DUPLICATES_DETECTED", message, extra={"duplicateResut": result})


def _match(record: Record, *, details: bool) -> dict[str, Any]:
    url = f"/services/data/v66.0/sobjects/{record.object}/{record.id}"
    shown: dict[str, Any] = {
        "attributes": {"type": record.object, "url": url},
        "Id": record.id,
    }
    if details:
        shown |= {name: record.fields.get(name) for name in ("Name", "Email")}
    return {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": shown,
    }

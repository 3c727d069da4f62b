"""Describe results (facts: section 2.2). Pure."""

from collections.abc import Sequence
from typing import Any

from tests.simulators.salesforce.schema.children import describe_children
from tests.simulators.salesforce.schema.fields import NUMBER_TYPES, TEXT_TYPES, Field
from tests.simulators.salesforce.schema.objects import ObjectType

Json = dict[str, Any]
SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
}
BYTES_PER_CHARACTER = 3


def describe(kind: ObjectType, base: str, record_types: Sequence[Json] = ()) -> Json:
    """The full describe; ``base`` is the path of the API version."""
    return {
        **summary(kind, base),
        "fields": [describe_field(field, kind.name) for field in kind.fields.values()],
        "childRelationships": describe_children(kind.name),
        "recordTypeInfos": list(record_types),
        "supportedScopes": [{"label": f"All {kind.plural}", "name": "everything"}],
    }


def summary(kind: ObjectType, base: str) -> Json:
    """What the global and the basic describe say of an object."""
    root = f"{base}/sobjects/{kind.name}"
    return {
        "activateable": False,
        "createable": kind.createable,
        "custom": False,
        "customSetting": False,
        "deletable": kind.deletable,
        "deprecatedAndHidden": False,
        "feedEnabled": kind.name != "PermissionSetAssignment",
        "keyPrefix": kind.prefix,
        "label": kind.label,
        "labelPlural": kind.plural,
        "layoutable": True,
        "mergeable": kind.name in {"Account", "Contact", "Lead"},
        "name": kind.name,
        "queryable": True,
        "replicateable": kind.replicateable,
        "retrieveable": True,
        "searchable": True,
        "triggerable": True,
        "undeletable": kind.deletable,
        "updateable": kind.updateable,
        "urls": {
            "sobject": root,
            "describe": f"{root}/describe",
            "rowTemplate": f"{root}/{{ID}}",
        },
    }


def describe_field(field: Field, object_name: str) -> Json:
    """All attributes of a field."""
    return {**_data(field), **_capabilities(field, object_name), **_references(field)}


def _data(field: Field) -> Json:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "length": field.length,
        "byteLength": field.length * BYTES_PER_CHARACTER,
        "precision": field.precision if field.type != "int" else 0,
        "digits": field.precision if field.type == "int" else 0,
        "scale": field.scale,
        "nillable": field.nillable,
        "createable": field.createable,
        "updateable": field.updateable,
        "defaultedOnCreate": field.defaulted,
        "defaultValue": field.default if field.type == "boolean" else None,
        "defaultValueFormula": None,
        "custom": field.custom,
        "externalId": field.external_id,
        "unique": field.unique,
        "idLookup": field.id_lookup or field.type == "id",
        "caseSensitive": False,
        "restrictedPicklist": field.restricted,
        "picklistValues": [_entry(value, field) for value in field.picklist],
        "inlineHelpText": None,
    }


def _entry(value: str, field: Field) -> Json:
    return {
        "active": value not in field.inactive,
        "defaultValue": value == field.default,
        "label": dict(field.labels).get(value, value),
        "validFor": None,
        "value": value,
    }


def _capabilities(field: Field, object_name: str) -> Json:
    simple = field.type != "address"
    compound = field.name if field.parts else None
    named = field.name in {"FirstName", "LastName", "Salutation"} and object_name != "User"
    return {
        "aggregatable": field.type in NUMBER_TYPES | TEXT_TYPES | {"date", "datetime", "reference"},
        "autoNumber": False,
        "calculated": False,
        "calculatedFormula": None,
        "cascadeDelete": False,
        "compoundFieldName": "Name" if named else compound,
        "controllerName": None,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "extraTypeInfo": "personname" if named else None,
        "filterable": field.filterable and simple,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": False,
        "groupable": field.filterable and simple,
        "highScaleNumber": False,
        "htmlFormatted": False,
        "mask": None,
        "maskType": None,
        "nameField": field.name_field,
        "permissionable": field.custom or (field.nillable and field.createable),
        "polymorphicForeignKey": len(field.refers) > 1,
        "queryByDistance": not simple,
        "sortable": field.filterable and simple,
        "writeRequiresMasterRead": False,
    }


def _references(field: Field) -> Json:
    return {
        "namePointing": len(field.refers) > 1,
        "referenceTargetField": None,
        "referenceTo": list(field.refers),
        "relationshipName": field.relationship,
        "relationshipOrder": None,
        "restrictedDelete": False,
    }

"""What an object looks like to the connected user (facts: salesforce-api 2.2).

Answers are read into structures of just what is needed: as plain dictionaries, the describe of an
object with 800 picklists of 1,000 values each takes most of a gigabyte.
"""

from dataclasses import dataclass

import msgspec

from shared.crm.errors import CrmRetriableError


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One choice; `value` is what is written, `label` what people see."""

    value: str
    label: str
    active: bool
    default: bool


@dataclass(frozen=True, slots=True)
class FieldDescribe:
    """One field. A field that the user may not see is absent from the describe altogether.

    `precision` are all digits of a number, those of a whole number included.
    """

    name: str
    label: str
    type: str
    length: int
    precision: int
    scale: int
    nillable: bool
    createable: bool
    updateable: bool
    calculated: bool
    custom: bool
    unique: bool
    external_id: bool
    id_lookup: bool
    defaulted_on_create: bool
    restricted_picklist: bool
    picklist: tuple[PicklistValue, ...]
    reference_to: tuple[str, ...]
    relationship_name: str
    compound_field_name: str
    html_formatted: bool

    @property
    def required_on_create(self) -> bool:
        """A new record cannot do without it."""
        return self.createable and not self.nillable and not self.defaulted_on_create


@dataclass(frozen=True, slots=True)
class RecordType:
    """One record type that the user may use. The master one stands for having none."""

    id: str
    label: str
    master: bool


@dataclass(frozen=True, slots=True)
class ObjectDescribe:
    """One object; `fields` is by API name, `record_types` holds the active ones."""

    name: str
    label: str
    key_prefix: str
    createable: bool
    updateable: bool
    queryable: bool
    fields: dict[str, FieldDescribe]
    record_types: tuple[RecordType, ...] = ()


class _Value(msgspec.Struct, rename="camel", gc=False):
    value: str | None = None
    label: str | None = None
    active: bool | None = None
    default_value: bool | None = None


class _Field(msgspec.Struct, rename="camel"):
    name: str
    label: str | None = None
    type: str | None = None
    length: int | None = None
    precision: int | None = None
    digits: int | None = None
    scale: int | None = None
    nillable: bool | None = None
    createable: bool | None = None
    updateable: bool | None = None
    calculated: bool | None = None
    custom: bool | None = None
    unique: bool | None = None
    external_id: bool | None = None
    id_lookup: bool | None = None
    defaulted_on_create: bool | None = None
    restricted_picklist: bool | None = None
    picklist_values: list[_Value] | None = None
    reference_to: list[str] | None = None
    relationship_name: str | None = None
    compound_field_name: str | None = None
    html_formatted: bool | None = None


class _RecordType(msgspec.Struct, rename="camel"):
    record_type_id: str | None = None
    name: str | None = None
    active: bool | None = None
    available: bool | None = None
    master: bool | None = None


class _Object(msgspec.Struct, rename="camel"):
    name: str | None = None
    label: str | None = None
    key_prefix: str | None = None
    createable: bool | None = None
    updateable: bool | None = None
    queryable: bool | None = None
    fields: list[_Field] = []
    record_type_infos: list[_RecordType] | None = None


def describe_of(body: bytes | msgspec.Raw) -> ObjectDescribe:
    """The object in the JSON of a describe; CrmRetriableError when it is none."""
    try:
        found = msgspec.json.decode(body, type=_Object)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        # The text of a ValidationError names a place and types, no value.
        where = f" ({wrong})" if isinstance(wrong, msgspec.ValidationError) else ""
        raise CrmRetriableError(
            f"Salesforce's describe cannot be read{where}. Something between this machine and "
            "Salesforce may be answering in its place (a proxy, a login page).",
            code="crm_answer_unreadable",
        ) from None
    fields = [_field(one) for one in found.fields]
    return ObjectDescribe(
        name=found.name or "",
        label=found.label or "",
        key_prefix=found.key_prefix or "",
        createable=found.createable is True,
        updateable=found.updateable is True,
        queryable=found.queryable is True,
        fields={field.name: field for field in fields},
        record_types=tuple(
            RecordType(one.record_type_id or "", one.name or "", one.master is True)
            for one in found.record_type_infos or ()
            if one.active is not False and one.available is not False
        ),
    )


def _field(found: _Field) -> FieldDescribe:
    return FieldDescribe(
        name=found.name,
        label=found.label or "",
        type=found.type or "",
        length=found.length or 0,
        precision=found.precision or found.digits or 0,
        scale=found.scale or 0,
        nillable=found.nillable is True,
        createable=found.createable is True,
        updateable=found.updateable is True,
        calculated=found.calculated is True,
        custom=found.custom is True,
        unique=found.unique is True,
        external_id=found.external_id is True,
        id_lookup=found.id_lookup is True,
        defaulted_on_create=found.defaulted_on_create is True,
        restricted_picklist=found.restricted_picklist is True,
        picklist=tuple(
            PicklistValue(
                one.value or "", one.label or "", one.active is True, one.default_value is True
            )
            for one in found.picklist_values or ()
        ),
        reference_to=tuple(found.reference_to or ()),
        relationship_name=found.relationship_name or "",
        compound_field_name=found.compound_field_name or "",
        html_formatted=found.html_formatted is True,
    )

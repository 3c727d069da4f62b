"""What an object looks like to the connected user (facts: salesforce-api 2.2)."""

from dataclasses import dataclass

from shared.crm.answers import Json, members, text


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One choice; `value` is what is written, `label` what people see."""

    value: str
    label: str
    active: bool
    default: bool


@dataclass(frozen=True, slots=True)
class FieldDescribe:
    """One field. A field that the user may not see is absent from the describe altogether."""

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

    @property
    def required_on_create(self) -> bool:
        """A new record cannot do without it."""
        return self.createable and not self.nillable and not self.defaulted_on_create


@dataclass(frozen=True, slots=True)
class ObjectDescribe:
    """One object; `fields` is by API name."""

    name: str
    label: str
    key_prefix: str
    createable: bool
    updateable: bool
    queryable: bool
    fields: dict[str, FieldDescribe]


def describe_of(body: Json) -> ObjectDescribe:
    """The object that a describe answer shows."""
    fields = [_field(found) for found in members(body, "fields")]
    return ObjectDescribe(
        name=text(body, "name"),
        label=text(body, "label"),
        key_prefix=text(body, "keyPrefix"),
        createable=body.get("createable") is True,
        updateable=body.get("updateable") is True,
        queryable=body.get("queryable") is True,
        fields={field.name: field for field in fields},
    )


def _field(found: Json) -> FieldDescribe:
    targets = found.get("referenceTo")
    return FieldDescribe(
        name=text(found, "name"),
        label=text(found, "label"),
        type=text(found, "type"),
        length=_number(found, "length"),
        precision=_number(found, "precision"),
        scale=_number(found, "scale"),
        nillable=found.get("nillable") is True,
        createable=found.get("createable") is True,
        updateable=found.get("updateable") is True,
        calculated=found.get("calculated") is True,
        custom=found.get("custom") is True,
        unique=found.get("unique") is True,
        external_id=found.get("externalId") is True,
        id_lookup=found.get("idLookup") is True,
        defaulted_on_create=found.get("defaultedOnCreate") is True,
        restricted_picklist=found.get("restrictedPicklist") is True,
        picklist=tuple(_choice(one) for one in members(found, "picklistValues")),
        reference_to=tuple(str(one) for one in targets) if isinstance(targets, list) else (),
        relationship_name=text(found, "relationshipName"),
        compound_field_name=text(found, "compoundFieldName"),
    )


def _choice(found: Json) -> PicklistValue:
    return PicklistValue(
        value=text(found, "value"),
        label=text(found, "label"),
        active=found.get("active") is True,
        default=found.get("defaultValue") is True,
    )


def _number(found: Json, name: str) -> int:
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

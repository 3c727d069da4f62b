"""What a field is, and short ways of writing the ones that objects have. Data, no rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

FieldType = Literal[
    "id",
    "string",
    "email",
    "phone",
    "url",
    "textarea",
    "picklist",
    "multipicklist",
    "reference",
    "boolean",
    "int",
    "double",
    "currency",
    "percent",
    "date",
    "datetime",
    "address",
]
TEXT_TYPES = frozenset({"string", "email", "phone", "url", "textarea", "picklist", "multipicklist"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
DEFAULT_TEXT = 255


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, as its describe shows it.

    ``default`` is what a create without the field gets (``defaulted`` is then true). ``refers``
    are the objects a reference may point at; ``parts`` are the fields of a compound address.
    ``labels`` are pairs (value, label) of a picklist whose labels are not its values; ``inactive``
    are values that a describe still lists, but that a restricted picklist takes no more.
    """

    name: str
    type: FieldType
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    default: Any = None
    picklist: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    inactive: tuple[str, ...] = ()
    restricted: bool = False
    refers: tuple[str, ...] = ()
    relationship: str | None = None
    external_id: bool = False
    unique: bool = False
    id_lookup: bool = False
    name_field: bool = False
    parts: tuple[tuple[str, str], ...] = ()

    @property
    def custom(self) -> bool:
        """Whether the org (or a package) added it."""
        return self.name.endswith("__c")

    @property
    def filterable(self) -> bool:
        """Whether a WHERE may name it: long text may not be compared."""
        return self.type != "textarea" or self.length <= DEFAULT_TEXT

    @property
    def indexed(self) -> bool:
        """Whether the store finds records by it without looking at all of them."""
        return self.id_lookup or self.external_id or self.unique or self.type == "reference"


def label_of(name: str) -> str:
    """``MailingPostalCode`` -> ``Mailing Postal Code``, ``AccountId`` -> ``Account ID``."""
    words = WORD.findall(name.removesuffix("__c").replace("_", " "))
    return " ".join("ID" if word == "Id" else word for word in words)


def text(name: str, length: int = DEFAULT_TEXT, *, label: str = "") -> Field:
    """One line of text."""
    return Field(name, "string", label or label_of(name), length=length)


def long_text(name: str, length: int = 32_000) -> Field:
    """Several lines of text."""
    return Field(name, "textarea", label_of(name), length=length)


def phone(name: str, *, label: str = "") -> Field:
    """A telephone number; anything goes."""
    return Field(name, "phone", label or label_of(name), length=40)


def email(name: str = "Email") -> Field:
    """An e-mail address; a lookup key of contacts and leads."""
    return Field(name, "email", label_of(name), length=80, id_lookup=True)


def url(name: str) -> Field:
    """A web address; anything goes."""
    return Field(name, "url", label_of(name), length=255)


def checkbox(name: str, *, default: bool = False) -> Field:
    """True or false, never null."""
    return Field(name, "boolean", label_of(name), nillable=False, defaulted=True, default=default)


def whole(name: str, digits: int = 8) -> Field:
    """A whole number."""
    return Field(name, "int", label_of(name), precision=digits)


def money(name: str) -> Field:
    """An amount in the org's currency."""
    return Field(name, "currency", label_of(name), precision=18, scale=2)


def day(name: str) -> Field:
    """A date."""
    return Field(name, "date", label_of(name))


def instant(name: str) -> Field:
    """A date and time."""
    return Field(name, "datetime", label_of(name))


def choice(
    name: str, values: Sequence[str], *, restricted: bool = False, default: str | None = None
) -> Field:
    """A picklist; one that is not restricted takes any text through the API."""
    return Field(
        name,
        "picklist",
        label_of(name),
        length=255 if restricted else 120,
        picklist=tuple(values),
        restricted=restricted,
        defaulted=default is not None,
        default=default,
    )


def lookup(name: str, *refers: str, relationship: str | None = None) -> Field:
    """A reference; its relationship is the name without ``Id`` unless given."""
    known = relationship or name.removesuffix("Id")
    return Field(name, "reference", label_of(name), length=18, refers=refers, relationship=known)


def address(prefix: str = "") -> list[Field]:
    """The parts of an address and the read-only compound of them."""
    parts = [
        Field(f"{prefix}Street", "textarea", label_of(f"{prefix}Street"), length=255),
        text(f"{prefix}City", 40),
        text(f"{prefix}State", 80, label=label_of(f"{prefix}State") + "/Province"),
        text(f"{prefix}PostalCode", 20),
        text(f"{prefix}Country", 80),
    ]
    keys = ("street", "city", "state", "postalCode", "country")
    whole_name = f"{prefix}Address"
    compound = Field(
        whole_name,
        "address",
        label_of(whole_name),
        parts=tuple((key, part.name) for key, part in zip(keys, parts, strict=True)),
    )
    return [*parts, read_only(compound)]


def required(field: Field) -> Field:
    """The same field, which may not be empty."""
    return replace(field, nillable=False)


def read_only(field: Field) -> Field:
    """The same field, which only Salesforce sets."""
    return replace(field, createable=False, updateable=False)


def system_fields() -> list[Field]:
    """What every object has at its end."""
    return [
        read_only(required(instant("CreatedDate"))),
        read_only(required(lookup("CreatedById", "User"))),
        read_only(required(instant("LastModifiedDate"))),
        read_only(required(lookup("LastModifiedById", "User"))),
        read_only(required(instant("SystemModstamp"))),
    ]


def identity_fields() -> list[Field]:
    """What every object has at its beginning."""
    record_id = Field("Id", "id", "Record ID", length=18, nillable=False, defaulted=True)
    return [read_only(record_id), read_only(checkbox("IsDeleted"))]


def owner(*refers: str) -> Field:
    """Whose record it is; the creator's unless said otherwise."""
    field = lookup("OwnerId", *(refers or ("User",)))
    return replace(required(field), defaulted=True)

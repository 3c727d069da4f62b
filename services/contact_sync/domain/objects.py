"""The types of records that this service joins, and what is special about each."""

from dataclasses import dataclass

from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class Objects:
    """What a record of one type is called on both sides.

    `hubspot` is the object's name in HubSpot's paths; `salesforce` are the objects that it may be
    there. `recognised_by` is what two records have in common that were never linked; a record
    that has none of it cannot be matched, and waits if `needs_recognition`.
    """

    object_type: ObjectType
    hubspot: str
    salesforce: tuple[str, ...]
    recognised_by: str
    needs_recognition: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The objects' names on both sides."""
        return (self.hubspot, *self.salesforce)

    def on(self, *, in_hubspot: bool) -> tuple[str, ...]:
        """The objects' names on one side."""
        return (self.hubspot,) if in_hubspot else self.salesforce


PEOPLE = Objects(
    ObjectType.CONTACT, "contacts", ("Contact", "Lead"), "e-mail address", needs_recognition=True
)
COMPANIES = Objects(
    ObjectType.COMPANY, "companies", ("Account",), "domain", needs_recognition=False
)
ALL_OBJECTS = {one.object_type: one for one in (PEOPLE, COMPANIES)}


def object_type_of(object_name: str) -> ObjectType:
    """The type of the records of an object, by its name on either side."""
    return next(one.object_type for one in ALL_OBJECTS.values() if object_name in one.names)

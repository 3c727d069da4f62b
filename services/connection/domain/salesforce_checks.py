"""The Salesforce half of a pre-flight."""

from collections.abc import Collection

from services.connection.domain.checklist import Item, Line, calls_item, no_calls_item, ordered
from services.connection.domain.connection import Connection, Environment, Grant
from services.connection.domain.features import (
    SALESFORCE_FIELDS,
    Feature,
    Right,
    objects_for,
    rights_for,
)
from services.connection.domain.scopes import missing_scopes, scopes_for
from services.connection.domain.seen import ObjectSeen, Org, SalesforceSeen, Trouble
from shared.kernel.records import Side

CONNECT = (
    "Connect Salesforce: POST /api/v1/connections/{id}/authorizations/salesforce gives the link."
)
# As Organization.OrganizationType spells them. Group Edition calls itself Team Edition there.
WITHOUT_API = frozenset(
    {"Team Edition", "Group Edition", "Personal Edition", "Contact Manager Edition"}
)
ADD_ON = frozenset({"Professional Edition", "Essentials Edition"})
NO_API = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})
UNSEEN = frozenset({"NOT_FOUND", "INVALID_TYPE"})
_NOT_ASKED = Trouble("not_asked", "Salesforce did not answer this question.", refused=False)


def salesforce_items(
    connection: Connection,
    grant: Grant | None,
    features: Collection[Feature],
    seen: SalesforceSeen | None,
) -> list[Item]:
    """Scopes, edition, kind of org, the user's rights, objects and fields, calls of the day."""
    every = ordered(features)
    rights = [(right, _right_line(right, every)) for right in rights_for(every)]
    objects = objects_for(every)
    edition = _line("edition", "an edition with API access", every)
    kind = _line("environment", f"a {connection.environment.value} org, as was chosen", every)
    calls = _line("calls", "API calls left today", every)
    access = [(name, *_object_lines(name, feature)) for name, feature in objects.items()]
    if grant is None or grant.broken_reason is not None or seen is None:
        lines = [edition, kind, *(line for _, line in rights)]
        lines += [line for _, *pair in access for line in pair] + [calls]
        todo = CONNECT.format(id=connection.id)
        return [line.unknown("Salesforce is not connected.", todo) for line in lines]
    return [
        _scopes(every, grant),
        _edition(edition, seen),
        _kind(kind, connection, seen),
        *(_right(line, right, seen) for right, line in rights),
        *(item for name, may, fields in access for item in _object(name, may, fields, seen)),
        _calls(calls, seen),
    ]


def _line(key: str, right: str, features: tuple[Feature, ...]) -> Line:
    return Line(f"salesforce.{key}", Side.SALESFORCE, right, features)


def _right_line(right: Right, chosen: tuple[Feature, ...]) -> Line:
    needing = ordered(right.features & frozenset(chosen))
    return _line(f"right.{right.field.removeprefix('Permissions')}", right.name, needing)


def _object_lines(name: str, feature: Feature) -> tuple[Line, Line]:
    return (
        _line(f"object.{name}", f"read, create and edit {name}", (feature,)),
        _line(f"fields.{name}", f"edit {', '.join(SALESFORCE_FIELDS[name])} of {name}", (feature,)),
    )


def _scopes(features: tuple[Feature, ...], grant: Grant) -> Item:
    line = _line("scopes", f"scopes {', '.join(scopes_for(Side.SALESFORCE))}", features)
    if not grant.scopes:
        return line.unknown("Salesforce did not say which scopes it granted.", "Nothing to do.")
    missing = missing_scopes(Side.SALESFORCE, grant.scopes)
    if not missing:
        return line.passed("All of them are granted.")
    return line.failed(
        f"Not granted: {', '.join(missing)}.", "Add them to the app, then connect again."
    )


def _edition(line: Line, seen: SalesforceSeen) -> Item:
    trouble = seen.trouble
    if trouble is not None and trouble.code in NO_API:
        return line.failed(
            "Salesforce says that this org or this user has no API access.",
            "Give the user API Enabled. If the user has it, the edition has no API: ask "
            "Salesforce for the API add-on (Professional) or another edition.",
        )
    org = trouble or seen.org or _NOT_ASKED
    if isinstance(org, Trouble):
        return line.unanswered(org)
    if org.edition in WITHOUT_API:
        return line.failed(f"It is {org.edition}, which is not supported.", "Upgrade the edition.")
    extra = " It has the API as an add-on, and the API answers." if org.edition in ADD_ON else ""
    return line.passed(f"It is {org.edition}.{extra}")


def _kind(line: Line, connection: Connection, seen: SalesforceSeen) -> Item:
    org = seen.trouble or seen.org or _NOT_ASKED
    if isinstance(org, Trouble):
        return line.unanswered(org)
    found = _kind_of(org)
    if found is connection.environment:
        return line.passed(f"It is a {found.value} org.")
    return line.failed(
        f"It is a {found.value} org.",
        "Connect the right org: POST /api/v1/connections/"
        f"{connection.id}/move with the environment that is meant.",
    )


def _kind_of(org: Org) -> Environment:
    return Environment.SANDBOX if org.sandbox else Environment.PRODUCTION


def _right(line: Line, right: Right, seen: SalesforceSeen) -> Item:
    if right.field == "PermissionsApiEnabled" and seen.trouble and seen.trouble.code in NO_API:
        return line.failed(seen.trouble.text, _grant_it(right))
    held = seen.trouble or seen.rights.get(right.field, _NOT_ASKED)
    if isinstance(held, Trouble):
        return line.unanswered(held)
    if held:
        return line.passed("The connected user has it.")
    return line.failed(f"The connected user lacks it: {right.why}.", _grant_it(right))


def _grant_it(right: Right) -> str:
    return (
        f"Give the connected user '{right.name}' by a permission set or the profile (Setup > Users)"
        ", then run the pre-flight again."
    )


def _object(name: str, may: Line, fields: Line, seen: SalesforceSeen) -> tuple[Item, Item]:
    found = seen.trouble or seen.objects.get(name, _NOT_ASKED)
    todo = (
        f"Give the connected user read, create and edit on {name} by a permission set (the one of "
        "the Causeway package has them)."
    )
    if isinstance(found, Trouble):
        if found.code in UNSEEN:
            hidden = f"The connected user does not see {name}."
            return may.failed(hidden, todo), fields.unknown(hidden, todo)
        return may.unanswered(found), fields.unanswered(found)
    lacking = [
        verb
        for verb, held in (
            ("read", found.queryable),
            ("create", found.createable),
            ("edit", found.updateable),
        )
        if not held
    ]
    item = may.failed(f"Missing: {', '.join(lacking)}.", todo) if lacking else may.passed("It may.")
    return item, _fields(name, fields, found)


def _fields(name: str, line: Line, found: ObjectSeen) -> Item:
    wanted = SALESFORCE_FIELDS[name]
    hidden = [one for one in wanted if one not in found.fields]
    frozen = [
        one
        for one in wanted
        if one in found.fields
        and not (found.fields[one].createable and found.fields[one].updateable)
    ]
    told = [
        f"{what}: {', '.join(names)}."
        for what, names in (("Hidden", hidden), ("Read only", frozen))
        if names
    ]
    if not told:
        return line.passed("All of them can be read and edited.")
    return line.failed(
        " ".join(told),
        f"Allow the connected user to edit these fields of {name} (field-level security, by a "
        "permission set), or leave them out of the mappings.",
    )


def _calls(line: Line, seen: SalesforceSeen) -> Item:
    if seen.calls is not None:
        return calls_item(line, seen.calls, "Salesforce sells API calls, and licences bring some.")
    return no_calls_item(line, seen.trouble or _NOT_ASKED)

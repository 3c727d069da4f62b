"""The records that an org has from its first day: itself, profiles, users, their permissions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.simulators.salesforce.rights import ADMIN_PROFILE, STANDARD_PROFILE
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.store import Record

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

Fields = dict[str, object]
EMPTY_ID = "000000000000000AAA"


def founded(org: "Org", name: str, fields: Fields) -> Record:
    """A record that nobody wrote through the API."""
    now = org.pulse.next()
    admin = org.members[0].id
    times = dict.fromkeys(
        ("CreatedDate", "LastModifiedDate", "SystemModstamp"), stamp(now // 1_000)
    )
    whom = {"CreatedById": admin, "LastModifiedById": admin}
    whole = {**fields, **times, **whom}
    return Record(name, str(fields["Id"]), whole, now)


def people(org: "Org") -> None:
    """Put them all in place."""
    profiles = {name: org.ids.next("00e") for name in (ADMIN_PROFILE, STANDARD_PROFILE)}
    sets = {name: org.ids.next("0PS") for name in profiles}
    records = [founded(org, "Organization", _organization(org))]
    for name, profile_id in profiles.items():
        records.append(founded(org, "Profile", {"Id": profile_id, "Name": name}))
        owned = {"IsOwnedByProfile": True, "IsCustom": False, "ProfileId": profile_id}
        label = {"Name": f"X{profile_id}", "Label": profile_id}
        records.append(founded(org, "PermissionSet", {"Id": sets[name], **label, **owned}))
    for member in org.members:
        profile = org.rights.profile_of(member.id)
        user = {**member.as_fields(), "ProfileId": profiles[profile]}
        records.append(founded(org, "User", user))
        records.append(founded(org, "PermissionSetAssignment", _assigned(org, sets[profile], user)))
    _put(org, records)
    refresh(org)


def _assigned(org: "Org", set_id: str, user: Fields) -> Fields:
    return {
        "Id": org.ids.next("0Pa"),
        "PermissionSetId": set_id,
        "AssigneeId": user["Id"],
        "IsActive": True,
    }


def _organization(org: "Org") -> Fields:
    sandbox = org.settings.sandbox
    return {
        "Id": org.settings.org_id,
        "Name": "Simulated Org",
        "IsSandbox": sandbox,
        "OrganizationType": org.switches.edition,
        "InstanceName": "CS1" if sandbox else "NA1",
        "LanguageLocaleKey": "en_US",
        "DefaultLocaleSidKey": "en_US",
        "TimeZoneSidKey": "Europe/Berlin",
    }


def _put(org: "Org", records: Iterable[Record]) -> None:
    for record in records:
        org.store.table(record.object).put(record)


def refresh(org: "Org") -> None:
    """Let the records say what the switches say: the edition, and what the profiles may do."""
    organization = org.store.table("Organization").records[org.settings.org_id]
    organization.fields["OrganizationType"] = org.switches.edition
    names = {one.id: one.fields["Name"] for one in org.store.table("Profile").records.values()}
    for one in org.store.table("Profile").records.values():
        one.fields.update(_columns(org, one.fields["Name"]))
    for one in org.store.table("PermissionSet").records.values():
        one.fields.update(_columns(org, names.get(str(one.fields.get("ProfileId")), "")))
    org.sight.forget()


def _columns(org: "Org", profile: str) -> dict[str, bool]:
    held = org.rights.of_profile(profile)
    return {f"Permissions{name}": bool(profile) and given for name, given in held.items()}


def permission_row(org: "Org", user_id: str) -> Record:
    """The one row of UserPermissionAccess: what the user who asks may do."""
    held = {
        f"Permissions{name}": org.rights.has(user_id, name) for name in org.rights.of_profile("")
    }
    record_id = "000000000000000AAA"
    return Record("UserPermissionAccess", record_id, {"Id": record_id, **held}, 0)

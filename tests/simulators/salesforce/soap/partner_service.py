"""The SOAP partner API, for what REST cannot do: convert leads, merge, undelete (facts: §2.11).

``/services/Soap/u/{version}``. Rows that fail are results of their own, as in Collections.
"""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from tests.simulators.salesforce.conversion import convert
from tests.simulators.salesforce.errors import SalesforceError, invalid_reference
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.merging import merge
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.choices import CONVERTED_STATUS
from tests.simulators.salesforce.soap.door import FAULT, Service, Visit
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.writer import Author

MAX_ROWS = 200
PREFIX = 3
NOT_FIELDS = frozenset({"type", "Id", "fieldsToNull"})
LOGIN_OFF = "SOAP API login() is disabled by default in this org."
Json = dict[str, Any]


def _each(org: Org, items: list[Any], work: Callable[[Any], Json]) -> list[Json]:
    if len(items) > MAX_ROWS:
        raise SalesforceError(FAULT, "EXCEEDED_ID_LIMIT", f"record limit reached: {MAX_ROWS}")
    return [_one(org, item, work) for item in items]


def _one(org: Org, item: Any, work: Callable[[Any], Json]) -> Json:
    mark = org.store.mark()
    try:
        return {**work(item), "success": True}
    except SalesforceError as problem:
        org.store.rollback(mark)
        fields = list(problem.fields or ())
        error = {"fields": fields, "message": problem.message, "statusCode": problem.code}
        return {"errors": error, "success": False}


def _author(visit: Visit) -> Author:
    """Who writes; SOAP runs assignment rules only when a header asks for it."""
    return Author(user_id=visit.user_id, auto_assign=False)


def _text(node: ET.Element, name: str) -> str | None:
    return (node.findtext(name) or "").strip() or None


def _convert(org: Org, visit: Visit) -> list[Json]:
    def work(node: ET.Element) -> Json:
        status = _text(node, "convertedStatus")
        if status != CONVERTED_STATUS:
            message = f"invalid convertedStatus: {status}"
            raise SalesforceError(400, "INVALID_STATUS", message)
        body = {
            "id": _text(node, "leadId"),
            "account_id": _text(node, "accountId"),
            "contact_id": _text(node, "contactId"),
            "owner_id": _text(node, "ownerId"),
            "opportunity": _text(node, "doNotCreateOpportunity") != "true",
            "opportunity_name": _text(node, "opportunityName"),
        }
        done = convert(org, body, _author(visit))
        return {
            "accountId": done["account_id"],
            "contactId": done["contact_id"],
            "leadId": done["lead_id"],
            "opportunityId": done["opportunity_id"],
        }

    return _each(org, visit.call.body.findall("leadConverts"), work)


def _merge(org: Org, visit: Visit) -> list[Json]:
    def work(node: ET.Element) -> Json:
        master = node.find("masterRecord")
        if master is None:
            raise SalesforceError(400, "MISSING_ARGUMENT", "masterRecord not specified")
        fields: Json = {one.tag: one.text for one in master if one.tag not in NOT_FIELDS}
        fields |= {str(one.text).strip(): None for one in master.findall("fieldsToNull")}
        return merge(
            org,
            _text(master, "type") or "",
            master_id=_text(master, "Id") or "",
            loser_ids=[(one.text or "").strip() for one in node.findall("recordToMergeIds")],
            fields=fields,
            author=_author(visit),
        )

    return _each(org, visit.call.body.findall("request"), work)


def _ids(visit: Visit) -> list[str]:
    return [(one.text or "").strip() for one in visit.call.body.findall("ids")]


def _binned(org: Org, text: str) -> Record:
    record_id = long_form(text) or ""
    kind = org.catalogue.by_prefix(record_id[:PREFIX])
    record = None if kind is None else org.store.get(kind.name, record_id)
    if record is None:
        raise invalid_reference()
    if record.deleted_at is None:
        raise SalesforceError(400, "UNDELETE_FAILED", "Entity is not in the recycle bin")
    return record


def _undelete(org: Org, visit: Visit) -> list[Json]:
    def work(text: str) -> Json:
        record = _binned(org, text)
        org.writer.undelete(record, _author(visit))
        return {"id": record.id}

    return _each(org, _ids(visit), work)


def _empty_bin(org: Org, visit: Visit) -> list[Json]:
    def work(text: str) -> Json:
        record = _binned(org, text)
        org.store.table(record.object).remove(record.id)
        org.purged_at[record.object] = org.clock.milliseconds()
        return {"id": record.id}

    return _each(org, _ids(visit), work)


def _user_info(org: Org, visit: Visit) -> Json:
    user = org.grants.member(visit.user_id)
    return {
        "organizationId": org.settings.org_id,
        "organizationName": "Simulated Org",
        "userEmail": user.email,
        "userFullName": user.name,
        "userId": user.id,
        "userLanguage": "en_US",
        "userLocale": "en_US",
        "userName": user.username,
        "userTimeZone": "Europe/Berlin",
        "userType": "Standard",
    }


def _now(org: Org, _visit: Visit) -> Json:
    return {"timestamp": stamp(org.clock.milliseconds()).replace("+0000", "Z")}


PARTNER = Service(
    letter="u",
    namespace="urn:partner.soap.sforce.com",
    fault_namespace="urn:fault.partner.soap.sforce.com",
    operations={
        "convertLead": _convert,
        "merge": _merge,
        "undelete": _undelete,
        "emptyRecycleBin": _empty_bin,
        "getUserInfo": _user_info,
        "getServerTimestamp": _now,
    },
    refused={"login": LOGIN_OFF},
)

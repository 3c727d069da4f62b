"""The control plane of what admins and users do with whole records: types, merges, people."""

from dataclasses import replace

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.salesforce import record_types
from tests.simulators.salesforce.control import Posted, Settled, at_once
from tests.simulators.salesforce.merging import merge
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.wire import Json
from tests.simulators.salesforce.writer import existing

USER_FIELDS = frozenset({"IsActive", "Email", "FirstName", "LastName", "Name", "Username"})
router = APIRouter(prefix=CONTROL_PREFIX)


@router.post("/record-types")
async def add_record_type(org: Settled, body: Posted) -> JSONResponse:
    """``object``, ``name``; optional ``developer_name``, ``active``, ``default``."""
    return at_once(org, lambda: {"id": record_types.add(org, body)})


@router.post("/merge")
async def merge_records(org: Settled, body: Posted) -> JSONResponse:
    """A person merges ``ids`` of ``object`` into ``master_id``, with ``fields`` for the master."""
    return at_once(
        org,
        lambda: merge(
            org,
            str(body["object"]),
            master_id=str(body["master_id"]),
            loser_ids=[str(one) for one in body["ids"]],
            fields=body.get("fields") or {},
            author=org.human,
        ),
    )


@router.post("/users")
async def change_user(org: Settled, body: Posted) -> JSONResponse:
    """An admin changes ``fields`` of the user ``id``, such as IsActive."""

    def work() -> Json:
        unknown = set(body["fields"]) - USER_FIELDS
        if unknown:
            raise ValueError(f"only {sorted(USER_FIELDS)} can be changed, not {sorted(unknown)}")
        user = existing(org.store, "User", str(body["id"]))
        now = org.pulse.next()
        times = dict.fromkeys(("SystemModstamp", "LastModifiedDate"), stamp(now // 1_000))
        after = replace(user, fields={**user.fields, **body["fields"], **times}, stamp=now)
        org.store.write(after, kind="update", by="user", fields=body["fields"])
        return {}

    return at_once(org, work)

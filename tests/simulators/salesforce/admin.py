"""The control plane of what admins and users do with whole records: types, merges, people."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse

from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.salesforce import record_types
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.merging import merge
from tests.simulators.salesforce.oauth import TheOrg
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.writer import existing

Json = dict[str, Any]
Posted = Annotated[Json, Body()]
USER_FIELDS = frozenset({"IsActive", "Email", "FirstName", "LastName", "Name", "Username"})
router = APIRouter(prefix=CONTROL_PREFIX)


def _whole(org: Org, work: Callable[[], Any]) -> JSONResponse:
    org.settle()
    mark = org.store.mark()
    try:
        result = work()
    except SalesforceError as problem:
        org.store.rollback(mark)
        return JSONResponse(problem.as_array(), problem.status)
    except (KeyError, TypeError, ValueError) as wrong:
        org.store.rollback(mark)
        return JSONResponse({"detail": f"cannot be done: {wrong!r}"}, 400)
    org.store.commit()
    return JSONResponse(result)


@router.post("/record-types")
async def add_record_type(org: TheOrg, body: Posted) -> JSONResponse:
    """``object``, ``name``; optional ``developer_name``, ``active``, ``default``."""
    return _whole(org, lambda: {"id": record_types.add(org, body)})


@router.post("/merge")
async def merge_records(org: TheOrg, body: Posted) -> JSONResponse:
    """A person merges ``ids`` of ``object`` into ``master_id``, with ``fields`` for the master."""
    return _whole(
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
async def change_user(org: TheOrg, body: Posted) -> JSONResponse:
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

    return _whole(org, work)

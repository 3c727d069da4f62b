"""What the other services answer, as their routes say it."""

from typing import Any

CONNECTION_ID = "0192f0aa-0000-7000-8000-000000000001"
LINK_ID = "0192f0aa-0000-7000-8000-000000000002"
PARKED_ID = "0192f0aa-0000-7000-8000-000000000003"
HUBSPOT_LINK = "https://causeway.example/api/v1/connections/authorizations/ticket-1/start"
STEPS = ("connect", "package", "visualforce", "choice", "review", "finished")


def connection(**other: Any) -> dict[str, Any]:
    side = {"state": "active", "scopes": [], "granted_at": "2026-11-20T08:00:00+00:00"}
    return {
        "id": CONNECTION_ID,
        "environment": "production",
        "state": "active",
        "portal_id": "111",
        "org_id": "00D000000000001EAA",
        "instance_url": "https://acme.my.salesforce.com",
        "salesforce_domain": None,
        "created_at": "2026-11-20T07:59:00+00:00",
        "hubspot": {**side, "broken_reason": None},
        "salesforce": {**side, "user_id": "005000000000001AAA", "broken_reason": None},
        "next_step": None,
        **other,
    }


def setup(*, done: int, sync: str = "not_started") -> dict[str, Any]:
    states = ["done"] * done + ["open"] + ["later"] * len(STEPS)
    steps = [
        {"name": name, "state": state, "todo": "" if state == "done" else f"Do the {name} step."}
        for name, state in zip(STEPS, states, strict=False)
    ]
    return {
        "connection_id": CONNECTION_ID,
        "sync": sync,
        "version": 1 if done > 3 else 0,
        "published": 0,
        "steps": steps,
        "next": None,
    }


def package(state: str, **other: Any) -> dict[str, Any]:
    return {
        "connection_id": CONNECTION_ID,
        "state": state,
        "method": "deploy",
        "version_id": "",
        "percent": 42,
        "elapsed_seconds": 12.5,
        "attempts": 3,
        "requested_at": "2026-11-24T19:39:00+00:00",
        "deadline": "2026-11-24T20:39:00+00:00",
        "looked_at": "2026-11-24T19:37:00+00:00",
        "next_look_at": "2026-11-24T19:40:05+00:00",
        "salesforce_said": "",
        "failures": [],
        "todo": "Wait: Salesforce is installing.",
        "install_link": "",
        "visualforce": "waiting",
        **other,
    }


def settings() -> dict[str, Any]:
    return {
        "version": 3,
        "contacts": {
            "create_in_hubspot": True,
            "create_in_salesforce": "lead",
            "undecidable": "salesforce_wins",
        },
        "activities": {
            "salesforce_tasks_to_hubspot": True,
            "hubspot_tasks_to_salesforce": False,
            "timeline_events": ["form_submission"],
        },
        "mappings": [
            {
                "object_type": "contact",
                "hubspot_property": "jobtitle",
                "salesforce_field": "Title",
                "rule": "prefer_salesforce_unless_blank",
                "value_type": "text",
                "salesforce_objects": ["Lead", "Contact"],
            }
        ],
        "daily_salesforce_calls": 9000,
    }


def quota(*, used: int = 7200, allowance: int | None = 9000) -> dict[str, Any]:
    hours = [
        {"hour": f"2026-11-24T{hour:02}:00:00+00:00", "calls": hour * 10} for hour in range(24)
    ]
    side = {
        "set_by_admin": False,
        "hours": hours,
        "purposes": {"live": used - 200, "import": 200, "poll": 0, "setup": 0},
        "exhausted_until": None,
        "org_used": 8000,
        "org_limit": 15000,
        "reported_at": "2026-11-24T19:38:00+00:00",
    }
    left = None if allowance is None else allowance - used
    return {
        "connection_id": CONNECTION_ID,
        "hubspot": {**side, "used": 480, "allowance": None, "left": None},
        "salesforce": {**side, "used": used, "allowance": allowance, "left": left},
    }


def link(**other: Any) -> dict[str, Any]:
    return {
        "id": LINK_ID,
        "hubspot_id": "70001",
        "salesforce_id": "003000000000001AAA",
        "salesforce_object": "Contact",
        "ambiguous": False,
        "synced_at": "2026-11-24T19:35:00+00:00",
        "base": {"jobtitle": "Captain", "phone": None},
        **other,
    }


def write(**other: Any) -> dict[str, Any]:
    return {
        "id": "0192f0aa-0000-7000-8000-000000000004",
        "side": "hubspot",
        "operation": "update",
        "object_name": "contact",
        "hubspot_id": "70001",
        "salesforce_id": "003000000000001AAA",
        "fields": [
            {
                "field": "jobtitle",
                "before": "Mate",
                "after": "Captain",
                "wire": "Captain",
                "rule": "prefer_salesforce_unless_blank",
                "why": "Salesforce has a value",
            },
            {
                "field": "phone",
                "before": "+1 555 0100",
                "after": None,
                "wire": "",
                "rule": "two_way",
                "why": "it was cleared in Salesforce",
            },
        ],
        "cause": {"kind": "updated", "side": "salesforce", "event_id": "x"},
        "settings_version": 3,
        "traceparent": None,
        "status": "done",
        "error": None,
        "at": "2026-11-24T19:35:00+00:00",
        "settled_at": "2026-11-24T19:35:01+00:00",
        **other,
    }


def parked(**other: Any) -> dict[str, Any]:
    return {
        "id": PARKED_ID,
        "side": "salesforce",
        "record_id": "00Q000000000009AAA",
        "code": "no_email",
        "field": "",
        "message": "The record has no e-mail address, so it cannot be matched.",
        "at": "2026-11-24T18:40:00+00:00",
        **other,
    }


def one_import(**other: Any) -> dict[str, Any]:
    return {
        "id": "0192f0aa-0000-7000-8000-000000000005",
        "side": "hubspot",
        "object_name": "contacts",
        "state": "noted",
        "cursor": "",
        "noted": 25000,
        "waiting": 1200,
        "problem": None,
        "started_at": "2026-11-24T17:40:00+00:00",
        **other,
    }


def activity(**other: Any) -> dict[str, Any]:
    return {
        "id": "0192f0aa-0000-7000-8000-000000000006",
        "side": "salesforce",
        "operation": "create",
        "kind": "task",
        "hubspot_id": "880",
        "salesforce_id": "00T000000000001AAA",
        "fields": [
            {
                "side": "salesforce",
                "field": "subject",
                "before": None,
                "after": "Call back",
                "why": "a HubSpot task is carried over",
            }
        ],
        "cause": {"kind": "created", "side": "hubspot"},
        "status": "done",
        "error": None,
        "at": "2026-11-24T19:00:00+00:00",
        **other,
    }


def waiting_activity() -> dict[str, Any]:
    return {
        "id": "0192f0aa-0000-7000-8000-000000000007",
        "side": "hubspot",
        "record_id": "881",
        "lane": "task",
        "code": "person_unknown",
        "message": "The contact of this task is not linked yet.",
        "person_id": "70002",
        "at": "2026-11-24T19:10:00+00:00",
    }

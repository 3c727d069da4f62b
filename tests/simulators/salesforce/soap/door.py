"""The way into the SOAP services: sessions, versions, the daily limit; then one operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulators.salesforce.dispatcher import VERSION_GONE, check_version
from tests.simulators.salesforce.errors import SalesforceError, limit_exceeded
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.soap.messages import SoapCall, answer, fault, read_call

FAULT = 500
"""The HTTP status of every SOAP fault."""
BAD_SESSION = "Invalid Session ID found in SessionHeader: Illegal Session"


@dataclass(frozen=True, slots=True)
class Visit:
    """A call of a live session."""

    call: SoapCall
    user_id: str
    version: str


Operation = Callable[[Org, Visit], Any]
"""The result, as ``messages.answer`` takes it; raises SalesforceError."""


@dataclass(frozen=True, slots=True)
class Service:
    """One SOAP service: its letter in the path, its namespaces, its operations."""

    letter: str
    namespace: str
    fault_namespace: str
    operations: Mapping[str, Operation]
    refused: Mapping[str, str] = field(default_factory=dict)
    """Operations that are switched off for everybody, and what they say."""


def serve(org: Org, service: Service, version: str, data: bytes) -> tuple[int, str]:
    """HTTP status and envelope of the answer to an envelope."""
    try:
        return 200, _run(org, service, version, data)
    except SalesforceError as problem:
        return FAULT, fault(problem.code, problem.message, service.fault_namespace)


def _run(org: Org, service: Service, version: str, data: bytes) -> str:
    call = _read(data)
    if call.operation in service.refused:
        raise SalesforceError(FAULT, "INVALID_OPERATION", service.refused[call.operation])
    operation = service.operations.get(call.operation)
    if operation is None:
        message = f"No operation available for request {{{service.namespace}}}{call.operation}"
        raise SalesforceError(FAULT, "INVALID_OPERATION", message)
    _check_version(version, org.switches.latest_version)
    visit = Visit(call, _user(org, call), version)
    name = f"POST /services/Soap/{service.letter} {call.operation}"
    now = org.clock.seconds()
    if org.at_the_cap():
        org.machinery.calls.reject(name)
        raise limit_exceeded()
    org.limit.add(now, 1)
    org.machinery.calls.accept(name)
    org.settle()
    return answer(call.operation, _whole(org, operation, visit), service.namespace)


def _whole(org: Org, operation: Operation, visit: Visit) -> Any:
    mark = org.store.mark()
    try:
        result = operation(org, visit)
    except Exception:
        org.store.rollback(mark)
        raise
    org.store.commit()
    return result


def _read(data: bytes) -> SoapCall:
    try:
        return read_call(data)
    except ValueError as wrong:
        raise SalesforceError(FAULT, "UNKNOWN_EXCEPTION", str(wrong)) from wrong


def _check_version(text: str, latest: int) -> None:
    try:
        check_version(text if "." in text else f"{text}.0", latest)
    except SalesforceError as problem:
        message = (
            VERSION_GONE if problem.code == "UNSUPPORTED_API_VERSION" else "Invalid Api version"
        )
        raise SalesforceError(FAULT, "UNSUPPORTED_API_VERSION", message) from problem


def _user(org: Org, call: SoapCall) -> str:
    session = org.grants.session(call.session_id, org.switches.session_timeout_seconds)
    if session is None:
        raise SalesforceError(FAULT, "INVALID_SESSION_ID", BAD_SESSION)
    org.rights.check_api(session.user.id)
    return session.user.id

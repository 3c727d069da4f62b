"""What ``/_control/faults`` answers for a code: the body that the real one gives."""

import json

from tests.simulators.machinery.faults import DEFAULT_STATUS, Fault
from tests.simulators.machinery.misbehaviour import CannedAnswer
from tests.simulators.salesforce.errors import (
    SalesforceError,
    is_deleted,
    limit_exceeded,
    locked,
    no_access,
    session_expired,
)
from tests.simulators.salesforce.soap.messages import fault as soap_fault

ROW_CODES = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_INTEGRITY_EXCEPTION",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "ENTITY_IS_DELETED",
    }
)
"""Errors of one row: every row that the call writes gets one, in the shape of its resource."""

WHOLE = (
    session_expired(),
    limit_exceeded(),
    SalesforceError(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization"),
    SalesforceError(403, "API_CURRENTLY_DISABLED", "API is disabled for this User"),
    SalesforceError(400, "QUERY_TIMEOUT", "Your query request was running for too long."),
    SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
    SalesforceError(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    SalesforceError(503, "SERVER_UNAVAILABLE", "Server is temporarily unavailable"),
)
CONCURRENT = "ConcurrentPerOrgLongTxn Limit exceeded."
_BY_CODE = {
    **{error.code: error for error in WHOLE},
    "CONCURRENT_REQUEST_LIMIT": SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", CONCURRENT),
}
BAD_REQUEST = 400
JSON_HEADERS = {"content-type": "application/json;charset=UTF-8"}


def row_error(code: str, record_id: str) -> SalesforceError:
    """The error that a write of ``record_id`` meets. ValueError for a code of no row."""
    match code:
        case "UNABLE_TO_LOCK_ROW":
            return locked(record_id)
        case "ENTITY_IS_DELETED":
            return is_deleted()
        case "INSUFFICIENT_ACCESS_OR_READONLY":
            return no_access()
        case "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY":
            text = "insufficient access rights on cross-reference id"
            return SalesforceError(400, code, text, fields=[])
        case "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":
            text = (
                "ContactTrigger: execution of BeforeUpdate caused by: System.NullPointerException"
            )
            return SalesforceError(400, code, text, fields=[])
        case "FIELD_CUSTOM_VALIDATION_EXCEPTION":
            return SalesforceError(
                400, code, "The rules of this company do not allow it.", fields=[]
            )
        case "FIELD_INTEGRITY_EXCEPTION":
            return SalesforceError(400, code, "field integrity exception", fields=[])
        case _:
            raise ValueError(f"{code} is no error of a row")


OAUTH = "/services/oauth2"
SOAP = "/services/Soap/"
SOAP_FAULT = 500
XML_HEADERS = {"content-type": "text/xml;charset=UTF-8"}
FAULT_SPACES = {
    "m": "http://soap.sforce.com/2006/04/metadata",
    "u": "urn:fault.partner.soap.sforce.com",
}
OAUTH_TEXTS = {
    "invalid_grant": "expired access/refresh token",
    "invalid_client": "invalid client credentials",
    "server_error": "unknown error",
}
NOT_YET = "000000000000000AAA"
"""The id that a record has before it is stored, in messages."""


def canned(fault: Fault, _method: str, path: str) -> CannedAnswer:
    """The answer for a fault of kind ``http`` that does not depend on the rows of the call."""
    if path.startswith(OAUTH) and fault.code.islower():
        description = OAUTH_TEXTS.get(fault.code, "injected failure")
        oauth = {"error": fault.code, "error_description": description}
        return CannedAnswer(fault.status or BAD_REQUEST, JSON_HEADERS, json.dumps(oauth).encode())
    known = _known(fault)
    if path.startswith(SOAP):
        letter = path.removeprefix(SOAP).partition("/")[0]
        text = soap_fault(known.code, known.message, FAULT_SPACES.get(letter, ""))
        return CannedAnswer(SOAP_FAULT, XML_HEADERS, text.encode())
    body = json.dumps(known.as_array()).encode()
    return CannedAnswer(fault.status or known.status, JSON_HEADERS, body)


def _known(fault: Fault) -> SalesforceError:
    if fault.code in ROW_CODES:
        return row_error(fault.code, NOT_YET)
    code = fault.code or "SERVER_UNAVAILABLE"
    status = fault.status or DEFAULT_STATUS
    return _BY_CODE.get(fault.code) or SalesforceError(status, code, "injected failure")

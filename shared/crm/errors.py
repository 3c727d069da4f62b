"""Errors of calls to a CRM. The family says what to do, the code is the CRM's own.

No message here holds a value of a record: HubSpot and Salesforce both echo them (facts:
hubspot-api 2, salesforce-api 2.10), so texts are written anew from codes and field names.
"""

from dataclasses import dataclass

from shared.crm.writes import Refused
from shared.kernel.errors import CausewayError, FatalError, IgnorableError, RetriableError


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a CRM said is wrong with a call or with one record of it, free of values."""

    code: str
    message: str
    field: str | None = None
    existing_id: str | None = None
    duplicate_ids: tuple[str, ...] = ()
    retriable: bool = False

    def refused(self, key: str) -> Refused:
        """The same, as the result of the record that the caller knows as `key`."""
        return Refused(
            key=key,
            code=self.code,
            message=self.message,
            field=self.field,
            existing_id=self.existing_id,
            retriable=self.retriable,
            duplicate_ids=self.duplicate_ids,
        )


class CrmError(CausewayError):
    """A call to a CRM failed.

    `status` is the HTTP status, None when no answer came. `complaint` is what the CRM said.
    """

    status: int | None = None
    complaint: Complaint | None = None


class CrmRetriableError(CrmError, RetriableError):
    """The call may succeed later. After a write nobody knows whether it took effect."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        retry_after: float | None = None,
        status: int | None = None,
        complaint: Complaint | None = None,
    ) -> None:
        RetriableError.__init__(self, message, code=code, retry_after=retry_after)
        self.status = status
        self.complaint = complaint


class CrmLimitError(CrmRetriableError):
    """A rate or a quota is used up. The call had no effect; `retry_after` when it is known."""


class CrmFatalError(CrmError, FatalError):
    """The CRM understood the call and refused it; the same call will be refused again."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        complaint: Complaint | None = None,
    ) -> None:
        FatalError.__init__(self, message, code=code)
        self.status = status
        self.complaint = complaint


class CrmAuthError(CrmFatalError):
    """The grant is dead or does not reach this far: an admin has to connect the CRM again."""


UNTIL_RECONNECTED_SECONDS = 60.0
"""A dead grant is looked at again this often; the news of a reconnect frees the lanes before."""


def until_reconnected(error: CrmAuthError) -> CrmRetriableError:
    """A dead grant as something to wait for: no record is at fault, so none may be parked."""
    return CrmRetriableError(
        str(error),
        code=error.code,
        retry_after=UNTIL_RECONNECTED_SECONDS,
        status=error.status,
    )


class CrmIgnorableError(CrmError, IgnorableError):
    """What was asked for is the case already."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        complaint: Complaint | None = None,
    ) -> None:
        IgnorableError.__init__(self, message, code=code)
        self.status = status
        self.complaint = complaint


def complaint_of(error: CausewayError) -> Complaint:
    """What an error says about each record that its call carried."""
    if isinstance(error, CrmError) and error.complaint is not None:
        return error.complaint
    retriable = isinstance(error, (RetriableError, CrmAuthError))
    return Complaint(code=error.code, message=str(error), retriable=retriable)

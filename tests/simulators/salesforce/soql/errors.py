"""What Salesforce answers to a query that it cannot run, with the place in the text."""

from tests.simulators.salesforce.errors import SalesforceError

SHOWN_BEFORE = 60
SHOWN_AFTER = 40


def _place(text: str, at: int) -> str:
    start = max(0, at - SHOWN_BEFORE)
    line = text[start : at + SHOWN_AFTER].replace("\n", " ")
    pointer = " " * (at - start) + "^"
    return f"\n{line}\n{pointer}\nERROR at Row:1:Column:{at + 1}\n"


def malformed(message: str, *, text: str = "", at: int = 0) -> SalesforceError:
    """MALFORMED_QUERY."""
    place = _place(text, at) if text else ""
    return SalesforceError(400, "MALFORMED_QUERY", place + message)


def no_such_field(text: str, at: int, column: str, entity: str) -> SalesforceError:
    """INVALID_FIELD for a field that does not exist or is hidden."""
    return SalesforceError(
        400,
        "INVALID_FIELD",
        f"{_place(text, at)}No such column '{column}' on entity '{entity}'. If you are attempting "
        "to use a custom field, be sure to append the '__c' after the custom field name. Please "
        "reference your WSDL or the describe call for the appropriate names.",
    )


def no_such_relation(text: str, at: int, name: str, entity: str) -> SalesforceError:
    """INVALID_FIELD for a relationship that does not exist."""
    return SalesforceError(
        400,
        "INVALID_FIELD",
        f"{_place(text, at)}Didn't understand relationship '{name}' in field path. If you are "
        "attempting to use a custom relationship, be sure to append the '__r' after the custom "
        f"relationship name. Please reference your WSDL or the describe call for {entity}.",
    )


def not_supported(text: str, at: int, name: str) -> SalesforceError:
    """INVALID_TYPE for an object that does not exist."""
    return SalesforceError(
        400,
        "INVALID_TYPE",
        f"{_place(text, at)}sObject type '{name}' is not supported. If you are attempting to use "
        "a custom object, be sure to append the '__c' after the entity name. Please reference "
        "your WSDL or the describe call for the appropriate names.",
    )


def not_filterable(text: str, at: int, field: str) -> SalesforceError:
    """INVALID_FIELD for a long text in WHERE or ORDER BY."""
    message = f"{_place(text, at)}field '{field}' can not be filtered in a query call"
    return SalesforceError(400, "INVALID_FIELD", message)


def wrong_kind(text: str, at: int, field: str, kind: str, *, quoted: bool) -> SalesforceError:
    """INVALID_FIELD for a value of the wrong kind, such as a quoted datetime."""
    should = "should be" if quoted else "should not be"
    return SalesforceError(
        400,
        "INVALID_FIELD",
        f"{_place(text, at)}value of filter criterion for field '{field}' must be of type {kind} "
        f"and {should} enclosed in quotes",
    )


def bad_operator(text: str, at: int, message: str) -> SalesforceError:
    """INVALID_QUERY_FILTER_OPERATOR: an operator that the field does not take, or a bad id."""
    return SalesforceError(400, "INVALID_QUERY_FILTER_OPERATOR", _place(text, at) + message)

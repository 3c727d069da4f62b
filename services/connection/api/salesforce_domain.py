"""Where an admin may have a Salesforce side sign in."""

from services.connection.api.parts import Parts
from services.connection.domain.connection import Environment
from shared.crm.hosts import HostRefusedError
from shared.kernel.errors import FieldProblem
from shared.web.problems import Problem

# Parts of host names that only sandboxes and scratch orgs have (facts: salesforce-api §1.1).
SANDBOX_MARKS = ("--", ".sandbox.", ".scratch.")
LOGIN_HOSTS = {
    "login.salesforce.com": Environment.PRODUCTION,
    "test.salesforce.com": Environment.SANDBOX,
}


def checked_domain(parts: Parts, domain: str | None, environment: Environment) -> str | None:
    """The host, None when none was given; Problem 422 when Causeway must not go there.

    Only hosts of Salesforce are let through (SSRF), and none of the other kind of org.
    """
    if domain is None:
        return None
    try:
        host = parts.check_domain(domain)
    except HostRefusedError as error:
        raise _refused(str(error)) from None
    marked = any(mark in host for mark in SANDBOX_MARKS)
    kind = LOGIN_HOSTS.get(host, Environment.SANDBOX if marked else environment)
    if kind is not environment:
        raise _refused(f"This is the address of a {kind.value} org: choose that environment.")
    return host


def _refused(message: str) -> Problem:
    return Problem(
        422,
        type="salesforce-domain-refused",
        title="The Salesforce domain cannot be used",
        detail=f"{message} Send the host only, such as acme.my.salesforce.com.",
        errors=[FieldProblem("body.salesforce_domain", message)],
    )

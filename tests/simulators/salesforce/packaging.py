"""The page on which an admin installs a package version by hand (facts: section 5)."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from tests.simulators.salesforce import pages
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.installs import PACKAGE_NAME, VERSION_PREFIX
from tests.simulators.salesforce.oauth import TheOrg, read_form

PLACE = "/packaging/installPackage.apexp"
ALL_USERS = "Full"
KEY = '<label>Password <input name="Password" type="password"></label>'
router = APIRouter()


def _page(text: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(pages.page(f"Install {PACKAGE_NAME}", text), status)


@router.get(PLACE)
async def ask(org: TheOrg, p0: str = "") -> HTMLResponse:
    """The page of a package version, ``p0``."""
    version_id = long_form(p0) or ""
    if not version_id.startswith(VERSION_PREFIX):
        text = "The package ID you provided is invalid."
        return HTMLResponse(pages.error("invalid_package", text), 404)
    key = KEY if org.switches.installation_key else ""
    hidden = f'<input type="hidden" name="p0" value="{escape(version_id)}">'
    button = "<button>Install for All Users</button>"
    return _page(f'<form method="post" action="{PLACE}">{hidden}{key}{button}</form>')


@router.post(PLACE)
async def install(request: Request, org: TheOrg) -> HTMLResponse:
    """The admin's click: the same install as the one that the tooling API asks for."""
    org.settle()
    fields = await read_form(request)
    body = {"SubscriberPackageVersionKey": fields.get("p0", ""), "SecurityType": ALL_USERS}
    if fields.get("Password"):
        body["Password"] = fields["Password"]
    try:
        request_id = org.installs.request(body)
    except SalesforceError as problem:
        return _page(f"<p>{escape(problem.message)}</p>", problem.status)
    org.settle()
    made = org.installs.installs[request_id]
    told = {"running": "Installing. This can take a while.", "done": "Installation Complete!"}
    failed = "; ".join(made.errors)
    return _page(f"<p>{escape(told.get(made.state, failed))}</p>")

"""How far an installation is, as a number that a person can watch, and where to click."""

from datetime import datetime, timedelta

from services.package_watcher.domain.model import Installation, Method, Org, State

EXPECTED = {
    Method.DEPLOY: timedelta(seconds=30),
    Method.VERSION: timedelta(minutes=4),
    Method.MANUAL: timedelta(minutes=10),
}
"""No figure is published (facts: salesforce-api 5); after these the bar stands at its ceiling."""

_FIXED = {
    State.ABSENT: 0,
    State.REQUESTED: 5,
    State.CHECKING: 90,
    State.INSTALLED: 100,
    State.FAILED: 0,
    State.TIMED_OUT: 0,
}
_START = 10
_SPAN = 70


def percent(installation: Installation, now: datetime) -> int:
    """From 0 to 100. By components where Salesforce counts them, else by the time that passed."""
    fixed = _FIXED.get(installation.state)
    if fixed is not None:
        return fixed
    if installation.components:
        share = installation.components_done / installation.components
    else:
        share = (now - installation.requested_at) / EXPECTED[installation.order.method]
    return _START + int(_SPAN * min(1.0, max(0.0, share)))


def install_link(org: Org, version_id: str) -> str:
    """Where an admin installs a package version by hand (facts: salesforce-api 5); else empty."""
    if not version_id:
        return ""
    host = "test.salesforce.com" if org.environment == "sandbox" else "login.salesforce.com"
    return f"https://{host}/packaging/installPackage.apexp?p0={version_id}"

"""What an admin should do now, by the state of the installation."""

from services.package_watcher.domain.hints import hint_for
from services.package_watcher.domain.model import Installation, Kind, Method, State

_QUEUES = {
    Method.DEPLOY: "Setup > Deployment Status",
    Method.VERSION: "Setup > Installed Packages, and an e-mail to the connected user",
    Method.MANUAL: "Setup > Installed Packages",
}

_BY_STATE = {
    State.ABSENT: "Order the installation; the method deploy needs nothing but the connection.",
    State.REQUESTED: "Wait: the request goes to Salesforce next.",
    State.INSTALLING: "Wait: Salesforce is installing. A few minutes are usual.",
    State.UNINSTALLING: "Wait: Salesforce is taking the package out. A few minutes are usual.",
    State.CHECKING: "Wait: the fields are being looked for with the connected user's eyes.",
    State.INSTALLED: "",
    State.UNINSTALLED: "Order the installation when the sync is to go on.",
}

_LONG_INSTALL = (
    "Nothing needs doing. Salesforce works through its queue and says nothing of how long that "
    "is; ten minutes and more happen, above all in a production org, which compiles its Apex "
    "afterwards. Causeway goes on looking, also when you close this page. "
)
_LONG_UNINSTALL = (
    "Nothing needs doing. Salesforce is still taking the package out; large orgs take many "
    "minutes. Causeway goes on looking, also when you close this page. "
)


def todo_of(installation: Installation) -> str:
    """What an admin should do now; empty when there is nothing to do."""
    match installation.state:
        case State.FAILED:
            return hint_for(installation.said)
        case State.TAKING_LONG:
            leaving = installation.order.kind is Kind.UNINSTALL
            where = _QUEUES[installation.order.method]
            told = _LONG_UNINSTALL if leaving else _LONG_INSTALL
            return f"{told}Salesforce's own view: {where}."
        case State.TIMED_OUT:
            where = _QUEUES[installation.order.method]
            return (
                f"Look at {where} in Salesforce. If it is still under way or has arrived, resume: "
                "Causeway then watches the same request on, and sends no new one. Else order again."
            )
        case _:
            return _BY_STATE.get(installation.state, "")

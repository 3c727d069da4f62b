"""Effects of the state machine as events."""

from collections.abc import Sequence

from services.package_watcher.domain.advance import Effect, Failed, Installed, Started
from services.package_watcher.domain.model import Installation, Order
from services.package_watcher.ports import Work
from shared.contracts.base import Event
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
)
from shared.outbox.mail import Outgoing


async def announce(work: Work, installation: Installation, effects: Sequence[Effect]) -> None:
    """Tells the other services, within the transaction that changes the state."""
    subject = f"installation/{installation.id}"
    order = installation.order
    await work.emit(
        [
            Outgoing(installation.connection_id, subject, _event(effect, order))
            for effect in effects
        ],
    )


def _event(effect: Effect, order: Order) -> Event:
    match effect:
        case Started():
            return PackageInstallStarted(method=order.method.value)
        case Installed():
            return PackageInstalled(method=order.method.value, version=order.version_id)
        case Failed(reason):
            return PackageInstallFailed(reason=reason)

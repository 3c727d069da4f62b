"""What becomes of a connection that an admin ends, and of one whose portal comes back."""

from dataclasses import replace

from services.connection.domain.connection import Connection, Grant, Grants, State, Target, Untold
from shared.kernel.records import Side


def disconnected(connection: Connection) -> Connection:
    """Without grants; its accounts are remembered, so that it can be taken up again."""
    return replace(connection, state=State.DISCONNECTED, untold=Untold.NOTHING)


def may_take_up(kept: Connection | None, new: Connection) -> bool:
    """Whether a portal that signed in for `new` may bring back `kept`, whose portal it is."""
    return kept is not None and kept.state is State.DISCONNECTED and new.state is State.PENDING


def taken_up(
    kept: Connection, new: Connection, grants: Grants
) -> tuple[Connection, dict[Side, Grant]]:
    """The kept connection with what is known of the new one, whose Salesforce grant comes along.

    It signs in where the new one does. Another org than before is told as a move: what is linked
    waits with the org before.
    """
    found = Target(new.environment, new.salesforce_domain).of(kept)
    salesforce = grants.get(Side.SALESFORCE)
    if salesforce is None:
        return found, {}
    joined = replace(
        found,
        org_id=new.org_id,
        instance_url=new.instance_url,
        salesforce_user_id=new.salesforce_user_id,
        untold=Untold.ORG if new.org_id != kept.org_id else found.untold,
    )
    return joined, {Side.SALESFORCE: replace(salesforce, connection_id=kept.id)}

"""How long contact_sync keeps its journal."""

from datetime import timedelta

from sqlalchemy import and_

from services.contact_sync.domain.journal import Status
from services.contact_sync.store.tables import journal
from shared.db.retention import Retention, made_before


def journal_kept(days: int) -> Retention:
    """Settled entries go after so many days, and their undo with them.

    An entry that was never settled stays: the next drain of its record has to look at it.
    """
    settled = journal.c.status != Status.INTENDED.value
    return Retention(
        journal,
        timedelta(days=days),
        lambda moment: and_(made_before(journal.c.id, moment), settled),
    )

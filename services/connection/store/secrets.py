"""What connection keeps encrypted, for the rotation of the keys."""

from collections.abc import Callable

from sqlalchemy import RowMapping

from services.connection.store.rows import context_of
from services.connection.store.tables import attempts, grants
from shared.db.rotation import SealedColumn
from shared.kernel.records import Side

PLACE = ("connection_id", "side")


def _bound(field: str) -> Callable[[RowMapping], str]:
    return lambda row: context_of(row["connection_id"], Side(row["side"]), field)


SEALED = (
    SealedColumn(grants, "access_token", PLACE, _bound("access_token")),
    SealedColumn(grants, "refresh_token", PLACE, _bound("refresh_token")),
    SealedColumn(attempts, "verifier", PLACE, _bound("verifier")),
)

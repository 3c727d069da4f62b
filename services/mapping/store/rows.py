"""Rows of the tables as values of the domain, and back."""

from dataclasses import asdict

from sqlalchemy import RowMapping

from services.mapping.domain.setup import Package, Setup, Sync, Visualforce
from services.mapping.ports import Draft, Version
from shared.contracts.settings import Settings

Row = RowMapping


def setup_of(row: Row) -> Setup:
    """A row of `setups`."""
    return Setup(
        connection_id=row["connection_id"],
        connected=row["connected"],
        org_id=row["org_id"],
        broken=row["broken"],
        package=Package(row["package"]),
        package_problem=row["package_problem"],
        visualforce=Visualforce(row["visualforce"]),
        sync=Sync(row["sync"]),
        version=row["version"],
        published=row["published"],
        paused_for_package=row["paused_for_package"],
        package_heard=row["package_heard"],
        drafting=row["drafting"],
        draft_revision=row["draft_revision"],
        connection_heard=row["connection_heard"],
    )


def setup_row(setup: Setup) -> dict[str, object]:
    """The columns of `setups`."""
    return {**asdict(setup), "connection_id": setup.connection_id}


def version_of(row: Row) -> Version:
    """A row of `versions`."""
    settings = Settings.model_validate(row["settings"])
    return Version(settings, row["author"], row["note"], row["made_at"])


def version_row(version: Version) -> dict[str, object]:
    """The columns of `versions`, without the connection."""
    return {
        "version": version.settings.version,
        "settings": version.settings.model_dump(mode="json"),
        "author": version.author,
        "note": version.note,
        "made_at": version.made_at,
    }


def draft_of(row: Row) -> Draft:
    """A row of `drafts`."""
    settings = Settings.model_validate(row["settings"])
    return Draft(settings, row["base_version"], row["author"], row["changed_at"])


def draft_row(draft: Draft) -> dict[str, object]:
    """The columns of `drafts`, without the connection."""
    return {
        "settings": draft.settings.model_dump(mode="json"),
        "base_version": draft.base_version,
        "author": draft.author,
        "changed_at": draft.changed_at,
    }

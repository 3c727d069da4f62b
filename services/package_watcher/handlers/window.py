"""What an operator commands about the in-record window, and what the layouts are."""

from collections.abc import Sequence
from uuid import UUID

from services.package_watcher.domain.observation import Refused
from services.package_watcher.domain.window import ENDED, Action, Window, asked
from services.package_watcher.domain.window_layout import PAGES, object_of
from services.package_watcher.domain.window_words import window_hint
from services.package_watcher.handlers.refusals import RefusedError, known
from services.package_watcher.ports import LayoutSeen, Store, WindowSalesforce
from shared.contracts.package_watcher import VisualforceSkipped
from shared.kernel.errors import RetriableError
from shared.outbox.mail import Outgoing

SKIPPED = "skipped"
WINDOW_RUNNING = "window_running"
WRONG_LAYOUT = "layout_of_another_object"
LAYOUTS_REFUSED = "layouts_refused"
SUBJECT = "visualforce"


async def order_window(
    store: Store, connection_id: UUID, action: Action, layouts: Sequence[str], *, window_id: UUID
) -> None:
    """Starts work on the window; the watcher carries it on from here, through restarts too.

    An order whose id is known was given before: a repeat changes nothing.

    Raises:
        RefusedError: the connection is unknown, work is under way, or a layout is of an object
            that has no window.
    """
    foreign = [name for name in layouts if object_of(name) not in PAGES]
    if foreign:
        raise RefusedError(
            f"The window is for leads and contacts; {foreign[0]} is a layout of neither. Take the "
            "names from the list of layouts.",
            code=WRONG_LAYOUT,
        )
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
        current = await work.windows.held(connection_id)
        if await work.windows.known(window_id):
            return
        if current is not None and current.state not in ENDED:
            raise RefusedError(
                f"Work on the window is under way (state {current.state}). Wait for its end; it "
                "ends by itself within an hour at the latest.",
                code=WINDOW_RUNNING,
            )
        ordered = asked(window_id, connection_id, action, layouts, await work.now())
        await work.windows.begin(ordered)


async def skip_window(store: Store, connection_id: UUID) -> None:
    """Goes on without the in-record window. A repeat changes nothing.

    Raises:
        RefusedError: the connection is unknown, or work on the window is under way.
    """
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
        current = await work.windows.held(connection_id)
        if current is not None and current.state not in ENDED:
            raise RefusedError(
                f"Work on the window is under way (state {current.state}). Wait for its end.",
                code=WINDOW_RUNNING,
            )
        if await work.orgs.decide_window(connection_id, SKIPPED):
            await work.emit([Outgoing(connection_id, SUBJECT, VisualforceSkipped())])


async def window_of(store: Store, connection_id: UUID) -> tuple[str, Window | None]:
    """What was decided about the window ("" before that), and the last order.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
        decision = await work.orgs.window(connection_id)
        return decision, await work.windows.current(connection_id)


async def layouts_of(
    store: Store, salesforce: WindowSalesforce, connection_id: UUID
) -> Sequence[LayoutSeen]:
    """The layouts of leads and contacts, as they are now.

    Raises:
        RefusedError: the connection is unknown, or Salesforce refused to show them.
        RetriableError: nobody can say now; no calls are left, or the grant is dead.
    """
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
    found = await salesforce.layouts(connection_id)
    if isinstance(found, Sequence):
        return found
    if isinstance(found, Refused):
        raise RefusedError(f"{found.text} {window_hint(found.text)}", code=LAYOUTS_REFUSED)
    wait = getattr(found, "seconds", None) or getattr(found, "retry_after", None)
    raise RetriableError(
        f"The layouts cannot be read now: {found.text}", code="layouts_unread", retry_after=wait
    )

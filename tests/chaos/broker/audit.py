"""The closing audit (A0): nothing lost, nothing twice in effect, nothing left over."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aio_pika.exceptions import AMQPException
from sqlalchemy import func, select

from tests.chaos.broker.ledger import MAILBOX, MIRROR, OUTBOX, QUEUES, RECORDS
from tests.chaos.broker.scene import Scene

SELDOM_SECONDS = 0.2
"""Between two looks at all books."""


@dataclass
class Tale:
    """What was seen on the way: deliveries beyond the first, and how often order went back."""

    events: int
    again: int
    backwards: int
    dead: dict[str, list[str]] = field(default_factory=dict)


async def closing_audit(
    scene: Scene,
    *,
    dead: Mapping[str, Iterable[str]] | None = None,
    unread: Iterable[str] = (),
    forgiven: frozenset[tuple[str, int]] = frozenset(),
) -> Tale:
    """Waits until all is done, stops the workers, and looks at every book.

    `dead` are the codes of the dead letters that there have to be, by queue; `unread` the
    subjects whose events are among those, and so have no effect at the first subscriber;
    `forgiven` what may be missing there.
    """
    unread = set(unread)
    await scene.until(lambda: _done(scene, unread, forgiven), every=SELDOM_SECONDS)
    scene.stop()
    written = await scene.ledger.written()
    wrong = []
    for queue in QUEUES:
        applied = Counter(await scene.ledger.applied(queue))
        wanted = {p for p in written if queue != QUEUES[0] or p[0] not in unread}
        excused = forgiven if queue == QUEUES[0] else frozenset()
        wrong += [f"{queue} lost {pair}" for pair in sorted(wanted - excused - set(applied))]
        wrong += [f"{queue} made up {pair}" for pair in sorted(set(applied) - wanted)]
        wrong += [f"{queue} applied {pair} {n} times" for pair, n in applied.items() if n > 1]
    wrong += await _left_over(scene)
    wrong += await _not_mirrored(scene, unread)
    letters = await _dead_letters(scene)
    expected = {queue: sorted((dead or {}).get(queue, ())) for queue in QUEUES}
    if letters != expected:
        wrong.append(f"dead letters: {letters}, expected {expected}")
    assert not wrong, "\n".join(wrong[:20])
    tale = _tale(scene, len(written), letters)
    missing = len(forgiven - set(await scene.ledger.applied(QUEUES[0])))
    scene.tell(
        f"{tale.events} events, {missing} lost, none twice in effect; {tale.again} deliveries "
        f"again, {tale.backwards} times an older one after a newer; dead letters: {letters}"
    )
    return tale


async def _done(scene: Scene, unread: set[str], forgiven: frozenset[tuple[str, int]]) -> bool:
    """Nothing waits in a table, and both subscribers have had everything."""
    ledger = scene.ledger
    if await ledger.rows(OUTBOX) or await ledger.rows(MAILBOX.mailbox):
        return False
    written = await ledger.written()
    for queue in QUEUES:
        wanted = written
        if queue == QUEUES[0]:
            wanted = {pair for pair in written if pair[0] not in unread} - forgiven
        if not wanted <= set(await ledger.applied(queue)):
            return False
    try:
        return await scene.all_served()
    except (AMQPException, OSError):
        return False


async def _left_over(scene: Scene) -> list[str]:
    lanes = MAILBOX.lanes
    held = select(func.count()).select_from(lanes).where(lanes.c.held_until >= func.now())
    async with scene.ledger.database.begin() as conn:
        lanes_held = (await conn.execute(held)).scalar_one()
    found = {
        "outbox": await scene.ledger.rows(OUTBOX),
        "mailbox": await scene.ledger.rows(MAILBOX.mailbox),
        "held lanes": lanes_held,
        **{n: c for n, c in (await scene.lengths()).items() if not n.endswith(".dead")},
    }
    return [f"{number} left in {name}" for name, number in found.items() if number]


async def _not_mirrored(scene: Scene, unread: set[str]) -> list[str]:
    """Events are hints: whatever came of their order, the newest state is what counts."""
    here, there = await scene.ledger.newest(RECORDS), await scene.ledger.newest(MIRROR)
    wanted = {subject: number for subject, number in here.items() if subject not in unread}
    return [f"{s} is {there.get(s)}, not {n}" for s, n in wanted.items() if there.get(s) != n]


async def _dead_letters(scene: Scene) -> dict[str, list[str]]:
    found = {}
    for queue in QUEUES:
        letters = await scene.dead(queue)
        found[queue] = sorted(str(letter.headers.get("x-causeway-code")) for letter in letters)
    return found


def _tale(scene: Scene, events: int, dead: dict[str, list[str]]) -> Tale:
    highest: dict[tuple[str, str], int] = {}
    seen: Counter[tuple[str, str, int]] = Counter()
    backwards = 0
    for line in scene.deliveries.read_text().splitlines():
        queue, subject, sequence = line.split(" ")
        if not sequence.isdigit():
            continue
        number = int(sequence)
        backwards += number < highest.get((queue, subject), 0)
        highest[queue, subject] = max(number, highest.get((queue, subject), 0))
        seen[queue, subject, number] += 1
    again = sum(seen.values()) - len(seen)
    return Tale(events, again, backwards, dead)

"""From single tasks to pairs: what is to be done with each claimed task."""

from collections.abc import Mapping as Map
from dataclasses import dataclass

from services.activity_sync.domain.keys import is_timeline
from services.activity_sync.domain.task import Task
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tasks that are the same. `base` is None where they were never linked."""

    hubspot: Task
    salesforce: Task
    base: Map[str, str | None] | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A task that has to be made on the other side, about `person_id` there."""

    source: Task
    person_id: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A half of a linked pair was deleted, or `both` were.

    The other half is left as it is. The link outlives one half, so that an edit of the task
    that is left does not make the deleted one again.
    """

    both: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """The task is about somebody who is not linked (yet): `person_id` on the task's side."""

    person_id: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do; `why` is for the explanation."""

    why: str


Step = Pair | Copy | Gone | Unknown | Nothing


def step_for(
    task: Task | None,
    counterpart: Task | None,
    *,
    linked: bool,
    copied: bool,
    base: Map[str, str | None] | None,
    people: Map[str, str],
    may_copy: bool,
) -> Step:
    """What to do with one claimed task.

    `counterpart` is the linked task, or one that was found by key; `copied` says that the task's
    own key names an original; `people` maps persons on the task's side to their counterparts;
    `may_copy` is the setting for this direction.
    """
    if linked and (task is None or counterpart is None):
        return Gone(both=task is None and counterpart is None)
    if task is None:
        return Nothing("the task is gone and was never linked")
    if is_timeline(task.key):
        return Nothing("the task tells of a timeline event and stays on its side")
    if counterpart is not None:
        return _pair(task, counterpart, base)
    if copied:
        return Nothing("the task is a copy whose original is gone or has another partner")
    if not may_copy:
        return Nothing("the settings carry no tasks in this direction")
    if not task.person_ids:
        return Nothing("the task is not about a person")
    person = next((people[person] for person in task.person_ids if person in people), None)
    return Unknown(task.person_ids[0]) if person is None else Copy(task, person)


def _pair(task: Task, counterpart: Task, base: Map[str, str | None] | None) -> Pair:
    if task.side is Side.HUBSPOT:
        return Pair(task, counterpart, base)
    return Pair(counterpart, task, base)

"""What the demo found, as a table and as a verdict."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

MAX_CALLS_PER_CONTACT = 0.05
"""The promise: batches instead of the native integration's four calls a contact."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the demo: what moved, what it cost, and whether it was as expected."""

    what: str
    direction: str
    records: int
    hubspot_calls: int
    salesforce_calls: int
    seconds: float
    problems: tuple[str, ...] = ()
    call_limit: float | None = None

    def calls_per_record(self) -> float:
        """Salesforce API calls a record."""
        return self.salesforce_calls / max(self.records, 1)

    def all_problems(self) -> tuple[str, ...]:
        """What went wrong, the price included."""
        if self.call_limit is None or self.calls_per_record() <= self.call_limit:
            return self.problems
        spent = f"{self.calls_per_record():.3f} Salesforce calls a record"
        return (*self.problems, f"{spent}, more than {self.call_limit}")


def show(console: Console, phases: list[Phase]) -> bool:
    """Prints the table and every problem; True when there is none."""
    table = Table(title="What moved, and what it cost (API calls)", title_justify="left")
    table.add_column("what", no_wrap=True)
    for name in ("records", "HubSpot", "Salesforce", "SF/record", "seconds", "expected"):
        table.add_column(name, justify="right")
    for phase in phases:
        table.add_row(
            f"{phase.what}\n  {phase.direction}",
            str(phase.records),
            str(phase.hubspot_calls),
            str(phase.salesforce_calls),
            f"{phase.calls_per_record():.3f}",
            f"{phase.seconds:.1f}",
            "no" if phase.all_problems() else "yes",
        )
    console.print(table)
    problems = [f"{p.what}: {problem}" for p in phases for problem in p.all_problems()]
    for problem in problems:
        console.print(f"[red]not as expected[/red] {problem}")
    return not problems

"""What is shown: lines, tables, and progress (a bar on a terminal, a line for each news else)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

Tell = Callable[[str, float | None], None]
"""News of something that is waited for: in words, and in per cent where that is known."""


class Screen:
    """Standard output of a command."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, line: str) -> None:
        """One line, as it is."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def show(self, what: RenderableType) -> None:
        """A table."""
        self._console.print(what)

    @contextmanager
    def progress(self, title: str) -> Iterator[Tell]:
        """While something is waited for; the same news are told once."""
        if not self._console.is_terminal:
            yield self._lines(title)
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._console, transient=True) as bar:
            task = bar.add_task(title, total=None)

            def tell(text: str, percent: float | None = None) -> None:
                total = None if percent is None else 100.0
                bar.update(
                    task, description=f"{title}: {text}", total=total, completed=percent or 0.0
                )

            yield tell

    def _lines(self, title: str) -> Tell:
        last = ""

        def tell(text: str, percent: float | None = None) -> None:
            nonlocal last
            if text != last:
                last = text
                part = "" if percent is None else f" ({percent:.0f} %)"
                self.say(f"{title}: {text}{part}")

        return tell

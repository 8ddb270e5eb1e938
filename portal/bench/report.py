"""The table a bench prints: what was measured, the budget, whether it is met."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

MET, MISSED, PRINTED, ABSENT = "met", "missed", "for information", "not there yet"


@dataclass(frozen=True)
class Line:
    """One figure. `budget` is empty where a figure is printed and not judged."""

    what: str
    figure: str
    budget: str = ""
    verdict: str = PRINTED
    notes: str = ""


def judged(what: str, value: float, most: float, unit: str, notes: str = "") -> Line:
    """A figure that must not exceed `most`."""
    return Line(what, f"{value:.2f}{unit}", f"≤ {most:g}{unit}", MET if value <= most else MISSED, notes)


def at_least(what: str, value: float, least: float, unit: str, notes: str = "") -> Line:
    """A figure that must reach `least`."""
    return Line(what, f"{value:.1f}{unit}", f"≥ {least:g}{unit}", MET if value >= least else MISSED, notes)


def absent(what: str, why: str) -> Line:
    """Something that cannot be measured yet."""
    return Line(what, "–", "", ABSENT, why)


@dataclass
class Report:
    """All figures of a run, by the number of children they were taken at."""

    lines: dict[str, list[Line]] = field(default_factory=dict)

    def add(self, section: str, *lines: Line) -> None:
        """Add figures under a heading."""
        self.lines.setdefault(section, []).extend(lines)

    @property
    def missed(self) -> list[Line]:
        """The budgets not met."""
        return [line for lines in self.lines.values() for line in lines if line.verdict == MISSED]

    def show(self, console: Console) -> None:
        """Print a table per section and what is missed."""
        for section, lines in self.lines.items():
            table = Table(title=section, title_justify="left", title_style="bold", expand=False)
            for heading in ("what", "figure", "budget", "verdict", "notes"):
                table.add_column(heading, overflow="fold")
            for line in lines:
                table.add_row(line.what, line.figure, line.budget, line.verdict, line.notes)
            console.print(table)
        judged_lines = [line for lines in self.lines.values() for line in lines if line.verdict in (MET, MISSED)]
        console.print(f"{len(judged_lines) - len(self.missed)} of {len(judged_lines)} budgets met.")

    def write(self, path: Path) -> None:
        """Keep the figures for a later comparison."""
        path.parent.mkdir(parents=True, exist_ok=True)
        figures = {section: [asdict(line) for line in lines] for section, lines in self.lines.items()}
        path.write_text(json.dumps(figures, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

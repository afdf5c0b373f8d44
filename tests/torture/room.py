"""The room of a drill: where its parts read how they shall answer, and where everyone writes down what happened."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HONEST = "honest"


@dataclass(frozen=True)
class Room:
    """One directory that all processes of a drill share."""

    path: Path

    def mode(self, part: str) -> str:
        """Tell how a part ("tsa", "ocsp", "smtp", "s3") answers now."""
        try:
            return (self.path / f"{part}.mode").read_text() or HONEST
        except FileNotFoundError:
            return HONEST

    def switch(self, part: str, mode: str = HONEST) -> None:
        """Have a part answer otherwise from its next answer on."""
        aside = self.path / f"{part}.mode.aside"
        aside.write_text(mode)
        aside.replace(self.path / f"{part}.mode")

    def note(self, book: str, **entry: Any) -> None:
        """Write one line into a book; a line is written whole."""
        line = json.dumps({"at": time.time()} | entry, ensure_ascii=False)
        with (self.path / f"{book}.jsonl").open("a") as file:
            file.write(f"{line}\n")

    def book(self, name: str) -> list[dict[str, Any]]:
        """Read a book."""
        path = self.path / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def papers(self) -> Path:
        """Where the parties keep the documents they were handed."""
        return self.path / "papers"

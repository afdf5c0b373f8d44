"""One unsafe value: which, why, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Name a setting or a part, say what is wrong with it, and what helps."""

    name: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.why} {self.remedy}"

"""What is coming: the deadlines, ends and terms of a city, day by day, for its calendar."""

from contracts.coming.days import Group, Matter, coming, counts
from contracts.coming.letters import letters
from contracts.coming.sources import DEPARTMENT, EVERYTHING, MINE, Span

__all__ = ["DEPARTMENT", "EVERYTHING", "MINE", "Group", "Matter", "Span", "coming", "counts", "letters"]

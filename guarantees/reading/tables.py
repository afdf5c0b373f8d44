"""表の升どうしで、見出しと値を結ぶ。"""

from collections.abc import Iterable, Iterator, Mapping

from guarantees.reading import cells
from guarantees.reading.cells import Cell
from guarantees.reading.labels import Label, label_of
from guarantees.reading.lines import lines, run_on
from guarantees.reading.page import Page, runs_down

Value = tuple[str, ...]
"""The lines of a value, from the top down."""

FULL = 1.8  # 行が端まで届いているとみなす余り（字の大きさの倍数）


def values(page: Page) -> Iterator[tuple[Label, Value]]:
    """Pair each cell that is nothing but a label with the cell at its right, or else with the one under it."""
    table = cells.cells(page)
    texts = {cell: tuple(_unwrapped(cell)) for cell in table}
    labels = {cell: label_of(run_on(text)) for cell, text in texts.items()}
    for cell, label in labels.items():
        near = [_beside(cell, table, texts), cells.below(cell, table)] if label else []
        value = next((each for each in near if each and labels[each] is None), None)
        if label and value:
            yield label, texts[value]


def _beside(cell: Cell, table: Iterable[Cell], texts: Mapping[Cell, Value]) -> Cell | None:
    """Return the cell at the right, past one that holds only the colon."""
    near = cells.to_the_right(cell, table)
    return cells.to_the_right(near, table) if near and texts[near] in {(":",), ("：",)} else near


def _unwrapped(cell: Cell) -> Iterator[str]:
    """Write the lines of a cell out, those that broke only at its margin as one."""
    whole, margin = "", cell.bottom if runs_down(cell.glyphs) else cell.right
    for row in lines(cell.glyphs):
        whole = run_on([whole, row.text])
        if row.right < margin - FULL * row.size:
            yield whole
            whole = ""
    if whole:
        yield whole

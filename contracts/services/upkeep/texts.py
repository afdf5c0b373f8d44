"""Read the text of the archive's documents, one after the other, each once."""

from datetime import datetime

from accounts import tenancy
from contracts.archive.texts import keeping
from contracts.models import DocumentText, Reading
from contracts.services.upkeep import chores
from signing import texts
from signing.texts import Recogniser, Text, Unreadable
from vault import files

TROUBLE = "本文を読み取れませんでした。自動でもう一度試します。続くときは、運用の担当者にお知らせください。"
# 置き場が答えない間は待つが、読めないものをいつまでも試さない
MOST_TRIES = 8
GIVEN_UP = "何度試しても読み取れないため、本文の読み取りをやめました。"


def read_next(*, tenant_id: int, at: datetime, recogniser: Recogniser | None) -> bool:
    """Read the document of a municipality that has been due longest; False when there is none.

    A document that cannot be read says why, and is not tried again.
    """

    def act(chore: DocumentText) -> None:
        try:
            text: Text | str = texts.read(files.stream(chore.file), recogniser=recogniser)
        except (Unreadable, files.Damaged) as unreadable:
            text = str(unreadable)
        with tenancy.acting_for(tenant_id):
            _keep(chore, text, at=at)

    def postponed(chore: DocumentText, _reason: str) -> None:
        if chore.failures + 1 >= MOST_TRIES:
            _keep(chore, GIVEN_UP, at=at)

    rows = DocumentText.unscoped.filter(state=Reading.WAITING).select_related("file")
    return chores.do_next(rows, act, tenant_id=tenant_id, at=at, trouble=TROUBLE, postponed=postponed)


def _keep(chore: DocumentText, text: Text | str, *, at: datetime) -> None:
    """Write down what was read, or why nothing was, if the row is still in our hands."""
    row = chores.held(chore)
    if row is None:
        return
    if isinstance(text, str):
        keeping.give_up(row, reason=text, at=at)
    else:
        keeping.keep(row, text, at=at)

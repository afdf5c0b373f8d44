"""Where the journal tells of the papers of guarantees, for the nightly check."""

from contracts.hooks import KeptPaper, Telling
from guarantees.models import PRIVATE, Attachment
from guarantees.services.arriving import THREAD


def tellings(paper: Attachment) -> list[Telling]:
    """List where a paper is told of: as it was read, or handed in; nowhere, when it is the contractor's own (R109)."""
    if paper.slot in PRIVATE:
        return []
    found = [Telling(THREAD, paper.added_at)]
    place = paper.guarantee or paper.arrival
    if place is not None and place.case is not None:
        found.append(Telling(place.case.thread, paper.added_at))
    if paper.guarantee is not None:
        # 職員は、別の案件のものとして読み取られた書類も登録できる。登録の記録が、この案件に届いたことを言う
        found.append(Telling(paper.guarantee.case.thread, subject=f"guarantee:{paper.guarantee_id}"))
    return found


KEPT = KeptPaper(
    model=Attachment,
    column="file",
    label="保証の書類",
    named={
        "guarantee.papers_read": "papers",
        "guarantee.submitted": "received",
        "guarantee.screen_read": "sha256",
        "guarantee.asked": "sha256",
    },
    tellings=tellings,
    related=("guarantee__case", "arrival__case"),
)

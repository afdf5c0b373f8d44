"""Check the anchors of all cities' journals, also against what was written out of reach."""

from datetime import datetime

from django.core.files.storage import storages

from audit import attesting, publishing
from contracts.services.checking import alarming

UNREADABLE = "外に書き出した錨を読めません"


def check_anchors(*, at: datetime) -> attesting.AnchorReport | None:
    """Walk the anchors and tell the operators of the first that does not hold; None where the outside is unreadable."""
    try:
        outside = publishing.published(storages["anchors"])
    except (ValueError, KeyError, TypeError) as error:
        alarming.tell_of_anchors(f"{UNREADABLE}（{error}）。", at=at)
        return None
    report = attesting.verify_anchors(published=outside)
    if not report.intact:
        alarming.tell_of_anchors(report.why, at=at)
    return report

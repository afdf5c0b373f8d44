"""What advance payments add to the product: their panel, their work, what follows an amendment, and their events."""

from audit import labels
from contracts import hooks
from guarantees.advances import panels, services


def register() -> None:
    """Add the panel, the work, the refund that follows an amendment, and the labels."""
    hooks.case_panels.append(panels.PANEL)
    hooks.waiting_work.append(panels.WAITING)
    hooks.on_amended.append(services.on_amended)
    labels.register(
        {
            "advance.basis_set": "前払金の対象額を登録",
            "advance.cancelled": "前払金を取消",
            "advance.certified": "中間前払金を認定",
            "advance.claimed": "前払金の請求を受付",
            "advance.paid": "前払金の支払を登録",
            "advance.refund_due": "前払金の返還を請求",
            "advance.refunded": "前払金の返還を登録",
        }
    )

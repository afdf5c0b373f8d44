"""The staff pages of this app, its panel on the case page, and the Japanese names of its events."""

from accounts import navigation
from accounts.models import Role
from audit import labels
from contracts import hooks
from contracts.work import teaching
from guarantees import beginning, founding, holdings, packing, panels, permissions, services, ways
from guarantees.advances import menu as advances
from guarantees.issuing import menu as issuing
from guarantees.reports import adopters, counting

LESSON = teaching.Lesson(
    Role.GUARANTEE_OFFICER,
    "届いた保証の証券番号と認証キーを照合し、受理します。照合を待つ保証や、届いていない保証がここに並びます。",
    "guarantee_list",
    "保証を見る",
)


def register() -> None:
    """Add the pages, the panel, the labels, and the invitation that follows a contract."""
    navigation.register(navigation.Item("保証", "guarantee_list", permissions.may_follow, order=20))
    hooks.case_panels.append(panels.PANEL)
    hooks.milestones.update({"guarantee.submitted", "guarantee.accepted", "guarantee.rejected", "guarantee.released"})
    hooks.waiting_work.append(panels.WAITING)
    hooks.pack_sections.append(packing.section)
    hooks.on_contracted.append(services.on_contracted)
    hooks.on_amended.append(services.on_amended)
    hooks.on_founded.append(founding.add_institutions)
    hooks.beginnings.append(beginning.steps)
    hooks.city_pages.append(adopters.city_page)
    hooks.guarantee_usage.append(counting.of_departments)
    hooks.link_pages["guarantee"] = "guarantee_form"
    teaching.LESSONS.append(LESSON)
    ways.register()
    holdings.register()
    issuing.register()
    advances.register()
    labels.register(
        {
            "adopters.replaced": "導入発注者の一覧を入替え",
            "institution.kept": "保証機関を登録・変更",
            "guarantee.completed": "工事の完成を登録",
            "guarantee.expected": "保証の提出待ち",
            "guarantee.invited": "保証の登録を案内",
            "guarantee.key_erased": "認証キーを消去",
            "guarantee.need_changed": "必要な保証を変更",
            "guarantee.not_needed": "保証を不要に",
            "guarantee.papers_read": "保証の書類を読み取り",
            "guarantee.papers_discarded": "登録前の保証の書類を破棄",
            "guarantee.paper_kept": "受注者が手元の書類を保管",
            "guarantee.paper_removed": "受注者が手元の書類を削除",
            "guarantee.paper_opened": "保証の書類を開く",
            "guarantee.paper_received": "保証を紙で受領",
            "guarantee.released": "保証を返還・解除",
            "guarantee.routed": "保証を振分け",
            "guarantee.submitted": "保証を登録",
            "guarantee.asked": "保証機関に照会",
            "guarantee.checked": "保証を照合",
            "guarantee.screen_read": "保存した証書を読取り",
            "guarantee.accepted": "保証を受理",
            "guarantee.rejected": "保証を不受理",
            "guarantee.key_revealed": "認証キーを表示",
        }
    )

"""The desk of a guarantor in the menu, and the Japanese names of what happens in its books."""

from accounts import navigation
from audit import labels
from guarantees.issuing import permissions


def register() -> None:
    """Add the pages and the labels."""
    navigation.register(navigation.Item("保証の申込みと証書", "issuing", permissions.can_underwrite, order=5))
    navigation.register(navigation.Item("取引先", "issuing_correspondents", permissions.can_underwrite, order=10))
    labels.register(
        {
            "guarantor.founded": "保証機関を開設",
            "guarantor.corrected": "保証機関の登録を訂正",
            "issuing.correspondent_registered": "取引先を登録",
            "issuing.correspondent_corrected": "取引先を訂正",
            "issuing.orderer_connected": "発注者の接続用の合言葉を作成",
            "issuing.link_sent": "取引先の画面のリンクを送信",
            "issuing.link_opened": "取引先がリンクから「確認する」を押す",
            "issuing.applied": "保証を申込み",
            "issuing.declined": "保証の申込みを謝絶",
            "issuing.issued": "保証を引受け",
            "issuing.sealed": "保証証書を作成し封印",
            "issuing.key_shown": "保証契約者が認証キーを表示",
            "issuing.notice_taken": "保証契約者が認証キー等のお知らせをダウンロード",
            "issuing.certificate_taken": "保証証書をダウンロード",
            "issuing.viewed": "発注者が電子証書を閲覧",
            "issuing.view_refused": "電子証書の閲覧の誤り",
            "issuing.locked": "誤りが続いたため番号の閲覧を停止",
            "issuing.unlocked": "番号の閲覧を再開",
            "issuing.cancelled": "保証を解約",
        }
    )

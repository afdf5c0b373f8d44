"""Who is told what about guarantees, when and why: this app's lines of the one table."""

from notifications.table import Audience, Telling

FIRM = Audience.FIRM
STAFF = Audience.STAFF
GUARANTOR = Audience.GUARANTOR
ORDERER = Audience.ORDERER

TELLINGS: tuple[Telling, ...] = (
    Telling(
        "guarantees/guarantee_invited",
        event="契約の成立（保証の求め）",
        audience=(FIRM,),
        link="保証を登録する画面（市が画面で受け付けるとき）",
        why="受注者が、どこへ何を出すかを知るように",
    ),
    Telling(
        "guarantees/guarantee_change_asked",
        event="契約の変更（保証の変更の求め）",
        audience=(FIRM,),
        link="変更の保証を登録する画面（市が画面で受け付けるとき）",
        why="変更後の金額に合う保証を出せるように",
    ),
    Telling(
        "guarantees/guarantee_arrived",
        event="保証の振分け",
        audience=(STAFF,),
        link="保証の画面",
        why="振り分けられた課が、照合を始められるように",
    ),
    Telling(
        "guarantees/guarantee_receipt",
        event="保証の受付",
        audience=(FIRM,),
        why="出したものが届いたと、受付番号で分かるように",
    ),
    Telling(
        "guarantees/guarantee_decided",
        event="保証の受理、不受理",
        audience=(FIRM,),
        why="結果と、直すところを知るように",
    ),
    Telling(
        "guarantees/interim_certified",
        event="中間前払金の認定",
        audience=(FIRM,),
        why="次に出すものが分かるように",
    ),
    Telling(
        "guarantees/advance_claimed",
        event="前払金の請求の受付",
        audience=(FIRM,),
        why="いつまでに支払われるかが分かるように",
    ),
    Telling(
        "guarantees/advance_paid",
        event="前払金の支払い",
        audience=(FIRM,),
        why="支払いを確かめられるように",
    ),
    Telling(
        "guarantees/advance_cancelled",
        event="前払金の手続きの取消し、返還の不要",
        audience=(FIRM,),
        why="手続きが終わった理由を知るように",
    ),
    Telling(
        "guarantees/advance_refund_due",
        event="前払金の返還の求め",
        audience=(FIRM,),
        why="返す額と期限が分かるように",
    ),
    Telling(
        "guarantees/issuing_entry",
        event="保証機関の画面の案内",
        audience=(FIRM, ORDERER),
        link="申込み、閲覧の画面",
        why="申込みと閲覧に、登録の要らない入口を渡すため",
        by_guarantor=True,
    ),
    Telling(
        "guarantees/issuing_applied",
        event="保証の申込み",
        audience=(GUARANTOR,),
        link="申込みの画面",
        why="保証機関が、審査を始められるように",
        by_guarantor=True,
    ),
    Telling(
        "guarantees/issuing_declined",
        event="保証の引受けをしないこと",
        audience=(FIRM,),
        why="申込者が、理由を知って直せるように",
        by_guarantor=True,
    ),
    Telling(
        "guarantees/issuing_registered",
        event="電子証書と認証キーの登録",
        audience=(FIRM,),
        link="電子証書の画面",
        why="申込者が、証書を確かめて発注者へ出せるように",
        by_guarantor=True,
    ),
    Telling(
        "guarantees/issuing_cancelled",
        event="保証の解約",
        audience=(FIRM, ORDERER),
        why="申込者と発注者が、保証の終わりを知るように",
        by_guarantor=True,
    ),
    Telling(
        "guarantees/issuing_locked",
        event="認証キーの誤りによる閲覧の停止",
        audience=(GUARANTOR, ORDERER),
        why="心当たりを確かめ、閲覧を再開できるように",
        by_guarantor=True,
    ),
)
# ほかの仕組みに、起きたときに知らせられること（Webhook）
TOLD_TO_SYSTEMS = (
    "guarantee.submitted",
    "guarantee.accepted",
    "guarantee.rejected",
    "guarantee.paper_received",
    "guarantee.need_changed",
    "guarantee.released",
)

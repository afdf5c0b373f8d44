"""The staff pages of this app, and the Japanese names of its events."""

from accounts import navigation
from accounts.permissions import works_under_others
from audit import labels
from contracts import hooks, permissions
from contracts.views.retention import panels


def register() -> None:
    """Add the pages to the menu and the labels to the log."""
    navigation.register(navigation.Item("私の仕事", "home", permissions.has_work, order=5))
    navigation.register(navigation.Item("案件", "case_list", permissions.can_read, order=10))
    navigation.register(navigation.Item("予定", "calendar", permissions.can_read, order=15))
    navigation.register(navigation.Item("事業者", "register", permissions.can_read, order=20))
    navigation.register(navigation.Item("締結済みの契約", "archive", permissions.can_read, order=30))
    navigation.register(navigation.Item("実績", "figures", permissions.can_read, order=31))
    navigation.register(navigation.Item("全自治体の書庫", "platform_archive", permissions.operates, order=30))
    navigation.register(navigation.Item("全自治体の実績", "platform_figures", permissions.operates, order=31))
    navigation.register(navigation.Item("お知らせ", "mail_list", permissions.can_read, order=32))
    navigation.register(navigation.Item("長期保存", "long_life", permissions.can_watch_evidence, order=33))
    navigation.register(navigation.Item("保存と廃棄", "retention", permissions.can_read, order=33))
    navigation.register(navigation.Item("規程", "rules", permissions.can_read, order=35))
    navigation.register(navigation.Item("操作ログ", "log", permissions.can_read_log, order=40))
    navigation.register(navigation.Item("職員", "people", permissions.can_administer, order=45))
    navigation.register(navigation.Item("代決と署名権限", "delegation_list", works_under_others, order=45))
    navigation.register(navigation.Item("設定", "city_settings", permissions.can_administer, order=50))
    hooks.case_panels.append(hooks.Panel(template="contracts/retention/_case_panel.html", context=panels.case_panel))
    labels.register(
        {
            "case.registered": "案件を登録",
            "case.changed_on_paper": "紙の変更契約を登録",
            "case.corrected": "案件を訂正",
            "case.switched_to_paper": "紙の契約に切替",
            "case.kit_taken": "緊急時の紙の一式を取り出し",
            "consent.invited": "承諾書の提出を依頼",
            "consent.cancelled": "承諾書の依頼を取消し",
            "consent.submitted": "承諾書を提出",
            "consent.returned": "承諾書を差戻し",
            "consent.accepted": "承諾書を確認",
            "consent.downloaded": "承諾書をダウンロード",
            "consent.received_taken": "整える前の承諾書をダウンロード",
            "consent.mailed": "メールで届いた承諾書を登録",
            "consent.address_asked": "宛先の確認を再送",
            "consent.address_corrected": "契約締結権限者の宛先を訂正",
            "mail.resent": "メールを送り直し",
            "mail.corrected": "宛先を直して送り直し",
            "mail.recalled": "メールを取り戻し",
            "consent.address_confirmed": "契約締結権限者が宛先を確認",
            "consent.authority_changed": "契約締結権限者を変更",
            "consent.withdrawn": "承諾を撤回",
            "contract.stopped": "承諾の撤回により契約の手続きを終了",
            "contract.drafted": "契約書を起案",
            "document.frozen": "文書を追加し凍結",
            "contract.submitted": "庁内承認を依頼",
            "contract.returned": "起案を差戻し",
            "contract.sent": "承認し署名を依頼",
            "contract.recalled": "署名依頼を取下げ",
            "contract.edited": "起案を編集",
            "contract.discarded": "起案を取止め",
            "contract.dropped": "変更・訂正を取りやめ",
            "contract.expired": "署名の期限切れ",
            "contract.late_allowed": "期限後の締結を許可",
            "document.moved": "文書の順番を変更",
            "document.removed": "文書を起案から除外",
            "approval.acted": "決裁",
            "council.planned": "議決の予定を登録",
            "council.passed": "議決（可決）を登録し本契約が成立",
            "council.rejected": "議決（否決）を登録",
            "step.change_asked": "署名者が署名者の変更を申出",
            "step.change_refused": "署名者の変更を認めない",
            "step.reassigned": "署名者を変更",
            "people.handed_over": "署名の仕事を引継ぎ",
            "step.confirmed": "契約事務担当者が内容を確認",
            "link.opened": "メールのリンクから「確認する」を押す",
            "step.opened": "署名者が確認を開始",
            "document.read": "署名者が文書を読んだと回答",
            "step.instructed": "署名を指示",
            "code.made": "アクセスコードを発行",
            "code.sent": "ワンタイムコードを送信",
            "code.accepted": "コードで署名者を確認",
            "code.refused": "コードの誤り",
            "code.locked": "誤りが続いたためコードを停止",
            "consent.contact_changed": "契約事務担当者の宛先を変更",
            "step.declined": "署名者が却下",
            "document.sealed": "電子署名とタイムスタンプを付与",
            "document.seal_postponed": "封印を延期",
            "document.seal_retried": "封印の再試行を指示",
            "records.check_asked": "記録の確認を依頼",
            "records.checked": "記録とファイルを確認",
            "sealing.held": "封印が滞っていることを知らせた",
            "sealing.resumed": "滞っていた封印が再び進んだ",
            "batch.asked": "まとめて操作を依頼",
            "batch.done": "まとめた操作を終了",
            "contract.concluded": "検証のうえ締結を確定",
            "certificate.made": "合意締結証明書を作成",
            "document.renewed": "文書タイムスタンプを重ねて証拠を延長",
            "document.renewal_postponed": "証拠の延長を延期",
            "document.downloaded": "締結済み文書をダウンロード",
            "document.received_taken": "整える前の文書をダウンロード",
            "document.version_shown": "締結済み文書の前の版を表示",
            "document.copied": "締結済み文書の写しを作成",
            "document.viewed": "文書を閲覧",
            "document.verified": "文書を検証",
            "download.reissued": "ダウンロードのリンクを再発行",
            "download.renewed": "受注者がダウンロードのリンクを再発行",
            "contract.kept": "受注者の窓口に保管",
            "records.taken": "受注者が電子取引データの一式を受取り",
            "inbox.opened": "受注者の窓口を開く",
            "inbox.closed": "受注者の窓口のリンクを無効に",
            "link.stopped": "サインイン中の別の人によるリンクの使用を止めた",
            "settings.changed": "設定を変更",
            "mail.settled": "メールの差出人と時刻を変更",
            "mail.worded": "メールの文面を変更",
            "mail.sampled": "メールの見本を自分に送信",
            "key.stopped": "署名の鍵を停止",
            "key.resumed": "署名の鍵を再開",
            "contractor.enlisted": "事業者を名簿に登録",
            "contractor.corrected": "名簿を訂正",
            "contractor.suspended": "事業者の登録を停止",
            "contractor.resumed": "事業者の登録を再開",
            "contractor.arranged": "共同企業体の構成員を決定",
            "authority.added": "契約締結権限者を登録",
            "authority.ended": "契約締結権限者の任期の末日を決定",
            "pack.taken": "監査資料の一式に取り出し",
            "archive.packed": "監査資料の一式を作成",
            "archive.exported": "検索の結果を書き出し",
            "audit_set.kept": "監査の抽出を保存",
            "audit_set.marked": "抽出した契約の確認を記録",
            "register.exported": "名簿を書き出し",
            "import.previewed": "取込みの内容を確認",
            "import.rechecked": "取込みの内容が変わったため再確認",
            "import.applied": "ファイルを取込み",
            "import.discarded": "取込みを取りやめ",
            "custody.counted": "保存期間を計算",
            "custody.held": "廃棄を保留",
            "custody.released": "廃棄の保留を解除",
            "custody.left": "廃棄を見送り",
            "custody.disposed": "保存期間の満了により廃棄",
            "disposal.proposed": "廃棄を起案",
            "disposal.approved": "廃棄を承認",
            "disposal.withdrawn": "廃棄の起案を取りやめ",
            "disposal.done": "廃棄の一覧を終了",
            "disposal.records_taken": "廃棄記録を書き出し",
            "foreign.taken_in": "よそで締結した契約を取込み",
            "foreign.downloaded": "よそで締結した契約をダウンロード",
            "foreign.verified": "よそで締結した契約を検証",
            "rules.published": "規程の版を公開",
            "rules.draft_begun": "規程の下書きを開始",
            "rules.draft_changed": "規程の下書きを編集",
            "rules.draft_loaded": "規程の下書きにファイルを読込み",
            "rules.draft_discarded": "規程の下書きを取止め",
            "city.founded": "自治体を開設",
            "operators.founded": "運営者を登録",
            "operators.searched": "すべての自治体の書庫を検索",
            "view.saved": "検索の条件を保存",
            "view.changed": "保存した条件の名前・公開を変更",
            "view.deleted": "保存した条件を削除",
        }
    )

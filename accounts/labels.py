"""The Japanese names of what happens to the people and the keys of a city."""

from audit import labels


def register() -> None:
    """Add the labels to the log."""
    labels.register(
        {
            "people.member_added": "職員を登録",
            "people.role_given": "役割を追加",
            "people.role_changed": "役割を変更",
            "people.role_ended": "役割の末日を決定",
            "people.role_withdrawn": "始まる前の役割を取りやめ",
            "people.left": "すべての役割を終了（転出）",
            "people.renamed": "職員の氏名を変更",
            "people.password_link_sent": "パスワードを決めるメールを再送",
            "people.second_factor_reset": "二要素認証を解除",
            "people.signed_in": "サインイン",
            "people.sign_in_held": "サインインの失敗が続き、しばらく止めた",
            "people.sign_in_shut": "サインインの失敗が百回に達し、止めた",
            "people.sign_in_opened": "サインインの停止を解除",
            "people.password_link_asked": "パスワードを決めるメールを本人が依頼",
            "people.second_factor_set": "二要素認証を設定",
            "people.second_factor_removed": "二要素認証の設定をやめる",
            "people.recovery_codes_made": "回復コードを作成",
            "people.password_changed": "パスワードを変更",
            "people.address_asked": "メールアドレスの変更を本人が依頼",
            "people.address_changed": "メールアドレスを変更",
            "people.networks_settled": "使える接続元を変更",
            "people.network_refused": "決めた接続元の外からの操作を断った",
            "people.signed_out": "サインイン中の端末を終了",
            "people.department_added": "課を追加",
            "people.department_changed": "課を変更",
            "people.delegation_registered": "代決を登録",
            "people.delegation_revoked": "代決を取消し",
            "sign_on.prepared": "認証基盤の設定を準備",
            "sign_on.tried": "認証基盤の設定を試した",
            "sign_on.begun": "認証基盤によるサインインを開始",
            "sign_on.discarded": "準備した認証基盤の設定を破棄",
            "sign_on.stopped": "認証基盤によるサインインを終了",
            "sign_on.required": "職員に認証基盤によるサインインを求めた",
            "sign_on.left_open": "職員にパスワードでのサインインも認めた",
            "sign_on.bound": "職員と認証基盤の利用者を結び付け",
            "sign_on.unbound": "職員と認証基盤の利用者の結び付きを解除",
            "sign_on.refused": "認証基盤からのサインインを断った",
            "keys.versioned": "暗号鍵の新しい版を作成",
            "keys.rewrapped": "すべてのファイルと項目の鍵を新しい版で包み直し",
            "keys.retired": "暗号鍵の古い版を破棄",
            "keys.moved": "暗号鍵を新しい親鍵で包み直し",
        }
    )

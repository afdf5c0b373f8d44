"""What people are told about their own accounts: this app's lines of the table."""

from notifications.table import Audience, Telling

TELLINGS = (
    Telling(
        "accounts/password_link",
        event="職員の登録、パスワードの再設定",
        audience=(Audience.STAFF,),
        link="パスワードを決める画面",
        why="本人だけがパスワードを決められるように",
    ),
    Telling(
        "accounts/second_factor_reset",
        event="二要素認証の解除",
        audience=(Audience.STAFF,),
        link="二要素認証の設定",
        why="本人の知らないところで解除されないように",
    ),
    Telling(
        "accounts/address_asked",
        event="メールアドレスの変更の申出",
        audience=(Audience.STAFF,),
        link="アドレスの変更を確認する画面",
        why="届くアドレスだけに変えられるように（新しいアドレスへ）",
    ),
    Telling(
        "accounts/address_changed",
        event="メールアドレスの変更",
        audience=(Audience.STAFF,),
        link="二要素認証の画面（サインインの後）",
        why="本人の知らないところで変えられないように（前のアドレスへ）",
    ),
)

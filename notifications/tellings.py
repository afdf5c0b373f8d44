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
)

"""文書を受け取り、署名・タイムスタンプ・検証をして返す。契約が何かは知らない。"""

import logging

# pyHanko の記録は、相手のファイルに書かれた言葉と長い跡をそのまま含む。判断は例外と結果で受け取るので、残さない。
for name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(name).setLevel(logging.CRITICAL)

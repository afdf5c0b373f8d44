"""検証で見つかりうる問題のすべて: 機械が読む符号、重さ、人が読む文。docs/verification.md に同じ表がある。"""

from signing.results import Problem, Verdict

CODES: dict[str, Problem] = {}


def _broken(code: str, text: str) -> Problem:
    return CODES.setdefault(code, Problem(text, code, Verdict.INVALID))


def _doubt(code: str, text: str) -> Problem:
    return CODES.setdefault(code, Problem(text, code, Verdict.INDETERMINATE))


# ファイル全体
NOT_PDF = _doubt("not_pdf", "PDFファイルではありません。")
ENCRYPTED = _doubt("encrypted", "暗号化されているため、検証できません。")
TOO_LARGE = _doubt("too_large", "文書の構造が大きすぎるため、限られた時間で調べきれません。")
UNREADABLE = _broken("unreadable", "ファイルが壊れているか、署名の形が崩れているため、読み取れません。")
HIDDEN = _broken("hidden_signature", "署名が、後から欄を外されるなどして隠されています。")
TAIL = _broken("uncovered_tail", "最後の署名の後ろに、署名に覆われていないデータがあります。")
TAIL_EVIDENCE = _doubt(
    "uncovered_evidence", "最後の署名の後に検証情報などが加えられ、その部分は署名に覆われていません。"
)
EVIDENCE_UNREADABLE = _doubt("evidence_unreadable", "埋め込まれた検証情報（DSS）を読み取れません。")
ONLY_TIMESTAMP = _doubt("only_timestamp", "文書タイムスタンプだけがあり、署名がありません。")
UNEXPECTED = _broken("unexpected_signatures", "あるはずの署名が足りないか、予定にない署名があります。")
LEVEL = _broken("level_too_low", "署名の水準が {required} に達していません（{reached}）。")

# 署名の形とバイト
MALFORMED = _broken("malformed", "署名の形が壊れています。")
UNREADABLE_SIGNATURE = _broken("unreadable_signature", "この署名は形が崩れていて、読み取れません。")
OUTSIDE = _broken("coverage", "署名が、その版の全体を覆っていません。")
ALTERED = _broken("altered", "署名された内容が変えられています。")
FORGED = _broken("forged", "署名の値が正しくありません。")
WRONG_CERTIFICATE = _broken("wrong_certificate", "署名が名指しする証明書と、添えられた証明書が違います。")
UNKNOWN_FORMAT = _broken("unknown_format", "知らない方式の署名です。")
UNKNOWN_ALGORITHM = _doubt("unknown_algorithm", "知らない暗号方式が使われているため、確かめられません。")
WEAK = _doubt("weak_algorithm", "弱い暗号方式が使われています。")

# 署名の後の変更
CHANGED = _broken("changed", "署名の後に、文書の内容が変えられています。")
SHADOWED = _broken("shadowed", "署名の前から仕込まれた参照が、後から置き換えられています。")
REMOVED = _broken("removed", "署名の後に、文書の一部が消されています。")
VISIBLE_FIELD = _broken("visible_field", "署名の後に、見える形の欄が加えられています。")
VISIBLE_SIGNATURE = _doubt(
    "visible_signature",
    "署名の後に、見える形の署名が加えられています。前の内容を覆い隠していないか、目で確かめてください。",
)
LOCKED = _broken("locked", "後の署名を禁じる署名の後に、別の署名が加えられています。")
METADATA = _broken("metadata_changed", "署名の後に、題名などの文書情報が変えられています。")
METADATA_UNCLEAR = _doubt(
    "metadata_unclear", "署名の後に文書情報（XMP）が書き直されていて、どこが変わったかを確かめられません。"
)

# 時刻と証明書
NO_TIMESTAMP = _doubt("no_timestamp", "署名にタイムスタンプが含まれていないため、署名の時刻を確かめられません。")
TIME_ORDER = _doubt("time_order", "タイムスタンプの時刻の順序が正しくありません。")
TIMESTAMP_EXPIRED = _doubt("timestamp_expired", "タイムスタンプの証明書の有効期限が切れています。")
NO_CHAIN = _doubt("no_chain", "信頼するルート証明書につながりません。")
EXPIRED = _doubt("expired", "署名の時刻に、証明書の有効期間の外でした。")
CHAIN = _doubt("chain", "証明書の鎖を確かめられません。")
USAGE = _doubt("usage", "証明書の用途が署名と合いません。")
REVOKED = _broken("revoked", "証明書が失効しています。")
CA_REVOKED = _broken("ca_revoked", "認証局の証明書が失効しています。")
NO_REVOCATION = _doubt("no_revocation", "失効していないことを示す情報（OCSP・CRL）が文書に埋め込まれていません。")

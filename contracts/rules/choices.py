"""The words that rule data chooses from, each with its Japanese name."""

DATE_FIELDS = {
    "announced_date": "公告日",
    "awarded_date": "落札日",
    "contracted_date": "契約日",
    "work_starts_date": "履行開始日",
}
OPERATORS = {"on_or_after": "以降", "after": "より後", "on_or_before": "以前", "before": "より前"}
COUNCIL = {
    "excluded": "対象外",
    "provisional": "仮契約を電子契約で締結し、議決の後に本契約とする",
    "allowed": "ほかの契約と同じに扱う",
}

COUNT_FROM = {"inclusive": "落札日から", "next_day": "落札日の翌日から"}
UNITS = {"calendar": "暦日で数える", "business": "閉庁日を除いて数える"}
ROLLOVERS = {"none": "延ばさない", "next_open": "次の開庁日まで延ばす"}
LATE_POLICIES = {
    "block": "署名できない",
    "warn": "課長が理由を記録したときに限り署名できる",
    "tolerate": "猶予の日数のうちは署名できる",
}
DATE_BASES = {"last_signature": "最終の電子署名の日", "printed_date": "契約書に記載した日"}

GUARANTEE_TYPES = {"contract": "契約保証", "advance": "前払金保証", "interim_advance": "中間前払金保証"}
PAPERS = {
    "notice": "電子証書閲覧用「認証キー」等のお知らせ",
    "certificate_screen": "保証証書（電子証書の内容を確認する画面を印刷したもの）",
}
# 前払金の割合をかける額。年度をまたぐ契約では、年度の出来高予定額などの一部になる（対象額）。
ADVANCE_BASES = {
    "price": "請負代金額の全体",
    "part": "案件ごとの対象額（なければ全体）",
}
CLAIM_COUNT_FROM = {"inclusive": "請求を受けた日から", "next_day": "請求を受けた日の翌日から"}
# 何をもって提出とするか。市ごとの実務は、この四つに分かれる。
POLICIES = {
    "key_only": "お知らせ（保証契約番号と認証キー）だけ。保証証書は受け付けない",
    "key_and_screen": "お知らせと保証証書の両方",
    "printed_notice": "印刷したお知らせ",
    "any": "どれでもよい",
}
INSTITUTION_KINDS = {"surety": "保証事業会社", "insurer": "損害保険会社", "bank": "銀行等"}
SUBJECT_PARTS = {"type": "保証の種類", "number": "工事番号", "title": "工事名", "contractor": "受注者"}
CHANNELS = {"upload": "画面から登録", "email": "電子メール", "bring": "持参", "fax": "FAX", "post": "郵送"}

RETENTION_PERIODS = {"five_years": "5年", "seven_years": "7年", "ten_years": "10年", "permanent": "永年"}
RETENTION_COUNT_FROM = {
    "completion": "履行が完了した日の翌日から",
    "fiscal_year": "履行が完了した年度の翌年度の初日から",
}

CONTRACTS = {"original": "当初契約", "amendment": "変更契約", "correction": "訂正の合意"}
DOCUMENTS = {"consent": "電子契約利用承諾書", **CONTRACTS}
JV_SIGNERS = {"members": "構成員", "representative": "代表構成員", "city": "発注者"}
SIGNERS = {"contact": "契約事務担当者の内容確認", "contractor": "受注者", **JV_SIGNERS}
CODES = {"access_code": "アクセスコード", "one_time_code": "ワンタイムコード"}
# 受注者の署名者の確かめ方。弱いものから並べる。
LEVELS = {"link": "メールのリンク"} | {key: f"メールのリンクと{name}" for key, name in CODES.items()}
APPROVAL_KINDS = {"review": "確認", "approve": "承認", "view": "閲覧"}
ROLES = {
    "drafter": "起案者",
    "approver": "承認者",
    "signatory": "署名者",
    "guarantee_officer": "契約検査担当",
    "auditor": "監査担当",
    "administrator": "運用管理者",
}

SUBJECTS = {"econtract": "電子契約", "guarantee": "電子保証"}
SIDES = {"contractor": "受注者", "orderer": "発注者"}
# 受注者の規則カードの見出し。手引の章からも指す。
TOPICS = {
    "eligibility": "電子契約の対象",
    "guarantee": "電子保証の対象",
    "deadline": "契約締結期限",
    "consent": "承諾書",
    "signing": "署名順",
    "routing": "保証の提出先",
    "papers": "保証の必要書類",
    "clauses": "約款",
}
# 規則でなく市の設定から作る文。手引の章だけが指す。
CITY_TOPICS = {"mails": "届くメール", "download": "ダウンロードできる期間"}

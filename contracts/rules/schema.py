"""What rule data consists of, said once: the tree that the check, the editor, the file and the comparison walk."""

from contracts.clauses import PLACEHOLDERS
from contracts.rules import choices
from contracts.rules.amounts import AMOUNTS, LONGEST_PERIOD, PAYMENT, PERCENT, THRESHOLDS, YEN
from contracts.rules.nodes import (
    NAME,
    PROSE,
    Day,
    DayOrMonthDay,
    Email,
    Field,
    Flag,
    KeyOf,
    ListOf,
    MonthDay,
    Office,
    OneOf,
    Table,
    TableOf,
    Text,
    Url,
    Whole,
    optional,
)
from contracts.rules.reminders import REMINDERS
from contracts.rules.retention import RETENTION
from contracts.rules.textschema import TEXTS
from contracts.rules.ways import WAYS

CONDITION = Table(
    {
        "date_field": Field("基準にする日", OneOf(choices.DATE_FIELDS)),
        "operator": Field("比べ方", OneOf(choices.OPERATORS)),
        "date": Field("日付", Day()),
        "label": optional("基準にする日の呼び名", NAME, "画面と判定の文に出る呼び名（例：公告（現場説明など）の日）"),
    }
)
EXCLUSION = Table(
    {
        "key": Field("記号", Text(longest=40), "案件に付ける記号。半角の英字で書き、公開の後は変えないでください。"),
        "label": Field("対象外とするもの", NAME),
    }
)
ELIGIBILITY = {
    "offered": Field("取扱い", Flag()),
    "reason": optional("取り扱わない理由", PROSE),
    "kinds": optional("適用案件", ListOf(KeyOf("kinds"), at_least=1)),
    "conditions": optional("適用時期", ListOf(CONDITION, known_by=("date_field", "operator"))),
    "excluded_methods": optional("対象外の調達方法", ListOf(KeyOf("methods"))),
    "excluded_work_starts": optional("対象外の履行開始日", ListOf(MonthDay())),
    "minimum_amount": optional("金額の下限（円）", YEN),
}
ECONTRACT = Table(
    {
        **ELIGIBILITY,
        "longest_years": optional("契約期間の上限（年）", Whole(1, 100), "これを超える契約を対象外とします。"),
        "council": optional("議会の議決に付すべき契約", OneOf(choices.COUNCIL)),
        "council_amount": optional(
            "議決の要否を確かめる金額（円）", YEN, "この金額以上で、議決が要ると登録されていない案件に注意を出します。"
        ),
        "exclusions": optional("対象外の案件の一覧", ListOf(EXCLUSION, known_by=("key",))),
    }
)
DEADLINE = Table(
    {
        "count_from": Field("起算日", OneOf(choices.COUNT_FROM)),
        "unit": Field("数え方", OneOf(choices.UNITS)),
        "days": Field("日数", Whole(1, LONGEST_PERIOD)),
        "rollover": Field("最終日が閉庁日のとき", OneOf(choices.ROLLOVERS)),
        "late_policy": Field("期限後の扱い", OneOf(choices.LATE_POLICIES)),
        "tolerate_days": optional("猶予の日数", Whole(1, LONGEST_PERIOD), "期限後の扱いが「猶予」のときに書きます。"),
        "date_basis": optional("契約締結日", OneOf(choices.DATE_BASES)),
        "local_closed_days": optional(
            "自治体独自の閉庁日",
            ListOf(DayOrMonthDay()),
            "土日、祝日、12月29日から1月3日のほかの閉庁日。毎年なら「08-14」。",
        ),
        "rule": optional("期限の定め", PROSE),
        "note": optional("期限の注記", PROSE),
    }
)
CONSENT = Table(
    {
        "form": Field("様式番号", NAME),
        "title": Field("様式の名称", NAME),
        "statement": Field("同意の文", PROSE),
        "notes": Field("備考", ListOf(PROSE, at_least=1)),
        "methods": optional(
            "承諾の前に示す、電磁的措置の種類と内容",
            ListOf(Table({"topic": Field("事項", NAME), "text": Field("内容", PROSE)}), known_by=("topic",)),
        ),
    }
)
ARTICLE = Table(
    {
        "title": Field("見出し", NAME, "「（総則）」のように書きます。条の番号は印字のときに付きます。"),
        "paragraphs": Field(
            "項",
            ListOf(PROSE, at_least=1),
            "項の番号は印字のときに付きます。2行目からは号です。差し込める値："
            + "、".join(f"{{{name}}}（{label}）" for name, label in PLACEHOLDERS.items()),
        ),
    }
)
CLAUSE_SET = Table(
    {
        "name": Field("名称", NAME),
        "effective_date": Field("適用開始日", Day()),
        "kinds": Field("使う案件", ListOf(KeyOf("kinds"), at_least=1)),
        "electronic_guarantee": optional("電子保証を認める条項", Flag(), "電磁的方法による寄託の定めがあるか。"),
        "articles": optional("条文", ListOf(ARTICLE, known_by=("title",)), "本文を持たない約款では空けておきます。"),
    }
)
PERCENTS = Table(
    {
        "advance_percent": Field("前払金の割合（％）", PERCENT),
        "interim_percent": Field("中間前払金の割合（％）", PERCENT),
    }
)
CONTRACT = Table(
    {
        "tax_percent": optional("消費税及び地方消費税の率（％）", PERCENT),
        "guarantee_text": optional("契約保証金の欄の文", PROSE),
        "advance_percent": optional("前払金の割合（％）", PERCENT, "0 は、前払金なし。"),
        "interim_percent": optional("中間前払金の割合（％）", PERCENT, "0 は、中間前払金なし。"),
        "percents": optional("案件ごとに違う割合", TableOf(PERCENTS, keys="kinds")),
        "delay_rate": optional("遅延損害金・遅延利息の率", NAME),
        "days_off": optional("工事を施工しない日", NAME),
        "hours_off": optional("工事を施工しない時間帯", NAME),
        "arbitration_body": optional("紛争を処理する審査会", NAME),
        "special_terms": optional("特約事項", ListOf(PROSE)),
        "clause_set": optional("適用する約款（本文を持たない旧い書き方）", NAME),
        "clause_sets": optional("約款", ListOf(CLAUSE_SET, known_by=("name",))),
    }
)
LEVEL = Table(
    {
        "from_amount": Field("金額の下限（円）", YEN, "この金額以上の契約に使います。"),
        "level": Field("確かめ方", OneOf(choices.LEVELS)),
    }
)
SIGNING = Table(
    {
        "jv_order": optional("共同企業体の署名順", ListOf(OneOf(choices.JV_SIGNERS), at_least=3)),
        "contact_confirms": optional("署名の前に契約事務担当者が内容を確認する", Flag()),
        "levels": optional(
            "受注者の署名者の確かめ方",
            ListOf(LEVEL, at_least=1, known_by=("from_amount",)),
            "金額ごとの最低限です。起案者は、契約ごとにこれより強くできます。0円からの行が要ります。",
        ),
    }
)
STEP = Table(
    {
        "kind": Field("種別", OneOf(choices.APPROVAL_KINDS)),
        "label": Field("呼び名", NAME),
        "role": Field("役割", OneOf(choices.ROLES)),
        "department": optional("課", Office(), "空けておくと、どの課の人でもよい。"),
        "need": optional("要る人数", Whole(1, 20)),
    }
)
ROUTE = Table(
    {
        "name": Field("名称", NAME),
        "documents": Field("決裁する文書", ListOf(OneOf(choices.CONTRACTS), at_least=1)),
        "from_amount": Field("金額の下限（円）", YEN, "この金額以上の契約に使います。"),
        "steps": Field("段階", ListOf(STEP, at_least=1, known_by=("kind", "label"))),
    }
)
APPROVAL = Table({"routes": Field("決裁の経路", ListOf(ROUTE, at_least=1, known_by=("name",)))})
ROUTING = Table({key: optional(label, Office()) for key, label in choices.DOCUMENTS.items()})
GUARANTEE = Table(
    {
        **ELIGIBILITY,
        "types": optional("保証の種類", ListOf(OneOf(choices.GUARANTEE_TYPES), at_least=1)),
        "refused_types": optional("受け付けない保証の理由", TableOf(PROSE)),
        "channels": optional("提出方法", ListOf(OneOf(choices.CHANNELS), at_least=1)),
        "papers": optional(
            "提出書類",
            Table(
                {
                    key: optional(label, ListOf(OneOf(choices.PAPERS), at_least=1))
                    for key, label in choices.GUARANTEE_TYPES.items()
                }
            ),
        ),
        **WAYS,
        "routing": optional(
            "提出先", Table({key: optional(label, Office()) for key, label in choices.GUARANTEE_TYPES.items()})
        ),
        "amounts": optional("保証金額の割合", AMOUNTS),
        "thresholds": optional("保証を求める契約・前払金を支払う契約の下限", THRESHOLDS),
        "payment": optional("前払金の支払と返還", PAYMENT),
        "notes": optional("提出の注意", ListOf(PROSE)),
        "clause_set": optional(
            "当初契約に使う約款",
            Table({"name": Field("名称", NAME), "effective_date": Field("改正日", Day())}),
        ),
        "key_kept_days": optional(
            "工事の完成から認証キーを消すまでの日数",
            Whole(0, LONGEST_PERIOD),
            "過ぎると認証キーを自動で消します。照合の記録は残ります。",
        ),
        "contact": optional(
            "問い合わせ先", Table({"department": Field("課名", Office()), "note": Field("案内", PROSE)})
        ),
    }
)
CITY = Table(
    {
        "slug": Field("記号", Text(longest=40), "URL に使う半角の英小文字・数字・ハイフン。"),
        "mayor_title": optional("首長の職名", Text(longest=100)),
        "mayor_name": optional("首長の氏名", Text(longest=100)),
        "address": optional("所在地", NAME),
        "help_desk": optional("問い合わせ先", Text(longest=100)),
        "help_phone": optional("電話番号", Text(longest=40)),
        "help_hours": optional("受付時間", Text(longest=100)),
        "help_email": optional("問い合わせメール", Email()),
        "help_form": optional("問い合わせフォームのURL", Url()),
        "departments": Field(
            "課",
            ListOf(
                Table(
                    {
                        "name": Field("名称", Text(longest=100)),
                        "email": optional("メールアドレス", Email()),
                        "phone": optional("電話番号", Text(longest=40)),
                    }
                ),
                at_least=1,
                known_by=("name",),
            ),
        ),
        "institutions": optional(
            "保証機関",
            ListOf(
                Table(
                    {
                        "name": Field("名称", NAME),
                        "branch": optional("支店", Text(longest=100)),
                        "phone": optional("電話番号", Text(longest=40)),
                        "kind": optional("種類", OneOf(choices.INSTITUTION_KINDS)),
                        "portal_url": optional("発注者が証書を見る画面", Url()),
                        "usual_number": optional("見慣れた番号の形（正規表現）", Text(longest=100)),
                    }
                ),
                known_by=("name", "branch"),
            ),
        ),
    }
)
RULES = Table(
    {
        "name": Field("自治体の名称", Text(longest=100)),
        "version": Field("版の名", NAME),
        "effective_date": Field("施行日", Day()),
        "source": Field("根拠", PROSE),
        "kinds": Field("工種・業務区分の呼び名", TableOf(NAME)),
        "methods": Field("調達方法の呼び名", TableOf(NAME)),
        "econtract": Field("電子契約の対象", ECONTRACT),
        "deadline": optional("契約締結期限", DEADLINE),
        "consent": optional("電子契約利用承諾書", CONSENT),
        "contract": optional("契約書に印字する条件", CONTRACT),
        "signing": optional("署名", SIGNING),
        "approval": optional("庁内の決裁", APPROVAL),
        "routing": optional("文書の送り先", ROUTING),
        "guarantee": Field("電子保証", GUARANTEE),
        "reminders": optional("催促", REMINDERS),
        "retention": optional("保存期間", RETENTION),
        "texts": optional("案内の文", TEXTS),
        "city": optional("自治体の開設", CITY, "新しい自治体を開設するときだけ読みます。"),
    }
)

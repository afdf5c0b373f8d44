"""The tree that says what rule data consists of: every name in Japanese, every wrong value refused by its key."""

import pytest

from contracts import presets, rules
from contracts.rules import schema
from contracts.rules.nodes import ListOf, OneOf, Table, TableOf


def tables(node, at=""):
    match node:
        case Table(fields=fields):
            yield at, fields
            for key, field in fields.items():
                yield from tables(field.node, f"{at}.{key}")
        case ListOf(item=item) | TableOf(item=item):
            yield from tables(item, at)


EVERY_FIELD = [(f"{at}.{key}", field) for at, fields in tables(schema.RULES) for key, field in fields.items()]


def is_japanese(text):
    return any(char > "\u3040" for char in text) or text == "URL"


@pytest.mark.parametrize("field", [field for _, field in EVERY_FIELD], ids=[at for at, _ in EVERY_FIELD])
def test_every_key_and_every_choice_has_a_japanese_name(field):
    assert is_japanese(field.label)
    node = field.node.item if isinstance(field.node, ListOf) else field.node
    if isinstance(node, OneOf):
        assert all(is_japanese(label) or label == "FAX" for label in node.choices.values())


def test_lists_are_told_apart_by_fields_they_have():
    for node in (field.node for _, field in EVERY_FIELD if isinstance(field.node, ListOf)):
        assert isinstance(node.item, Table) or not node.known_by
        assert all(name in node.item.fields for name in node.known_by)


def put(path, value):
    def change(data):
        *way, last = path
        for step in way:
            data = data[step]
        if value is ...:
            del data[last]
        else:
            data[last] = value

    return change


CLAUSES = ["contract", "clause_sets"]
ROUTE = {
    "name": "決裁",
    "documents": ["original"],
    "from_amount": 0,
    "steps": [{"kind": "approve", "label": "承認", "role": "approver"}],
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (put(["name"], "鳥栖\n市"), "改行やタブのない1行で"),
        (put(["name"], "鳥栖\u202e市"), "「name」（自治体の名称）の3文字目に、使えない文字（U+202E）があります"),
        (put(["source"], "手引\x00"), "の3文字目に、使えない文字（U+0000）"),
        (put(["name"], "鳥" * 101), "100文字以内で書いてください（いま101文字）"),
        (
            put(["econtract", "council"], "maybe"),
            "「council」（議会の議決に付すべき契約）はexcluded、provisional、allowed",
        ),
        (put(["econtract", "longest_years"], 0), "「longest_years」（契約期間の上限（年））は1以上100以下"),
        (put(["econtract", "exclusions"], [{"key": "jv"}]), "「exclusions」（対象外の案件の一覧）の1番目の「label」"),
        (put(["deadline", "date_basis"], "today"), "「date_basis」（契約締結日）"),
        (
            put(["consent", "methods"], [{"topic": "方式"}]),
            "「methods」（承諾の前に示す、電磁的措置の種類と内容）の1番目の「text」",
        ),
        (
            put(["contract", "tax_percent"], ...),
            "「contract」の「tax_percent」（消費税及び地方消費税の率（％））がありません",
        ),
        (put([*CLAUSES, 0, "kinds"], ["construction", "maintenance"]), "同じ案件に同じ日から使う「clause_sets」"),
        (put(CLAUSES, []), "「clause_sets」（約款）に、建設工事に使う約款がありません"),
        (put(CLAUSES, ...), "「clause_set」（適用する約款（本文を持たない旧い書き方））がありません"),
        (put([*CLAUSES, 1, "name"], "工事請負契約約款"), "「工事請負契約約款」が2度あります"),
        (put([*CLAUSES, 0, "kinds"], ["goods"]), "「goods」の呼び名が「kinds」にありません"),
        (
            put([*CLAUSES, 0, "articles", 0, "paragraphs"], ["率は{rate}とする。"]),
            "「（総則）」にある「{rate}」は差し込めません",
        ),
        (put([*CLAUSES, 0, "articles", 0, "paragraphs"], []), "「paragraphs」（項）は1個以上の並び"),
        (put(["contract", "percents"], {"goods": {"advance_percent": 1, "interim_percent": 0}}), "「goods」の呼び名"),
        (put(["signing"], {"jv_order": ["members", "city", "city"]}), "members、representative、cityを1回ずつ"),
        (put(["approval"], {"routes": []}), "「routes」（決裁の経路）は1個以上の並び"),
        (put(["approval"], {"routes": [ROUTE, ROUTE]}), "「決裁」が2度あります"),
        (put(["approval"], {"routes": [ROUTE, ROUTE | {"name": "別の決裁"}]}), "同じ文書に同じ金額から使う"),
        (
            put(["approval"], {"routes": [ROUTE | {"steps": [ROUTE["steps"][0] | {"kind": "view"}]}]}),
            "決裁の経路「決裁」に、承認（approve）の段階がありません",
        ),
        (put(["routing", "invoice"], "会計課"), "「invoice」という項目はありません"),
        (put(["texts", "links"], [{"topic": "x", "title": "y", "url": "javascript:alert(1)"}]), "https:// から始まる"),
        (
            put(["texts", "help"], [{"name": "窓口", "email": "窓口まで"}]),
            "「email」（メールアドレス）はメールアドレスで",
        ),
        (put(["texts", "guide", 0, "shows"], ["weather"]), "「shows」（本文の後に添える規則）の1番目"),
        (put(["city", "slug"], "Tosu!"), "「slug」（記号）は、半角の英小文字"),
        (put(["city", "departments"], [{"name": "建設課"}]), "規則が送り先とする「契約検査課」がありません"),
        (put(["city", "institutions", 0, "usual_number"], "(["), "正規表現として読めません"),
    ],
)
def test_wrong_values_are_refused_by_the_name_of_their_key(change, named):
    data = presets.load("tosu")
    change(data)

    with pytest.raises(rules.RuleError) as refusal:
        rules.validate(data)

    assert named in str(refusal.value)


@pytest.mark.parametrize("at", [at for at, _ in EVERY_FIELD if at.count(".") == 2])
def test_any_value_in_any_place_is_taken_or_refused_and_never_breaks(at):
    _, section, key = at.split(".")

    for value in (None, [], {}, 3, 2.5, True, float("nan"), "x" * 30_000, [[]], {"a": {}}, {3: "三"}):
        data = presets.load("tosu")
        data.setdefault(section, {})[key] = value
        assert verdict_of(data) == "" or "書いてください" in verdict_of(data) or "ありません" in verdict_of(data)


def verdict_of(data):
    try:
        rules.validate(data)
    except rules.RuleError as refusal:
        return str(refusal)
    return ""

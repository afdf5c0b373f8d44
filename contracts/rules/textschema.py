"""What the texts of a municipality consist of: the part of the schema that only people read."""

from contracts.rules import choices
from contracts.rules.nodes import NAME, PROSE, Day, Email, Field, ListOf, OneOf, Table, Text, Url, optional

SHOWS = optional(
    "本文の後に添える規則", ListOf(OneOf(choices.TOPICS | choices.CITY_TOPICS)), "この規則から作る文を添えます。"
)
TEXTS = Table(
    {
        "guide": optional(
            "手引の章",
            ListOf(
                Table(
                    {
                        "subject": Field("何の手引か", OneOf(choices.SUBJECTS)),
                        "title": Field("見出し", NAME),
                        "paragraphs": Field("本文", ListOf(PROSE, at_least=1)),
                        "tips": optional("知っておくと得なこと", ListOf(PROSE), "本文の後に、囲みで添えます。"),
                        "shows": SHOWS,
                    }
                ),
                known_by=("title",),
            ),
        ),
        "checklist": optional(
            "落札前の確認",
            ListOf(
                Table(
                    {
                        "subject": Field("何の確認か", OneOf(choices.SUBJECTS)),
                        "title": Field("確かめること", NAME),
                        "text": optional("説明", PROSE),
                        "url": optional("手続きのURL", Url()),
                        "shows": SHOWS,
                    }
                ),
                known_by=("title",),
            ),
        ),
        "notices": optional(
            "重要なお知らせ",
            ListOf(
                Table(
                    {
                        "subject": Field("何のお知らせか", OneOf(choices.SUBJECTS)),
                        "date": Field("日付", Day(), "新しいものから並べて示します。"),
                        "until": optional("掲載の終わる日", Day(), "書かなければ、消すまで示します。"),
                        "title": Field("見出し", NAME),
                        "text": optional("本文", PROSE),
                        "url": optional("詳しい案内のURL", Url()),
                    }
                ),
                known_by=("date", "title"),
            ),
        ),
        "merits": optional(
            "利点",
            ListOf(
                Table(
                    {
                        "subject": Field("何の利点か", OneOf(choices.SUBJECTS)),
                        "title": Field("見出し", NAME),
                        "whose": optional("だれの利点か", OneOf(choices.SIDES), "書かなければ、受注者の利点です。"),
                        "text": optional("説明", PROSE),
                    }
                ),
                known_by=("subject", "title"),
            ),
        ),
        "comparison": optional(
            "紙の契約との違い",
            ListOf(
                Table(
                    {
                        "item": Field("項目", NAME),
                        "paper": Field("紙の契約", NAME),
                        "electronic": Field("電子契約", NAME),
                    }
                ),
                known_by=("item",),
            ),
        ),
        "faq": optional(
            "よくある質問",
            ListOf(
                Table(
                    {
                        "subject": Field("何の質問か", OneOf(choices.SUBJECTS)),
                        "question": Field("質問", PROSE),
                        "answer": Field("答え", PROSE),
                    }
                ),
                known_by=("question",),
            ),
        ),
        "glossary": optional(
            "言葉の説明",
            ListOf(Table({"word": Field("言葉", NAME), "meaning": Field("意味", PROSE)}), known_by=("word",)),
        ),
        "links": optional(
            "外部のリンク",
            ListOf(
                Table(
                    {
                        "topic": Field("分類", NAME),
                        "title": Field("名称", NAME),
                        "url": optional("URL", Url()),
                    }
                ),
                known_by=("title",),
            ),
        ),
        "videos": optional(
            "案内の動画",
            ListOf(
                Table(
                    {
                        "subject": Field("何の動画か", OneOf(choices.SUBJECTS)),
                        "title": Field("題名", NAME),
                        "url": Field("動画のURL", Url()),
                        "length": optional("長さ", Text(longest=20), "「3分20秒」のように書きます。"),
                    }
                ),
                known_by=("title",),
            ),
        ),
        "outage": optional(
            "つながらないときの定め",
            ListOf(
                Table({"title": Field("見出し", NAME), "text": Field("説明", PROSE)}),
                known_by=("title",),
            ),
            "電子契約の手続きができないときの案内の頁と、緊急時の紙の一式に載せます。",
        ),
        "help": optional(
            "問い合わせ窓口",
            ListOf(
                Table(
                    {
                        "name": Field("窓口", NAME),
                        "about": optional("何の問い合わせか", NAME),
                        "phone": optional("電話番号", Text(longest=40)),
                        "hours": optional("受付時間", NAME),
                        "email": optional("メールアドレス", Email()),
                        "url": optional("問い合わせフォーム等のURL", Url()),
                    }
                ),
                known_by=("name",),
            ),
        ),
    }
)

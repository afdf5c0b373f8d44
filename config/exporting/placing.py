"""Which table and which column of a city goes where in an export, or why it stays behind."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

# 書き出さない表と、その訳。ここにも書き出す表にも無い表があれば、試験が落ちる
LEFT_OUT = {
    "vault.TenantKey": "むすびの中でファイルを暗号化する鍵。ファイルは復号して書き出す",
    "accounts.Arrival": "認証基盤から届いた、一度きりの応答の控え",
    "contracts.ArchiveBackfill": "版を上げたときの作業の進み具合",
    "contracts.ApiAnswer": "ほかの仕組みが同じ頼みを二度送ったときのための、答えの控え",
    "contracts.WebhookMessage": "ほかの仕組みへの知らせの送り控え。出来事は操作記録として書き出す",
    "contracts.DocumentText": "PDF から読み取った検索用の写し。PDF そのものを書き出す",
    "contracts.PageText": "PDF から読み取った検索用の写し。PDF そのものを書き出す",
    "contracts.TextPlace": "PDF から読み取った検索用の写し。PDF そのものを書き出す",
}
KEYS = "認証キー。--with-keys を付けたときだけ、認証キー.csv に書き出す"
TOKENS = "むすびのリンクやコードを確かめるための値。むすびの外では使い道がない"
DERIVED = "ほかの列から作る検索用の値"
# 書き出さない列と、その訳。表の名を付ければその表だけ
WITHHELD = {
    "sealed_key": KEYS,
    "guarantees.Guarantee.sealed_url": KEYS,
    "sealed_link": TOKENS,
    "sealed_code": TOKENS,
    "sealed_secret": "認証基盤に示す合言葉。次の仕組みで作り直す",
    "sealed_registry_token": "保証機関に照会するための合言葉。次の仕組みで作り直す",
    "token_hash": TOKENS,
    "contracts.ApiToken.hash": TOKENS,
    "contracts.Webhook.sealed_secret": TOKENS,
    "contracts.Webhook.sealed_former": TOKENS,
    "code_hash": TOKENS,
    "link_hash": TOKENS,
    "wrapped_key": "むすびの中でファイルを暗号化する鍵。ファイルは復号して書き出す",
    "standing": "次の署名を足すための覚え。PDF から作り直せる",
    "search_key": DERIVED,
    "name_key": DERIVED,
    "title_key": DERIVED,
    "party_key": DERIVED,
    "number_key": DERIVED,
    "accounts.User.password": "パスワードを確かめるための値",
    "fence": "作業の順番のための番号",
}
WITHOUT_TENANT = ("accounts.Organization", "accounts.User")


def tenant_models() -> list[type[models.Model]]:
    """List every table that holds rows of a city."""
    return [model for model in apps.get_models() if {"tenant", "tenant_id"} & {f.name for f in model._meta.fields}]


def exported() -> list[type[models.Model]]:
    """List the tables that are handed over, in the order of their names."""
    placed = [model for model in tenant_models() if model._meta.label not in LEFT_OUT]
    whole = [*placed, *(apps.get_model(label) for label in WITHOUT_TENANT)]
    return sorted(whole, key=lambda model: model._meta.label)


def columns(model: type[models.Model]) -> list[Any]:
    """List the columns of a table that are handed over."""
    return [field for field in model._meta.concrete_fields if not withheld(model, field.name)]


def withheld(model: type[models.Model], name: str) -> str:
    """Say why a column stays behind; empty when it is handed over."""
    return WITHHELD.get(f"{model._meta.label}.{name}") or WITHHELD.get(name, "")


def left_columns() -> Iterator[tuple[str, str, str]]:
    """Yield table, column and reason of all that stays behind of the tables that are handed over."""
    for model in exported():
        for field in model._meta.concrete_fields:
            if why := withheld(model, field.name):
                yield model._meta.label, field.name, why

"""Every page and state of the scene: looked at, valid, and cheap to make."""

import os
from pathlib import Path

import pytest

from tests.architecture.doors import Machine
from tests.architecture.routes import TABLE
from tests.pages import validity
from tests.pages.rendering import Page

pytestmark = pytest.mark.xdist_group("pages")
MOST_QUERIES = 30
# 描いた画面を置くフォルダー。W3C の検査器（vnu）に読ませるとき
KEPT_HTML = os.environ.get("PAGES_HTML", "")
# 画面ではないもの: ファイルを渡す、画面の一部だけを答える
NO_PAGES = {
    *("work_number", "contractor_search", "mail_look"),
    *("case_template", "register_template", "elsewhere_template", "figures_file", "platform_figures_file"),
    *("figures_picture", "platform_figures_picture"),
    *("document_page", "preview_page", "consent_page", "foreign_page", "contractor_page", "rule_file"),
    *("guarantee_usage_file", "anchor_token", "anchor_list", "trial_root"),
    *("api_description", "robots", "sitemap", "version_sealing", "contractor_progress"),
    *("city_callback", "city_acs_finish", "city_sp_metadata"),
}


def whole(rendered: list[Page]) -> list[Page]:
    return [page for page in rendered if page.name not in NO_PAGES]


def test_every_page_of_the_table_is_looked_at(rendered):
    shown = {page.name for page in whole(rendered)}

    pages = {name for name, row in TABLE.items() if "get" in row.methods and not isinstance(row, Machine)}
    assert pages - shown - NO_PAGES == set()


def test_every_page_is_valid_html(rendered):
    for at, page in enumerate(whole(rendered) if KEPT_HTML else ()):
        (Path(KEPT_HTML) / f"{at:03}-{page.name}.html").write_bytes(page.body)
    assert {page.told: wrong for page in whole(rendered) if (wrong := validity.wrongs(page.text))} == {}


def test_no_page_asks_the_database_too_often(rendered):
    assert {page.told: page.queries for page in rendered if page.queries > MOST_QUERIES} == {}

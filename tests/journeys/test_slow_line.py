"""From a phone in the hills: the site works on a slow line and a slow processor, and a deed is done once."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.demo import player
from config.demo.mailbox import Mailbox
from config.demo.story import FIRM_EMAIL, TITLE, Story
from config.embedded.stack import Stack
from tests.journeys import people
from tests.journeys.people import PATIENCE, Town, press

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journey")]
SCRIPTS = "**/*.js"


@pytest.fixture(scope="module")
def told(product: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    rows = json.loads((product.root / "demo/accounts.json").read_text())
    now = timezone.localtime()
    made = Story(
        base_url=product.base_url,
        mailbox=Mailbox(product.mailbox),
        out=tmp_path_factory.mktemp("out"),
        say=lambda _line: None,
        accounts={row["email"]: row for row in rows},
        today=now.date(),
        number=f"鳥山工第{now:%H%M%S}号",
    )
    yield made
    for browser in (*made.desks.values(), *made.offices.values()):
        browser.client.close()


@pytest.fixture(scope="module")
def town(product: Stack) -> Iterator[Town]:
    with people.town(product, look=lambda _page, _name: None) as made:
        yield made


def log_of(story: Story) -> str:
    """Read what the operation log says of a case, as an auditor."""
    return story.desk("kansa").get(f"/log/?number={story.number}").text


def hold_scripts(page: Page) -> None:
    """Let no script of a page arrive."""
    page.route(SCRIPTS, lambda _route: None)


def test_a_contractor_signs_once_however_often_the_button_is_pressed(told, town):
    for step in (player.register_case, player.give_consent, player.draft_contract, player.approve):
        step(told)
    link = told.mailbox.wait(to=FIRM_EMAIL, subject=f"{TITLE}への署名依頼").link
    phone = people.slow(town.phone())

    hold_scripts(phone)
    phone.goto(link, wait_until="commit")
    press(phone, "確認する")
    expect(phone.get_by_role("heading", name="契約の内容を確認してください")).to_be_visible()
    phone.unroute(SCRIPTS)
    press(phone, "完了する")
    phone.get_by_role("button", name="署名手続きを完了する").dblclick()

    expect(phone.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    assert log_of(told).count("署名を指示") == 1
    assert town.complaints == []


def test_many_are_asked_once_though_the_button_is_pressed_twice_before_any_script_came(told, town):
    cases = [replace(told, number=f"{told.number}の{part}", mistyped_url="") for part in ("一", "二")]
    for each in cases:
        player.register_case(each)
    desk = people.slow(town.desk("kian"))

    hold_scripts(desk)
    desk.goto(f"{told.base_url}/cases/?q={told.number}の", wait_until="commit")
    for each in cases:
        desk.get_by_role("row").filter(has_text=each.number).get_by_role("checkbox").check()
    press(desk, "承諾書の提出を依頼する")
    desk.get_by_role("button", name="2件をまとめて").dblclick()
    expect(desk.get_by_role("progressbar")).to_be_visible()
    desk.unroute(SCRIPTS)
    desk.reload()

    expect(desk.get_by_text("2件のうち、2件できました。")).to_be_visible(timeout=PATIENCE)
    for each in cases:
        told.mailbox.wait(to=FIRM_EMAIL, subject="承諾書")
        assert log_of(each).count("承諾書の提出を依頼") == 1
    assert town.complaints == []

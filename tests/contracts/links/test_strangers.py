"""A mailed link in the browser of someone who is signed in: the page says who, and nobody acts under another's name."""

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Role, User
from accounts.tenancy import set_tenant
from audit.models import Event
from contracts.models import Purpose
from contracts.states import StepState
from notifications.models import Delivery
from tests import factories
from tests.contracts.links.conftest import enter
from tests.contracts.links.mailed import link_in
from tests.contracts.links.test_inbox import inbox_link
from tests.stories import Story, story

pytestmark = pytest.mark.django_db


def signed_in(user: User, browser: Client | None = None) -> Client:
    browser = browser or Client()
    browser.force_login(user)
    return browser


@pytest.fixture(params=["own city", "next city"])
def staff(request: pytest.FixtureRequest, tosu: Story) -> User:
    city = tosu.tenant if request.param == "own city" else factories.city("usuki")
    user = factories.member(city, Role.DRAFTER, name="山本　花子")
    set_tenant(tosu.tenant.pk)
    return user


def test_whoever_is_signed_in_is_named_and_finds_a_way_out_instead_of_the_button(tosu, staff):
    address = tosu.sent().address(Purpose.SIGN)

    page = signed_in(staff).get(address).content.decode()

    assert "山本　花子さんとしてサインインしています" in page
    assert f'name="next" value="{address}"' in page
    assert "確認する\n" not in page.partition("<form")[2]


def test_their_press_opens_nothing_and_stands_in_the_log_of_the_case(tosu, staff):
    address = tosu.sent().address(Purpose.SIGN)

    answer = signed_in(staff).post(address)

    assert (answer.status_code, answer["Location"]) == (302, address)
    assert tosu.step(1).opened_at is None
    stopped = Event.objects.get(action="link.stopped")
    assert (stopped.thread, stopped.actor_kind) == (tosu.case.thread, "staff")
    assert "山本　花子" in stopped.actor_name


def test_signing_in_after_a_link_was_opened_ends_acting_for_its_reader(tosu, staff, browser):
    page = enter(browser, tosu.sent().address(Purpose.SIGN))
    signed_in(staff, browser)

    looked, pressed = browser.get(page), browser.post(f"{page}finish/")

    assert looked.status_code == 403
    assert "山本　花子さんとしてサインインしています" in looked.content.decode()
    assert tosu.case.title not in looked.content.decode()
    assert pressed.status_code == 302
    assert tosu.step(1).state == StepState.REQUESTED
    assert Event.objects.filter(action="link.stopped").count() == 1


def test_after_signing_out_the_same_link_opens(tosu, staff):
    address = tosu.sent().address(Purpose.SIGN)
    browser = signed_in(staff)

    out = browser.post("/accounts/logout/", {"next": address})

    assert out["Location"] == address
    assert "/sign/" in enter(browser, address)


def test_a_staff_signatory_opens_the_download_that_was_mailed_to_them(tosu):
    tosu.concluded()
    mine = tosu.address(Purpose.DOWNLOAD)  # 受注者あて
    browser = signed_in(tosu.signatory)
    assert browser.post(mine)["Location"] == mine

    own = link_in(Delivery.unscoped.get(template="contracts/concluded", to=tosu.signatory.email))

    assert "/download/" in enter(browser, own.removeprefix(settings.BASE_URL))


def test_no_inbox_opens_for_whoever_is_signed_in(tosu, staff):
    address = inbox_link(tosu.sent(), tosu.step(1).email)
    browser = signed_in(staff)

    assert "山本　花子さんとしてサインインしています" in browser.post(address).content.decode()
    assert browser.get("/tosu/inbox/").status_code == 403
    assert browser.post("/tosu/inbox/", {"email": tosu.step(1).email}).status_code == 403
    assert not Event.objects.filter(action="inbox.opened").exists()


def test_the_landing_page_says_when_the_browser_holds_the_link_of_another_address(tosu, browser):
    other = factories.contractor(tosu.tenant, name="よその建設", email="suzuki@else.example.jp")
    theirs = story(number="鳥工第三号", contractor=other).invited()
    enter(browser, theirs.address(Purpose.CONSENT))
    address = tosu.sent().address(Purpose.SIGN)

    page = browser.get(address).content.decode()

    assert "su***@else.example.jp" in page
    assert "suzuki@" not in page
    assert "/sign/" in enter(browser, address)
    assert "別の宛先" not in Client().get(address).content.decode()

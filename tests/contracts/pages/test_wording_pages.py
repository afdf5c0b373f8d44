"""A city reads who is told what, and writes words of its own for a mail."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.tenancy import acting_for
from audit.models import Event
from contracts.services import wordings
from notifications import table
from notifications import wordings as own_words
from notifications.models import Delivery, MailWording
from notifications.words import Own, checking, samples, standard
from tests import factories

pytestmark = pytest.mark.django_db
REQUEST = ("contracts", "consent_invited")
SUBJECT = "【鳥栖市】{案件名}の承諾書のお願い（{発注者名}）"


def typed(**changes: str) -> dict[str, str]:
    said = standard.of("/".join(REQUEST))
    return {"subject": SUBJECT, "lead": said.lead, "note": "", "edit_number": "0"} | changes


@pytest.fixture
def administrator(tosu, desk):
    return desk(tosu.tenant, Role.ADMINISTRATOR)


def asked(tosu) -> Delivery:
    """Ask the firm for its consent form, and find the mail that does."""
    tosu.invited()
    return Delivery.unscoped.get(template="contracts/consent_invited")


def test_the_table_shows_every_mail_with_who_when_and_why(administrator):
    page = administrator.get(reverse("mail_words")).content.decode()

    for telling in table.every():
        if telling.template.partition("/")[0] in {"contracts", "accounts"}:
            assert telling.event in page
            assert telling.why in page
            assert reverse("mail_wording", args=telling.template.split("/")) in page
    assert "issuing_entry" not in page
    assert administrator.get(reverse("mail_wording", args=["guarantees", "issuing_entry"])).status_code == 404
    assert administrator.get(reverse("mail_wording", args=["contracts", "nothing"])).status_code == 404


def test_only_administrators_may_change_the_words(tosu, desk, client):
    address = reverse("mail_wording", args=REQUEST)
    drafter = desk(tosu.tenant, Role.DRAFTER)

    assert client.post(address, typed()).status_code == 302
    assert drafter.post(address, typed()).status_code == 403
    assert not MailWording.unscoped.exists()


def test_own_words_are_kept_used_and_written_in_the_log(tosu, administrator):
    answer = administrator.post(reverse("mail_wording", args=REQUEST), typed(note="・朝のうちにお願いします"))

    assert answer.status_code == 302
    row = MailWording.unscoped.get(tenant=tosu.tenant)
    assert (row.subject, row.lead, row.note) == (SUBJECT, "", "・朝のうちにお願いします")
    event = Event.objects.of_thread(tosu.tenant.pk, "city").latest("seq")
    assert (event.action, event.label) == ("mail.worded", "メールの文面を変更")
    said = own_words.shown(asked(tosu), link="https://musubi.example.jp/x/", code=None)
    assert said.subject == f"【鳥栖市】{tosu.case.title}の承諾書のお願い（{tosu.tenant.name}）"
    assert "・朝のうちにお願いします" in said.text
    page = administrator.get(reverse("mail_words")).content.decode()
    assert SUBJECT in page
    assert "市の文面" in page


def test_one_button_leads_back_to_the_standard(tosu, administrator):
    administrator.post(reverse("mail_wording", args=REQUEST), typed(note="お早めに"))

    administrator.post(reverse("mail_standard", args=REQUEST))

    with acting_for(tosu.tenant.pk):
        assert own_words.of(tosu.tenant, "/".join(REQUEST)) == Own()
    assert "標準に戻す" not in administrator.get(reverse("mail_wording", args=REQUEST)).content.decode()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"subject": "署名のお願い（{案件}）"}, "「{案件}」という差込は、このメールにはありません。"),
        ({"subject": "署名のお願い（{会社名}）"}, "「{会社名}」という差込は、このメールにはありません。"),
        ({"subject": "署名のお願い"}, "「{案件名}」は、宛先の方に必ず伝えることです。"),
        ({"subject": "{案件名}の署名\x1b[0m"}, "9文字目に、使えない制御文字"),
        ({"subject": "{案件名}の署名\u202e"}, "目に見えない文字（U+202E）"),
        ({"lead": "署名を\u200bお願いします"}, "目に見えない文字（U+200B）"),
        ({"subject": "{案件名}" + "あ" * 150}, "150文字までで書いてください（いまは155文字）"),
        ({"lead": "あ" * 1001}, "1000文字まで"),
        ({"note": "あ" * 2001}, "2000文字まで"),
        ({"note": "｛案件名｝をよろしく"}, "差込は、半角の { と } で囲んでください。"),
        ({"note": "{{ link }}"}, "差込は、このメールにはありません。"),
        ({"note": "{% if link %}"}, "差込は、このメールにはありません。"),
        ({"note": "{案件名"}, "半角の { と } で囲んで"),
    ],
)
def test_words_that_cannot_be_used_are_refused_with_a_reason(administrator, changes, why):
    answer = administrator.post(reverse("mail_wording", args=REQUEST), typed(**changes))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert why in page.replace("&quot;", '"').replace("&#x27;", "'")
    assert not MailWording.unscoped.exists()


def test_the_second_of_two_people_sees_what_the_first_saved(tosu, administrator):
    administrator.post(reverse("mail_wording", args=REQUEST), typed())

    late = administrator.post(reverse("mail_wording", args=REQUEST), typed(subject="{案件名}に署名を"))

    assert late.status_code == 422
    page = late.content.decode()
    assert "他の職員が先に保存しました" in page
    assert SUBJECT in page
    again = administrator.post(
        reverse("mail_wording", args=REQUEST), typed(subject="{案件名}に署名を", edit_number="1")
    )
    assert again.status_code == 302


def test_a_look_shows_typed_words_and_keeps_nothing(administrator):
    look = administrator.post(reverse("mail_look", args=REQUEST), typed(note="見るだけの文"))

    page = look.content.decode()
    assert "【鳥栖市】市道元町線道路改良工事の承諾書のお願い" in page
    assert page.count("見るだけの文") == 2
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in page
    assert look["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in look["Content-Security-Policy"]
    assert "script-src 'self'" in look["Content-Security-Policy"]
    assert not MailWording.unscoped.exists()


def test_a_look_at_words_that_cannot_be_used_says_why(administrator):
    look = administrator.post(reverse("mail_look", args=REQUEST), typed(subject="なし"))

    assert look.status_code == 422
    assert "必ず伝えること" in look.content.decode()


def test_a_sample_goes_to_oneself_marked_as_one_and_keeps_no_words(tosu, desk):
    person = factories.member(tosu.tenant, Role.ADMINISTRATOR)

    answer = desk(tosu.tenant, user=person).post(reverse("mail_sample", args=REQUEST), typed(note="試し"))

    assert answer.status_code == 200
    sample = Delivery.unscoped.get(about="sample")
    assert sample.to == person.email
    said = own_words.said(sample, link=samples.link(sample.template), code=None)
    assert said.subject.startswith("【見本】【鳥栖市】")
    assert "試し" in said.text
    assert not MailWording.unscoped.exists()
    assert Event.objects.of_thread(tosu.tenant.pk, "city").latest("seq").action == "mail.sampled"


def test_words_of_the_next_city_are_not_ours(tosu, administrator, stranger):
    administrator.post(reverse("mail_wording", args=REQUEST), typed())

    assert SUBJECT not in stranger.get(reverse("mail_words")).content.decode()
    assert "standard" in stranger.get(reverse("mail_wording", args=REQUEST)).context
    assert stranger.get(reverse("mail_wording", args=REQUEST)).context["is_own"] is False


def test_a_value_that_is_gone_brings_back_the_standard_and_stops_no_mail(tosu):
    mail = asked(tosu)
    mail.own_words = {"subject": "{議決の日}", "lead": "", "note": ""}

    said = own_words.said(mail, link="https://musubi.example.jp/x/", code=None)

    assert "電子契約利用承諾書のお願い" in said.subject
    assert mail.own_words == {}


def test_every_real_mail_has_the_values_that_its_words_may_use(tosu):
    tosu.concluded()

    mails = list(Delivery.unscoped.all())
    assert len({mail.template for mail in mails}) >= 8
    names = standard.glossary().names
    for mail in mails:
        offered = {names[value] for value in standard.of(mail.template).values}
        assert offered - {"tenant_name", "city_name"} <= set(mail.context), mail.template
        assert mail.context["office"] == tosu.case.department.name or not mail.thread.startswith("case:"), mail.template


def test_the_service_refuses_what_the_form_would(tosu):
    administrator = factories.staff(tosu.tenant, Role.ADMINISTRATOR)
    at = timezone.now()

    with pytest.raises(wordings.WordingRefused, match="必ず伝えること"):
        wordings.change(tosu.tenant, "/".join(REQUEST), own=Own("なし"), edit_number=0, actor=administrator, at=at)


def test_the_standard_words_of_every_mail_would_pass_as_a_citys_own():
    for telling in table.every():
        said = standard.of(telling.template)
        assert checking.problems(telling.template, Own(said.subject, said.lead, "")) == {}

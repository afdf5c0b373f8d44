"""A certificate opens for the orderer it names, by number and key; wrong keys are counted and stop the number."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts import tenancy
from audit.models import Event
from guarantees.issuing.services import applying, entering, underwriting, viewing
from guarantees.issuing.services.viewing import MOST_TRIES, Outcome
from guarantees.models.issuing import Side, Tries
from notifications.models import Delivery
from tests.guarantees.issuing.conftest import Books, organization, wish
from tests.guarantees.issuing.test_issuing import mails, words

pytestmark = pytest.mark.django_db


def view(books: Books, number: str, key: str, orderer=None) -> viewing.Answer:
    orderer = orderer or books.city
    actor = entering.visitor(orderer, ip="192.0.2.1", user_agent="")
    return viewing.view(orderer, actor=actor, at=timezone.now(), number=number, key=key)


def test_number_and_key_open_it_for_the_orderer_it_names(books):
    certificate = books.standing()

    answer = view(books, certificate.number, books.key(certificate))

    assert answer.outcome is Outcome.SHOWN
    assert answer.certificate == certificate
    certificate.refresh_from_db()
    assert certificate.viewed_at is not None
    (event,) = Event.objects.of_thread(books.guarantor.pk, applying.thread_of(certificate.application)).filter(
        action="issuing.viewed"
    )
    assert (event.actor_kind, event.ip) == ("orderer", "192.0.2.1")


def test_what_people_type_opens_it_too(books):
    certificate = books.standing()
    key = books.key(certificate)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in certificate.number)

    assert view(books, f" {wide} ", f"{key[:5]}－{key[5:].lower()}").outcome is Outcome.SHOWN


def test_another_orderer_learns_nothing_even_with_the_right_key(books):
    certificate = books.standing()
    other = books.entered(Side.ORDERER, "臼杵市長", "keiyaku@usuki.example.jp")

    theirs = view(books, certificate.number, books.key(certificate), orderer=other)
    unknown = view(books, "9999999999", books.key(certificate), orderer=other)

    assert theirs == unknown
    assert theirs.outcome is Outcome.REFUSED
    certificate.refresh_from_db()
    assert certificate.viewed_at is None


def test_what_another_orderer_tries_does_not_stop_the_one_it_names(books):
    certificate = books.standing()
    other = books.entered(Side.ORDERER, "臼杵市長", "keiyaku@usuki.example.jp")

    said = [view(books, certificate.number, "WRONG", orderer=other).outcome for _ in range(MOST_TRIES + 1)]

    assert said == [Outcome.REFUSED] * (MOST_TRIES - 1) + [Outcome.LOCKED] * 2
    assert view(books, certificate.number, books.key(certificate)).outcome is Outcome.SHOWN


def test_the_fifth_wrong_key_stops_the_number_for_the_right_one_too(books):
    certificate = books.standing()

    said = [view(books, certificate.number, f"WRONG{n}").outcome for n in range(MOST_TRIES)]

    assert said == [Outcome.REFUSED] * (MOST_TRIES - 1) + [Outcome.LOCKED]
    assert view(books, certificate.number, books.key(certificate)).outcome is Outcome.LOCKED
    assert Tries.unscoped.get().wrong == MOST_TRIES


def test_an_unknown_number_is_stopped_in_the_same_way(books):
    said = [view(books, "2629999999", "WRONG") for _ in range(MOST_TRIES + 1)]

    assert [each.outcome for each in said] == [Outcome.REFUSED] * (MOST_TRIES - 1) + [Outcome.LOCKED] * 2
    assert "保証機関にご連絡ください" in said[-1].words


def test_the_guarantor_and_the_orderer_are_told_once(books):
    certificate = books.standing()

    for _ in range(MOST_TRIES + 3):
        view(books, certificate.number, "WRONGKEY12")

    told = mails("issuing_locked")
    assert [each.to for each in told] == ["hosho@nishinihon.example.jp", books.city.email]
    for each in told:
        said = words(each)
        assert certificate.number in said
        assert "WRONGKEY12" not in said
        assert books.key(certificate) not in said
    assert "保証の画面から閲覧を再開できます" in words(told[0])
    assert "ほかに知られていないか" in words(told[1])


def test_every_wrong_key_is_in_the_log_but_none_after_the_stop(books):
    certificate = books.standing()

    for _ in range(MOST_TRIES + 3):
        view(books, certificate.number, "WRONGKEY12")

    events = Event.objects.filter(tenant_id=books.guarantor.pk, action__in=["issuing.view_refused", "issuing.locked"])
    assert [event.action for event in events.order_by("seq")] == ["issuing.view_refused"] * 4 + ["issuing.locked"]
    assert "WRONGKEY12" not in "".join(event.data for event in events)


def test_the_right_key_forgets_the_wrong_ones_before_it(books):
    certificate = books.standing()
    for _ in range(MOST_TRIES - 1):
        view(books, certificate.number, "WRONG")

    assert view(books, certificate.number, books.key(certificate)).outcome is Outcome.SHOWN
    assert Tries.unscoped.get().wrong == 0


def test_the_guarantor_opens_the_number_again_with_a_reason(books):
    certificate = books.standing()
    for _ in range(MOST_TRIES):
        view(books, certificate.number, "WRONG")
    (tries,) = viewing.locks(certificate)
    with pytest.raises(PermissionDenied):
        viewing.unlock(tries, actor=books.holder(books.firm), at=timezone.now(), reason="電話で確認")

    viewing.unlock(tries, actor=books.underwriter, at=timezone.now(), reason="電話で確認")

    assert view(books, certificate.number, books.key(certificate)).outcome is Outcome.SHOWN
    assert Event.objects.filter(action="issuing.unlocked", data__contains="電話で確認").exists()


def test_a_number_that_is_none_is_not_even_counted(books):
    for number in ("", "12", "あ" * 10, "1" * 33, "'; drop"):
        assert view(books, number, "WRONG").outcome is Outcome.REFUSED
    assert not Tries.unscoped.exists()


def test_a_certificate_that_is_not_sealed_yet_does_not_open(books):
    certificate = books.issued()

    assert view(books, certificate.number, books.key(certificate)).outcome is Outcome.REFUSED


def test_the_orderer_sees_that_a_certificate_was_changed_or_cancelled(books):
    before = books.standing()
    changed = wish(price=120_000_000, amount=48_000_000)
    application = applying.apply_for_change(before, actor=books.holder(books.firm), at=timezone.now(), wish=changed)
    after = books.standing(application=application)
    underwriting.cancel(after, actor=books.underwriter, at=timezone.now(), reason="契約の解除")

    seen = [view(books, each.number, books.key(each)).certificate.state for each in (before, after)]

    assert seen == ["changed", "cancelled"]


def test_one_guarantor_does_not_know_the_certificates_of_another(books):
    certificate = books.standing()
    number, key = certificate.number, books.key(certificate)
    other = Books(organization("higashinihon"))

    assert view(other, number, key).outcome is Outcome.REFUSED
    tenancy.set_tenant(books.guarantor.pk)
    assert not Delivery.unscoped.filter(template="guarantees/issuing_locked").exists()

"""The mails that carry a link: whom each is for now, whether it still waits, and how to send it again or elsewhere.

A mail is known by its template. What stands here is of this app; the apps above enter their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.refusals import Refusal
from contracts import permissions
from contracts.models import AccessLink, Consent, Contractor, SigningStep
from contracts.services.consents import addresses, consenting, standing
from contracts.services.register import enlisting
from contracts.services.signatures import downloading, reassigning, signing
from contracts.states import ConsentState, StepState, VersionState
from notifications.models import Delivery


class MailRefused(Refusal):
    """The mail cannot be sent again, put right or taken back now."""


@dataclass(frozen=True)
class Sent:
    """A mail with the link that it carried."""

    delivery: Delivery
    link: AccessLink

    @property
    def consent(self) -> Consent:
        assert self.link.consent is not None  # noqa: S101 - 制約 consent_links_name_their_consent
        return self.link.consent

    @property
    def step(self) -> SigningStep:
        assert self.link.step is not None  # noqa: S101 - 制約 signing_links_name_their_step
        return self.link.step


@dataclass(frozen=True)
class Correction:
    """Another address in the place of the one that a mail went to."""

    email: str
    reason: str
    actor: Actor
    at: datetime
    # 前の宛先に、知らせが一度も届いていなければ、変わったことも知らせない
    former_reached: bool
    doubts_checked: bool


@dataclass(frozen=True)
class Way:
    """How a kind of mail is sent again (`again`) and put right (`correct`, which also sends it)."""

    address: Callable[[Sent], str]
    waits: Callable[[Sent], bool]
    again: Callable[[Sent, datetime], None]
    correct: Callable[[Sent, Correction], None]
    # 市の職員への知らせには会社がない。宛先は職員の画面で直す
    firm: Callable[[Sent], Contractor | None]
    # 宛先がどこに書かれているか（直すと何が変わるか）を、職員に伝える
    place: str
    may: Callable[[Actor], bool] = permissions.can_register


def correct_register(firm: Contractor, to: Correction) -> None:
    """Put a firm's address right where every mail to it comes from; raises MailRefused for the same address."""
    if firm.email == to.email:
        raise MailRefused("メールアドレスが変わっていません。")
    enlisting.correct(firm, actor=to.actor, at=to.at, edit_number=firm.edit_number, email=to.email)


def _invite(mail: Sent, to: Correction) -> None:
    correct_register(mail.consent.contractor, to)
    consent = Consent.unscoped.select_related("contractor", "case__tenant").get(pk=mail.consent.pk)
    consenting.send_invitation(consent, at=to.at)


def _authority(mail: Sent, to: Correction) -> None:
    consent = mail.consent
    if consent.state == ConsentState.SUBMITTED:
        addresses.correct(consent, actor=to.actor, at=to.at, email=to.email, reason=to.reason)
        return
    answers = {name: getattr(consent, name) for name in addresses.AUTHORITY_FIELDS} | {"authority_email": to.email}
    addresses.change_authority(
        consent, actor=to.actor, at=to.at, answers=answers, reason=to.reason, former_reached=to.former_reached
    )


def _signer(mail: Sent, to: Correction) -> None:
    step = mail.step
    reassigning.reassign(
        step,
        actor=to.actor,
        at=to.at,
        title=step.title,
        name=step.name,
        email=to.email,
        reason=to.reason,
        addresses_checked=to.doubts_checked,
        former_reached=to.former_reached,
    )


def _receiver(mail: Sent, to: Correction) -> None:
    downloading.hand_elsewhere(mail.step, email=to.email, at=to.at)


def _is_asked(mail: Sent) -> bool:
    return mail.consent.state in consenting.TO_ANSWER


def _owes_answer(mail: Sent) -> bool:
    open_ = mail.consent.state in {ConsentState.SUBMITTED, ConsentState.ACCEPTED}
    return open_ and mail.consent.address_confirmed_at is None


def _stands(mail: Sent) -> bool:
    return mail.consent.state == ConsentState.ACCEPTED and mail.consent.address_confirmed_at is not None


ways: dict[str, Way] = {
    "contracts/consent_invited": Way(
        address=lambda mail: mail.consent.contractor.email,
        waits=_is_asked,
        again=lambda mail, at: consenting.send_invitation(mail.consent, at=at),
        correct=_invite,
        firm=lambda mail: mail.consent.contractor,
        place="名簿のメールアドレスを直し、承諾書の提出を依頼し直します。",
    ),
    "contracts/address_asked": Way(
        address=lambda mail: mail.consent.authority_email,
        waits=_owes_answer,
        again=lambda mail, at: standing.ask(mail.consent, at=at),
        correct=_authority,
        firm=lambda mail: mail.consent.contractor,
        place="契約締結権限者の宛先を直し、新しい宛先に届くことを確かめます。提出された承諾書の PDF は変わりません。",
    ),
    "contracts/consent_accepted": Way(
        address=lambda mail: mail.consent.authority_email,
        waits=_stands,
        again=lambda mail, at: standing.send(mail.consent, at=at),
        correct=_authority,
        firm=lambda mail: mail.consent.contractor,
        place="契約締結権限者の宛先を直し、新しい宛先に届くことを確かめます。控えは、その後に届きます。",
    ),
    "contracts/signature_requested": Way(
        address=lambda mail: mail.step.email,
        waits=lambda mail: mail.step.state == StepState.REQUESTED,
        again=lambda mail, at: signing.send_link(mail.step, at=at),
        correct=_signer,
        firm=lambda mail: mail.step.contractor,
        place="署名する方の宛先を直し、署名を依頼し直します。承諾書の契約締結権限者の宛先にもなります。",
    ),
    "contracts/concluded": Way(
        address=lambda mail: mail.step.receiver,
        waits=lambda mail: mail.step.version.state == VersionState.CONCLUDED,
        again=lambda mail, at: downloading.send_link(mail.step, at=at),
        correct=_receiver,
        firm=lambda mail: mail.step.contractor,
        place="締結済みの文書を渡す宛先を直します。署名に残る宛先は変わりません。",
    ),
}


def register(more: Mapping[str, Way]) -> None:
    """Enter the mails of an app above."""
    ways.update(more)

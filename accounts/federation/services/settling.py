"""How a city settles its identity provider: prepared, tried by an administrator, used, required, given up."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import permissions
from accounts.actors import Actor
from accounts.federation import oidc, saml
from accounts.federation.models import AddressClaim, FederatedIdentity, IdentityProvider, ProviderKind, Stage
from accounts.federation.saying import NotProven, Said
from accounts.models import Membership, Role, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from accounts.services import evidence
from vault import fields

DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
MOST_DOMAINS = 20


class SignOnRefused(Refusal):
    """The city's single sign-on cannot be settled this way."""


def draft_of(actor: Actor) -> IdentityProvider | None:
    """Find what the city prepares."""
    row: IdentityProvider | None = IdentityProvider.objects.visible_to(actor).filter(stage=Stage.DRAFT).first()
    return row


def in_use_of(actor: Actor) -> IdentityProvider | None:
    """Find what the city uses."""
    rows = IdentityProvider.objects.visible_to(actor).filter(stage=Stage.ACTIVE)
    row: IdentityProvider | None = rows.select_related("keyholder").first()
    return row


@transaction.atomic
def prepare_oidc(
    *,
    actor: Actor,
    at: datetime,
    issuer: str,
    client_id: str,
    secret: str,
    domains: Iterable[str],
    address_claim: str,
    vouches: bool,
) -> IdentityProvider:
    """Keep what is prepared, after asking the provider where it is asked; it has to be tried anew.

    An empty secret is the one that was kept for the same client. Raises SignOnRefused.
    """
    permissions.check(permissions.can_administer, actor)
    kept = secret or _kept_secret(actor, issuer=issuer, client_id=client_id)
    if not kept:
        raise SignOnRefused("クライアントシークレットを入力してください。")
    try:
        places = oidc.discover(issuer)
    except NotProven as unproven:
        raise SignOnRefused(str(unproven)) from unproven
    row = _begun(ProviderKind.OIDC, actor=actor, at=at)
    row.issuer, row.client_id, row.places = issuer, client_id, places
    row.domains = _checked(domains, actor=actor)
    row.address_claim, row.vouches = address_claim, vouches
    row.save()
    row.sealed_secret = fields.seal(kept, tenant_id=actor.tenant_id, context=row.secret_context)
    row.save(update_fields=["sealed_secret"])
    _record("sign_on.prepared", row, actor=actor, at=at, domains=row.domains, renewed_secret=bool(secret))
    return row


@transaction.atomic
def prepare_saml(
    *, actor: Actor, at: datetime, metadata: str, metadata_url: str, domains: Iterable[str], attribute: str
) -> IdentityProvider:
    """Keep what is prepared, from the provider's metadata or the address of it; raises SignOnRefused.

    Whom a signed assertion names by an address is believed to have it: SAML knows no word for one that is verified.
    """
    permissions.check(permissions.can_administer, actor)
    try:
        content = metadata.encode() if metadata else oidc.fetch(metadata_url)
        issuer, places = saml.read_metadata(content)
    except NotProven as unproven:
        raise SignOnRefused(str(unproven)) from unproven
    row = _begun(ProviderKind.SAML, actor=actor, at=at)
    row.issuer, row.client_id, row.sealed_secret, row.vouches = issuer, "", None, True
    row.places = places | {"attribute": attribute, "metadata_url": "" if metadata else metadata_url}
    row.address_claim = AddressClaim.EMAIL
    row.domains = _checked(domains, actor=actor)
    row.save()
    _record("sign_on.prepared", row, actor=actor, at=at, domains=row.domains)
    return row


def _kept_secret(actor: Actor, *, issuer: str, client_id: str) -> str:
    for row in (draft_of(actor), in_use_of(actor)):
        if row is not None and (row.issuer, row.client_id) == (issuer, client_id) and row.sealed_secret:
            return oidc.secret_of(row)
    return ""


def _begun(kind: ProviderKind, *, actor: Actor, at: datetime) -> IdentityProvider:
    found = draft_of(actor)
    row = lock(found) if found else IdentityProvider(tenant_id=actor.tenant_id)
    assert actor.user_id is not None  # noqa: S101 - 運用管理者は、人である
    row.kind, row.settled_by_id, row.settled_at = kind, actor.user_id, at
    row.tried_at, row.tried_as = None, ""
    return row


def _checked(domains: Iterable[str], *, actor: Actor) -> list[str]:
    """Return the domains in order; refuse those of which the city has nobody."""
    wanted = sorted({each.strip().lower().removeprefix("@") for each in domains if each.strip()})
    if not 0 < len(wanted) <= MOST_DOMAINS:
        raise SignOnRefused(f"ドメインは、一つから{MOST_DOMAINS}までで入力してください。")
    held = Membership.objects.visible_to(actor).values_list("user__email", flat=True)
    ours = {address.rpartition("@")[2].lower() for address in held}
    for domain in wanted:
        if not DOMAIN.fullmatch(domain):
            raise SignOnRefused(f"「{domain}」は、ドメインとして読めません。")
        # よその市の職員に、この市の認証基盤を勧めることにならないように
        if domain not in ours:
            raise SignOnRefused(f"「{domain}」のアドレスを持つ職員は、この自治体にいません。")
    return wanted


@transaction.atomic
def note_trial(draft: IdentityProvider, *, actor: Actor, at: datetime, said: Said, user: User) -> IdentityProvider:
    """Write down that an administrator came back from the prepared provider as a member of the city."""
    permissions.check(permissions.can_administer, actor)
    draft = _locked(draft, Stage.DRAFT)
    draft.tried_at, draft.tried_as = at, f"{user.name}（{user.email}）"
    draft.save(update_fields=["tried_at", "tried_as"])
    _record("sign_on.tried", draft, actor=actor, at=at, person=evidence.about(user), known_as=said.subject)
    return draft


@transaction.atomic
def begin(draft: IdentityProvider, *, actor: Actor, at: datetime) -> IdentityProvider:
    """Use what was prepared and tried, instead of what was used so far; raises SignOnRefused where it was not tried."""
    permissions.check(permissions.can_administer, actor)
    draft = _locked(draft, Stage.DRAFT)
    if draft.tried_at is None:
        raise SignOnRefused("まだ試していません。「試す」を押して、認証基盤から戻って来られることを確かめてください。")
    former = in_use_of(actor)
    if former is not None:
        draft.is_required, draft.keyholder = former.is_required, former.keyholder
        _retire(lock(former), at=at)
    draft.stage, draft.begun_at = Stage.ACTIVE, at
    draft.save(update_fields=["stage", "begun_at", "is_required", "keyholder"])
    _record("sign_on.begun", draft, actor=actor, at=at, domains=draft.domains)
    return draft


@transaction.atomic
def discard(draft: IdentityProvider, *, actor: Actor, at: datetime) -> None:
    """Give up what was prepared."""
    permissions.check(permissions.can_administer, actor)
    draft = _locked(draft, Stage.DRAFT)
    _record("sign_on.discarded", draft, actor=actor, at=at)
    draft.delete()


@transaction.atomic
def stop(active: IdentityProvider, *, actor: Actor, at: datetime) -> None:
    """Use the provider no longer: everybody signs in with their password again."""
    permissions.check(permissions.can_administer, actor)
    active = _locked(active, Stage.ACTIVE)
    _retire(active, at=at)
    _record("sign_on.stopped", active, actor=actor, at=at)


def _retire(row: IdentityProvider, *, at: datetime) -> None:
    row.stage, row.ended_at, row.is_required, row.sealed_secret = Stage.RETIRED, at, False, None
    row.save(update_fields=["stage", "ended_at", "is_required", "sealed_secret"])


@transaction.atomic
def require(
    active: IdentityProvider, *, actor: Actor, at: datetime, is_required: bool, keyholder: User | None
) -> IdentityProvider:
    """Ask the city's staff to come by the provider alone, but for one administrator; raises SignOnRefused."""
    permissions.check(permissions.can_administer, actor)
    active = _locked(active, Stage.ACTIVE)
    if is_required:
        _check_keyholder(keyholder, actor=actor)
        _check_everybody_gets_in(active, keyholder=keyholder, actor=actor)
    active.is_required, active.keyholder = is_required, keyholder
    active.save(update_fields=["is_required", "keyholder"])
    named = {"keyholder": evidence.about(keyholder)} if keyholder else {}
    _record("sign_on.required" if is_required else "sign_on.left_open", active, actor=actor, at=at, **named)
    return active


def _check_keyholder(keyholder: User | None, *, actor: Actor) -> None:
    keepers = Membership.objects.visible_to(actor).filter(role=Role.ADMINISTRATOR, user__is_active=True)
    if keyholder is None or not keepers.filter(user=keyholder, ends_date=None).exists():
        raise SignOnRefused("認証基盤が止まったときにパスワードで入る運用管理者を、一人選んでください。")
    if not keyholder.has_usable_password():
        raise SignOnRefused("その運用管理者は、まだパスワードを決めていません。")


def _check_everybody_gets_in(active: IdentityProvider, *, keyholder: User | None, actor: Actor) -> None:
    held = Membership.objects.visible_to(actor).filter(user__is_active=True, ends_date=None).exclude(user=keyholder)
    addresses = sorted(set(held.values_list("user__email", flat=True)))
    outside = [address for address in addresses if not active.speaks_for(address)]
    if outside:
        raise SignOnRefused(
            f"認証基盤に認めたドメインの外のアドレスの職員が{len(outside)}人います（{outside[0]} など）。"
            "ドメインを加えるか、その職員の役割を終えてから、求めてください。"
        )


@transaction.atomic
def unbind(identity: FederatedIdentity, *, actor: Actor, at: datetime) -> None:
    """Forget whom the provider means by a subject: the next time, they are found by their address again."""
    permissions.check(permissions.can_administer, actor)
    identity = lock(identity, "user")
    evidence.record(
        "sign_on.unbound",
        actor=actor,
        at=at,
        thread=evidence.thread_of(identity.user),
        subject=f"user:{identity.user_id}",
        person=evidence.about(identity.user),
        issuer=identity.issuer,
        known_as=identity.subject,
    )
    identity.delete()


def _locked(row: IdentityProvider, stage: Stage) -> IdentityProvider:
    row = lock(row)
    if row.stage != stage:
        raise SignOnRefused("ほかの運用管理者が、先に設定を変えました。いまの設定を確かめてください。")
    return row


def _record(action: str, row: IdentityProvider, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record(
        action,
        actor=actor,
        at=at,
        thread=evidence.CITY_THREAD,
        subject=f"identity_provider:{row.pk}",
        kind=row.get_kind_display(),
        issuer=row.issuer,
        **data,
    )

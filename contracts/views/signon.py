"""The city's single sign-on, as its administrators prepare, try, begin, require and stop it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.federation import views as federation
from accounts.federation.models import FederatedIdentity, IdentityProvider, Stage
from accounts.federation.services import settling
from accounts.federation.services.settling import SignOnRefused
from accounts.permissions import can_administer, requires
from accounts.requests import ActorRequest
from contracts.forms.signon import OidcForm, ProviderForm, RequireForm, SamlForm

PER_PAGE = 50


@require_safe
@requires(can_administer)
def sign_on_settings(request: ActorRequest) -> HttpResponse:
    """Show what is used, what is prepared, and who is bound to which subject."""
    return _page(request)


def _page(request: ActorRequest, form: RequireForm | None = None) -> HttpResponse:
    active, draft = settling.in_use_of(request.actor), settling.draft_of(request.actor)
    if active is not None and form is None:
        initial = {"is_required": active.is_required, "keyholder": active.keyholder_id}
        form = RequireForm(initial=initial, actor=request.actor)
    issuers = [each.issuer for each in (active, draft) if each is not None]
    rows = FederatedIdentity.objects.visible_to(request.actor).filter(issuer__in=issuers).select_related("user")
    context = {
        "active": active,
        "draft": draft,
        "form": form,
        "page": Paginator(rows.order_by("user__name", "pk"), PER_PAGE).get_page(request.GET.get("page")),
    }
    page = render(request, "contracts/settings/sign_on.html", context, status=422 if form and form.errors else 200)
    return federation.allowing(request, page, draft)


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def sign_on_oidc(request: ActorRequest) -> HttpResponse:
    """Prepare an OpenID Connect provider."""
    told = {"back": federation.back_of(request.city)}
    return _prepare(request, OidcForm, settling.prepare_oidc, "contracts/settings/sign_on_oidc.html", told)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def sign_on_saml(request: ActorRequest) -> HttpResponse:
    """Prepare a SAML provider."""
    told = {"acs": federation.acs_of(request.city), "entity": federation.entity_of(request.city)}
    return _prepare(request, SamlForm, settling.prepare_saml, "contracts/settings/sign_on_saml.html", told)


def _prepare(
    request: ActorRequest, kind: type[ProviderForm], prepare: Callable[..., object], page: str, told: dict[str, str]
) -> HttpResponse:
    row = settling.draft_of(request.actor) or settling.in_use_of(request.actor)
    form = kind(request.POST if request.method == "POST" else None, initial=kind.before(row, actor=request.actor))
    if form.is_valid():
        try:
            prepare(actor=request.actor, at=timezone.now(), **form.settled)
        except SignOnRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "設定を準備しました。次に「試す」を押してください。")
            return redirect("sign_on_settings")
    return render(request, page, {"form": form} | told, status=422 if form.errors else 200)


def _draft(request: ActorRequest) -> IdentityProvider:
    rows = IdentityProvider.objects.visible_to(request.actor).select_related("tenant")
    row: IdentityProvider = get_object_or_404(rows, stage=Stage.DRAFT)
    return row


def _active(request: ActorRequest) -> IdentityProvider:
    rows = IdentityProvider.objects.visible_to(request.actor)
    row: IdentityProvider = get_object_or_404(rows, stage=Stage.ACTIVE)
    return row


@require_POST
@requires(can_administer)
def sign_on_try(request: ActorRequest) -> HttpResponse:
    """Go to the prepared provider and come back, without signing in."""
    return federation.set_out(request, _draft(request), tester_id=request.actor.user_id)


@require_POST
@requires(can_administer)
def sign_on_begin(request: ActorRequest) -> HttpResponse:
    """Use what was prepared and tried."""
    settling.begin(_draft(request), actor=request.actor, at=timezone.now())
    messages.success(request, "認証基盤からのサインインを始めました。サインインの画面の案内から入れます。")
    return redirect("sign_on_settings")


@require_POST
@requires(can_administer)
def sign_on_discard(request: ActorRequest) -> HttpResponse:
    """Give up what was prepared."""
    settling.discard(_draft(request), actor=request.actor, at=timezone.now())
    messages.success(request, "準備した設定を捨てました。")
    return redirect("sign_on_settings")


@require_POST
@requires(can_administer)
def sign_on_stop(request: ActorRequest) -> HttpResponse:
    """Use the provider no longer."""
    settling.stop(_active(request), actor=request.actor, at=timezone.now())
    messages.success(request, "認証基盤からのサインインを終えました。職員は、パスワードでサインインします。")
    return redirect("sign_on_settings")


@require_POST
@requires(can_administer)
def sign_on_require(request: ActorRequest) -> HttpResponse:
    """Settle whether passwords still count."""
    active, form = _active(request), RequireForm(request.POST, actor=request.actor)
    if form.is_valid():
        try:
            settling.require(active, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except SignOnRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "設定を変えました。これからのサインインに当てはまります。")
            return redirect("sign_on_settings")
    return _page(request, form)


@require_POST
@requires(can_administer)
def sign_on_unbind(request: ActorRequest, identity_id: int) -> HttpResponse:
    """Forget whom the provider means by a subject."""
    identity = get_object_or_404(FederatedIdentity.objects.visible_to(request.actor), pk=identity_id)
    name = identity.user.name
    settling.unbind(identity, actor=request.actor, at=timezone.now())
    messages.success(request, f"{name}の結び付きを外しました。次のサインインで、アドレスから結び直します。")
    return redirect("sign_on_settings")

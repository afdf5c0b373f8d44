"""代決: who decides in whose stead, now, soon and in the past."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Delegation, User
from accounts.permissions import can_administer, can_delegate, is_member, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from accounts.services import delegating
from contracts.forms.people import DelegationForm
from contracts.views.people.shown import PAST, stage

PER_PAGE = 50


@require_safe
@requires(is_member)
def delegation_list(request: ActorRequest) -> HttpResponse:
    """List the delegations of the city, the latest first; who may revoke one sees its button."""
    rows = Delegation.objects.visible_to(request.actor).select_related("principal", "delegate")
    page = Paginator(rows.order_by("-last_date", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    today, all_mine = timezone.localdate(), can_administer(request.actor)
    stages = [(row, stage(row.first_date, row.last_date, today=today)) for row in page]
    own = {request.actor.user_id}
    context = {
        "page": page,
        "rows": [(row, where, where is not PAST and (all_mine or row.principal_id in own)) for row, where in stages],
        "may_add": can_delegate(request.actor),
        "may_administer": all_mine,
    }
    return render(request, "people/delegations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_delegate)
def delegation_new(request: ActorRequest) -> HttpResponse:
    """Name who stands in: for anyone as the administrator, for oneself otherwise."""
    actor, for_self = request.actor, not can_administer(request.actor)
    form = DelegationForm(request.POST or None, actor=actor, today=timezone.localdate(), for_self=for_self)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        if for_self:
            typed["principal"] = User.objects.get(email=actor.email)
        try:
            made = delegating.register(actor=actor, at=timezone.now(), **typed)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{made.principal.name}さんの代決者に、{made.delegate.name}さんを登録しました。")
            return redirect("delegation_list")
    context = {"form": form, "for_self": for_self, "may_administer": not for_self}
    return render(request, "people/delegation_new.html", context, status=422 if form.errors else 200)


@require_POST
@requires(can_delegate)
def delegation_revoke(request: ActorRequest, delegation_id: int) -> HttpResponse:
    """End a delegation today, or take back one that has not begun."""
    delegation = get_object_or_404(Delegation.objects.visible_to(request.actor), pk=delegation_id)
    delegating.revoke(delegation, actor=request.actor, at=timezone.now())
    messages.success(request, "代決を取り消しました。始まっていたものは、今日かぎりで終わります。")
    return redirect("delegation_list")

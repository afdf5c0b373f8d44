"""The guarantors whose certificates the city takes: a list for everyone, changed by administrators."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts.permissions import can_read
from guarantees.forms.institutions import InstitutionForm
from guarantees.forms.submitting import TYPE_AGAIN
from guarantees.models import Institution
from guarantees.services import institutions

PAGE_LENGTH = 50


@require_safe
@requires(can_read)
def institution_list(request: ActorRequest) -> HttpResponse:
    """List the guarantors of the city, and how their certificates are seen."""
    rows = Institution.objects.visible_to(request.actor).order_by("name", "branch")
    page = Paginator(rows, PAGE_LENGTH).get_page(request.GET.get("page"))
    context = {"page": page, "may_keep": can_administer(request.actor)}
    return render(request, "guarantees/institutions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
@sensitive_post_parameters("token")
def institution_new(request: ActorRequest) -> HttpResponse:
    """Enter a guarantor."""
    return _form_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
@sensitive_post_parameters("token")
def institution_edit(request: ActorRequest, institution_id: int) -> HttpResponse:
    """Change what is known of a guarantor."""
    return _form_page(request, get_object_or_404(Institution.objects.visible_to(request.actor), pk=institution_id))


def _form_page(request: ActorRequest, institution: Institution | None) -> HttpResponse:
    form = InstitutionForm(request.POST or None, institution=institution)
    if form.is_valid():
        try:
            kept = institutions.keep(institution, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
            if form.cleaned_data.get("token"):
                form.add_error("token", TYPE_AGAIN)
        else:
            messages.success(request, f"保証機関「{kept}」を登録しました。")
            return redirect("institution_list")
    context = {"form": form, "institution": institution}
    response = render(request, "guarantees/institution.html", context, status=422 if form.errors else 200)
    add_never_cache_headers(response)
    return response

"""The departments of the city, as the administrator keeps them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Department, Membership
from accounts.permissions import can_administer, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from accounts.services import departments
from contracts.forms.people import DepartmentForm

PER_PAGE = 50


@require_safe
@requires(can_administer)
def department_list(request: ActorRequest) -> HttpResponse:
    """List the departments, how to reach them and how many people are there today."""
    rows = Department.objects.visible_to(request.actor).order_by("name")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    held = Membership.objects.visible_to(request.actor).held_on(timezone.localdate())
    held = held.filter(department__in=[row.pk for row in page])
    people = dict(held.values_list("department_id").annotate(people=Count("user", distinct=True)))
    context = {"page": page, "rows": [(row, people.get(row.pk, 0)) for row in page]}
    return render(request, "people/departments.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def department_new(request: ActorRequest) -> HttpResponse:
    """Add a department."""
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("name", "email", "phone")}
        try:
            made = departments.add(actor=request.actor, at=timezone.now(), **typed)
        except Refusal as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, f"{made.name}を加えました。")
            return redirect("department_list")
    return render(request, "people/department.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(can_administer)
def department_edit(request: ActorRequest, department_id: int) -> HttpResponse:
    """Rename a department, or change how it is reached."""
    department = get_object_or_404(Department.objects.visible_to(request.actor), pk=department_id)
    initial = {name: getattr(department, name) for name in ("name", "email", "phone", "edit_number")}
    form = DepartmentForm(request.POST or None, initial=initial)
    form.fields["edit_number"].required = True
    if request.method == "POST" and form.is_valid():
        try:
            departments.change(department, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "課を変えました。これから作る書類とメールに反映されます。")
            return redirect("department_list")
    context = {"form": form, "department": department}
    return render(request, "people/department.html", context, status=422 if form.errors else 200)

"""What electronic contracts and guarantees have brought: a city's own figures, and those of all cities (R12, R97)."""

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.dates import fiscal_year, fiscal_year_text
from contracts.documents.printing import print_pdf
from contracts.figures import counting, platform, reporting
from contracts.figures.charts import charts
from contracts.figures.pictures import picture
from contracts.figures.reporting import Report
from contracts.streams.names import file_name

LINES = 50
TITLE = "電子契約と電子保証の実績"


@require_safe
@requires(permissions.can_read)
def figures(request: ActorRequest) -> HttpResponse:
    """Show a fiscal year of the city by department, each chart with its table."""
    found, years = _city(request)
    return render(request, "contracts/figures/city.html", _leaf(request, found) | {"years": years})


@require_safe
@requires(permissions.can_read)
def figures_file(request: ActorRequest) -> HttpResponse:
    """Hand out the city's table as CSV."""
    found, _ = _city(request)
    return _csv(found, request.city.name)


@require_POST
@requires(permissions.can_read)
@hands_out
def figures_paper(request: ActorRequest) -> HttpResponse:
    """Print the city's figures for the council, the charts beside the tables (PDF)."""
    found, _ = _city(request)
    return _pdf(found, request.city.name)


@require_safe
@requires(permissions.can_read)
def figures_picture(request: ActorRequest) -> HttpResponse:
    """Hand out one of the city's charts (`chart`), of the departments with the most contracts, as PNG."""
    found, _ = _city(request)
    return _png(_foremost(found), request.city.name, request.GET.get("chart", ""), page="figures")


@require_safe
@requires(permissions.operates)
def platform_figures(request: ActorRequest) -> HttpResponse:
    """Show a fiscal year of all municipalities, as each city's night has left it."""
    found, years = _platform(request)
    return render(request, "contracts/figures/platform.html", _leaf(request, found) | {"years": years})


def _leaf(request: ActorRequest, found: Report) -> dict[str, Any]:
    """Give a page of the lines, with the sum of all."""
    page = Paginator(found.rows, LINES).get_page(request.GET.get("page"))
    shown = Report(found.year, found.of, list(page), found.total)
    return {"report": shown, "charts": charts(shown), "page": page}


@require_safe
@requires(permissions.operates)
def platform_figures_file(request: ActorRequest) -> HttpResponse:
    """Hand out the table of all municipalities as CSV."""
    found, _ = _platform(request)
    return _csv(found, platform.WHOLE)


@require_POST
@requires(permissions.operates)
def platform_figures_paper(request: ActorRequest) -> HttpResponse:
    """Print the figures of all municipalities (PDF); those with the most contracts, where they are many."""
    found, _ = _platform(request)
    shown = _foremost(found)
    return _pdf(shown, platform.WHOLE, left_out=len(found.rows) - len(shown.rows))


def _foremost(found: Report) -> Report:
    """Keep the lines with the most contracts, where they are too many to draw."""
    first = sorted(found.rows, key=lambda row: -row.figures.contracts)[:LINES]
    return Report(found.year, found.of, first, found.total)


@require_safe
@requires(permissions.operates)
def platform_figures_picture(request: ActorRequest) -> HttpResponse:
    """Hand out one chart (`chart`) of the municipalities with the most contracts as PNG."""
    found, _ = _platform(request)
    return _png(_foremost(found), platform.WHOLE, request.GET.get("chart", ""), page="platform_figures")


def _city(request: ActorRequest) -> tuple[Report, dict[int, str]]:
    return _asked(request, counting.first_year, reporting.report)


def _platform(request: ActorRequest) -> tuple[Report, dict[int, str]]:
    return _asked(request, platform.first_year, platform.report)


def _asked(
    request: ActorRequest, first_year: Callable[..., int | None], report: Callable[..., Report]
) -> tuple[Report, dict[int, str]]:
    """Make the report of the fiscal year in the address, or of this one; and name the years there are."""
    this_year = fiscal_year(timezone.localdate())
    first = min(first_year(request.actor) or this_year, this_year)
    years = {year: fiscal_year_text(year) for year in range(this_year, first - 1, -1)}
    asked = request.POST.get("year") or request.GET.get("year", "")
    year = next((each for each in years if str(each) == asked), this_year)
    return report(year, actor=request.actor), years


def _csv(found: Report, whose: str) -> HttpResponse:
    content = b"".join(reporting.write(found))
    return HttpResponse(content, content_type="text/csv", headers=_headers(found, whose, "csv"))


def _pdf(found: Report, whose: str, **more: Any) -> HttpResponse:
    about = _about(found, whose) | {"charts": charts(found), **more}
    content = print_pdf("contracts/pdf/figures.html", about, styles=["figures.css"])
    return HttpResponse(content, content_type="application/pdf", headers=_headers(found, whose, "pdf"))


def _png(found: Report, whose: str, asked: str, *, page: str) -> HttpResponse:
    """Draw the chart asked for, or the first; where there is nothing to draw, the page says so."""
    drawn = {chart.key: chart for chart in charts(found)}
    chart = drawn.get(asked) or next(iter(drawn.values()), None)
    if chart is None:
        return redirect(f"{reverse(page)}?year={found.year}")
    content = picture(chart, _about(found, whose))
    return HttpResponse(content, content_type="image/png", headers=_headers(found, whose, "png", chart.title))


def _about(found: Report, whose: str) -> dict[str, Any]:
    title = f"{whose} {TITLE} {found.year_text}"
    return {"report": found, "whose": whose, "today": timezone.localdate(), "title": title}


def _headers(found: Report, whose: str, ending: str, title: str = TITLE) -> dict[str, str]:
    filename = file_name(whose, title, found.year_text) + f".{ending}"
    disposition = content_disposition_header(True, filename) or "attachment"  # noqa: FBT003
    return {"Content-Disposition": disposition, "Cache-Control": "no-store"}

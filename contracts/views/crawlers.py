"""What search engines are told: the public help of each city is to be found, everything else is not to be looked at."""

from xml.etree import ElementTree

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.models import Organization, OrganizationKind
from accounts.permissions import public

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
DAY = 24 * 60 * 60
OF_CITIES = ("city_guide", "city_checklist", "city_rules", "city_about", "city_records", "city_outage")
OF_ALL = ("public_verify", "acrobat")


@public
@require_safe
@cache_control(public=True, max_age=DAY)
def robots(_request: HttpRequest) -> HttpResponse:
    """Let crawlers into the public help alone; a trial installation is not to be found at all."""
    lines = ["User-agent: *", "Disallow: /"]
    if not settings.TEST_CERTIFICATE:
        lines += [f"Allow: {reverse(name, kwargs={'city': 'x'}).replace('/x/', '/*/')}" for name in OF_CITIES]
        lines += [f"Allow: {reverse(name)}" for name in OF_ALL]
        lines += ["Allow: /static/", f"Sitemap: {settings.BASE_URL}{reverse('sitemap')}"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@public
@require_safe
@cache_control(public=True, max_age=DAY)
def sitemap(_request: HttpRequest) -> HttpResponse:
    """List the public help of every city (sitemaps.org 0.9)."""
    cities = Organization.objects.filter(kind=OrganizationKind.MUNICIPALITY).order_by("slug")
    slugs = cities.values_list("slug", flat=True)
    paths = [reverse(name, kwargs={"city": slug}) for slug in slugs for name in OF_CITIES]
    listed = ElementTree.Element("urlset", xmlns=SITEMAPS)
    for path in [*map(reverse, OF_ALL), *paths]:
        ElementTree.SubElement(ElementTree.SubElement(listed, "url"), "loc").text = f"{settings.BASE_URL}{path}"
    content = ElementTree.tostring(listed, encoding="utf-8", xml_declaration=True)
    return HttpResponse(content, content_type="application/xml")

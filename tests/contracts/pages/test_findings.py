"""The check of the wording of a draft says what it did not read."""

import pytest
from django.urls import reverse

from signing import leaves
from tests.contracts.pages.conftest import user_of

pytestmark = pytest.mark.django_db


def test_an_upload_that_takes_too_much_is_said_to_be_unread(tosu, desk, monkeypatch):
    tosu.sent()
    monkeypatch.setattr(leaves, "WALL_SECONDS", 0.001)

    page = desk(tosu.tenant, user=user_of(tosu.drafter)).get(reverse("version_findings", args=[tosu.version.pk]))

    assert "「特記仕様書」は、限られた時間では読み取れないため、点検していません。" in page.content.decode()

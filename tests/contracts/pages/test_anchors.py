"""The public page of the anchors: what anyone may take home and check without us."""

import base64
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from audit import anchoring, publishing
from audit.models import Anchor
from signing.standalone import verify
from tests.stories import story

pytestmark = pytest.mark.django_db
ADDRESS = "/log/anchors/"


@pytest.fixture
def anchors() -> list[Anchor]:
    """Two anchors: the first attested, the second waiting for its token."""
    at = timezone.now()
    story().invited()
    first = anchoring.drop(at=at)
    while anchoring.stamp_next(stamp=lambda digest: b"token over " + digest):
        pass
    story("usuki")
    second = anchoring.drop(at=at + timedelta(minutes=10))
    first.refresh_from_db()
    return [first, second]


def test_anyone_sees_the_anchors_newest_first(client, anchors):
    page = client.get(ADDRESS).content.decode()

    first, second = anchors
    assert page.index(second.hash) < page.index(first.hash)
    assert f"/log/anchors/{first.number}/token.tst" in page
    assert f"/log/anchors/{second.number}/token.tst" not in page
    assert "これから付きます" in page


def test_a_list_is_what_the_verifier_takes(client, anchors, tmp_path):
    first = (anchors[0].number - 1) // publishing.MOST * publishing.MOST + 1
    response = client.get(f"/log/anchors/{first}/list.json")
    assert "attachment" in response["Content-Disposition"]
    (tmp_path / "list.json").write_bytes(response.content)

    published = verify._published(tmp_path / "list.json")

    assert published[anchors[0].number] == anchors[0].hash
    told = {json.loads(each["text"])["number"]: each for each in json.loads(response.content)["anchors"]}
    assert base64.b64decode(told[anchors[0].number]["token"]) == bytes(anchors[0].token)
    assert told[anchors[1].number]["token"] == ""


def test_a_token_is_handed_out_as_the_authority_gave_it(client, anchors):
    assert client.get(f"/log/anchors/{anchors[0].number}/token.tst").content == bytes(anchors[0].token)
    assert client.get(f"/log/anchors/{anchors[1].number}/token.tst").status_code == 404
    assert client.get(f"/log/anchors/{10**15}/list.json").status_code == 404


def test_the_pages_follow_each_other_without_counting(client, anchors, monkeypatch):
    monkeypatch.setattr("contracts.views.anchors.PAGE", 1)

    page = client.get(ADDRESS).content.decode()
    assert anchors[0].hash not in page
    assert f"?before={anchors[1].number}" in page
    assert anchors[0].hash in client.get(f"{ADDRESS}?before={anchors[1].number}").content.decode()
    for odd in ("x", "9" * 30, "²", "-1"):
        assert client.get(ADDRESS, {"before": odd}).status_code == 200

"""The order of what is signed with a contract: given by the drafter, kept by the frozen set."""

import pytest
from django.utils import timezone

from contracts.services.editing import Overtaken
from contracts.services.versions import drafting
from contracts.services.versions.drafting import DraftRefused
from tests import factories
from tests.contracts.services.test_drafting_and_approving import add, drafted
from tests.stories import Story

pytestmark = pytest.mark.django_db


def move(tosu: Story, version, document, *, up: bool, edit_number: int) -> None:
    drafting.move_document(
        version, document_id=document.pk, up=up, actor=tosu.drafter, at=timezone.now(), edit_number=edit_number
    )


def test_the_frozen_set_stands_in_the_order_that_the_drafter_gave_it(tosu):
    version = drafted(tosu.accepted())
    plan, removed, list_, specification = (
        add(tosu, version, factories.pdf(), title) for title in ("図面", "旧版", "内訳書", "特記仕様書")
    )
    drafting.remove_document(version, document_id=removed.pk, actor=tosu.drafter, at=timezone.now())

    move(tosu, version, specification, up=True, edit_number=0)
    move(tosu, version, specification, up=True, edit_number=1)
    move(tosu, version, plan, up=False, edit_number=2)
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    titles = [row.title for row in version.documents.filter(removed_at=None).order_by("order")]
    assert titles == ["工事請負契約書", specification.title, list_.title, plan.title]


def test_an_upload_at_the_end_goes_no_further_and_a_stale_page_moves_nothing(tosu):
    version = drafted(tosu.accepted())
    plan, specification = add(tosu, version, factories.pdf(), "図面"), add(tosu, version, factories.pdf(), "仕様書")

    with pytest.raises(DraftRefused, match="これより先へは"):
        move(tosu, version, specification, up=False, edit_number=0)
    move(tosu, version, plan, up=False, edit_number=0)
    with pytest.raises(Overtaken):
        move(tosu, version, plan, up=True, edit_number=0)
    with pytest.raises(Overtaken):
        drafting.submit(version, actor=tosu.drafter, at=timezone.now(), edit_number=0)

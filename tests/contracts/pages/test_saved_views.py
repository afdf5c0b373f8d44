"""Questions to the archive are kept under a name, opened again as they were, and shown to whom they are shared."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department, Role
from audit.models import Event
from contracts.models import SavedView, ViewPage
from contracts.services import savedviews
from contracts.services.savedviews import ViewRefused
from tests.contracts.pages.conftest import user_of

QUESTION = "q=%E6%A9%8B+500%E4%B8%87%E5%86%86%E4%BB%A5%E4%B8%8A&kind=construction&order=-amount"


def saved(actor, name="橋の工事", *, is_shared=False, question=QUESTION):
    return savedviews.save(question, name=name, is_shared=is_shared, actor=actor, at=timezone.now())


def kept(question, name, page="archive") -> dict[str, str]:
    """Fill in the form by which a page's question is kept."""
    return {"page": page, "question": question, "name": name}


@pytest.fixture
def mine(tosu, desk):
    return desk(tosu.tenant, user=user_of(tosu.drafter))


def test_a_question_is_kept_from_its_page_and_opens_as_it_was(mine):
    asked = mine.get(f"{reverse('archive')}?{QUESTION}")

    done = mine.post(reverse("view_save"), kept(asked.context["question"], "橋の工事"), follow=True)

    assert done.status_code == 200
    assert "「橋の工事」として条件を保存しました。" in done.content.decode()
    (view,) = mine.get(reverse("archive")).context["views"]
    again = mine.get(f"{reverse('archive')}?{view.question}")
    assert again.context["form"].wanted == asked.context["form"].wanted
    assert again.context["form"].sorting == asked.context["form"].sorting


def test_only_what_the_page_knows_is_kept(tosu, mine):
    mine.post(reverse("view_save"), kept("q=橋&after=2026-01-01.5&evil=%22%3E&state=1&party=", "橋"))

    (view,) = SavedView.objects.visible_to(tosu.drafter)
    assert view.question == "q=%E6%A9%8B&state=1"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": ""}, "入力が必要です"),
        ({"name": "橋\u202e"}, "使えない"),
        ({"name": "橋の工事"}, "すでにあります"),
        ({"name": "別", "question": ""}, "条件がありません"),
        ({"name": "別", "question": "q=" + "あ" * 2000}, "条件が多すぎて"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_what_was_typed(tosu, mine, typed, says):
    saved(tosu.drafter)

    refused = mine.post(reverse("view_save"), kept(QUESTION, "") | typed)

    assert refused.status_code == 422
    assert says in refused.content.decode()
    assert SavedView.objects.visible_to(tosu.drafter).count() == 1


def test_a_personal_view_is_seen_by_its_owner_alone_and_a_shared_one_by_the_city(tosu, desk, mine):
    saved(tosu.drafter, "自分の")
    saved(tosu.drafter, "みんなの", is_shared=True)
    auditor = desk(tosu.tenant, Role.AUDITOR)

    own = mine.get(reverse("archive_views")).content.decode()
    seen = auditor.get(reverse("archive_views")).content.decode()

    assert "自分の" in own
    assert "みんなの" in own
    assert "自分の" not in seen
    assert "みんなの" in seen
    assert "を削除する" in own
    assert "を削除する" not in seen
    assert [view.name for view in auditor.get(reverse("archive")).context["views"]] == ["みんなの"]


def test_the_list_says_in_words_what_a_view_asks(tosu, mine):
    saved(tosu.drafter)

    told = mine.get(reverse("archive_views")).context["views"][0]["conditions"]

    assert [(each.subject, each.text) for each in told] == [
        ("語", "橋"),
        ("金額", "5,000,000円以上"),
        ("区分", "建設工事"),
    ]


def test_its_owner_renames_shares_and_deletes_a_view(tosu, mine):
    view = saved(tosu.drafter)

    mine.post(reverse("view_change", args=[view.pk]), {"name": "橋りょう", "is_shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("橋りょう", True)

    mine.post(reverse("view_delete", args=[view.pk]))
    assert not SavedView.objects.visible_to(tosu.drafter).exists()
    done = Event.objects.of_tenant(tosu.tenant.pk).filter(action__startswith="view.").order_by("seq")
    assert list(done.values_list("action", flat=True)) == ["view.saved", "view.changed", "view.deleted"]


def test_a_name_that_is_taken_is_refused_where_it_was_typed(tosu, mine):
    saved(tosu.drafter, "一つ目")
    view = saved(tosu.drafter, "二つ目")

    refused = mine.post(reverse("view_change", args=[view.pk]), {"name": "一つ目"})

    assert refused.status_code == 422
    assert "すでにあります" in refused.content.decode()


def test_a_colleague_opens_a_shared_view_and_cannot_change_it(tosu, desk):
    view = saved(tosu.drafter, is_shared=True)
    colleague = desk(tosu.tenant, user=user_of(tosu.approver))

    assert colleague.get(f"{reverse('archive')}?{view.question}").status_code == 200
    assert colleague.post(reverse("view_delete", args=[view.pk])).status_code == 409
    assert colleague.post(reverse("view_change", args=[view.pk]), {"name": "私の"}).status_code == 422
    view.refresh_from_db()
    assert view.name == "橋の工事"


def test_a_colleague_does_not_even_find_a_personal_view(tosu, desk):
    view = saved(tosu.drafter)
    colleague = desk(tosu.tenant, user=user_of(tosu.approver))

    assert colleague.post(reverse("view_delete", args=[view.pk])).status_code == 404


def test_one_person_keeps_a_bounded_number_of_views(tosu, monkeypatch):
    monkeypatch.setattr(savedviews, "MOST_OF_ONE", 2)
    saved(tosu.drafter, "一つ目")
    saved(tosu.drafter, "二つ目")
    saved(tosu.approver, "一つ目")

    with pytest.raises(ViewRefused, match="2件まで"):
        saved(tosu.drafter, "三つ目")


def test_the_list_asks_no_more_for_many_views_than_for_one(tosu, mine, django_assert_max_num_queries):
    saved(tosu.drafter, "1")
    with django_assert_max_num_queries(20) as one:
        mine.get(reverse("archive_views"))
    for number in range(2, 9):
        saved(tosu.drafter, str(number), is_shared=True)
    with django_assert_max_num_queries(20) as many:
        mine.get(reverse("archive_views"))
    assert len(many) <= len(one)


def test_a_question_to_the_list_of_cases_is_kept_there_and_the_archive_does_not_show_it(tosu, mine):
    address = f"{reverse('case_list')}?state=asking&view=board"
    question = mine.get(address).context["question"]

    done = mine.post(reverse("view_save"), kept(question, "朝のボード", page="cases"))

    assert done["Location"] == address
    assert [view.name for view in mine.get(reverse("case_list")).context["views"]] == ["朝のボード"]
    assert list(mine.get(reverse("archive")).context["views"]) == []
    assert mine.get(reverse("archive_views")).context["views"] == []


def test_the_same_name_may_stand_for_a_question_on_each_page_but_only_once_on_one(tosu, mine):
    saved(tosu.drafter)

    assert mine.post(reverse("view_save"), kept("state=asking", "橋の工事", page="cases")).status_code == 302
    refused = mine.post(reverse("view_save"), kept("state=signing", "橋の工事", page="cases"))

    assert refused.status_code == 422
    assert "すでにあります" in refused.content.decode()


def test_the_list_of_cases_keeps_only_what_it_knows_and_says_it_in_words(tosu, mine):
    department = Department.unscoped.get(tenant=tosu.tenant, name="建設課")
    asked = f"words=橋&state=open&department={department.pk}&deadline=near&view=board&after=7&evil=x"
    mine.post(reverse("view_save"), kept(asked, "急ぐ橋", page="cases"))

    (told,) = mine.get(reverse("case_views")).context["views"]

    assert "after" not in told["view"].question
    assert "evil" not in told["view"].question
    assert [(each.subject, each.text) for each in told["conditions"]] == [
        ("言葉", "橋"), ("段階", "手続き中"), ("担当課", "建設課"),
        ("契約締結期限", "3日以内に来る"), ("表示", "ボード"),
    ]  # fmt: skip
    assert mine.get(told["href"]).status_code == 200


def test_a_page_that_keeps_no_questions_is_refused(mine):
    refused = mine.post(reverse("view_save"), kept("q=橋", "橋", page="log"))

    assert refused.status_code == 422


def test_the_kept_questions_to_the_cases_cost_the_same_however_many_they_are(tosu, mine, django_assert_max_num_queries):
    department = Department.unscoped.get(tenant=tosu.tenant, name="建設課")
    for number in range(12):
        question = f"department={department.pk}&state=asking"
        savedviews.save(
            question, name=f"{number}", is_shared=False, actor=tosu.drafter, at=timezone.now(), page=ViewPage.CASES
        )

    mine.get(reverse("case_views"))
    with django_assert_max_num_queries(13):
        assert len(mine.get(reverse("case_views")).context["views"]) == 12


def test_what_is_kept_renamed_and_deleted_stands_in_the_thread_of_its_page(tosu, mine):
    mine.post(reverse("view_save"), kept("state=asking", "承諾書", page="cases"))
    view = SavedView.objects.visible_to(tosu.drafter).get()
    mine.post(reverse("view_change", args=[view.pk]), {"name": "承諾待ち"})
    gone = mine.post(reverse("view_delete", args=[view.pk]))

    assert gone["Location"] == reverse("case_views")
    done = Event.objects.of_tenant(tosu.tenant.pk).filter(action__startswith="view.").order_by("seq")
    assert [(event.action, event.thread) for event in done] == [
        ("view.saved", "cases"), ("view.changed", "cases"), ("view.deleted", "cases"),
    ]  # fmt: skip

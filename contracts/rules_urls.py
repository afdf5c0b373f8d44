"""Addresses of the rules of a city: every version to read, and the draft of the next one."""

from django.urls import path

from contracts.views import rule_draft, rules

urlpatterns = [
    path("rules/", rules.rule_book, name="rules"),
    path("rules/<int:rule_set_id>/", rules.rule_set, name="rule_set"),
    path("rules/<int:rule_set_id>/file/", rules.rule_file, name="rule_file"),
    path("rules/compare/", rules.rule_compare, name="rule_compare"),
    path("rules/draft/", rule_draft.rule_draft, name="rule_draft"),
    path("rules/draft/begin/", rule_draft.rule_draft_begin, name="rule_draft_begin"),
    path("rules/draft/load/", rule_draft.rule_draft_load, name="rule_draft_load"),
    path("rules/draft/discard/", rule_draft.rule_draft_discard, name="rule_draft_discard"),
    path("rules/draft/preview/", rule_draft.rule_draft_preview, name="rule_draft_preview"),
    path("rules/draft/publish/", rule_draft.rule_draft_publish, name="rule_draft_publish"),
    path("rules/draft/<path:where>/", rule_draft.rule_draft_page, name="rule_draft_page"),
]

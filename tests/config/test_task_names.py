"""A bell that an older version rang is heard by the newer: the names of tasks stay, and what they carry is ignored."""

import inspect

import pytest
from django.conf import settings

from config.celery import app

# 一度出した名。なくすときは、何もしないタスクを一つの版だけ残してから、ここから外す
RELEASED = frozenset(
    {
        "config.tasks.anchor_journal",
        "config.tasks.write_out_anchors",
        "contracts.tasks.carry_out",
        "contracts.tasks.check_nightly",
        "contracts.tasks.check_records",
        "contracts.tasks.count_archives",
        "contracts.tasks.dispose",
        "contracts.tasks.file_old",
        "contracts.tasks.sample_grams",
        "contracts.tasks.upkeep",
        "contracts.tasks.watch_certificates",
        "contracts.tasks.watch_renewals",
        "contracts.tasks.watch_sealing",
        "contracts.tasks.work",
        "contracts.tasks.write_figures",
        "guarantees.tasks.issue",
        "guarantees.tasks.sweep",
        "notifications.tasks.deliver",
        "notifications.tasks.fetch_bounces",
        "notifications.tasks.remind",
    }
)


def known() -> set[str]:
    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_every_name_that_was_released_is_still_answered():
    assert known() >= RELEASED


def test_everything_on_the_timetable_is_answered():
    assert known() >= {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_a_bell_with_arguments_of_another_version_does_no_harm(name):
    known()
    signature = inspect.signature(app.tasks[name].run)

    signature.bind()
    signature.bind(contract_id=7, added_later=True)

"""The rounds that pick up what no bell rang for: the row is the queue, Celery is only the doorbell."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "work": {"task": "contracts.tasks.work", "schedule": 15, "options": {"expires": 15}},
    "watch-certificates": {
        "task": "contracts.tasks.watch_certificates",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "write-figures": {"task": "contracts.tasks.write_figures", "schedule": 3600, "options": {"expires": 3600}},
    "file-old": {"task": "contracts.tasks.file_old", "schedule": 60, "options": {"expires": 60}},
    "count-archives": {"task": "contracts.tasks.count_archives", "schedule": 60, "options": {"expires": 60}},
    "sample-grams": {"task": "contracts.tasks.sample_grams", "schedule": 21600, "options": {"expires": 21600}},
    "upkeep": {"task": "contracts.tasks.upkeep", "schedule": 60, "options": {"expires": 60}},
    "carry-out": {"task": "contracts.tasks.carry_out", "schedule": 15, "options": {"expires": 15}},
    "end-visits": {"task": "contracts.tasks.end_visits", "schedule": 30, "options": {"expires": 30}},
    "dispose": {"task": "contracts.tasks.dispose", "schedule": 60, "options": {"expires": 60}},
    "watch-renewals": {"task": "contracts.tasks.watch_renewals", "schedule": 3600, "options": {"expires": 3600}},
    "watch-sealing": {"task": "contracts.tasks.watch_sealing", "schedule": 60, "options": {"expires": 60}},
    "issue": {"task": "guarantees.tasks.issue", "schedule": 15, "options": {"expires": 15}},
    "erase-keys": {"task": "guarantees.tasks.sweep", "schedule": 600, "options": {"expires": 600}},
    "tell-systems": {"task": "contracts.tasks.tell_systems", "schedule": 15, "options": {"expires": 15}},
    "forget-answers": {"task": "contracts.tasks.forget_answers", "schedule": 3600, "options": {"expires": 3600}},
    "deliver": {"task": "notifications.tasks.deliver", "schedule": 15, "options": {"expires": 15}},
    "send-password-links": {"task": "accounts.tasks.send_password_links", "schedule": 15, "options": {"expires": 15}},
    "sweep-tries": {"task": "accounts.tasks.sweep", "schedule": crontab(hour=4, minute=20)},
    "remind": {"task": "notifications.tasks.remind", "schedule": 300, "options": {"expires": 300}},
    "anchor-journal": {"task": "config.tasks.anchor_journal", "schedule": 600, "options": {"expires": 600}},
    "check-nightly": {"task": "contracts.tasks.check_nightly", "schedule": crontab(hour=1, minute=30)},
    "check-records": {"task": "contracts.tasks.check_records", "schedule": 60, "options": {"expires": 60}},
    "write-out-anchors": {"task": "config.tasks.write_out_anchors", "schedule": crontab(hour=2, minute=45)},
    "report-morning": {"task": "config.tasks.report_morning", "schedule": crontab(hour=6, minute=45)},
    "finish-rotations": {"task": "config.tasks.finish_rotations", "schedule": crontab(hour=3, minute=15)},
    "sweep-rooms": {"task": "config.tasks.sweep_rooms", "schedule": 1800, "options": {"expires": 1800}},
    "fetch-bounces": {"task": "notifications.tasks.fetch_bounces", "schedule": 60, "options": {"expires": 60}},
}

"""The same lines from worker and beat, each with the task at hand."""

import logging.config
from contextlib import ExitStack
from typing import Any

from celery.signals import setup_logging, task_postrun, task_prerun
from django.conf import settings

from config.logs import scene

_open: dict[str, ExitStack] = {}


@setup_logging.connect
def set_up(**_later: Any) -> None:
    """Keep Celery from setting up its own way of writing."""
    logging.config.dictConfig(settings.LOGGING)


@task_prerun.connect
def enter(task_id: str = "", task: Any = None, **_later: Any) -> None:
    """Begin the scene of a task."""
    stack = ExitStack()
    stack.enter_context(scene.of(task=getattr(task, "name", ""), run=task_id[:8]))
    _open[task_id] = stack


@task_postrun.connect
def leave(task_id: str = "", **_later: Any) -> None:
    """End the scene of a task."""
    if stack := _open.pop(task_id, None):
        stack.close()

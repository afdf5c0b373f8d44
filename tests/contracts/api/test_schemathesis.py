"""The API against its own description: whatever is sent, nothing breaks, and every answer is as described."""

import json
import os
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from accounts import tenancy
from config.api import description
from config.wsgi import application
from tests.contracts.api.conftest import System, connect
from tests.stories import story

# make fuzz-api は、もっと長く
EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(description())))
schema.app = application


@pytest.fixture
def system(db: None) -> Iterator[System]:
    """Connect a system to a city at work; what a test wrote is undone with its own connection, so that one stays."""
    told = story()
    told.invited()
    made = connect(told.tenant)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield made
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case, system):
    tenancy.forget()

    # 形の正しい求めも、市の決まりや、いまの行に合わなければ断る。だから、受け入れたかどうかだけは問わない
    case.call_and_validate(
        headers={"Authorization": f"Bearer {system.secret}"}, excluded_checks=[positive_data_acceptance]
    )

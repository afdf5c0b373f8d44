"""The kinds of doors that an address may have."""

from dataclasses import dataclass

from accounts.models import Role
from contracts.models import Purpose


@dataclass(frozen=True)
class Desk:
    """A page for staff: `roles` pass the door; `at` names the case of the scene whose ids fill the address.

    Where a page `hands_out`, a POST changes nothing but the journal, and auditors may press it as well.
    """

    roles: frozenset[Role]
    methods: frozenset[str]
    at: str = "concluded"
    hands_out: bool = False


@dataclass(frozen=True)
class Link:
    """A page behind a mailed link, for one purpose."""

    purpose: Purpose
    methods: frozenset[str]


@dataclass(frozen=True)
class Open:
    """A page for anyone."""

    methods: frozenset[str]


@dataclass(frozen=True)
class Visit:
    """A page behind a way in of its own, with tests of its own.

    A guarantor's correspondents: tests/guarantees/issuing/test_doors.py; 受注者の窓口, of one city and of all, and the
    renewal of a download: tests/contracts/links/test_inbox.py, test_across.py and test_renewing.py; the way to a
    password: tests/accounts/test_passwords.py; the way back from a city's identity provider:
    tests/accounts/federation/.
    """

    methods: frozenset[str]


@dataclass(frozen=True)
class Machine:
    """An address for other systems, which show a token: tests/guarantees/registry/, tests/contracts/api/.

    Browsers report to one as well, and show nothing: tests/config/test_violations.py.
    """

    methods: frozenset[str]

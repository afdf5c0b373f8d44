"""What the city expects a certificate to say: the contract, and what was handed in with the notice."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Clauses:
    """The general terms of the original contract and those the city asks for (R117); names "" where unknown.

    `electronic` tells whether they let a certificate be deposited electronically, None where nobody knows;
    `seen` that a clerk has seen on the paper contract that they are the ones asked for.
    """

    name: str = ""
    effective_date: date | None = None
    electronic: bool | None = None
    required_name: str = ""
    required_date: date | None = None
    seen: bool = False


@dataclass(frozen=True)
class Namesake:
    """Another guarantee of the city under the same number, and whether it was given back."""

    title: str
    type_label: str
    is_released: bool = False


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a certificate must say; amounts in whole yen, names in the ways the city writes them, best first.

    `institution` is the one registered, `seal_name` in whose name it seals, `institutions` all that the city takes.
    `earlier_ends` are the ends of the work before it was changed: a certificate of a 保証事業会社 (`follows_work`)
    follows the work by itself (R106). `maximum` is None where there is no upper limit; `today` is the day of the
    check in Japan.
    """

    type: str
    type_label: str
    number: str
    city: str
    beneficiaries: tuple[str, ...]
    applicants: tuple[str, ...]
    institution: str
    seal_name: str
    institutions: tuple[str, ...]
    work_title: str
    price: int
    minimum: int
    maximum: int | None
    work_from: date
    work_until: date
    today: date
    contracted_date: date | None = None
    earlier_prices: tuple[int, ...] = ()
    earlier_ends: tuple[date, ...] = ()
    follows_work: bool = True
    is_change: bool = False
    clauses: Clauses | None = None
    namesakes: tuple[Namesake, ...] = ()

"""Each question notices what it asks about: the evidence of a drill is spoilt by hand, one way at a time."""

import ast
import copy
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from config.embedded.children import BASE_DIR
from tests.torture.checker.evidence import Evidence
from tests.torture.checker.invariants import INVARIANTS
from tests.torture.flight import Flight

pytestmark = pytest.mark.xdist_group("torture")
CHECKER = Path(__file__).parent / "checker"
OF_THE_PRODUCT = {"django", *(path.parent.name for path in BASE_DIR.glob("*/apps.py"))}
DAY = timedelta(days=1)


def concluded(evidence: Evidence) -> dict[str, object]:
    return next(row for row in evidence.rows["versions"] if row["state"] == "concluded")


def lose_a_case(evidence: Evidence) -> None:
    evidence.rows["cases"].pop()


def leave_a_version_unconcluded(evidence: Evidence) -> None:
    concluded(evidence)["state"] = "seal_waiting"


def add_a_case(evidence: Evidence) -> None:
    evidence.rows["cases"].append(evidence.rows["cases"][0] | {"number": "見知らぬ案件"})


def leave_a_job(evidence: Evidence) -> None:
    evidence.rows["jobs"][0]["state"] = "queued"


def sign_twice(evidence: Evidence) -> None:
    signed = next(row for row in evidence.documents()[0]["revisions"] if row["step_id"])
    evidence.rows["revisions"].append(signed | {"id": 0, "number": 9})


def strip_the_last_signature(evidence: Evidence) -> None:
    """Cut a paper back to the contractor's signature, as it stood before the city signed."""
    path = paper(evidence)
    content = path.read_bytes()
    first = content.index(b"%%EOF", content.index(b"/ByteRange")) + 6
    path.write_bytes(content[:first])


def hand_out_something_else(evidence: Evidence) -> None:
    taken = [each for each in evidence.people if each["did"] == "took"]
    evidence.people.append(taken[0] | {"sha256": "0" * 64})


def refuse_to_hand_out(evidence: Evidence) -> None:
    next(each for each in evidence.people if each["did"] == "took")["answer"] = 404


def hand_out_nothing(evidence: Evidence) -> None:
    evidence.people[:] = [each for each in evidence.people if each["did"] != "took"]


def append_to_a_paper(evidence: Evidence) -> None:
    path = paper(evidence)
    path.write_bytes(path.read_bytes() + b"\n% after the last seal\n")


def change_a_byte_of_a_paper(evidence: Evidence) -> None:
    path = paper(evidence)
    content = bytearray(path.read_bytes())
    content[content.index(b"/MediaBox") + 1] ^= 1
    path.write_bytes(content)


def lose_a_paper(evidence: Evidence) -> None:
    paper(evidence).unlink()


def change_an_event(evidence: Evidence) -> None:
    evidence.rows["events"][5]["subject"] = "version:0"


def lose_an_event(evidence: Evidence) -> None:
    del evidence.rows["events"][5]


def cut_off_the_last_event(evidence: Evidence) -> None:
    evidence.rows["events"].pop()


def conclude_silently(evidence: Evidence) -> None:
    evidence.rows["versions"].append(concluded(evidence) | {"id": 0})


def seal_silently(evidence: Evidence) -> None:
    next(row for row in evidence.rows["revisions"] if row["step_id"])["sha256"] = "0" * 64


def lose_an_object(evidence: Evidence) -> None:
    row = evidence.rows["files"][0]
    evidence.objects[:] = [each for each in evidence.objects if row["sha256"] not in each["key"]]


def truncate_an_object(evidence: Evidence) -> None:
    row = evidence.rows["files"][0]
    for each in evidence.objects:
        if row["sha256"] in each["key"]:
            each["size"] = row["size"] - 1


def write_an_object_over(evidence: Evidence) -> None:
    row = evidence.rows["files"][0]
    for each in evidence.objects:
        if row["sha256"] in each["key"]:
            each["at"] = row["created_at"] + DAY


def leave_an_old_object(evidence: Evidence) -> None:
    last = max(each["at"] for each in evidence.objects)
    evidence.objects.append({"key": "1/00/left", "size": 1, "at": last - DAY, "is_latest": True})


def tell_three_times(evidence: Evidence) -> None:
    evidence.mails.extend(evidence.mails[:1] * 2)


def tell_a_stranger(evidence: Evidence) -> None:
    evidence.mails[0]["to"] = "stranger@example.com"


def tell_nobody(evidence: Evidence) -> None:
    sent = next(row for row in evidence.rows["deliveries"] if row["state"] == "sent")
    evidence.mails[:] = [each for each in evidence.mails if each["id"] != sent["message_id"]]


def tell_what_did_not_happen(evidence: Evidence) -> None:
    evidence.rows["cases"][0]["state"] = "contracting"


def write_a_secret_into_a_log(evidence: Evidence) -> None:
    evidence.logs["web.log"] = f"GET /tosu/sign/{evidence.secrets[-1]}/"


def stamp_yesterday(evidence: Evidence) -> None:
    for row in evidence.rows["revisions"]:
        if row["timestamped_at"]:
            row["timestamped_at"] -= DAY


def take_a_token_from_nowhere(evidence: Evidence) -> None:
    evidence.tsa.clear()


def pass_a_deadline(evidence: Evidence) -> None:
    for row in evidence.rows["cases"]:
        row["conclusion_deadline_date"] -= 400 * DAY


def leave_bells(evidence: Evidence) -> None:
    evidence.waiting_bells = 1000


def leave_a_temporary_file(evidence: Evidence) -> None:
    evidence.temporary.append("tmpabcdef")


def leave_an_answer_unclear(evidence: Evidence) -> None:
    pressed = next(each for each in evidence.people if each["did"] == "finish")
    evidence.people.append(pressed | {"answer": "ReadTimeout", "clear": False})


def sign_for_somebody(evidence: Evidence) -> None:
    evidence.people[:] = [each for each in evidence.people if each["did"] != "finish"]


SPOILT: dict[str, tuple[Callable[[Evidence], None], ...]] = {
    "I1": (lose_a_case, leave_a_version_unconcluded, add_a_case, leave_a_job),
    "I2": (sign_twice, strip_the_last_signature),
    "I3": (hand_out_something_else, refuse_to_hand_out, hand_out_nothing),
    "I4": (append_to_a_paper, change_a_byte_of_a_paper, strip_the_last_signature, lose_a_paper),
    "I5": (change_an_event, lose_an_event, cut_off_the_last_event, conclude_silently, seal_silently),
    "I6": (lose_an_object, truncate_an_object, write_an_object_over, leave_an_old_object),
    "I7": (tell_three_times, tell_a_stranger, tell_nobody, tell_what_did_not_happen),
    "I8": (write_a_secret_into_a_log,),
    "I9": (stamp_yesterday, take_a_token_from_nowhere),
    "I10": (pass_a_deadline,),
    "I11": (leave_bells, leave_a_temporary_file),
    "I12": (leave_an_answer_unclear, sign_for_somebody),
}
CONTROLS = [(number, spoil) for number, ways in SPOILT.items() for spoil in ways]


def paper(evidence: Evidence) -> Path:
    return evidence.papers / f"{evidence.documents()[0]['sha256']}.pdf"


@pytest.fixture
def spoilable(flight: Flight, tmp_path: Path) -> Evidence:
    """Copy what a drill left; of its papers one."""
    copied = copy.deepcopy(flight.evidence)
    copied.papers = tmp_path
    shutil.copy(paper(flight.evidence), tmp_path)
    return copied


@pytest.mark.parametrize(("number", "spoil"), CONTROLS, ids=lambda each: getattr(each, "__name__", each))
def test_a_flaw_is_noticed(number: str, spoil: Callable[[Evidence], None], spoilable: Evidence):
    (question,) = (each for name, each in INVARIANTS.items() if name.startswith(f"{number} "))
    if number in {"I2", "I4"}:
        only = spoilable.documents()[0]["id"]
        spoilable.rows["documents"] = [row for row in spoilable.rows["documents"] if row["id"] == only]
        assert not list(question(spoilable))

    spoil(spoilable)

    assert list(question(spoilable))


def test_every_question_has_a_control():
    assert {name.partition(" ")[0] for name in INVARIANTS} == SPOILT.keys()


def test_the_checker_imports_nothing_of_the_product():
    """A checker that asks the product would believe what it is told."""
    found = set()
    for path in CHECKER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {name for name in names if not name.startswith("tests.torture.checker")}
    assert not {name.partition(".")[0] for name in found} & OF_THE_PRODUCT
    assert not any(name.startswith("tests") for name in found)

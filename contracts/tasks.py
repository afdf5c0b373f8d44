"""The doorbell of signing: it says that there is work; what is to be done stands in the rows."""

from celery import shared_task
from django.utils import timezone

from accounts import rounds, tenancy
from accounts.rounds import Turn
from contracts.archive import filling, rollups
from contracts.services import figures
from contracts.services.batches import carrying
from contracts.services.checking import anchors, asking, walking
from contracts.services.integrating import delivering, repeating
from contracts.services.keeping import disposing
from contracts.services.signatures import alarming, certificates, concluding, ending, sealing
from contracts.services.upkeep import alarming as upkeep_alarming
from contracts.services.upkeep import certifying, renewing, texts
from contracts.services.visits import ending as ending_visits
from signing import setup
from signing.endings import endings


@shared_task
def count_archives(**_later: object) -> None:
    """Add what changed in the archives to the totals of all municipalities."""
    while rollups.roll_up():
        pass


@shared_task
def sample_grams(**_later: object) -> None:
    """Look anew how common letters are, by which a search over all municipalities chooses its way."""
    rollups.sample_grams()


@shared_task
def watch_certificates(**_later: object) -> None:
    """Write down which certificates nobody follows; the mornings' reminders tell of their end."""
    certificates.watch(endings(setup.keyring(), setup.authorities(), at=timezone.now()))


@shared_task
def watch_renewals(**_later: object) -> None:
    """Tell, once a month, where evidence could not be renewed."""
    upkeep_alarming.watch(at=timezone.now())


@shared_task
def watch_sealing(**_later: object) -> None:
    """Tell, once, where the sealing has been held up for minutes."""
    alarming.watch(at=timezone.now())


@shared_task
def work(**_later: object) -> None:
    """Seal, conclude and end what is due, city by city in turn; the sweep rings for what no bell was rung for."""
    rounds.serve(work, waiting=lambda: rounds.waiting("contracts_who_waits", at=timezone.now()), do=_do)


def _do(turn: Turn) -> bool:
    """Do one piece of work of one city; False when there was none left."""
    at = timezone.now()
    if turn.work == "seal":
        return sealing.seal_next(tenant_id=turn.tenant_id, at=at, appoint=setup.appoint)
    if turn.work == "conclude":
        return concluding.conclude_next(tenant_id=turn.tenant_id, at=at, trust=setup.trust())
    with tenancy.acting_for(turn.tenant_id):
        return ending.expire_next(at=at)


@shared_task
def file_old(**_later: object) -> None:
    """Bring into the archive what was there before it, city by city in turn."""
    rounds.serve(file_old, waiting=lambda: rounds.waiting("contracts_what_is_unfiled", at=timezone.now()), do=_file)


def _file(turn: Turn) -> bool:
    return filling.fill_next(tenant_id=turn.tenant_id, at=timezone.now())


@shared_task
def dispose(**_later: object) -> None:
    """Dispose of what two people have approved, city by city in turn; nothing is disposed of otherwise (R20)."""
    rounds.serve(dispose, waiting=_to_go, do=_dispose)


def _to_go() -> list[Turn]:
    return rounds.waiting("contracts_what_is_disposed_of", at=timezone.now())


def _dispose(turn: Turn) -> bool:
    return disposing.dispose_next(tenant_id=turn.tenant_id, at=timezone.now())


@shared_task
def end_visits(**_later: object) -> None:
    """End the visits of operators whose term has come, city by city in turn, and report them."""
    rounds.serve(end_visits, waiting=_visited, do=_end_visit)


def _visited() -> list[Turn]:
    return rounds.waiting("accounts_whose_visits_end", at=timezone.now())


def _end_visit(turn: Turn) -> bool:
    with tenancy.acting_for(turn.tenant_id):
        return ending_visits.end_next(tenant_id=turn.tenant_id, at=timezone.now())


@shared_task
def carry_out(**_later: object) -> None:
    """Do, one by one and city by city in turn, what people asked for with one press."""
    rounds.serve(carry_out, waiting=_asked, do=_carry)


def _asked() -> list[Turn]:
    return rounds.waiting("contracts_what_is_asked", at=timezone.now())


def _carry(turn: Turn) -> bool:
    return carrying.carry_next(tenant_id=turn.tenant_id, at=timezone.now())


@shared_task
def upkeep(**_later: object) -> None:
    """Attest, renew and read what is concluded, city by city in turn, as long as nobody waits for a seal."""
    rounds.serve(upkeep, waiting=_left, do=_keep_up)


def _left() -> list[Turn]:
    at = timezone.now()
    if any(turn.work != "expire" for turn in rounds.waiting("contracts_who_waits", at=at)):
        return []  # 人が待っている封印と締結が先。巡回がまた鳴らす
    return [*rounds.waiting("contracts_what_is_left", at=at), *rounds.waiting("contracts_what_is_unread", at=at)]


def _keep_up(turn: Turn) -> bool:
    at = timezone.now()
    if turn.work == "read":
        return texts.read_next(tenant_id=turn.tenant_id, at=at, recogniser=setup.recogniser())
    trust = setup.trust()
    if turn.work == "certify":
        return certifying.certify_next(tenant_id=turn.tenant_id, at=at, appoint=setup.appoint, trust=trust)
    return renewing.renew_next(tenant_id=turn.tenant_id, at=at, authorities=setup.authorities(), trust=trust)


@shared_task
def check_nightly(**_later: object) -> None:
    """Have everything that cities keep checked, and check the anchors over all of them."""
    at = timezone.now()
    asking.ask_all(at=at)
    anchors.check_anchors(at=at)


@shared_task
def check_records(**_later: object) -> None:
    """Check what is kept, city by city in turn, as long as nobody waits for a seal."""
    rounds.serve(check_records, waiting=_to_check, do=_check)


def _to_check() -> list[Turn]:
    at = timezone.now()
    if any(turn.work != "expire" for turn in rounds.waiting("contracts_who_waits", at=at)):
        return []
    return rounds.waiting("contracts_what_is_checked", at=at)


def _check(turn: Turn) -> bool:
    return walking.check_next(tenant_id=turn.tenant_id, at=timezone.now())


@shared_task
def write_figures(**_later: object) -> None:
    """Write what tonight's figures still lack; whatever was cut short, the next hour does the rest."""
    figures.write_all(at=timezone.now())


@shared_task
def tell_systems(**_later: object) -> None:
    """Send the messages to the cities' other systems that are due, city by city in turn."""
    rounds.serve(tell_systems, waiting=_told, do=_tell)


def _told() -> list[Turn]:
    return rounds.waiting("contracts_who_is_told", at=timezone.now())


def _tell(turn: Turn) -> bool:
    return delivering.deliver_next(tenant_id=turn.tenant_id, at=timezone.now())


@shared_task
def forget_answers(**_later: object) -> None:
    """Forget what the API answered days ago, city by city in turn."""
    rounds.serve(forget_answers, waiting=_aged, do=_forget)


def _aged() -> list[Turn]:
    return rounds.waiting("contracts_whose_answers_age", at=timezone.now() - repeating.KEPT)


def _forget(turn: Turn) -> bool:
    with tenancy.acting_for(turn.tenant_id):
        return repeating.forget_some(at=timezone.now())

"""Who may do what in a guarantor's books."""

from accounts.actors import Actor, ActorKind
from accounts.models import Role
from guarantees.models.issuing import Application, IssuedCertificate
from guarantees.states import ApplicationState, IssueState


def can_underwrite(actor: Actor, application: Application | None = None) -> bool:
    """Tell whether this person of the guarantor decides on applications and keeps its books."""
    open_ = application is None or application.state == ApplicationState.APPLIED
    return actor.is_staff and actor.has(Role.UNDERWRITER) and open_


def can_keep_books(actor: Actor) -> bool:
    """Its people enter whom the guarantor deals with; the first of them may be whoever runs the installation."""
    return can_underwrite(actor) or actor.is_system


def can_cancel(actor: Actor, certificate: IssuedCertificate | None = None) -> bool:
    open_ = certificate is None or certificate.state == IssueState.CURRENT
    return can_underwrite(actor) and open_


def can_apply(actor: Actor) -> bool:
    """Tell whether this is an applicant who came by their own link."""
    return actor.kind is ActorKind.CONTRACTOR and actor.link_id is not None


def can_take_notice(actor: Actor, certificate: IssuedCertificate | None = None) -> bool:
    """The applicant takes the key of a certificate that stands, to hand it to the orderer (R108)."""
    return can_apply(actor) and (certificate is None or certificate.state == IssueState.CURRENT)

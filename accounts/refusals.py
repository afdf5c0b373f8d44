from collections.abc import Callable


class Refusal(Exception):
    """What someone asked for is not possible now; the text tells them why and what to do."""


class MovedOn(Refusal):
    """Someone was quicker: the matter no longer stands as the page showed it."""


def said_against(attempt: Callable[[], object]) -> str:
    """Try something that changes nothing, and return what it is refused with; empty where it is not."""
    try:
        attempt()
    except Refusal as refused:
        return str(refused)
    return ""

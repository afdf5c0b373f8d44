class Refusal(Exception):
    """What someone asked for is not possible now; the text tells them why and what to do."""


class MovedOn(Refusal):
    """Someone was quicker: the matter no longer stands as the page showed it."""

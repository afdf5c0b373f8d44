class Refusal(Exception):
    """What someone asked for is not possible now; the text tells them why and what to do."""

"""The story of a case as its pages tell it: where it stands, whose turn it is, and what happens next."""

from contracts.story.buttons import allowed
from contracts.story.chapters import Chapter, chapter
from contracts.story.marks import Mark, marks
from contracts.story.scene import Agreement, Scene, Turn
from contracts.story.sealing import Progress, sealing_of
from contracts.story.stages import Stage, contract_tone, stage, stage_of
from contracts.story.timeline import Moment, ahead, line

__all__ = [
    "Agreement",
    "Chapter",
    "Mark",
    "Moment",
    "Progress",
    "Scene",
    "Stage",
    "Turn",
    "ahead",
    "allowed",
    "chapter",
    "contract_tone",
    "line",
    "marks",
    "sealing_of",
    "stage",
    "stage_of",
]

"""The cases of a city as a list and as a board: which are asked for, and how far each has come."""

from contracts.listing.lanes import Lane as Lane
from contracts.listing.lanes import board as board
from contracts.listing.lanes import sums as sums
from contracts.listing.matching import matching as matching
from contracts.listing.matching import told as told
from contracts.listing.standings import OPEN as OPEN
from contracts.listing.standings import Standing as Standing

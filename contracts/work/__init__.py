"""What waits for a member of staff, and what the city should keep an eye on: the first page, the inbox, its number."""

from contracts.work.nearness import Nearness as Nearness
from contracts.work.nearness import of_days as of_days
from contracts.work.queue import Parts as Parts
from contracts.work.queue import Queue as Queue
from contracts.work.sources import count as count
from contracts.work.sources import mine as mine
from contracts.work.watching import watched as watched

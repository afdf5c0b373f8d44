from notifications.models.deliveries import WAITING, Delivery, DeliveryState
from notifications.models.policies import MailPolicy
from notifications.models.reminders import Reminder
from notifications.models.wordings import MailWording

__all__ = ["WAITING", "Delivery", "DeliveryState", "MailPolicy", "MailWording", "Reminder"]

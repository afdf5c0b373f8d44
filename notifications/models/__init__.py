from notifications.models.deliveries import WAITING, Delivery, DeliveryState
from notifications.models.policies import MailPolicy
from notifications.models.reminders import Reminder

__all__ = ["WAITING", "Delivery", "DeliveryState", "MailPolicy", "Reminder"]

from notifications.models.deliveries import WAITING, Delivery, DeliveryState
from notifications.models.policies import MailPolicy

__all__ = ["WAITING", "Delivery", "DeliveryState", "MailPolicy"]

from publicmap.models.subscription import News, Reading, Subscription

__all__ = ["News", "Reading", "Subscription"]

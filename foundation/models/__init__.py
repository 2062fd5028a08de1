from foundation.models.import_run import ImportRun
from foundation.models.rate_count import RateCount

__all__ = ["ImportRun", "RateCount"]

"""The demo's register of systems and its log of sign-ins; at scale 1 as many as the report of ROC year 111 prints."""

from singlesignon.demo import year

__all__ = ["year"]

"""By what a work is found: its number and name first, then by whom and where."""

TOPIC = "publicworks.work"  # what search entries of works refer to


def title_of(tender_number: str, name: str) -> str:
    """What a work is found by first."""
    return f"{tender_number} {name}"


def body_of(*parts: str) -> str:
    """The other words of a work: agency, contractor, place."""
    return "\n".join(filter(None, parts))

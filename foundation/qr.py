"""QR codes as part of a page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(text: str) -> SafeString:
    """A QR code as inline SVG: attributes only, no style, so that the Content-Security-Policy stands; dark on light in
    every colour scheme, with the quiet zone that scanners need."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    return mark_safe(drawn)

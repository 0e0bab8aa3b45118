"""Pictures as PNG, drawn from their SVG without a browser and without the network."""

from __future__ import annotations


def svg_to_png(svg: str, scale: float = 2.0) -> bytes:
    """The PNG of a tamed SVG, ``scale`` pixels to a point.

    Text appears because ``svg.tame`` sets it in a font that vl-convert brings along; letters that font lacks come from the
    machine's own fonts where it has them.
    """
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=scale))

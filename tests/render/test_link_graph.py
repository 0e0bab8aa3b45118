"""Who is joined to whom: the strongest links, what is visible, and labels that obey nothing."""

from __future__ import annotations

from finmine.render.graphviz import layout
from finmine.render.link_graph import Link, Named, link_graph
from finmine.render.pictures import to_svg
from finmine.view import View


def test_the_strongest_links_are_drawn() -> None:
    """Of many links the strongest, the first of equal ones, and only what they join; the sentence tells the part of the whole."""
    named = {name: Named(name, 1, "one") for name in "abcd"}
    links = [Link("a", "b", 1, "1", ""), Link("b", "c", 5, "5", ""), Link("c", "d", 1, "1", ""), Link("a", "a", 3, "3", "")]
    drawn = link_graph("T", named, links, "visits", 3)
    assert drawn.text == "Visible: the 3 strongest of 4 links, between 3 of 4 boxes, 90.0 % of all visits."
    assert drawn.dot.count("->") == 3
    assert ">d<" not in layout(drawn.dot)
    assert link_graph("T", named, links, "visits").text == "All 4 links between 4 boxes are drawn."


def test_a_picture_alone_says_what_is_visible() -> None:
    """Written to a file, a diagram has its sentence under it."""
    drawn = link_graph("T", {"a": Named("a", 1, "")}, [Link("a", "a", 1, "1", "")], "visits")
    assert "The only link is drawn." in to_svg(View("V", (drawn,)))


def test_hostile_names_are_shown_and_not_obeyed(hostile: tuple[str, ...]) -> None:
    """Names with markup, escapes and control characters are drawn as text."""
    named = {str(place): Named(name, place, name) for place, name in enumerate(hostile)}
    links = [Link(str(place), str((place + 1) % len(hostile)), place, name, name) for place, name in enumerate(hostile)]
    svg = layout(link_graph("T", named, links, "visits").dot)
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    assert "href" not in svg

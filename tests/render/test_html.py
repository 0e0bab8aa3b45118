"""Views as HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from finmine.render import graphviz
from finmine.render.characters import visible_prose
from finmine.render.html import Section, page, to_html
from finmine.view import Bars, Caveat, Code, Column, Curve, Diagram, Facts, Headline, Map, Prose, Table, View

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Reader(HTMLParser):
    """What a browser would find: elements, attributes, text, and whether everything that is opened is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def hostile_page(hostile_view: View) -> str:
    """A page of hostile text, twice, so that identifiers could meet."""
    return page(
        f"Report {hostile_view.title}", [Section(f"One {hostile_view.title}", (hostile_view,)), Section("Two", (hostile_view,))], ("sub <b>",)
    )


def test_nothing_in_a_page_runs_or_loads(hostile_page: str) -> None:
    """No script, no handler, no address outside the page; and the page forbids them all to the browser."""
    read = Reader(hostile_page)
    assert not {name for name, _ in read.elements} & {"script", "iframe", "object", "embed", "link", "img", "form", "base", "image", "use"}
    for name, attributes in read.elements:
        assert not [attribute for attribute in attributes if attribute.startswith("on") or attribute in ("src", "xlink:href", "action", "data")]
        if "href" in attributes:
            assert name == "a"
            assert (attributes["href"] or "").startswith("#section-")
    policy = next(attributes["content"] or "" for _, attributes in read.elements if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert not re.search(r"url\((?!#)|@import|https?://(?!www\.w3\.org/2000/svg)", hostile_page)


def test_hostile_labels_are_read_as_they_are(hostile_page: str, hostile: tuple[str, ...]) -> None:
    """Every label is text in the page, with what is hidden in it made visible, and everything opened is closed."""
    read = Reader(hostile_page)
    assert read.open == []
    text = "".join(read.text)
    assert not [label for label in hostile if visible_prose(label) not in text]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", hostile_page)
    assert hostile_page.encode("utf-8")


def test_identifiers_are_unique_and_references_lead_somewhere(hostile_view: View) -> None:
    """Pictures in one page do not share identifiers, and what refers to one finds it."""
    text = page("P", [Section("One", (hostile_view,))])
    identifiers = re.findall(r'\sid="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))
    assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text)) <= set(identifiers)


def test_the_contents_list_names_every_section() -> None:
    """Each section has its entry that leads to it, in order."""
    text = page("P", [Section(title, (View(title, (Prose("x"),)),)) for title in ("Summary", "Times & <more>")], ("Made today",))
    assert re.findall(r'<a href="#(section-\d)">([^<]+)</a>', text) == [("section-1", "Summary"), ("section-2", "Times &amp; &lt;more&gt;")]
    assert re.findall(r'<section id="([^"]+)">', text) == ["section-1", "section-2"]
    assert "Made today" in text
    assert "<h3>" not in text


def test_tables_have_headings_alignment_and_bars() -> None:
    """Numbers are aligned at the right, shares have a bar of their size, and a chart of bars is a table with bars."""
    columns = (Column("a", "Activity", "text"), Column("n", "Cases", "count"), Column("s", "Share", "share"))
    table = Table("Activities", columns, (("Pay", 1200, 0.75), ("Block", -300, None)), 40)
    text = to_html(View("V", (Bars(table, "a", "n"),)))
    assert '<th scope="col" class="n">Cases</th>' in text
    assert '<td class="count n">1,200</td>' in text
    assert '<td class="share n" style="--part:75.0%">75.0 %</td>' in text
    assert '<i style="width:100.0%">' in text
    assert '<i class="below" style="width:25.0%">' in text
    assert "The first 2 of 40 rows." in text
    assert "<caption>Activities</caption>" in text


def test_a_fragment_keeps_its_style_to_itself(hostile_view: View) -> None:
    """Every rule of a fragment is about what is inside it, and nothing belongs to the page around it."""
    text = to_html(hostile_view)
    read = Reader(text)
    assert read.open == []
    assert not {name for name, _ in read.elements} & {"html", "body", "head", "meta"}
    style = re.sub(r"/\*.*?\*/", "", text[text.index("<style>") + 7 : text.index("</style>")], flags=re.DOTALL)
    selectors = [selector for rule in re.findall(r"([^{}]+)\{", style) if "@" not in rule for selector in rule.split(",")]
    assert selectors
    assert not [selector for selector in selectors if not selector.strip().startswith((".finmine", "div.finmine"))]


def test_what_is_typed_looks_like_it_and_stays_in_one_line() -> None:
    """Names of questions and options in sentences are code, of letters alone; anything else in backticks or after dashes stays as it is."""
    text = "`check` lists <b>, --keep-cases 'a--b' too; `<i>x</i>`, ---, `A`, `finmine model`"
    html = to_html(View("V", (Caveat(text),)))
    assert re.findall("<code>(.*?)</code>", html) == ["check", "--keep-cases", "finmine model"]
    assert "".join(Reader(html).text).count("lists <b>, --keep-cases 'a--b' too; `<i>x</i>`, ---, `A`, finmine model") == 1


def test_facts_are_tiles_or_a_list() -> None:
    """Numbers stand side by side; texts stand under one another; long code is folded."""
    assert '<dl class="tiles">' in to_html(View("V", (Facts("F", (("Cases", 3, "count"),)),)))
    assert '<dl class="list">' in to_html(View("V", (Facts("F", (("File", "a.csv", "text"),)),)))
    assert "<details><summary>SQL</summary>" in to_html(View("V", (Code("SQL", "\n".join("SELECT 1;" * 1 for _ in range(20)), "sql"),)))
    assert "<details>" not in to_html(View("V", (Code("Command", "finmine summary log.csv", "sh"),)))


def test_a_page_shows_a_map_both_ways_and_its_tables(hostile_map: Map) -> None:
    """In a page the map is drawn by frequency and by time, each with its sentence, and its tables are folded below."""
    text = page("P", [Section("Map", (View("Map", (hostile_map,)),))])
    assert len(re.findall('<div class="picture', text)) == 2
    assert len(re.findall("<figcaption>(Frequency|Time): ", text)) == 2
    assert len(re.findall("<details>", text)) == 2


def test_a_page_draws_a_map_for_all_that_its_paths_tell(hostile_map: Map) -> None:
    """Steps back, waiting and cost have a drawing of their own where some path has any."""
    first, *others = hostile_map.edges
    told = replace(first, back=1, waits=(("contention", 60),), cost=Decimal(2))
    text = page("P", [Section("Map", (View("Map", (replace(hostile_map, edges=(told, *others)),)),))])
    assert re.findall("<figcaption>(\\w+): ", text) == ["Frequency", "Time", "Rework", "Waiting", "Money"]
    nothing = tuple(replace(edge, back=0, waits=(), cost=Decimal(0)) for edge in hostile_map.edges)
    text = page("P", [Section("Map", (View("Map", (replace(hostile_map, edges=nothing),)),))])
    assert re.findall("<figcaption>(\\w+): ", text) == ["Frequency", "Time"]


def test_a_picture_that_cannot_be_drawn_is_a_caveat(hostile_map: Map, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Graphviz the page is still written, and says in the picture's place why there is none."""

    def none(*_: object) -> str:
        raise graphviz.NoLayoutProgram

    monkeypatch.setattr("finmine.render.pictures.layout", none)
    text = to_html(View("V", (Headline("x"), hostile_map)))
    assert "<svg" not in text
    assert "There is no picture here: a picture of a graph is laid out by Graphviz" in text


def test_a_curve_without_a_point_is_no_picture() -> None:
    """Where nothing is left to draw, as after a filter that keeps no case, that is said instead of an empty frame."""
    table = Table("Coverage", (Column("x", "X", "count"), Column("y", "Y", "share")), ())
    text = to_html(View("V", (Curve(table, "x", ("y",)),)))
    assert "<svg" not in text
    assert "There is no picture here, as there is nothing to draw." in text


def test_the_same_view_gives_the_same_page(hostile_view: View) -> None:
    """Nothing in a page depends on the time or the run."""
    assert to_html(hostile_view) == to_html(hostile_view)


def test_very_many_rows_are_not_all_drawn() -> None:
    """A table and bars have their first 500 rows and say where all are."""
    columns = (Column("a", "A", "text"), Column("n", "N", "count"))
    long = Table("T", columns, tuple((f"row {place}", place) for place in range(100_000)))
    for block in (long, Bars(long, "a", "n")):
        html = to_html(View("V", (block,)))
        assert html.count(">row ") == 500
        assert "The first 500 of 100,000 rows. JSON and the workbook hold all, as does CSV" in html
    assert 'class="more"' not in to_html(View("V", (Table("T", columns, long.rows[:500]),)))


def test_a_wide_table_says_how_wide_it_is() -> None:
    """A table that may be wider than a page tells the least room of its columns in letters, so that the page sets it smaller; a narrow one does not."""
    columns = tuple(Column(f"c{place}", f"C{place}", "count") for place in range(20))
    shown = [to_html(View("V", (Table("T", columns[:size], (tuple(10**6 for _ in range(size)),)),))) for size in (6, 20)]
    assert ['<table class="wide" style="--ems:128.0">' in one for one in shown] == [False, True]


def test_a_large_picture_fits_the_page_and_is_one_click_from_its_full_size() -> None:
    """A picture wider than a page has a box to tick that shows it in full size, without script; a small one has none."""
    small, large = (Diagram("D", f"digraph {{ rankdir=LR; {' -> '.join(f'activity_{place}' for place in range(size))} }}", "") for size in (2, 12))
    assert "checkbox" not in to_html(View("V", (small,)))
    assert '<label class="full"><input type="checkbox"> Full size</label>' in to_html(View("V", (large,)))


def test_parts_of_a_bar_are_stacked_and_named_by_colour() -> None:
    """Each part is as wide as its share of the value, and the headings of the parts show their colours."""
    columns = (Column("who", "Who", "text"), Column("whole", "Whole", "count"), Column("one", "One", "count"), Column("two", "Two", "count"))
    text = to_html(View("V", (Bars(Table("T", columns, (("ann", 8, 2, 6), ("bob", 4, 4, 0))), "who", "whole", ("one", "two")),)))
    assert (
        '<span class="stack" style="width:100.0%"><i class="part-1" style="width:25.0%"></i><i class="part-2" style="width:75.0%"></i></span>' in text
    )
    assert '<span class="stack" style="width:50.0%"><i class="part-1" style="width:100.0%"></i>' in text
    assert '<i class="part part-2" aria-hidden="true"></i>Two' in text

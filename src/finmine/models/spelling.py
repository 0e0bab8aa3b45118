"""XML files of models: how a tree of elements becomes text, and how an activity is named in it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from finmine.render.characters import visible_characters

# What XML 1.0 cannot hold, and the carriage return, which every reader turns into a line feed.
_UNWRITABLE = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written_name(label: str) -> str:
    """An activity's name as a model file has it: the label itself wherever XML can hold it.

    Otherwise its invisible characters are shown, and the empty label is ``«empty»``: a step without a name is a silent one.
    """
    return visible_characters(label) if not label or _UNWRITABLE.search(label) else label


def document(root: ET.Element) -> str:
    """The text of an XML file, indented, in the order in which its elements were made."""
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

"""Vendors with plausible names, of which a few get most of the business."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from finmine.sample.lots import Ints, Lot

_GERMAN = (
    "Adler Albers Alpin Ammer Bergmann Birke Bodensee Brandt Brenner Carstens Conrad Delta Elbe Falke Fechner Friesen Gerlach Haas Habicht Hansa "
    "Heller Isar Jordan Kanzler Kessler Kranich Krüger Lindner Löwen Merkur Möwe Nagel Neckar Nordlicht Oder Orion Pfeil Quadrat Regner Rhenus "
    "Riedel Sauer Schäfer Sonnen Stahlmann Süd Tannen Thaler Ulmer Vogtland Weser Wiesner Zander Zeppelin".split(),
    "Bau Büromöbel Chemie Druck Elektro Energie Fördertechnik Gebäudereinigung Gerüstbau Hydraulik IT-Service Kältetechnik Labortechnik Logistik "
    "Maschinenbau Medien Messtechnik Metallbau Personalservice Pumpen Sicherheit Spedition Stahlhandel Technik Verpackung Werkzeuge".split(),
    ("GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG", "e.K."),
)
_AMERICAN = (
    "Allegheny Apex Atlas Beacon Bridgeport Cascade Cedar Chesapeake Cobalt Delaware Eagle Evergreen Fairfield Granite Harbor Hudson Ironwood "
    "Keystone Lakeside Liberty Madison Maple Meridian Northfield Pacific Pinnacle Pioneer Prairie Redwood Sierra Summit Sunrise Tidewater Union "
    "Valley Vanguard Westbrook".split(),
    "Building Services|Chemicals|Consulting|Controls|Electric|Equipment|Fasteners|Freight|Industrial Supply|Instruments|Janitorial|Lab Supplies|"
    "Machine Works|Office Supplies|Packaging|Plastics|Print & Mail|Pumps|Security|Software|Staffing|Steel|Tooling|Transport".split("|"),
    ("Inc.", "Inc.", "LLC", "Corp.", "Co."),
)


@dataclass(frozen=True, slots=True)
class Vendors:
    """The vendors of a log, those of each company together."""

    names: tuple[str, ...]
    starts: Ints
    """The first vendor of each company, and after the last company the number of vendors."""

    def picked(self, company: Ints, rng: np.random.Generator) -> Ints:
        """A vendor for each company given; the share of the r-th largest falls with r to the power of two thirds."""
        sizes = np.diff(self.starts)[company]
        return self.starts[company] + (sizes * rng.random(len(company)) ** 3).astype(np.int64)


def vendors(lot: Lot, shares: tuple[float, ...], american: tuple[bool, ...]) -> Vendors:
    """Vendors for a log, shared out to its companies; their number grows with the square root of the cases."""
    total = int(np.clip(4 * lot.total**0.5, 40, 1500))
    sizes = [max(8, round(total * share)) for share in shares]
    rng = lot.common_dice("vendors")
    pools = {style: _names(parts, rng) for style, parts in ((False, _GERMAN), (True, _AMERICAN))}
    names = tuple(name for size, style in zip(sizes, american, strict=True) for name in islice(pools[style], size))
    return Vendors(names, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64))


def _names(parts: tuple[list[str], list[str], tuple[str, ...]], rng: np.random.Generator) -> Iterator[str]:
    """All names of a style, in random order."""
    heads, trades, forms = parts
    for pick in rng.permutation(len(heads) * len(trades)).tolist():
        yield f"{heads[pick % len(heads)]} {trades[pick // len(heads)]} {forms[pick * 7 % len(forms)]}"

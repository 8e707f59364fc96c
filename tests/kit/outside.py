"""A small module as somebody else would put it into a folder, and a folder of such."""

import json
from pathlib import Path

MANIFEST = {
    "name": "Foreign prices",
    "slug": "foreign-prices",
    "version": "1.0.0",
    "description": "A module that came in by a folder.",
    "min_core_version": ">=0.1.0",
    "entrypoint": "foreign_prices:register",
    "migrations": [],
    "maturity": "alpha",
    "license": "MIT",
    "author": "Somebody",
    "translations": {"pt_BR": {"name": "Preços alheios"}},
}
CODE = """
from integrations.contract import Capability, SettingsModel
from foreign_prices.words import WORD

class Module:
    name = "foreign-prices"
    capabilities = frozenset({Capability.CHANNEL})
    Settings = SettingsModel
    word = WORD

def register():
    return Module()
"""


def put_module(root: Path, *, word: str = "first", **changes: object) -> Path:
    """Write the module's folder; returns it."""
    folder = root / "foreign-prices"
    folder.mkdir(parents=True)
    (folder / "module.json").write_text(json.dumps(MANIFEST | changes))
    (folder / "__init__.py").write_text(CODE)
    (folder / "words.py").write_text(f"WORD = {word!r}\n")
    return folder

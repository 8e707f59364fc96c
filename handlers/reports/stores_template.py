"""An empty spreadsheet for stores, in its reader's language: headings, an example, and notes on each column."""

from core.i18n import Translator
from core.texts import T, Text
from handlers.reports.workbook import Column, Workbook

# The headings are words that the import knows; the example is a store that nobody has.
_COLUMNS: tuple[tuple[Text, Text | str, Text], ...] = (
    (T("name"), "001 Centro", T("It is known by this name. Needed, or the CNPJ.")),
    (T("cnpj"), "11.222.333/0001-81", T("14 characters, with or without punctuation. Format the column as text.")),
    (T("tags"), T("south; large"), T("Groups of stores, with a semicolon between them. May be empty.")),
    (T("limit"), "1000", T("Pieces per customer when the product names none. Empty: the integration's.")),
    (T("opening"), "06:00", T("When it opens; campaigns of the day start then. Empty: 06:00.")),
    (T("unit"), "", T("The ERP's code of the store. Empty: its CNPJ.")),
    (T("registration"), "", T("What the platform knows the store by. Empty: its CNPJ.")),
    (T("active"), "1", T("Whether runs include it: 1 or 0. Empty: 1.")),
    (
        T("chimera sends"),
        "1",
        T("0 while the old system still sends: runs then compare, and send nothing. Empty: as it is; a new store: 1."),
    ),
)


def stores_template(translator: Translator) -> tuple[str, bytes]:
    """Return name and content of the file."""
    book = Workbook()
    headings = [translator(heading) for heading, _, _ in _COLUMNS]
    stores = book.sheet(translator(T("Stores")), [Column(heading, width=20) for heading in headings])
    stores.add(*(translator(one) if isinstance(one, Text) else one for _, one, _ in _COLUMNS))
    notes = book.sheet(
        translator(T("Notes")), [Column(translator(T("Column")), width=16), Column(translator(T("Meaning")), width=90)]
    )
    for heading, (_, _, note) in zip(headings, _COLUMNS, strict=True):
        notes.add(heading, translator(note))
    return f"{translator(T('Stores')).lower()}.xlsx", book.finish()

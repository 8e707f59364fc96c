"""What people type after /sync is understood as they mean it."""

import pytest

from handlers.commands.words import Wish, read_wish


@pytest.mark.parametrize(
    ("text", "stores", "dry_run"),
    [
        (None, [], False),
        ("  ", [], False),
        ("001 007", ["001", "007"], False),
        ("dry", [], True),
        ("dry 001", ["001"], True),
        ("001 --dry-run", ["001"], True),
        ("DRY-RUN 001", ["001"], True),
        ("simular 001", ["001"], True),
        ("Simulação 001 Centro, 007", ["001 Centro", "007"], True),
        ("001 simulación", ["001"], True),
        ('"001 Centro" 007', ["001 Centro", "007"], False),
        ("“001 Centro” 007", ["001 Centro", "007"], False),
        ("001 Centro, 007 Norte", ["001 Centro", "007 Norte"], False),
        ("dry 001 Centro, 007", ["001 Centro", "007"], True),
        ("11.222.333/0001-81", ["11.222.333/0001-81"], False),
        ('"001 Centro', ["001", "Centro"], False),
    ],
)
def test_words_after_a_command(text: str | None, stores: list[str], dry_run: bool) -> None:
    assert read_wish(text) == Wish(stores, dry_run)

"""The ground that menus and forms stand on.

A window is `screen(state, show, widgets...)`: `show(menu)` asks one use case and returns a
`Page`; `verb`, `choices`, `below` and `search` are its buttons and its input; what they do is
`async def act(menu) -> Text | None`, which calls one use case and returns a line to note above
the next window. Errors of use cases become such notes by themselves. *Back* and *home* are
always the last row, and `handlers.dialogs.lists` says how a list is composed. An `Area` puts
windows together; a new one goes into `handlers.menu.dialogs` and all its windows into
`tests/handlers/dialogs/windows.py`.
"""

"""The configuration document: read, compare with what is stored, apply, export (`design.md` 4.3)."""

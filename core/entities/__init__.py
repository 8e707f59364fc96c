"""Editing one entity at a time: what chat and API call; `core.configuration` decides and writes."""

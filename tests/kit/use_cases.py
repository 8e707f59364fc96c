"""Every use case there is, found by itself."""

import importlib
import pkgutil

import core
import jobs
from core.access import UseCase


def use_cases() -> list[type[UseCase]]:
    """Return them by name; the packages that hold them are imported."""
    for room in (core, jobs):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    return sorted(UseCase.__subclasses__(), key=lambda kind: kind.__name__)

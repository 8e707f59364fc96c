"""Who may do what (`rules.md` 5): every use case refuses whoever is below its permission, before anything else."""

from dataclasses import replace

import pytest

from core.access import Actor, Permission, Role, UseCase
from core.errors import Forbidden
from tests.kit.use_cases import use_cases

LEAST = {
    Permission.VIEW: Role.VIEWER,
    Permission.RUN: Role.MANAGER,
    Permission.PAUSE: Role.MANAGER,
    Permission.RELEASE: Role.MANAGER,
    Permission.CONFIGURE: Role.ADMIN,
    Permission.CONFIGURE_ACCESS: Role.ADMIN,
    Permission.APPROVE_CODE: Role.OWNER,
}
FOR_VIEWERS = {
    *("AskErp", "LookUp", "Peek", "SearchProducts", "ShowProduct", "WhyNot"),
    *("ListRuns", "ReadFindings", "RecentDays", "SearchRuns", "ShowDetails", "ShowFindings", "ShowHistory", "ShowLog"),
    *("ListEntities", "ListJobs", "ListStores", "SearchStores", "ShowEntity", "ShowRun", "ShowStats", "ShowStatus"),
    *("ShowStore", "ShowHome", "ChooseLanguage"),
}
"""Looking, and one's own language; a new one is let in here, on purpose."""
PEOPLE = [Actor(1, role, role.key, "chat", confirmed=True) for role in Role]


@pytest.mark.parametrize("kind", use_cases(), ids=lambda kind: kind.__name__)
async def test_a_use_case_refuses_every_role_below_its_own(kind: type[UseCase]) -> None:
    nothing = kind.__new__(kind)
    for person in PEOPLE:
        if person.role < LEAST[kind.permission]:
            with pytest.raises(Forbidden):
                await nothing(person)  # type: ignore[operator]


@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_what_the_rules_say_and_no_more(permission: Permission) -> None:
    assert [person.role for person in PEOPLE if person.may(permission)] == [
        role for role in Role if role >= LEAST[permission]
    ]


def test_a_manager_releases_only_if_that_was_allowed() -> None:
    manager = replace(PEOPLE[1], may_release=False)
    assert not manager.may(Permission.RELEASE)
    assert manager.may(Permission.RUN)


def test_what_a_viewer_may_is_counted_out() -> None:
    found = {kind.__name__ for kind in use_cases() if kind.permission is Permission.VIEW}
    assert found == FOR_VIEWERS

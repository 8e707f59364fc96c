"""Who may do what. Use cases declare a permission and refuse everybody else by default."""

import functools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, ClassVar

from core.errors import Forbidden
from core.texts import T


class Role(IntEnum):
    """Roles in rising order; a higher one may all that a lower one may (`rules.md` 5)."""

    VIEWER = 1
    MANAGER = 2
    ADMIN = 3
    OWNER = 4

    @classmethod
    def named(cls, name: str) -> "Role":
        return cls[name.upper()]

    @property
    def key(self) -> str:
        return self.name.lower()


class Permission(StrEnum):
    """What a use case asks for; the value is the word used in logs and the audit."""

    VIEW = "view"
    RUN = "run"
    PAUSE = "pause"
    RELEASE = "release"
    CONFIGURE = "configure"
    CONFIGURE_ACCESS = "configure_access"
    APPROVE_CODE = "approve_code"


_LEAST_ROLE = {
    Permission.VIEW: Role.VIEWER,
    Permission.RUN: Role.MANAGER,
    Permission.PAUSE: Role.MANAGER,
    Permission.RELEASE: Role.MANAGER,
    Permission.CONFIGURE: Role.ADMIN,
    Permission.CONFIGURE_ACCESS: Role.ADMIN,
    Permission.APPROVE_CODE: Role.OWNER,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody (or the scheduler, the command line) acting in one organisation.

    `store_ids` None means all stores; `source` is where it came from: chat, cli, schedule, api.
    `confirmed` says that the person confirmed this very action (`core.people.confirming`).
    """

    organisation_id: int
    role: Role
    name: str
    source: str
    person_id: int | None = None
    telegram_id: int | None = None
    store_ids: frozenset[int] | None = None
    may_release: bool = True
    locale: str = "en"
    confirmed: bool = False

    def may(self, permission: Permission) -> bool:
        if permission is Permission.RELEASE and self.role is Role.MANAGER and not self.may_release:
            return False
        return self.role >= _LEAST_ROLE[permission]

    def require(self, permission: Permission) -> None:
        """Raise Forbidden for what the actor may not do."""
        if not self.may(permission):
            raise Forbidden(detail=f"{self.name} lacks {permission}")

    def sees(self, store_id: int) -> bool:
        return self.store_ids is None or store_id in self.store_ids

    def require_stores(self, store_ids: Iterable[int]) -> None:
        """Raise Forbidden if any of the stores is outside the actor's scope."""
        if not all(self.sees(store_id) for store_id in store_ids):
            raise Forbidden(T("That store is not among yours. Ask an admin if it should be."))

    @classmethod
    def system(cls, organisation_id: int, source: str) -> "Actor":
        """Return the actor of the scheduler and of the command line, whose user owns the server."""
        return cls(organisation_id, Role.OWNER, name=source, source=source, confirmed=True)


class UseCase:
    """One thing that can be done, wherever it is asked from.

    A subclass states its `permission`; its `__call__(actor, ...)` is guarded by it before
    anything else happens. A subclass without one cannot be defined.
    """

    permission: ClassVar[Permission]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if not isinstance(getattr(cls, "permission", None), Permission):
            raise TypeError(f"{cls.__name__} declares no permission")
        if "__call__" in cls.__dict__:
            cls.__call__ = _guarded(cls.__call__, cls.permission)  # type: ignore[method-assign]


def _guarded(call: Callable[..., Awaitable[Any]], permission: Permission) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(call)
    async def guarded(self: UseCase, actor: Actor, *args: Any, **kwargs: Any) -> Any:
        actor.require(permission)
        return await call(self, actor, *args, **kwargs)

    return guarded

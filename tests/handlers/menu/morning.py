"""A morning's run for menus to show: one store live, one held, one failed, with everything found."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.catalogue.compare import Change, Difference
from core.catalogue.findings import Seen, keep_scan, keep_seen
from core.catalogue.lines import Reject
from core.catalogue.prepare import canonical, digest, in_order
from core.catalogue.rails import HeldLine, LineHold
from core.catalogue.sets import add_verified, keep_lines, keep_prepared
from core.clock import local_date
from core.executions.model import LogLine
from core.executions.states import Outcome, State
from core.stores.model import Store
from core.texts import T
from core.windows import plan_window
from tests.handlers.kit import Desk
from tests.kit.shelf import Shelf, candidate, line

COFFEE, SOAP = "1203", "77"
EVIL = "<b>CAFÉ</b> &amp; \u202eLEITE 😀"
MANY = 240


async def a_morning(desk: Desk) -> int:
    """Write the run; returns its number."""
    centro, norte, _ = stores = await desk.rows(Store)
    now, shelf = desk.clock.now(), Shelf(desk.database)
    products = [candidate(COFFEE, name=EVIL), *(candidate(str(2000 + number)) for number in range(MANY))]
    await shelf.scan(centro, now, *products, rejects={Reject.BLOCKED: [SOAP]})
    await shelf.scan(norte, now, candidate(COFFEE, final="1.50", name=EVIL))
    run = await desk.start_run()
    await desk.set_store(run, 0, Outcome.VERIFIED, read=9000, lines=MANY + 1, changed=3)
    await desk.set_store(run, 1, Outcome.HELD, T("Held: {reasons}.", reasons="everything changed"), read=8000)
    await desk.set_store(run, 2, Outcome.FAILED, T("The ERP is away."))
    await _found(desk, run, stores[0], stores[1])
    await shelf.hold(norte, now, "max_discount_percent", [COFFEE])
    await desk.end_run(run, State.PARTIAL)
    return run


async def _found(desk: Desk, run: int, live: Store, held: Store) -> None:
    now, zone = desk.clock.now(), ZoneInfo("America/Sao_Paulo")
    lines = in_order([line(COFFEE), *(line(str(2000 + number)) for number in range(MANY))])
    rejects: dict[Reject, list[str | int]] = {Reject.BLOCKED: [SOAP], Reject.ZERO_PRICE: list(range(500, 1500))}
    reason, name = LineHold.MAX_DISCOUNT, candidate(COFFEE, final="1.50", name=EVIL)
    changed: tuple[list[Change], list[Change], list[Change]] = (
        [Change("7", Decimal("9.99"), None)],
        [],
        [Change("8", 10, 20)],
    )
    seen = Seen(after=Difference(["5"], ["6"], *changed, ["9"], ["10"]))
    window = plan_window(now, zone, live.opens_at(now.date()), timedelta(minutes=5))
    assert window is not None
    fingerprint, count = digest(lines), len(lines)

    def write(session: Session) -> None:
        keep_lines(session, live.id, fingerprint, count=count, packed=canonical(lines))
        day = local_date(now, zone)
        keep_prepared(session, run, live.id, digest=fingerprint, count=count, day=day, scanned_at=now)
        add_verified(session, run, live.id, digest=fingerprint, count=count, window=window, verified_at=now)
        keep_scan(session, run, live.id, rejects, [])
        keep_seen(session, run, live.id, seen)
        keep_scan(session, run, held.id, {}, [HeldLine(name, reason, Decimal("92.1"), Decimal(80))])
        session.add_all(
            LogLine(execution_id=run, at=now, level=level, text=T("{n} lines sent.", n=n).to_json(), store_id=live.id)
            for n, level in enumerate(["info", "warning", "error"] * 10)
        )

    await desk.database.write(write)

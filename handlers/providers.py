"""What the chat needs from the container, beside the use cases that others share."""

from dishka import Provider, Scope, provide_all

from core.channels.linking import LinkChat, OfferLink
from core.chat.buttons import FindButton
from core.chat.commands import ShownCommands
from core.chat.details import ShowDetails
from core.chat.inbox import Inbox
from core.chat.memory import Memories
from core.chat.updates import Updates
from core.executions.byhand import DoDeed, PlanDeed
from core.executions.history import ListJobs, RecentDays, SearchRuns
from core.executions.logs import ReadLogs
from core.executions.stats import ShowStats
from core.lookup.history import ShowHistory
from core.lookup.peeking import Peek
from core.lookup.product import ListStores, LookUp, ShowProduct
from core.lookup.why import WhyNot
from core.organisations.debugging import ShowDebug, SwitchDebug
from core.outbox.cards import CardShelf
from core.outbox.closing import Chats
from core.outbox.queue import OutboxQueue
from core.outbox.reach import Reach
from core.outbox.undelivered import ListUndelivered, SettleUndelivered
from core.outbox.wake import Wake
from core.people.accepting import AcceptInvitation
from core.people.claiming import ClaimOwner, EnsureOwner, IssueClaimCode
from core.people.invitations import InvitePerson, ListInvitations, RevokeInvitation
from core.people.joining import AskForAccess, GrantAccess, GreetStranger, RefuseAccess
from core.people.knowing import Identify, NoteSeen
from core.stores.pausing import ListScopes, PauseNamed, PauseScope
from core.stores.viewing import SearchProducts, SearchStores, ShowStore
from handlers.taps.questions import Questions
from jobs.health import ShowHealth


class ChatProvider(Provider):
    """Needs Database, Clock, Recorder, Notices, Outbox, SecretBox, SaveEntity and Connections from its neighbours."""

    scope = Scope.APP
    delivery = provide_all(Wake, OutboxQueue, CardShelf, Chats, Reach)
    undelivered = provide_all(ListUndelivered, SettleUndelivered)
    people = provide_all(ClaimOwner, EnsureOwner, IssueClaimCode, Identify, NoteSeen)
    joining = provide_all(GreetStranger, AskForAccess, GrantAccess, RefuseAccess)
    inviting = provide_all(InvitePerson, ListInvitations, RevokeInvitation, AcceptInvitation)
    linking = provide_all(OfferLink, LinkChat)
    lookup = provide_all(LookUp, ShowProduct, ListStores, Peek, ShowHistory)
    health = provide_all(ShowHealth, ShowStats, ReadLogs)
    chat = provide_all(Updates, Inbox, Memories, FindButton, ShownCommands, ShowDetails, Questions)
    menu = provide_all(SearchStores, ShowStore, SearchProducts, SearchRuns, ListJobs, RecentDays, WhyNot)
    hand = provide_all(PlanDeed, DoDeed, ListScopes, PauseScope, PauseNamed)
    debug = provide_all(ShowDebug, SwitchDebug)

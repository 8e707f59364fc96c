"""The use cases that change the configuration, for the container: chat, API and command line share them."""

from dishka import Provider, Scope, provide, provide_all

from core.chat.status import ShowHome, ShowStatus
from core.clock import Clock
from core.configuration.applying import ApplyDocument
from core.configuration.editing import Editor
from core.configuration.exporting import ExportDocument
from core.configuration.spotting import SecretSpotter
from core.connections.trying_again import TryAgain
from core.db.database import Database
from core.entities.audit import SearchAudit
from core.entities.bulk import ChangeStores, ForetellSender
from core.entities.changing import Changing
from core.entities.history import RollBack, ShowDifference, ShowHistory, ShowVersion, Undo
from core.entities.importing import ImportStores
from core.entities.removing import DeleteEntity, ForetellDeletion, ForetellSwitchOff, RestoreEntity
from core.entities.saving import SaveEntity
from core.entities.viewing import ListEntities, ShowEntity
from core.forms.loading import ListKinds, LoadForm, OutlineForm
from core.forms.renewing import FindSecret
from core.history.recorder import Recorder
from core.organisations.first_steps import PutStepsAway, ShowFirstSteps
from core.people.choosing import OfferApp, ProveApp, SetApp, SetPin
from core.people.confirming import ConfirmAction, ShowWay
from core.people.forgetting import ForgetWay
from core.people.speaking import ChooseLanguage
from core.schedules.cron import parse_cron
from core.secrets import SecretBox
from integrations.registry import Registry
from jobs.telling import ChannelTest
from jobs.trying import TryConnection
from jobs.wording import PreviewWords


class EditingProvider(Provider):
    """Needs Database, Clock, Recorder, Notices, Outbox, SecretBox, Redactor and Registry from its neighbours."""

    scope = Scope.APP
    document = provide_all(ApplyDocument)
    entities = provide_all(Changing, ListEntities, ShowEntity, SaveEntity, DeleteEntity, RestoreEntity)
    foretelling = provide_all(ForetellDeletion, ForetellSwitchOff, ForetellSender)
    history = provide_all(ShowHistory, ShowDifference, ShowVersion, RollBack, Undo, ChangeStores, SearchAudit)
    importing = provide(ImportStores)
    renewing = provide(FindSecret)
    confirming = provide_all(SetPin, OfferApp, ProveApp, SetApp, ConfirmAction, ShowWay, ForgetWay)
    own_ways = provide_all(ChooseLanguage, PutStepsAway)
    trying = provide_all(ChannelTest, TryConnection, TryAgain, PreviewWords)

    @provide
    def export_document(self, database: Database, registry: Registry) -> ExportDocument:
        return ExportDocument(database, registry)

    @provide
    def secret_spotter(self, registry: Registry) -> SecretSpotter:
        return SecretSpotter(registry)

    @provide
    def editor(self, clock: Clock, recorder: Recorder, box: SecretBox, registry: Registry) -> Editor:
        return Editor(clock, recorder, box, registry, _check_schedule)

    @provide
    def load_form(self, database: Database, registry: Registry, show: ShowEntity) -> LoadForm:
        return LoadForm(database, registry, show)

    @provide
    def first_steps(self, database: Database, registry: Registry) -> ShowFirstSteps:
        return ShowFirstSteps(database, registry)

    @provide
    def show_status(self, database: Database, clock: Clock, registry: Registry) -> ShowStatus:
        return ShowStatus(database, clock, registry)

    @provide
    def show_home(self, database: Database, registry: Registry) -> ShowHome:
        return ShowHome(database, registry)

    @provide
    def outline_form(self, registry: Registry) -> OutlineForm:
        return OutlineForm(registry)

    @provide
    def list_kinds(self, registry: Registry) -> ListKinds:
        return ListKinds(registry)


def _check_schedule(line: str) -> None:
    """Raise BadInput for a schedule that cannot be understood."""
    parse_cron(line)

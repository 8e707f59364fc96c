"""What the chain itself is asked for, and what each person chooses for themselves."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.access import Actor
from core.configuration.fields import FieldProblem
from core.configuration.fields import _quiet as read_quiet
from core.configuration.wanted import Section
from core.connections.model import Integration
from core.entities.saving import SaveEntity
from core.i18n import Translator
from core.organisations.model import Organisation
from core.people.model import Person
from core.texts import Currency, T, Text, Zone
from tests.handlers.kit import ANA, RUI, Desk
from tests.handlers.menu_kit import Walk


async def home(desk: Desk) -> Organisation:
    found: Organisation = (await desk.rows(Organisation))[0]
    return found


async def test_quiet_hours_are_typed_as_people_say_them_and_taken_back(desk: Desk, walk: Walk) -> None:
    await walk.says("/menu")
    await walk.taps("Settings", "Change", "Quiet hours")
    assert "are no hours" in await walk.says("at night")
    assert "10:00 PM to 6:30 AM" in (await walk.says("das 22h às 6h30")).replace("\u202f", " ")
    await walk.taps("Save")
    assert (await home(desk)).quiet_hours == "22:00-06:30"
    await walk.taps("Undo")
    assert (await home(desk)).quiet_hours is None
    assert "Quiet hours: none, told at once" in walk.text


async def test_the_currency_is_chosen_within_five_taps(desk: Desk, walk: Walk) -> None:
    await walk.says("/menu")
    await walk.taps("Settings", "Change", "Currency", "ARS", "Save")
    assert (await home(desk)).currency == "ARS"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ars", "ARS"),
        ("peso argentino", "ARS"),
        ("Argentine Peso", "ARS"),
        ("Real Brasileiro (BRL)", "BRL"),
        ("jpy", "JPY"),
    ],
)
async def test_a_currency_is_typed_by_its_letters_or_by_its_name_in_ones_own_language(
    desk: Desk, walk: Walk, typed: str, kept: str
) -> None:
    await desk.set_row(Organisation, desk.organisation_id, currency="USD")
    await desk.set_person(ANA, locale="pt_BR")
    await walk.says("/open chain")
    await walk.taps("Moeda")
    assert "Dólar americano (USD)" in walk.text
    assert "Real brasileiro (BRL)" in walk.labels
    await walk.says(typed)
    await walk.taps("Salvar")
    assert (await home(desk)).currency == kept


async def test_letters_that_are_no_currency_are_refused(desk: Desk, walk: Walk) -> None:
    await walk.says("/open chain")
    await walk.taps("Currency")
    assert "“XYZ” is not a currency. Give its three letters, such as BRL." in await walk.says("XYZ")
    assert (await home(desk)).currency == "BRL"


@pytest.mark.parametrize("typed", ["America/Manaus", "manaus", "Manaus · Horário do Amazonas"])
async def test_a_time_zone_is_typed_by_its_key_or_by_its_name(desk: Desk, walk: Walk, typed: str) -> None:
    await desk.set_person(ANA, locale="pt_BR")
    await walk.says("/open chain")
    await walk.taps("Fuso horário")
    assert "✅ São Paulo · Horário de Brasília" in walk.labels
    await walk.says(typed)
    await walk.taps("Salvar")
    assert (await home(desk)).timezone == "America/Manaus"


async def test_a_module_lets_choose_among_the_zones_by_their_names_and_what_it_offers_besides(
    desk: Desk, walk: Walk
) -> None:
    login = {"base_url": "http://127.0.0.1:1", "email": "a@example.com", "token": "t"}
    owner, save = Actor.system(desk.organisation_id, "cli"), await desk.container.get(SaveEntity)
    await save(owner, Section.INTEGRATIONS, None, {"name": "Loyalty", "module": "crescevendas", "settings": login})
    await desk.set_person(ANA, locale="pt_BR")
    await walk.says("/open saved")
    await walk.says("fuso da plataforma")
    assert "Agora: São Paulo · Horário de Brasília" in walk.text
    assert "O de cada loja" in walk.labels
    assert "→ O de cada loja" in await walk.taps("O de cada loja")
    await walk.taps("Voltar")
    await walk.says("fuso da plataforma")
    assert "→ Manaus · Horário do Amazonas" in await walk.says("manaus")
    await walk.taps("Salvar sem ativar")
    assert (await desk.rows(Integration))[0].settings["platform_timezone"] == "America/Manaus"


async def test_the_page_of_the_chain_names_its_zone_and_currency(desk: Desk, walk: Walk) -> None:
    await desk.set_person(ANA, locale="es")
    text = await walk.says("/settings")
    assert "São Paulo · Hora de Brasilia" in text
    assert "Real brasileño (BRL)" in text
    await desk.set_row(Organisation, desk.organisation_id, timezone="Etc/GMT+3")
    assert "Etc/GMT+3" in await walk.says("/settings"), "what has no name is told by its key"


def test_a_currency_and_a_zone_stay_what_they_are_when_a_text_is_kept() -> None:
    text = T("{zone} {currency}", zone=Zone("America/Sao_Paulo"), currency=Currency("BRL"))

    assert Text.from_json(text.to_json()) == text
    assert str(text) == "America/Sao_Paulo BRL"


def test_money_is_shown_in_the_currency_with_its_cents() -> None:
    def shown(locale: str, currency: str) -> str:
        text = Translator(locale, ZoneInfo("UTC"), currency)(T("{price}", price=Decimal("1234.50")))
        return text.replace("\xa0", " ")

    assert shown("pt_BR", "BRL") == "R$ 1.234,50"
    assert shown("en", "BRL") == "R$1,234.50"
    assert shown("es", "BRL") == "1.234,50 R$"
    assert shown("es", "CLP") == "1.234,50 $"
    assert shown("pt_BR", "PYG") == "₲ 1.234,50"
    assert shown("en", "EUR") == "€1,234.50"
    assert shown("en", "XAU") == "XAU1,234.50"


@pytest.mark.parametrize("text", ["25:00-06:00", "22:00", "22:00-22:00", "22:61-06:00", "from dusk to dawn"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(FieldProblem):
        read_quiet(text)


@pytest.mark.parametrize(
    "text", ["22:00-06:00", "22h-6h", "22h às 6h", "de 22 a 6", "from 22:00 to 6:00", "2200 hasta las 0600"]
)
def test_hours_are_read_as_they_are_written_in_three_languages(text: str) -> None:
    assert read_quiet(text) == "22:00-06:00"


async def test_a_manager_chooses_a_language_and_reads_it_at_once(desk: Desk, walk: Walk) -> None:
    await desk.set_person(RUI, private_chat=True)
    rui = Walk(desk, desk.rui)
    await rui.says("/menu")
    assert "Início" in str(await rui.taps("Language", "Português"))
    assert next(one for one in await desk.rows(Person) if one.telegram_id == RUI).locale == "pt_BR"
    await rui.taps("Idioma", "Telegram")
    assert next(one for one in await desk.rows(Person) if one.telegram_id == RUI).locale is None

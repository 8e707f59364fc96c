"""What happens to groups: made, moved, joined, left; topics; who is administrator; what the bot is there."""

from collections.abc import Sequence

from sandbox.telegram import topics
from sandbox.telegram.errors import SandboxError
from sandbox.telegram.members import change_bot_status, change_member_status
from sandbox.telegram.model import BotStatus, Chat, Message, User
from sandbox.telegram.people import Person
from sandbox.telegram.world import World

FIRST_SUPERGROUP_ID = -1_000_000_000_000


class Groups:
    """The groups of one world. Impossible acts raise SandboxError."""

    world: World

    def group(
        self,
        chat_id: int,
        title: str,
        *,
        members: Sequence[Person] = (),
        admins: Sequence[Person] = (),
        supergroup: bool = False,
        forum: bool = False,
        bot: BotStatus = "member",
    ) -> Chat:
        """Make a group with the bot in it (or not: `bot="left"`, then see add_bot)."""
        chat = Chat(chat_id, "supergroup" if supergroup or forum else "group", title, forum=forum)
        chat.bot_status = bot
        chat.members = {one.id: one.user for one in (*members, *admins)}
        chat.admins = {one.id for one in admins}
        self.world.chats[chat_id] = chat
        self._changed(chat)
        return chat

    def topic(self, chat: Chat, name: str, by: Person | None = None) -> int:
        """Open a topic in a forum and return its thread id."""
        if not chat.forum:
            raise SandboxError(f"{chat.title} is not a forum")
        thread = topics.open_topic(self.world, chat, name, self._actor(chat, by))
        self._changed(chat)
        return thread

    def close_topic(self, chat: Chat, thread_id: int, by: Person | None = None) -> None:
        topics.close_topic(self.world, chat, thread_id, self._actor(chat, by))
        self._changed(chat)

    def reopen_topic(self, chat: Chat, thread_id: int, by: Person | None = None) -> None:
        topics.reopen_topic(self.world, chat, thread_id, self._actor(chat, by))
        self._changed(chat)

    def delete_topic(self, chat: Chat, thread_id: int) -> None:
        topics.delete_topic(self.world, chat, thread_id)
        self._changed(chat)

    def add_bot(self, chat: Chat, by: Person, *, admin: bool = False) -> None:
        """Let a person bring the bot into a group, or make it administrator there."""
        was_out = chat.bot_status in {"left", "kicked"}
        change_bot_status(self.world, chat, "administrator" if admin else "member", by.user)
        if was_out:
            self._say(chat, by.user, new_chat_members=[self.world.bot.as_json()])
        self._changed(chat)

    def kick_bot(self, chat: Chat, by: Person | None = None) -> None:
        actor = self._actor(chat, by)
        change_bot_status(self.world, chat, "kicked", actor)
        self.world.post(chat, actor, service={"left_chat_member": self.world.bot.as_json()})
        self._changed(chat)

    def join(self, chat: Chat, person: Person, by: Person | None = None) -> None:
        """Let a person into a group."""
        change_member_status(self.world, chat, person.user, "member", (by or person).user)
        self._say(chat, (by or person).user, new_chat_members=[person.user.as_json()])
        self._changed(chat)

    def leave(self, chat: Chat, person: Person, by: Person | None = None) -> None:
        """Let a person go, or be sent away by another."""
        change_member_status(self.world, chat, person.user, "kicked" if by else "left", (by or person).user)
        self._say(chat, (by or person).user, left_chat_member=person.user.as_json())
        self._changed(chat)

    def promote(self, chat: Chat, person: Person, by: Person) -> None:
        change_member_status(self.world, chat, person.user, "administrator", by.user)
        self._changed(chat)

    def migrate(self, chat: Chat) -> int:
        """Turn a group into a supergroup; returns the new chat id."""
        if chat.type != "group" or chat.migrated_to is not None:
            raise SandboxError(f"{chat.title} is not a basic group any more")
        new_id = FIRST_SUPERGROUP_ID - abs(chat.id)
        new = Chat(new_id, "supergroup", chat.title, members=chat.members, admins=chat.admins)
        new.bot_status = chat.bot_status
        self.world.chats[new_id] = new
        actor = self._actor(chat)
        self._say(chat, actor, migrate_to_chat_id=new_id)
        self._say(new, actor, migrate_from_chat_id=chat.id)
        chat.migrated_to = new_id
        self._changed(chat)
        self._changed(new)
        return new_id

    def delete_by_person(self, message: Message) -> None:
        """Delete a message behind the bot's back: no update tells it."""
        self.world.note_change(message, "deleted")

    def _say(self, chat: Chat, by: User, **service: object) -> None:
        self.world.tell_bot(self.world.post(chat, by, service=service))

    def _actor(self, chat: Chat, by: Person | None = None) -> User:
        return by.user if by else next(iter(chat.members.values()), self.world.bot)

    def _changed(self, chat: Chat) -> None:
        self.world.feed.announce("chat", chat=chat.id)

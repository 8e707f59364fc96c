/* What one does with a chat itself: block the bot, bring it in, make it administrator, move the group. */

import { act } from "./deeds.js";
import { ask, h } from "./dom.js";
import { go } from "./route.js";
import { state } from "./store.js";
import { t } from "./texts.js";

const bot = (chat, status) => act("/_fake/bot", { person: state.me, chat: chat.id, status });
const topic = (chat, deed) => act("/_fake/topic", { person: state.me, chat: chat.id, thread: state.thread, act: deed });

const DEEDS = {
  block: () => act("/_fake/block", { person: state.me, blocked: true }),
  unblock: () => act("/_fake/block", { person: state.me, blocked: false }),
  bot_in: (chat) => bot(chat, "member"),
  bot_admin: (chat) => bot(chat, "administrator"),
  bot_out: (chat) => bot(chat, "kicked"),
  topic_close: (chat) => topic(chat, "close"),
  topic_reopen: (chat) => topic(chat, "reopen"),
  async topic_delete(chat) {
    await topic(chat, "delete");
    go(state.me, chat.id);
  },
  async migrate(chat) {
    const moved = await act("/_fake/migrate", { person: state.me, chat: chat.id });
    if (moved) go(state.me, moved.chat);
  },
};

function possible(chat) {
  if (chat.type === "private") return [chat.bot_status === "kicked" ? "unblock" : "block"];
  const out = ["left", "kicked"].includes(chat.bot_status);
  const topics = state.thread ? [chat.closed_topics.includes(state.thread) ? "topic_reopen" : "topic_close", "topic_delete"] : [];
  const admin = chat.bot_status === "administrator" ? [] : ["bot_admin"];
  return [...topics, ...(out ? ["bot_in"] : [...admin, "bot_out"]), ...(chat.type === "group" ? ["migrate"] : [])];
}

export async function chatMenu(chat) {
  const choice = await ask(chat.title, [], [...possible(chat).map((name) => [t(`do_${name}`), name]), [t("close"), ""]]);
  if (choice) DEEDS[choice](chat);
}

export async function newGroup() {
  const name = h("input", { "aria-label": t("group_name"), placeholder: t("group_name"), maxlength: 128 });
  const forum = h("input", { type: "checkbox", id: "forum" });
  const fields = [name, h("label", { for: "forum", class: "check" }, forum, t("with_topics"))];
  const yes = await ask(t("new_group"), fields, [[t("create"), true], [t("close"), ""]]);
  if (!yes || !name.value.trim()) return;
  const made = await act("/_fake/group", { person: state.me, title: name.value.trim(), forum: forum.checked });
  if (made) go(state.me, made.id);
}

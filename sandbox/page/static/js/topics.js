/* The topics of a forum as tabs. */

import { act } from "./deeds.js";
import { ask, h } from "./dom.js";
import { go } from "./route.js";
import { openChat, state } from "./store.js";
import { t } from "./texts.js";

export function drawTopics(place) {
  const chat = openChat();
  place.hidden = !chat.forum;
  if (!chat.forum) return;
  place.setAttribute("aria-label", t("topics"));
  const all = [[0, t("general")], ...Object.entries(chat.topics).map(([id, name]) => [Number(id), name])];
  place.replaceChildren(...all.map(([id, name]) => tab(chat, id, name)),
    h("button", { type: "button", class: "chip", onclick: () => openTopic(chat) }, `+ ${t("new_topic")}`));
}

function tab(chat, id, name) {
  const closed = chat.closed_topics.includes(id) ? " 🔒" : "";
  return h("button", {
    type: "button", role: "tab", class: "chip", "aria-selected": String(state.thread === id), onclick: () => go(state.me, chat.id, id),
  }, `${name}${closed}`);
}

async function openTopic(chat) {
  const name = h("input", { "aria-label": t("topic_name"), placeholder: t("topic_name"), maxlength: 128 });
  const yes = await ask(t("new_topic"), [name], [[t("create"), true], [t("close"), ""]]);
  if (!yes || !name.value.trim()) return;
  const made = await act("/_fake/topic", { person: state.me, chat: chat.id, act: "open", name: name.value.trim() });
  if (made) go(state.me, chat.id, made.thread);
}

/* The open chat: its header, topics, pinned message, messages, and where one writes. */

import { makeComposer } from "./composer.js";
import { start } from "./deeds.js";
import { byId, h } from "./dom.js";
import { chatMenu } from "./menu.js";
import { messageElement, summary } from "./message.js";
import { inThread, isMine, markSeen, messagesOf, on, openChat, state } from "./store.js";
import { drawTopics } from "./topics.js";
import { day, t } from "./texts.js";

const NEAR_PIXELS = 160;

let parts;
let composer;
let drawn = { key: "", nodes: new Map() };

const actions = {
  jump,
  reply: (message) => composer.replyTo(message),
  edit: (message) => composer.edit(message),
  type: (text) => composer.type(text),
};

export function makeTalk() {
  parts = {
    header: h("header", { class: "bar" }),
    topics: h("div", { class: "topics", role: "tablist", hidden: true }),
    pinned: h("button", { type: "button", class: "pinned", hidden: true }),
    list: h("ol", { class: "messages", id: "messages", tabindex: 0, "aria-live": "polite", "aria-relevant": "additions text" }),
    offline: h("div", { class: "offline", role: "alert", hidden: true }),
    starting: h("div", { class: "starting", role: "status", hidden: true }),
    down: h("button", { type: "button", class: "down", hidden: true, onclick: toEnd }, "↓"),
  };
  parts.list.addEventListener("scroll", offerEnd, { passive: true });
  composer = makeComposer(actions);
  byId("talk").append(parts.header, parts.offline, parts.starting, parts.topics, parts.pinned, parts.list, composer.node);
  composer.node.append(parts.down);
  on("message", ({ message }) => message.chat === state.open && drawMessages());
  on("typing", drawHeader);
  on("offline starting", drawHeader);
  window.addEventListener("focus", () => state.open && markSeen(state.open));
}

/** Draw the open chat anew: another one was opened, or something about it changed. */
export function drawTalk() {
  if (!openChat()) return;
  drawHeader();
  drawTopics(parts.topics);
  drawPinned();
  drawMessages();
  composer.refresh();
}

function subtitle(chat) {
  if ((state.typing.get(chat.id) || 0) > Date.now()) return t("typing", { who: state.bot.name });
  if (chat.type !== "private") return [...chat.members.map((one) => one.first_name), state.bot.name].join(", ");
  return t(chat.bot_status === "kicked" ? "blocked" : "bot");
}

function drawHeader() {
  const chat = openChat();
  if (!chat) return;
  const title = chat.type === "private" ? state.bot.name : chat.title;
  const typing = (state.typing.get(chat.id) || 0) > Date.now();
  const back = h("button", { type: "button", class: "icon back", "aria-label": t("chats"), onclick: () => { document.body.dataset.view = "side"; } }, "←");
  const menu = h("button", { type: "button", class: "icon", "aria-label": t("chat_menu"), onclick: () => chatMenu(chat) }, "⋮");
  const trouble = h("button", { type: "button", class: "icon narrow", "aria-label": t("break"), onclick: () => byId("open-break").click() }, "⚡");
  parts.header.replaceChildren(back,
    h("div", { class: "title" }, h("h1", {}, title), h("p", { class: typing ? "sub typing" : "sub" }, subtitle(chat))), trouble, menu);
  parts.offline.hidden = state.online;
  parts.offline.textContent = t("offline");
  parts.starting.hidden = !state.starting || !state.online;
  parts.starting.textContent = t("starting", { bot: state.bot.name });
}

function drawPinned() {
  const chat = openChat();
  const message = state.messages.get(chat.id)?.get(chat.pinned.at(-1));
  parts.pinned.hidden = !message || message.deleted;
  if (parts.pinned.hidden) return;
  parts.pinned.replaceChildren(h("strong", {}, t("pinned")), h("span", {}, summary(message).split("\n")[0]));
  parts.pinned.onclick = () => jump(message.id);
}

const isAtEnd = () => parts.list.scrollHeight - parts.list.scrollTop - parts.list.clientHeight < NEAR_PIXELS;

function toEnd() {
  parts.list.scrollTop = parts.list.scrollHeight;
}

/** Who reads further up is one press away from what comes below. */
function offerEnd() {
  parts.down.hidden = isAtEnd();
  parts.down.setAttribute("aria-label", t("to_end"));
}

/** Bring the list up to date, touching only what changed; stay at the end if one was there or has just written. */
function drawMessages() {
  const key = `${state.me}:${state.open}:${state.thread}:${document.documentElement.lang}`;
  if (key !== drawn.key) {
    drawn = { key, nodes: new Map() };
    parts.list.replaceChildren();
  }
  const wanted = messagesOf(state.open).filter((one) => inThread(one));
  const newest = wanted.at(-1);
  const said = newest && isMine(newest) && !drawn.nodes.has(newest.id);
  const follow = said || isAtEnd() || !drawn.nodes.size;
  const kept = new Map();
  for (const message of wanted) {
    const date = day(message.date, state.zone);
    if (!kept.has(date)) kept.set(date, drawn.nodes.get(date) || { node: h("li", { class: "day" }, date) });
    const mark = JSON.stringify([message, state.messages.get(message.chat).get(message.reply_to)?.deleted]);
    const known = drawn.nodes.get(message.id);
    const node = known?.mark === mark ? known.node : messageElement(message, actions);
    if (known && known.node !== node) known.node.replaceWith(node);
    kept.set(message.id, { node, mark });
  }
  for (const [id, { node }] of drawn.nodes) if (!kept.has(id)) node.remove();
  [...kept.values()].forEach(({ node }, index) => {
    if (parts.list.children[index] !== node) parts.list.insertBefore(node, parts.list.children[index] || null);
  });
  drawn.nodes = kept;
  if (follow) toEnd();
  offerEnd();
  if (document.visibilityState === "visible") markSeen(state.open);
  composer.refreshKeyboard();
  greet(wanted.length === 0);
}

/** Before the first word: what the bot says about itself, and the button that starts it. */
function greet(empty) {
  document.getElementById("greeting")?.remove();
  if (!empty || openChat().type !== "private") return;
  const about = state.bot.descriptions[document.documentElement.lang.slice(0, 2)] || state.bot.descriptions[""];
  parts.list.append(h("li", { class: "greeting", id: "greeting" }, h("p", {}, about || t("greeting", { bot: state.bot.name })),
    h("button", { type: "button", class: "primary", onclick: () => start() }, t("start"))));
}

function jump(id) {
  const node = byId(`m-${id}`);
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.add("found");
  setTimeout(() => node.classList.remove("found"), 1500);
}

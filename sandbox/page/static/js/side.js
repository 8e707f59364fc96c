/* The list of chats, and who sits at this window. */

import { act } from "./deeds.js";
import { byId, h } from "./dom.js";
import { newGroup } from "./menu.js";
import { summary } from "./message.js";
import { openPanel } from "./panel.js";
import { address, go } from "./route.js";
import { isMine, me, messagesOf, myChats, on, state, unread } from "./store.js";
import { LANGUAGES, clock, t } from "./texts.js";

export function makeSide() {
  on("message", drawChats);
  on("people", drawSide);
}

export function drawSide() {
  if (!me()) return;
  byId("side").replaceChildren(
    h("header", { class: "who" }, personChoice(), languageChoice()),
    h("ul", { class: "chats", id: "chats", "aria-label": t("chats") }),
    h("button", { type: "button", class: "new-group", onclick: newGroup }, `+ ${t("new_group")}`),
    footer());
  drawChats();
}

/** Draw the list alone: what one just chooses above stays open, and a focused chat stays focused. */
function drawChats() {
  const list = byId("chats");
  if (!list) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceChildren(...ordered().map(chatRow));
  if (focused) list.querySelector(`a[href="${focused}"]`)?.focus();
}

function personChoice() {
  const options = [...state.people.values()].map((one) =>
    h("option", { value: one.id, selected: one.id === state.me }, `${one.name} · ${roleOf(one)}`));
  const choice = h("select", { id: "me", onchange: (event) => go(event.target.value) }, options);
  const another = h("a", { class: "another", href: address(state.me), target: "_blank", rel: "noopener" }, t("another_window"));
  return h("div", { class: "field" }, h("label", { for: "me" }, t("you_are")), choice, another);
}

const roleOf = (person) => t(`role_${state.roles[person.id] || "guest"}`);

function languageChoice() {
  const options = LANGUAGES.map(([code, name]) =>
    h("option", { value: code, selected: me().language.startsWith(code.slice(0, 2)) }, name));
  const change = (event) => act("/_fake/language", { person: state.me, language: event.target.value });
  return h("div", { class: "field" }, h("label", { for: "language" }, t("language")), h("select", { id: "language", onchange: change }, options));
}

function ordered() {
  const date = (chat) => messagesOf(chat.id).at(-1)?.date || 0;
  return myChats().sort((a, b) => date(b) - date(a));
}

function chatRow(chat) {
  const last = messagesOf(chat.id).at(-1);
  const waiting = chat.id === state.open && document.hasFocus() ? 0 : unread(chat.id);
  const title = chat.type === "private" ? state.bot.name : chat.title;
  const mine = last && isMine(last) ? `${t("you")}: ` : "";
  return h("li", {}, h("a", {
    class: "chat", href: address(state.me, chat.id), "aria-current": chat.id === state.open ? "true" : undefined, onclick: () => { document.body.dataset.view = "talk"; },
  },
  h("span", { class: chat.type === "private" ? "avatar bot" : "avatar", "aria-hidden": "true" }, title.slice(0, 1)),
  h("span", { class: "chat-title" }, title),
  last && h("time", {}, clock(last.date, state.zone)),
  h("span", { class: "chat-last" }, last ? mine + summary(last).split("\n")[0] : t("nothing_yet")),
  waiting > 0 && h("span", { class: "unread", "aria-label": t("unread", { count: waiting }) }, String(waiting))));
}

function footer() {
  return h("footer", { class: "side-foot" },
    h("button", { type: "button", id: "open-break", onclick: () => openPanel("break") }, `⚡ ${t("break")}`),
    h("button", { type: "button", id: "open-clock", onclick: () => openPanel("clock") }, `🕔 ${t("clock")}`),
    h("button", { type: "button", id: "theme", "aria-label": t("theme"), onclick: turnTheme }, "◐"));
}

/* Dark or light: as the system says, until one chooses. */
const dark = () => (localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

export function applyTheme() {
  document.documentElement.dataset.theme = dark() ? "dark" : "light";
}

function turnTheme() {
  localStorage.setItem("theme", dark() ? "light" : "dark");
  applyTheme();
}

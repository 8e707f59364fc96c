/* One message as an element: who, reply, picture or file, text, buttons. */

import * as deeds from "./deeds.js";
import { ask, h, zoom } from "./dom.js";
import { copy, rich } from "./format.js";
import { inlineKeys } from "./keyboard.js";
import { isMine, state } from "./store.js";
import { bytes, clock, t } from "./texts.js";

const FILE = (file) => `/_fake/file/${file.id}`;

/** Say in one line what a message holds. */
export function summary(message) {
  const service = serviceText(message);
  return service || message.text || (message.photo ? `🖼 ${t("photo")}` : message.file ? `📎 ${message.file.name}` : "");
}

export function messageElement(message, actions) {
  const service = serviceText(message);
  if (service) return h("li", { class: "service", id: `m-${message.id}` }, h("span", {}, service));
  const side = isMine(message) ? "out" : "in";
  const bubble = h("div", { class: message.file ? "bubble with-file" : "bubble" },
    author(message),
    message.forwarded && h("div", { class: "forwarded" }, t("forwarded")),
    quote(message, actions),
    !message.caption_above && attachment(message),
    message.text && h("div", { class: "text" }, rich(message.text, message.entities, deeds)),
    message.caption_above && attachment(message),
    meta(message, actions));
  const album = message.album ? " album" : "";
  return h("li", { class: `message ${side}${album}`, id: `m-${message.id}`, data: { id: message.id } }, bubble, inlineKeys(message, actions));
}

function author(message) {
  const chat = state.chats.get(message.chat);
  const via = message.via ? h("span", { class: "via" }, ` ${t("via", { bot: message.via })}`) : null;
  if (chat.type === "private" && !via) return null;
  const hue = (Math.abs(message.person ?? 0) * 47) % 360;
  const line = h("div", { class: "author" }, isMine(message) ? "" : message.from, via);
  line.style.setProperty("--hue", hue);
  return line;
}

function quote(message, actions) {
  if (!message.reply_to) return null;
  const replied = state.messages.get(message.chat)?.get(message.reply_to);
  if (!replied || replied.deleted) return h("div", { class: "quote gone" }, t("deleted_message"));
  return h("button", { type: "button", class: "quote", onclick: () => actions.jump(replied.id) },
    h("strong", {}, replied.from), h("span", {}, summary(replied).split("\n")[0].slice(0, 120)));
}

function attachment(message) {
  if (!message.file) return null;
  return message.photo ? picture(message) : h("a", { class: "file", href: FILE(message.file), download: message.file.name },
    h("span", { class: "file-icon", "aria-hidden": "true" }, extension(message.file.name)),
    h("span", { class: "file-name" }, message.file.name, h("small", {}, `${bytes(message.file.size)} · ${t("download")}`)));
}

function picture(message) {
  const { file } = message;
  const shown = () => zoom(FILE(file), message.text);
  const image = h("img", {
    src: FILE(file), alt: message.text || t("photo"), width: file.width, height: file.height, loading: "lazy",
  });
  return h("button", { type: "button", class: message.spoiler ? "photo veiled" : "photo", "aria-label": t("enlarge"), onclick: shown }, image);
}

const extension = (name) => (name.includes(".") ? name.split(".").at(-1).slice(0, 4).toUpperCase() : "…");

function meta(message, actions) {
  const edited = message.edited_at ? h("span", { class: "edited" }, t("edited")) : null;
  const time = h("time", { datetime: new Date(message.date * 1000).toISOString() }, clock(message.date, state.zone));
  const more = h("button", { type: "button", class: "more", "aria-label": t("message_menu"), onclick: () => menu(message, actions) }, "⋯");
  return h("div", { class: "meta" }, edited, time, more);
}

async function menu(message, actions) {
  const own = isMine(message) && !message.file && !message.via;
  const choices = [[t("reply"), "reply"], [t("copy"), "copy"], own && [t("edit"), "edit"], [t("delete"), "delete"], [t("close"), ""]];
  const choice = await ask(summary(message).slice(0, 200), [], choices.filter(Boolean));
  if (choice === "copy") copy(message.text);
  else if (choice === "delete") deeds.remove(message);
  else if (choice) actions[choice](message);
}

/** The sentence of a service message, or nothing for a common one. */
export function serviceText(message) {
  const names = (people) => people.map((one) => one.first_name).join(", ");
  const { service } = message;
  const who = message.from;
  if (service.new_chat_members) return t("joined", { who: names(service.new_chat_members) });
  if (service.left_chat_member) return t("left", { who: service.left_chat_member.first_name });
  if (service.pinned_message) return t("pinned_by", { who });
  if (service.forum_topic_created) return t("topic_created", { name: service.forum_topic_created.name });
  if (service.forum_topic_edited) return t("topic_renamed", { name: service.forum_topic_edited.name });
  if (service.forum_topic_closed) return t("topic_closed");
  if (service.forum_topic_reopened) return t("topic_reopened");
  if (service.migrate_to_chat_id || service.migrate_from_chat_id) return t("migrated");
  return "";
}

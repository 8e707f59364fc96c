/* Where one writes: text, files, commands, inline queries, replies and corrections. */

import * as deeds from "./deeds.js";
import { h, toast } from "./dom.js";
import { drawReplyKeyboard } from "./keyboard.js";
import { summary } from "./message.js";
import { openChat, state } from "./store.js";
import { makeSuggestions } from "./suggestions.js";
import { t } from "./texts.js";

const MAX_FILE_BYTES = 50 * 1024 * 1024;

export function makeComposer(actions) {
  const input = h("textarea", { id: "write", rows: 1, autocomplete: "off", "aria-autocomplete": "list", "aria-controls": "suggestions" });
  const picker = h("input", { type: "file", multiple: true, hidden: true, id: "file" });
  const attach = h("button", { type: "button", class: "icon", onclick: () => picker.click() }, "📎");
  const menu = h("button", { type: "button", class: "icon", id: "commands", hidden: true, onclick: () => suggestions.offer() }, "/");
  const send = h("button", { type: "submit", class: "icon send" }, "➤");
  const about = h("div", { class: "about", hidden: true });
  const keyboard = h("div", { class: "reply-keyboard", role: "group", hidden: true });
  const suggestions = makeSuggestions(input, submit, () => {
    menu.hidden = !suggestions.any();
  });
  const form = h("form", { class: "composer" }, attach, picker, menu, input, send);
  const node = h("div", { class: "write" }, suggestions.node, about, form, keyboard);
  const drafts = new Map();
  let place = "";
  let target = null;

  function aim(kind, message) {
    target = message && { kind, message };
    about.hidden = !message;
    if (!message) return;
    about.replaceChildren(
      h("div", {}, h("strong", {}, t(kind === "edit" ? "editing" : "replying", { who: message.from })), h("span", {}, summary(message).slice(0, 120))),
      h("button", { type: "button", class: "icon", "aria-label": t("close"), onclick: () => aim() }, "✕"));
    input.focus();
  }

  /** Every chat of every person keeps what was begun there. */
  function moveTo(next) {
    if (next === place) return;
    drafts.set(place, input.value);
    place = next;
    aim();
    write(drafts.get(place) || "");
  }

  async function submit() {
    const text = input.value.trim();
    if (!text) return;
    const aimed = target;
    write("");
    aim();
    const done = aimed?.kind === "edit" ? await deeds.edit(aimed.message, text) : await deeds.say(text, aimed?.message.id);
    if (!done && !input.value) write(text);
  }

  function write(text) {
    input.value = text;
    input.dispatchEvent(new Event("input"));
  }

  async function sendFiles(files) {
    const small = [...files].filter((file) => file.size <= MAX_FILE_BYTES);
    if (small.length < files.length) toast(t("too_big"), true);
    const caption = input.value.trim();
    if (small.length && await deeds.upload(small, caption, target?.message.id)) {
      write("");
      aim();
    }
    picker.value = "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  /** As high as what is written; out of sight nothing has a height, so one line is kept until it is seen. */
  function fit() {
    input.style.height = "auto";
    if (!input.scrollHeight) return;
    const border = input.offsetHeight - input.clientHeight;
    input.style.height = `${input.scrollHeight + border}px`;
  }

  input.addEventListener("input", fit);
  input.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if (event.key === "Escape") aim();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  input.addEventListener("paste", (event) => event.clipboardData?.files.length && sendFiles(event.clipboardData.files));
  picker.addEventListener("change", () => sendFiles(picker.files));
  catchDrops(document.getElementById("talk"), sendFiles);

  return {
    node,
    replyTo: (message) => aim("reply", message),
    edit(message) {
      aim("edit", message);
      write(message.text);
    },
    type(text) {
      write(text);
      input.focus();
    },
    refresh() {
      input.setAttribute("aria-label", t("write"));
      attach.setAttribute("aria-label", t("attach"));
      picker.setAttribute("aria-label", t("attach"));
      send.setAttribute("aria-label", t("send"));
      menu.setAttribute("aria-label", t("commands"));
      moveTo(`${state.me}/${state.open}/${state.thread}`);
      suggestions.reload();
      this.refreshKeyboard();
    },
    refreshKeyboard() {
      input.placeholder = drawReplyKeyboard(keyboard, actions) || t(openChat().type === "private" ? "write_hint" : "write_group", { bot: state.bot.username });
    },
  };
}

function catchDrops(place, drop) {
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("dropping");
  });
  place.addEventListener("dragleave", () => place.classList.remove("dropping"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("dropping");
    if (event.dataTransfer.files.length) drop(event.dataTransfer.files);
  });
}

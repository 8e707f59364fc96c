/* Keyboards: buttons under a message, and the one in place of the letters. */

import * as deeds from "./deeds.js";
import { h } from "./dom.js";
import { copy, link } from "./format.js";
import { inThread, messagesOf, state } from "./store.js";
import { t } from "./texts.js";

/** The rows of buttons under a message. */
export function inlineKeys(message, actions) {
  const rows = message.markup?.inline_keyboard;
  if (!rows) return null;
  return h("div", { class: "keys" }, rows.map((row) => h("div", { class: "key-row" }, row.map((key) => button(message, key, actions)))));
}

function button(message, key, actions) {
  const style = key.style ? `key ${key.style}` : "key";
  const address = key.url || key.web_app?.url;
  if (address) {
    const made = link(address, deeds, key.text, h("span", { class: "corner", "aria-hidden": "true" }, "↗"));
    made.className = style;
    return made;
  }
  return h("button", { type: "button", class: style, onclick: (event) => press(event.currentTarget, message, key, actions) }, key.text);
}

async function press(node, message, key, actions) {
  const typed = key.switch_inline_query_current_chat ?? key.switch_inline_query ?? key.switch_inline_query_chosen_chat?.query;
  if (typed !== undefined) {
    actions.type(`@${state.bot.username} ${typed ?? ""}`);
  } else if (key.copy_text) {
    copy(key.copy_text.text);
  } else if (!node.hasAttribute("aria-busy")) {
    node.setAttribute("aria-busy", "true");
    await deeds.tap(message, key.callback_data);
    node.removeAttribute("aria-busy");
  }
}

/** The message whose reply keyboard, removal or forced reply counts now. */
function ruling() {
  return messagesOf(state.open)
    .filter((one) => one.markup && !one.markup.inline_keyboard && inThread(one))
    .at(-1);
}

const used = new Set();

/** Draw the reply keyboard into `place`; returns the placeholder it asks for, if any. */
export function drawReplyKeyboard(place, actions) {
  const message = ruling();
  const markup = message && !used.has(`${message.chat}:${message.id}`) ? message.markup : null;
  const rows = markup?.keyboard || [];
  place.hidden = rows.length === 0;
  place.setAttribute("aria-label", t("reply_keyboard"));
  place.replaceChildren(...rows.map((row) => h("div", { class: "key-row" }, row.map((raw) => {
    const text = typeof raw === "string" ? raw : raw.text;
    return h("button", { type: "button", class: "key", onclick: () => choose(message, text) }, text);
  }))));
  if (markup?.force_reply && !message.answered) {
    message.answered = true;
    actions.reply(message);
  }
  return markup?.input_field_placeholder;
}

function choose(message, text) {
  if (message.markup.one_time_keyboard) used.add(`${message.chat}:${message.id}`);
  deeds.say(text);
}

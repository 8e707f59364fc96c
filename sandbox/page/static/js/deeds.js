/* What the person of this window does. Refusals of the sandbox appear as a note. */

import { post } from "./api.js";
import { ask, toast } from "./dom.js";
import { state } from "./store.js";
import { t } from "./texts.js";

const ANSWER_SECONDS = 12;

const here = () => ({ person: state.me, chat: state.open, thread: state.thread || undefined });

export async function act(path, body) {
  try {
    return await post(path, body);
  } catch (error) {
    toast(error.message.replace(/^\w+(Error)?: /, ""), true);
    return null;
  }
}

export const say = (text, replyTo) => act("/_fake/say", { ...here(), text, reply_to: replyTo });
export const edit = (message, text) => act("/_fake/edit", { ...here(), message: message.id, text });
export const remove = (message) => act("/_fake/delete", { ...here(), message: message.id });
export const command = (text) => say(text);

export async function upload(files, caption = "", replyTo = undefined) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...here(), caption, reply_to: replyTo })) {
    if (value) form.append(name, value);
  }
  for (const file of files) form.append("file", file, file.name);
  return act("/_fake/upload", form);
}

/** Tap a button that tells the bot something; resolves when the bot has answered, or did not. */
export async function tap(message, data) {
  const tapped = await act("/_fake/tap", { ...here(), message: message.id, data, wait: ANSWER_SECONDS });
  if (!tapped) return;
  const { answer } = tapped;
  if (!answer) toast(t("unanswered"), true);
  else if (answer.show_alert) await ask(answer.text, [], [[t("ok"), true]]);
  else if (answer.text) toast(answer.text);
  if (answer?.url) window.open(answer.url, "_blank", "noopener");
}

export const inline = (text) => act("/_fake/inline", { ...here(), text, wait: ANSWER_SECONDS });
export const pick = (query, result) => act("/_fake/pick", { ...here(), query, result });

/** Follow t.me links to the bot here: they start it with their parameter. */
export function deepLink(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return false;
  }
  const name = url.hostname === "t.me" ? url.pathname.slice(1) : url.searchParams.get("domain");
  if (name?.toLowerCase() !== state.bot.username.toLowerCase() || !url.searchParams.has("start")) return false;
  start(url.searchParams.get("start"));
  return true;
}

/** Start the bot in the private chat, with a parameter if there is one. */
export function start(parameter = "") {
  act("/_fake/say", { person: state.me, text: `/start ${parameter}`.trim() });
  location.hash = `#/${state.me}/${state.me}`;
}

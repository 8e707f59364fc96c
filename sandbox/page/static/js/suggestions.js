/* The list above the input: commands after a slash, results after @bot. */

import { get } from "./api.js";
import * as deeds from "./deeds.js";
import { h } from "./dom.js";
import { on, state } from "./store.js";
import { t } from "./texts.js";

const PAUSE_MS = 300;

export function makeSuggestions(input, submit, loaded) {
  const node = h("ul", { class: "suggestions", id: "suggestions", role: "listbox", hidden: true });
  let commands = [];
  let items = [];
  let chosen = -1;
  let timer = 0;
  let asked = 0;

  async function reload() {
    commands = await get(`/_fake/commands?person=${state.me}&chat=${state.open}`).catch(() => []);
    loaded();
  }

  function show(found, note = "") {
    items = found;
    chosen = -1;
    node.hidden = !items.length && !note;
    node.setAttribute("aria-label", t("suggestions"));
    node.replaceChildren(...items.map((item, index) =>
      h("li", { role: "option", id: `s-${index}`, "aria-selected": "false", onclick: () => take(index) },
        h("strong", {}, item.title), item.detail && h("span", {}, item.detail))), note && h("li", { class: "note" }, note));
  }

  function choose(index) {
    chosen = (index + items.length) % items.length;
    [...node.children].forEach((one, at) => one.setAttribute("aria-selected", String(at === chosen)));
    input.setAttribute("aria-activedescendant", `s-${chosen}`);
    node.children[chosen].scrollIntoView({ block: "nearest" });
  }

  async function take(index) {
    const item = items[index];
    show([]);
    input.focus();
    await item.take();
  }

  function offerCommands(text) {
    const found = commands.filter((one) => `/${one.command}`.startsWith(text.toLowerCase()));
    show(found.map((one) => ({
      title: `/${one.command}`,
      detail: one.description,
      take() {
        input.value = `/${one.command}`;
        return submit();
      },
    })));
  }

  async function offerResults(text) {
    const turn = ++asked;
    show([], t("looking"));
    const found = await deeds.inline(text);
    if (turn !== asked || !input.value.startsWith("@")) return;
    const results = found?.answer?.results || [];
    const offered = results.map((one) => ({
      title: one.title || one.caption || one.id,
      detail: one.description,
      take() {
        input.value = "";
        return deeds.pick(found.id, one.id);
      },
    }));
    const button = found?.answer?.button;
    if (button?.start_parameter) offered.unshift({ title: button.text, take: () => deeds.start(button.start_parameter) });
    show(offered, offered.length ? "" : t("nothing_found"));
  }

  input.addEventListener("input", () => {
    const text = input.value;
    const inline = text.match(new RegExp(`^@${state.bot.username}\\s(.*)$`, "is"));
    clearTimeout(timer);
    if (inline) timer = setTimeout(() => offerResults(inline[1]), PAUSE_MS);
    else if (/^\/\w*$/.test(text)) offerCommands(text);
    else if (!node.hidden) show([]);
    if (!inline) asked += 1;
  });
  input.addEventListener("keydown", (event) => {
    if (node.hidden || !items.length) return;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) choose(chosen + steps[event.key]);
    else if (event.key === "Enter" && chosen >= 0) take(chosen);
    else if (event.key === "Tab") take(Math.max(chosen, 0));
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
  });
  on("commands", reload);
  return { node, reload, offer: () => offerCommands("/"), any: () => commands.length > 0 };
}

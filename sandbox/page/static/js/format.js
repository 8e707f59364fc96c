/* From a text and its entities (offsets count UTF-16 units, as JavaScript's do) to elements. */

import { h, toast } from "./dom.js";
import { t } from "./texts.js";

const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };
const SAFE = /^(https?|tg|mailto):/i;

/** Return elements of a formatted text; `deeds` says what commands and deep links do. */
export function rich(text, entities, deeds) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const edges = [...new Set([0, text.length, ...sorted.flatMap((one) => [one.offset, one.offset + one.length])])]
    .sort((a, b) => a - b);
  const root = document.createDocumentFragment();
  let open = [{ node: root, end: Infinity }];
  edges.forEach((start, index) => {
    open = open.filter((one) => one.end > start);
    for (const one of sorted.filter((entity) => entity.offset === start)) {
      const wrapped = text.slice(start, start + one.length);
      const { outer, inner } = element(one, wrapped, deeds);
      open.at(-1).node.append(outer);
      open.push({ node: inner, end: start + one.length });
    }
    const end = edges[index + 1];
    if (end !== undefined) open.at(-1).node.append(text.slice(start, end));
  });
  return root;
}

function element(entity, text, deeds) {
  const make = MAKERS[entity.type];
  const made = make ? make(entity, text, deeds) : h(PLAIN[entity.type] || "span");
  return made.outer ? made : { outer: made, inner: made };
}

const MAKERS = {
  code: (_, text) => h("code", { tabindex: 0, title: t("copy"), onclick: () => copy(text) }),
  pre(entity) {
    const inner = h("code", {});
    return { outer: h("pre", { data: { language: entity.language || "" }, tabindex: 0 }, inner), inner };
  },
  spoiler() {
    const reveal = (event) => {
      if (event.type === "keydown" && event.key !== "Enter") return;
      event.currentTarget.classList.add("shown");
      event.currentTarget.setAttribute("aria-label", "");
      event.currentTarget.removeAttribute("role");
    };
    return h("span", { class: "spoiler", tabindex: 0, role: "button", "aria-label": t("spoiler"), onclick: reveal, onkeydown: reveal });
  },
  blockquote: () => h("blockquote", {}),
  expandable_blockquote() {
    const inner = h("div", { class: "folded" });
    const toggle = h("button", { type: "button", class: "unfold", "aria-expanded": "false" }, t("more"));
    toggle.onclick = () => {
      const folded = inner.classList.toggle("folded");
      toggle.textContent = t(folded ? "more" : "less");
      toggle.setAttribute("aria-expanded", String(!folded));
    };
    return { outer: h("blockquote", { class: "expandable" }, inner, toggle), inner };
  },
  bot_command: (_, text, deeds) => h("button", { type: "button", class: "link", onclick: () => deeds.command(text) }),
  url: (_, text, deeds) => link(text, deeds),
  text_link: (entity, _, deeds) => link(entity.url, deeds),
  email: (_, text, deeds) => link(`mailto:${text}`, deeds),
};

export function link(url, deeds, ...children) {
  const address = SAFE.test(url) ? url : `https://${url}`;
  const follow = (event) => {
    if (deeds.deepLink(address)) event.preventDefault();
  };
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer", onclick: follow }, ...children);
}

export async function copy(text) {
  await navigator.clipboard?.writeText(text);
  toast(t("copied"));
}

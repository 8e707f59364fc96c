/* The panel beside the chat: break something, turn the clock. */

import { drawBreak } from "./breaking.js";
import { drawClock } from "./clockwork.js";
import { byId, h } from "./dom.js";
import { on } from "./store.js";
import { t } from "./texts.js";

const TABS = { break: drawBreak, clock: drawClock };
let open = "";

export function makePanel() {
  on("troubles", () => open === "break" && drawPanel());
  on("process", () => open === "clock" && drawPanel());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open && !document.querySelector("dialog[open]")) closePanel();
  });
}

export async function openPanel(name) {
  open = name;
  byId("panel").hidden = false;
  document.body.dataset.view = "panel";
  await drawPanel();
  byId("panel").querySelector("button")?.focus();
}

function closePanel() {
  open = "";
  byId("panel").hidden = true;
  document.body.dataset.view = "talk";
}

export async function drawPanel() {
  if (!open) return;
  const tabs = Object.keys(TABS).map((name) =>
    h("button", { type: "button", role: "tab", class: "chip", "aria-selected": String(name === open), onclick: () => openPanel(name) }, t(name)));
  const close = h("button", { type: "button", class: "icon", "aria-label": t("close"), onclick: closePanel }, "✕");
  const body = h("div", { class: "panel-body" });
  const focused = byId("panel").contains(document.activeElement) ? document.activeElement.closest("section")?.id : null;
  const top = byId("panel").querySelector(".panel-body")?.scrollTop || 0;
  await TABS[open](body);
  byId("panel").replaceChildren(h("header", { class: "bar" }, close, h("div", { class: "tabs", role: "tablist" }, tabs)), body);
  body.scrollTop = top;
  if (focused) byId(focused)?.querySelector("button")?.focus();
}

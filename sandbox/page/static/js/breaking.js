/* Break something: each trouble with a sentence, its state, and the way back. */

import { get } from "./api.js";
import { act } from "./deeds.js";
import { h } from "./dom.js";
import { t } from "./texts.js";

const SECONDS = [10, 30, 120];
const GROUPS = [["erp", /^(erp|prices|list|deep)/], ["platform", /^platform/], ["telegram", /^telegram/]];
const chosen = new Map();
let ticking = 0;

export async function drawBreak(body) {
  body.append(h("p", { class: "hint" }, t("break_hint")));
  const troubles = await get("/_fake/troubles");
  for (const [group, names] of GROUPS) {
    body.append(h("h2", {}, t(`group_${group}`)), ...troubles.filter((one) => names.test(one.name)).map(row));
  }
  body.append(await live(), await complaints());
  clearInterval(ticking);
  ticking = setInterval(() => (body.isConnected ? tick(body) : clearInterval(ticking)), 1000);
}

function row(trouble) {
  const { name, on } = trouble;
  const seconds = trouble.timed && !on ? secondsChoice(name) : null;
  const left = on && trouble.seconds_left !== null ? h("span", { class: "left", data: { left: trouble.seconds_left } }, wait(trouble.seconds_left)) : null;
  const button = h("button", { type: "button", class: on ? "primary" : "", onclick: (event) => change(event.currentTarget, trouble) }, t(on ? "as_before" : "break_it"));
  return h("section", { class: on ? "trouble on" : "trouble", id: `trouble-${name}`, "aria-label": t(name) },
    h("h3", {}, t(name), on && h("span", { class: "badge" }, t("broken"))),
    h("p", {}, t(`${name}_is`)),
    h("div", { class: "row" }, seconds, left, button));
}

function change(button, trouble) {
  button.disabled = true;
  const body = { name: trouble.name, on: !trouble.on, seconds: chosen.get(trouble.name) || SECONDS[0] };
  return act("/_fake/troubles", body);
}

function secondsChoice(name) {
  const options = SECONDS.map((one) => h("option", { value: one, selected: one === chosen.get(name) }, t("seconds", { count: one })));
  return h("select", { "aria-label": t("for_how_long"), onchange: (event) => chosen.set(name, Number(event.target.value)) }, options);
}

const wait = (seconds) => t("seconds_left", { count: seconds });

function tick(body) {
  for (const node of body.querySelectorAll(".left")) {
    node.dataset.left = Math.max(0, Number(node.dataset.left) - 1);
    node.textContent = wait(node.dataset.left);
  }
}

/** How many lines every store has at the platform now. */
async function live() {
  const stores = await get("/_fake/at-platform");
  const rows = stores.map(({ name, cnpj, lines }) => h("li", {}, h("span", { title: cnpj }, name), h("strong", {}, t("lines", { count: lines }))));
  return h("section", { class: "facts" }, h("h2", {}, t("live_now")), h("ul", {}, rows));
}

/** What a strict Telegram would have objected to. */
async function complaints() {
  const all = await get("/_fake/violations").catch(() => []);
  const rows = all.slice(-5).map((one) => h("li", {}, `${one.method}: ${one.detail}`));
  return h("section", { class: "facts" }, h("h2", {}, t("complaints", { count: all.length })), h("ul", {}, rows));
}

/* The clock of the process, turned by a restart; and the restart that nobody announces. */

import { get } from "./api.js";
import { act } from "./deeds.js";
import { h, toast } from "./dom.js";
import { t } from "./texts.js";

const PRESETS = ["05:05", "12:00", "23:50"];
let ticking = 0;

export async function drawClock(body) {
  const process = await get("/_fake/process").catch(() => ({}));
  if (!process.now) {
    body.append(h("p", { class: "hint" }, t("no_process")));
    return;
  }
  const shown = Date.now();
  const began = new Date(process.now).getTime();
  const face = h("p", { class: "face", role: "timer" });
  const when = h("input", { type: "datetime-local", id: "when", value: local(began, process.zone, "05:05") });
  const presets = PRESETS.map((time) => h("button", { type: "button", class: "chip", onclick: () => { when.value = local(began, process.zone, time); } }, time));
  body.append(
    h("p", { class: "hint" }, t("clock_hint")),
    face,
    h("p", { class: process.running ? "state up" : "state" }, t(process.running ? "process_up" : "process_down")),
    h("section", { class: "trouble", "aria-label": t("restart_at") }, h("h3", {}, t("restart_at")), h("p", {}, t("restart_is")),
      h("div", { class: "row" }, presets), h("div", { class: "row" }, when, button("restart", () => ({ at: when.value }), "restarted"))),
    h("section", { class: "trouble", "aria-label": t("kill") }, h("h3", {}, t("kill")), h("p", {}, t("kill_is")),
      h("div", { class: "row" }, button("kill_now", () => ({ kill: true }), "killed", "danger"))));
  const draw = () => { face.textContent = words(began + Date.now() - shown, process.zone); };
  draw();
  clearInterval(ticking);
  ticking = setInterval(() => (body.isConnected ? draw() : clearInterval(ticking)), 1000);
}

function button(label, order, done, style = "primary") {
  return h("button", {
    type: "button",
    class: style,
    async onclick(event) {
      event.currentTarget.disabled = true;
      if (await act("/_fake/process", order())) toast(t(done));
    },
  }, t(label));
}

// The hour as that language writes it elsewhere on the page.
const words = (moment, zone) => [{ weekday: "short", day: "numeric", month: "short" }, { timeStyle: "medium" }]
  .map((parts) => new Intl.DateTimeFormat(document.documentElement.lang, { ...parts, timeZone: zone }).format(new Date(moment)))
  .join(", ");

/** The next time a clock at that place shows `time`, as an input wants it. */
function local(now, zone, time) {
  const parts = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone });
  const [today, hour] = parts.format(new Date(now)).split(" ");
  const tomorrow = parts.format(new Date(now + 24 * 3600 * 1000)).split(" ")[0];
  return `${time > hour ? today : tomorrow}T${time}`;
}

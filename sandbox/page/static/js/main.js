/* Puts the page together, and draws it anew when somebody else sits down or another chat is opened. */

import { get } from "./api.js";
import { drawPanel, makePanel } from "./panel.js";
import { readRoute, watchRoute } from "./route.js";
import { applyTheme, drawSide, makeSide } from "./side.js";
import { connect, me, on, state, tell } from "./store.js";
import { drawTalk, makeTalk } from "./talk.js";
import { speak } from "./texts.js";

async function draw() {
  readRoute();
  await speak(me().language);
  document.title = `${me().name} · Chimera`;
  drawTalk();
  drawSide();
  drawPanel();
  document.body.dataset.ready = "true";
}

applyTheme();
makeTalk();
makeSide();
makePanel();
watchRoute(draw);
on("people", (person) => person.id === state.me && draw());
/** Follow the process until it answers: what is written meanwhile is not lost, but waits. */
async function watchProcess() {
  const process = await get("/_fake/process").catch(() => ({}));
  state.zone = process.zone || state.zone;
  state.starting = Boolean(process.starting);
  tell("starting");
  if (state.starting) setTimeout(watchProcess, 1000);
}

on("process", watchProcess);
connect(async () => {
  await draw();
  watchProcess();
});

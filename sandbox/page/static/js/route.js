/* The address names who sits here and what is open: #/person/chat/topic. */

import { myChats, on, state } from "./store.js";

export const address = (person, chat = "", thread = 0) => `#/${person}${chat ? `/${chat}` : ""}${thread ? `/${thread}` : ""}`;

export function go(person, chat, thread) {
  location.hash = address(person, chat, thread);
}

/** Read the address into the state; what it names and is not there falls back to the private chat. */
export function readRoute() {
  const [person, chat, thread] = location.hash.slice(2).split("/").map(Number);
  state.me = state.people.has(person) ? person : [...state.people.keys()][0];
  const mine = myChats().map((one) => one.id);
  const moved = state.chats.get(chat)?.migrated_to;
  state.open = [chat, moved].find((one) => mine.includes(one)) || state.me;
  state.thread = thread || 0;
}

export function watchRoute(changed) {
  window.addEventListener("hashchange", changed);
  on("chats", changed);
}

/* What this window knows: people, chats, messages, who sits here and which chat is open. */

import { follow, get } from "./api.js";

const PRIVATE = "private";

export const state = {
  me: 0,
  open: 0,
  thread: 0,
  bot: {},
  roles: {},
  zone: undefined,
  online: true,
  starting: false,
  people: new Map(),
  chats: new Map(),
  messages: new Map(),
  typing: new Map(),
};

const listeners = new Map();

/** Call `act` with the event's payload whenever one of the topics is told. */
export function on(topics, act) {
  for (const topic of topics.split(" ")) listeners.set(topic, [...(listeners.get(topic) || []), act]);
}

export function tell(topic, payload) {
  for (const act of listeners.get(topic) || []) act(payload);
}

export const isMine = (message) => message.person === state.me;
export const messagesOf = (chat) => [...(state.messages.get(chat)?.values() || [])].filter((one) => !one.deleted);
export const me = () => state.people.get(state.me);
export const openChat = () => state.chats.get(state.open);

/** The chats of whoever sits here: the private one, and the groups with that person in it. */
export function myChats() {
  return [...state.chats.values()].filter((chat) => (chat.type === PRIVATE
    ? chat.id === state.me
    : chat.members.some((one) => one.id === state.me) && !chat.migrated_to));
}

export function inThread(message, thread = state.thread) {
  const chat = state.chats.get(message.chat);
  return !chat?.forum || (message.thread || 0) === thread;
}

/* Unread marks are kept per person in this browser. */
const seenKey = (chat) => `seen:${state.me}:${chat}`;

export function markSeen(chat) {
  const last = messagesOf(chat).at(-1);
  if (last) localStorage.setItem(seenKey(chat), last.id);
}

export function unread(chat) {
  const seen = Number(localStorage.getItem(seenKey(chat)) || 0);
  return messagesOf(chat).filter((one) => one.id > seen && !isMine(one)).length;
}

async function loadChats() {
  for (const chat of await get("/_fake/chats")) state.chats.set(chat.id, chat);
}

async function load() {
  const [cast, roles, process] = await Promise.all(["people", "roles", "process"].map((name) => get(`/_fake/${name}`)));
  state.bot = cast.bot;
  state.roles = roles;
  state.zone = process.zone;
  for (const person of cast.people) state.people.set(person.id, person);
  await loadChats();
  for (const chat of state.chats.keys()) {
    const all = await get(`/_fake/messages/${chat}`);
    state.messages.set(chat, new Map(all.map((one) => [one.id, one])));
  }
}

const heard = {
  async chat() {
    await loadChats();
    tell("chats");
  },
  person(event) {
    state.people.set(event.id, event);
    tell("people", event);
  },
  action(event) {
    state.typing.set(event.chat, Date.now() + 5000);
    tell("typing", event.chat);
    setTimeout(() => tell("typing", event.chat), 5100);
  },
};

function hear(event) {
  if (event.message) hearMessage(event.kind, event.message);
  else if (heard[event.kind]) heard[event.kind](event);
  else tell(event.kind, event);
}

function hearMessage(kind, message) {
  if (!state.messages.has(message.chat)) state.messages.set(message.chat, new Map());
  state.messages.get(message.chat).set(message.id, message);
  if (message.person === null && kind === "new") state.typing.delete(message.chat);
  if (state.chats.has(message.chat)) tell("message", { kind, message });
  else heard.chat();
}

/** Load everything, then stay up to date; `ready` runs after every loading. */
export function connect(ready) {
  follow(
    async () => {
      await load();
      state.online = true;
      ready();
    },
    hear,
    () => {
      state.online = false;
      tell("offline");
    },
  );
}

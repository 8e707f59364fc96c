/* Talks to the sandbox: one origin for all of its servers. */

export async function get(path) {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status} ${path}`);
  return answer.json();
}

export async function post(path, body) {
  const form = body instanceof FormData;
  const answer = await fetch(path, {
    method: "POST",
    body: form ? body : JSON.stringify(body),
    headers: form ? {} : { "Content-Type": "application/json" },
  });
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.error || String(answer.status));
  return document;
}

/** Follow everything that happens; calls `opened` at every (new) connection, `heard` for each event. */
export function follow(opened, heard, lost) {
  const socket = new WebSocket(`ws://${location.host}/_fake/live`);
  socket.onopen = opened;
  socket.onmessage = (event) => heard(JSON.parse(event.data));
  socket.onclose = () => {
    lost();
    setTimeout(() => follow(opened, heard, lost), 1000);
  };
}

/* Small helpers: elements are built, never parsed, so that texts can only ever be texts. */

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function toast(text, failed = false) {
  const note = h("div", { class: failed ? "toast failed" : "toast" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 5000);
}

/** Show a box that waits for one of its buttons; resolves with its value, or null when dismissed. */
export function ask(text, fields, buttons) {
  const box = byId("alert");
  return new Promise((resolve) => {
    const done = (value) => {
      box.close();
      resolve(value);
    };
    const row = buttons.map(([label, value]) =>
      h("button", { type: "button", class: value ? "primary" : "", onclick: () => done(value) }, label));
    box.onkeydown = (event) => {
      if (event.key === "Enter" && event.target.matches("input")) done(buttons[0][1]);
    };
    box.replaceChildren(h("p", { class: "alert-text" }, text), ...fields, h("div", { class: "row" }, ...row));
    box.oncancel = () => resolve(null);
    box.showModal();
  });
}

export function zoom(src, caption) {
  const box = byId("zoom");
  box.replaceChildren(h("img", { src, alt: caption || "" }));
  box.onclick = () => box.close();
  box.showModal();
}

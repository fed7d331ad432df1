// SPDX-License-Identifier: ISC
// Making and changing nodes. Whatever comes from outside goes in as text or as
// the value of an attribute; nothing is ever parsed as HTML (the page's
// Content-Security-Policy would refuse it, too).

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

const byId = (id) => document.getElementById(id);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {}))
    if (value !== null && value !== undefined) node.setAttribute(name, value);
  for (const child of children) if (child !== null && child !== undefined) node.append(child);
  return node;
}

// make("p", { class: "why" }, "text", node): strings become text nodes.
function make(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function makeSvg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

// The setters touch the document only where something changes. What a node
// shows is remembered beside it: reading it back from the document is slower.
const shown = new WeakMap();

function setText(node, text) {
  if (shown.get(node) === text) return;
  shown.set(node, text);
  node.textContent = text;
}

// value null: the attribute goes.
function setAttribute(node, name, value) {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

function setHidden(node, hidden) {
  if (node.hidden !== hidden) node.hidden = hidden;
}

// Makes parent's children those of items, in this order. create(item) makes a
// node for a key that is new, update(node, item) is called for all. Nodes are
// kept and moved as little as the order allows; the focus stays where it is.
const lists = new WeakMap();

function syncList(parent, items, keyOf, create, update) {
  const old = lists.get(parent) ?? new Map();
  const now = new Map();
  const focused = document.activeElement;
  for (const item of items) {
    const key = keyOf(item);
    now.set(key, old.get(key) ?? create(item));
  }
  for (const [key, node] of old) if (!now.has(key)) node.remove();
  let place = parent.firstElementChild;
  for (const node of now.values()) {
    if (node === place) place = place.nextElementSibling;
    else parent.insertBefore(node, place);
  }
  lists.set(parent, now);
  for (const item of items) update(now.get(keyOf(item)), item);
  if (focused !== document.activeElement && focused?.isConnected && parent.contains(focused))
    focused.focus({ preventScroll: true });
}

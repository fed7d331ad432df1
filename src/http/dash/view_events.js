// SPDX-License-Identifier: ISC
// The time line. What happens to many endpoints at once is one entry: the daemon
// says which events belong together.

const EVENTS_MAX = 2000; // kept by the page; the daemon has the rest
const EVENTS_STEP = 60; // shown at first, and more with each wish for more

// Kind of event -> [glyph, tone, the words for many of them]
const KINDS = {
  endpoint_up: ["up", "well", "endpoints are up"],
  endpoint_down: ["down", "trouble", "endpoints are down"],
  vote_changed: ["abstain", "vote", "votes changed"],
  service_down: ["down", "trouble", "services are down"],
  service_up: ["up", "well", "services are up"],
  fail_open_on: ["alarm", "trouble", "services fail open"],
  fail_open_off: ["up", "well", "services no longer fail open"],
  published: ["note", "dns", "changes of records"],
  publish_failed: ["alarm", "trouble", "failed updates"],
  node_joined: ["up", "node", "nodes joined"],
  node_lost: ["alarm", "node", "nodes lost"],
  quorum_lost: ["alarm", "node", "times no quorum"],
  quorum_back: ["up", "node", "times quorum again"],
  intent: ["drained", "operator", "wishes of operators"],
  reload: ["note", "operator", "reloads"],
  drift_repaired: ["differs", "dns", "repairs of drift"],
  probes: ["differs", "vote", "times that probes failed"],
  settings: ["note", "other", "settings of services"],
  certificate: ["alarm", "trouble", "certificates"],
  failover: ["alarm", "trouble", "failovers"],
  failback: ["good", "trouble", "failbacks"],
  hold_on: ["alarm", "trouble", "holds"],
  hold_off: ["good", "trouble", "ends of holds"],
};
const kindOf = (kind) => KINDS[kind] ?? ["note", "other", `events (${kind})`];

// What the reader can ask for, and which tones or kinds that is.
const FILTERS = [
  ["all", "All", () => true],
  ["changes", "Up, down", ({ kind }) => /^(endpoint|service|fail_open)_/.test(kind)],
  ["dns", "DNS", ({ kind }) => ["published", "publish_failed", "drift_repaired"].includes(kind)],
  ["operators", "Operators", ({ kind }) => ["intent", "reload"].includes(kind)],
  ["nodes", "Nodes", ({ kind }) => /^(node|quorum)_|^vote_changed$/.test(kind)],
];

let events = []; // oldest first
let eventsShown = EVENTS_STEP;

function takeEvents(fresh) {
  const last = events.length > 0 ? events[events.length - 1].id : -1;
  const added = fresh
    .filter((event) => event.id > last)
    .map((event) => ({ ...event, at: momentOf(event.at) }));
  if (added.length === 0) return false;
  events = [...events, ...added].slice(-EVENTS_MAX);
  return true;
}

const eventText = (e) =>
  [e.fqdn, e.ipaddr, e.text, e.kind, e.node, e.server].join(" ").toLowerCase();

// Newest first; each entry has the events that it stands for, oldest first.
function foldEvents(list) {
  const entries = [];
  for (let i = list.length - 1; i >= 0; i--) {
    const event = list[i];
    const last = entries[entries.length - 1];
    if (last?.group === event.group) last.events.unshift(event);
    else
      entries.push({
        group: event.group,
        kind: event.kind,
        fqdn: event.fqdn,
        at: event.at,
        events: [event],
      });
  }
  return entries;
}

function eventWords(event) {
  const where = [event.fqdn, event.ipaddr].filter(Boolean).join(" ");
  return where && !event.text.startsWith(where) ? `${where}: ${event.text}` : event.text;
}

function makeEvent(entry) {
  const [glyph, tone] = kindOf(entry.kind);
  const text =
    entry.events.length === 1
      ? make("span", { class: "text" })
      : make("details", { class: "text" }, make("summary"), make("ul"));
  return make("li", { class: tone }, make("time"), makeGlyph(glyph), text);
}

function updateEvent(item, entry, now) {
  const [time, , text] = item.children;
  setText(time, timeOf(entry.at, now));
  setAttribute(time, "datetime", new Date(entry.at).toISOString());
  if (entry.events.length === 1) {
    setText(text, eventWords(entry.events[0]));
    return;
  }
  const some = entry.events.slice(0, 50);
  setText(
    text.firstChild,
    `${entry.fqdn ? `${entry.fqdn}: ` : ""}${entry.events.length} ${kindOf(entry.kind)[2]}`,
  );
  syncList(
    text.lastChild,
    some,
    (e) => e.id,
    (e) => make("li", {}, `${e.ipaddr ?? ""} ${e.text}`),
    () => {},
  );
}

function showEvents(selection, now) {
  for (const input of byId("kinds").querySelectorAll("input"))
    input.checked = input.value === selection.kind;
  const words = wordsOf(selection.words);
  const wanted = (FILTERS.find(([name]) => name === selection.kind) ?? FILTERS[0])[2];
  const entries = foldEvents(events.filter((e) => wanted(e) && matches(eventText(e), words)));
  const some = entries.slice(0, eventsShown);
  syncList(
    byId("event-list"),
    some,
    (e) => `${e.group} ${e.events.length > 1}`,
    makeEvent,
    (item, entry) => updateEvent(item, entry, now),
  );
  setHidden(byId("no-events"), entries.length > 0);
  setHidden(byId("events-more"), entries.length <= eventsShown);
}

function startEvents(selection, changed) {
  for (const [name, text] of FILTERS) {
    const input = make("input", { type: "radio", name: "kind", value: name });
    input.addEventListener("change", () => {
      selection.kind = name;
      eventsShown = EVENTS_STEP;
      changed();
    });
    byId("kinds").append(make("label", {}, input, make("span", {}, text)));
  }
  byId("events-more").addEventListener("click", () => {
    eventsShown += EVENTS_STEP;
    changed();
  });
}

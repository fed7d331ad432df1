// SPDX-License-Identifier: ISC
// The services: a line each, and when open, what is on each server and the
// matrix of endpoints and votes.

const ROWS_AT_ONCE = 40; // made in one turn; the rest follows in further turns
const SERVICES_AT_ONCE = 100;
const ADDRESSES_MAX = 16; // of an RRset

// Rows that are in sight, or nearly so; the others are brought up to date when
// they get there.
const inSight = new Set();
const refreshOf = new WeakMap();
const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) inSight.add(target);
      else inSight.delete(target);
      if (isIntersecting) refreshOf.get(target)?.();
    }
  },
  { rootMargin: "300px" },
);

function makeService(service, context) {
  const id = `service ${service.fqdn}`.replace(/\s+/g, "-");
  const button = make(
    "button",
    { type: "button", "aria-expanded": "false", "aria-controls": id },
    make("span", { class: "name" }, service.fqdn),
  );
  button.addEventListener("click", () => context.toggle(service.fqdn));
  const line = make(
    "div",
    { class: "line" },
    make("h3", {}, makeGlyph("up"), button),
    make("p", { class: "state" }),
    makeStrip(),
    make("p", { class: "flags" }),
  );
  return make(
    "article",
    { "aria-label": service.fqdn, "data-fqdn": service.fqdn },
    line,
    make("div", { class: "body", id, hidden: "" }),
  );
}

const SERVICE_GLYPH = { ok: "up", down: "down", undecided: "undecided", partial: "alarm" };

function stateWords(service) {
  const parts = [`${service.up} of ${service.endpoints.length} up`];
  if (service.down > 0) parts.push(`${service.down} down`);
  if (service.undecided > 0) parts.push(`${service.undecided} undecided`);
  if (service.drained > 0) parts.push(`${service.drained} taken out`);
  return parts.join(", ");
}

function flagWords(service) {
  const flags = [];
  if (service.fail_open) flags.push("fail open");
  if (service.maintenance) flags.push("maintenance");
  if (service.failing.length > 0)
    flags.push(`${count(service.failing.length, "server")} not updated`);
  else if (service.differs) flags.push("DNS differs");
  if (service.strangers.length > 0) flags.push("definitions differ");
  return flags;
}

function updateLine(article, service, open) {
  const [title, state, strip, flags] = article.firstChild.children;
  setAttribute(article, "class", `service ${service.state}`);
  setGlyph(title.children[0], SERVICE_GLYPH[service.state] ?? "undecided");
  setAttribute(title.children[1], "aria-expanded", String(open));
  setText(state, stateWords(service));
  setStrip(strip, service.looks);
  syncList(
    flags,
    flagWords(service),
    (flag) => flag,
    (flag) => make("span", {}, flag),
    () => {},
  );
}

// What a server has of a service, each address with a mark where it differs.
const SERVER_WORD = {
  ok: "as wanted",
  pending: "differs, about to be changed",
  failed: "not updated",
  unread: "not read yet",
};

function makeServer(server) {
  return make(
    "li",
    {},
    make("span", { class: "address" }, server.server),
    make("span", { class: "state" }),
    make("span", { class: "rrset" }),
    make("span", { class: "error" }),
  );
}

// [mark, address] of all that differs, then of what is as wanted
function recordsOf(server, service) {
  const known = new Set(service.endpoints.map((e) => e.ipaddr));
  const at = (list) =>
    service.endpoints.filter((e) => e[list].includes(server.server)).map((e) => e.ipaddr);
  const missing = at("missing"),
    extra = at("extra");
  const rest = [...server.addresses].filter((address) => !extra.includes(address));
  return [
    ...missing.map((address) => ["missing", address]),
    ...extra.map((address) => ["extra", address]),
    ...rest.map((address) => [known.has(address) ? "there" : "foreign", address]),
  ];
}

const RECORD_TITLE = {
  missing: "wanted, and not there",
  extra: "there, and not wanted",
  foreign: "no endpoint of this service: never touched",
  there: null,
};
const RECORD_MARK = { missing: "+", extra: "\u2212", foreign: "", there: "" };

function makeRecord([kind, address]) {
  const title = RECORD_TITLE[kind];
  return make(
    "span",
    { class: kind, title },
    title && kind !== "foreign" ? make("span", { class: "unseen" }, `${title}: `) : null,
    `${RECORD_MARK[kind]}${address}${kind === "foreign" ? " (not ours)" : ""}`,
  );
}

// All that differs, and of a long RRset no more than how long it is.
function someRecords(server, service) {
  const records = recordsOf(server, service);
  if (records.length === 0) return server.unread.includes(true) ? [] : [["there", "no record"]];
  if (records.length <= ADDRESSES_MAX) return records;
  const others = records.filter(([kind]) => kind !== "there");
  return [
    ...others.slice(0, ADDRESSES_MAX),
    others.length > ADDRESSES_MAX
      ? ["there", `and more, ${server.addresses.size} records in all`]
      : ["there", count(records.length - others.length, "record") + " as wanted"],
  ];
}

function updateServer(item, server, service) {
  setAttribute(item, "class", server.failing ? "failing" : "");
  setText(item.children[1], SERVER_WORD[server.state] ?? server.state);
  syncList(
    item.children[2],
    someRecords(server, service),
    (r) => r.join(" "),
    makeRecord,
    () => {},
  );
  setText(item.children[3], server.last_error ?? "");
}

function makeMatrixHead(context) {
  const head = (name, text, title) =>
    make("div", { class: name, role: "columnheader", title }, text);
  return make(
    "div",
    { class: "row head", role: "row" },
    head("endpoint", "Endpoint"),
    ...context.nodes.map((node) => {
      const cell = head("vote", node.letter, node.node);
      cell.append(make("span", { class: "unseen" }, ` ${node.node}`));
      return cell;
    }),
    head("probes", "Last 64 probes"),
    head("took", "Took"),
    head("dns", "DNS"),
  );
}

// How many rows of a body there are; no more than the turn's budget are added.
const rowsOf = new WeakMap();

function allowRows(body, wanted, context) {
  const had = Math.min(rowsOf.get(body) ?? 0, wanted);
  const more = Math.min(wanted - had, context.budget);
  context.budget -= more;
  rowsOf.set(body, had + more);
  if (had + more < wanted) context.again();
  return had + more;
}

// The body is made when it is opened, and anew when the nodes change.
function fillBody(body, service, context) {
  const key = context.nodes.map((node) => node.node).join();
  if (body.dataset.nodes === key) return;
  body.dataset.nodes = key;
  const rows = make("div", { role: "rowgroup", class: "rows" });
  const matrix = make(
    "div",
    { role: "table", "aria-label": `Endpoints of ${service.fqdn}`, class: "matrix" },
    make("div", { role: "rowgroup" }, makeMatrixHead(context)),
    rows,
  );
  matrix.style.setProperty("--nodes", context.nodes.length);
  body.replaceChildren(
    make("ul", { class: "servers", "aria-label": `Name servers of ${service.fqdn}` }),
    matrix,
  );
  rowsOf.delete(body);
}

function makeRow(entry, context) {
  if (entry.detail) return makeDetail();
  const row = makeEndpoint(entry.endpoint, context);
  sight.observe(row);
  return row;
}

function updateRow(row, entry, context, now) {
  if (entry.detail) {
    updateDetail(row, entry.endpoint, context, now);
    return;
  }
  const refresh = () => updateEndpoint(row, entry.endpoint, context);
  refreshOf.set(row, refresh);
  if (inSight.has(row) || row.contains(document.activeElement)) refresh();
}

function updateBody(body, service, chosen, context, now) {
  fillBody(body, service, context);
  const [servers, matrix] = body.children;
  const own = { ...context, n_servers: service.servers.length };
  const rows = chosen.slice(0, allowRows(body, chosen.length, context));
  syncList(
    servers,
    service.servers,
    (s) => s.server,
    makeServer,
    (item, s) => updateServer(item, s, service),
  );
  const entries = rows.flatMap((endpoint) =>
    endpoint.key === context.chosen ? [{ endpoint }, { endpoint, detail: true }] : [{ endpoint }],
  );
  syncList(
    matrix.lastChild,
    entries,
    (e) => `${e.detail ? "detail" : "row"} ${e.endpoint.ipaddr}`,
    (entry) => makeRow(entry, own),
    (row, entry) => updateRow(row, entry, own, now),
  );
}

let servicesAllowed = SERVICES_AT_ONCE;

function showService(article, { service, chosen }, selection, context, now) {
  const open = selection.open.has(service.fqdn) || chosen.length < service.endpoints.length;
  updateLine(article, service, open);
  setHidden(article.lastChild, !open);
  if (open) updateBody(article.lastChild, service, chosen, context, now);
}

function showServices(model, selection, context) {
  const words = wordsOf(selection.words);
  const found = model.services
    .map((service) => ({ service, chosen: chosenOf(service, words) }))
    .filter(({ service, chosen }) => chosen.length > 0 || matches(serviceText(service), words));
  servicesAllowed = Math.min(servicesAllowed, Math.max(found.length, SERVICES_AT_ONCE));
  const some = found.slice(0, servicesAllowed);
  context.budget = ROWS_AT_ONCE;
  syncList(
    byId("service-list"),
    some,
    ({ service }) => service.fqdn,
    ({ service }) => makeService(service, context),
    (article, one) => showService(article, one, selection, context, model.now),
  );
  if (found.length > servicesAllowed) {
    servicesAllowed += SERVICES_AT_ONCE;
    context.again();
  }
  setHidden(byId("nothing"), found.length > 0);
  setText(
    byId("services-count"),
    words.length > 0 ? `${found.length} of ${model.services.length}` : "",
  );
}

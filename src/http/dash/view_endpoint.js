// SPDX-License-Identifier: ISC
// One endpoint as a row of its service's table: who votes how, what its probes
// said, how long they took, and what is in DNS.

const SPARK_WIDTH = 54;
const SPARK_HEIGHT = 16;
const LOOK_WORD = { up: "up", down: "down", undecided: "undecided", drained: "taken out" };
const INTENT_WORD = {
  drain: "drained",
  down: "forced down",
  up: "forced up",
  freeze: "frozen: no record is changed",
  failover: "failed over",
};

// What each endpoint's probes took while the page was open, by its key.
const samplesOf = new Map();

function collectSamples(model) {
  const seen = new Set();
  for (const service of model.services)
    for (const { key, probe } of service.endpoints) {
      seen.add(key);
      if (!probe?.at) continue;
      if (!samplesOf.has(key)) samplesOf.set(key, []);
      addSample(samplesOf.get(key), probe.at, probe.outcome === "ok" ? probe.duration_ms : null);
    }
  for (const key of samplesOf.keys()) if (!seen.has(key)) samplesOf.delete(key);
}

// { look, word, age, reason } of one node's vote
function voteOf(vote, node) {
  if (!vote || vote.age_ms === null) return { look: "none", word: "no vote", age: "", reason: "" };
  const age = durationOf(vote.age_ms);
  const reason = vote.vote === "up" ? "" : (vote.reason ?? "");
  if (!node.fresh) return { look: "none", word: "lost", age, reason };
  if (vote.vote === "abstain") return { look: "abstain", word: "abstains", age, reason };
  if (vote.vote === "up" || vote.vote === "down")
    return { look: vote.vote, word: vote.vote, age, reason };
  return { look: "differs", word: "differs", age, reason: "another definition" };
}

function makeVote() {
  return make(
    "div",
    { class: "vote", role: "cell" },
    makeGlyph("none"),
    make("span", { class: "word" }),
    make("span", { class: "age" }),
    make("span", { class: "more" }),
  );
}

// How old a vote is matters where it does not count any more; the detail has
// all ages.
function updateVote(cell, endpoint, node) {
  const { look, word, age, reason } = voteOf(endpoint.votes?.[node.node], node);
  setGlyph(cell.children[0], look);
  setAttribute(cell, "class", `vote ${look}`);
  setText(cell.children[1], word);
  setText(cell.children[2], node.fresh ? "" : age);
  setText(cell.children[3], reason);
}

// What is in DNS, in a few words.
function dnsWords(endpoint, n_servers) {
  if (n_servers === 0) return "not published";
  if (endpoint.extra.length > 0)
    return n_servers > 1
      ? `still in DNS at ${endpoint.extra.length} of ${n_servers}`
      : "still in DNS";
  if (endpoint.missing.length > 0)
    return n_servers > 1
      ? `missing in DNS at ${endpoint.missing.length} of ${n_servers}`
      : "missing in DNS";
  if (endpoint.desired === "keep") return endpoint.published ? "kept in DNS" : "kept out of DNS";
  return endpoint.desired === "present" ? "in DNS" : "out of DNS";
}

function makeEndpoint(endpoint, context) {
  const name = make(
    "div",
    { class: "endpoint", role: "rowheader" },
    makeGlyph(endpoint.look),
    make("button", { type: "button", class: "address", "aria-expanded": "false" }, endpoint.ipaddr),
    make("span", { class: "state" }),
    make("span", { class: "label" }),
  );
  const row = make(
    "div",
    { class: "row", role: "row" },
    name,
    ...context.nodes.map(makeVote),
    make("div", { class: "probes", role: "cell" }, makeHistory()),
    make(
      "div",
      { class: "took", role: "cell" },
      makeLatency(SPARK_WIDTH, SPARK_HEIGHT, "spark"),
      make("span"),
    ),
    make(
      "div",
      { class: "dns", role: "cell" },
      makeGlyph("differs"),
      make("span", { class: "word" }),
      make("span", { class: "more" }),
    ),
  );
  name.children[1].addEventListener("click", () => context.choose(endpoint.key));
  return row;
}

function updateName(cell, endpoint, open) {
  const intent = endpoint.intent
    ? (INTENT_WORD[endpoint.intent.intent] ?? endpoint.intent.intent)
    : "";
  const tier = endpoint.tier > 0 ? `tier ${endpoint.tier}` : "";
  setGlyph(cell.children[0], endpoint.look);
  setAttribute(cell.children[1], "aria-expanded", String(open));
  setText(cell.children[2], intent || LOOK_WORD[endpoint.look]);
  setText(cell.children[3], [endpoint.label, tier].filter(Boolean).join(", "));
}

function updateDns(cell, endpoint, n_servers) {
  setHidden(cell, false);
  setAttribute(cell, "class", endpoint.differs ? "dns differs" : "dns");
  setText(cell.children[1], dnsWords(endpoint, n_servers));
  setText(
    cell.children[2],
    endpoint.look === "up" && !endpoint.intent && !endpoint.differs ? "" : endpoint.why,
  );
}

function updateTook(cell, endpoint) {
  const { probe } = endpoint;
  setLatency(cell.children[0], samplesOf.get(endpoint.key) ?? []);
  setText(cell.children[1], probe?.at ? latencyOf(probe.duration_ms) : "");
}

function updateEndpoint(row, endpoint, context) {
  const cells = [...row.children];
  const n_nodes = context.nodes.length;
  setAttribute(row, "class", `row ${endpoint.look}`);
  updateName(cells[0], endpoint, context.chosen === endpoint.key);
  context.nodes.forEach((node, i) => updateVote(cells[1 + i], endpoint, node));
  setHistory(cells[1 + n_nodes].firstChild, endpoint.probe?.history ?? "");
  updateTook(cells[2 + n_nodes], endpoint);
  updateDns(cells[3 + n_nodes], endpoint, context.n_servers);
}

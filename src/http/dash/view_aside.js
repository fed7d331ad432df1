// SPDX-License-Identifier: ISC
// The nodes, and what operators asked for.

function makeNode() {
  return make(
    "li",
    {},
    make("b", { class: "letter" }),
    make("span", { class: "address" }),
    make("span", { class: "state" }),
    make("span", { class: "more" }),
  );
}

function nodeState(node) {
  if (node.self) return "this node";
  return node.fresh ? "votes" : "lost";
}

function nodeMore(node, now) {
  const parts = [];
  if (!node.self)
    parts.push(node.age_ms !== null ? `heard ${durationOf(node.age_ms)} ago` : "never heard");
  if (node.boot > 0) parts.push(`started ${timeOf(bootTime(node.boot), now)}`);
  return parts.join(", ");
}

// A boot number is the wall clock in ms, times 4096, and 12 random bits.
const bootTime = (boot) => Math.floor(boot / 4096);

function updateNode(item, node, now) {
  const [letter, name, state, more] = item.children;
  setAttribute(item, "class", node.fresh ? "" : "lost");
  setText(letter, node.letter);
  setText(name, node.node);
  setText(state, nodeState(node));
  setText(more, nodeMore(node, now));
}

function showNodes(model) {
  const { quorum } = model;
  setText(
    byId("quorum"),
    quorum.nodes === 1
      ? "It decides alone."
      : `${quorumWords(quorum)}: ${quorum.have ? "quorum" : "no quorum"}.`,
  );
  setAttribute(byId("quorum"), "class", quorum.have ? null : "lost");
  syncList(
    byId("node-list"),
    model.nodes,
    (node) => node.node,
    makeNode,
    (item, node) => updateNode(item, node, model.now),
  );
}

// target: "*", "FQDN" or "FQDN/ADDRESS"
function makeIntent({ target }) {
  const [fqdn, ipaddr] = target.split("/");
  const name = ipaddr ? `${ipaddr} of ${fqdn}` : fqdn;
  return make(
    "li",
    {},
    make("b"),
    target === "*" ? make("span") : make("a", { href: linkTo(fqdn, ipaddr) }, name),
    make("span", { class: "more" }),
    make("span", { class: "safe" }),
  );
}

function updateIntent(item, intent, model) {
  const endpoint = model.services
    .flatMap((s) => s.endpoints)
    .find((e) => `${e.fqdn}/${e.ipaddr}` === intent.target);
  const safe = endpoint ? safeWords(endpoint, model.now) : "";
  setText(item.children[0], INTENT_WORD[intent.intent] ?? intent.intent);
  setText(
    item.children[2],
    `${intentWords(intent, model.now)}; since ${timeOf(intent.at, model.now)}`,
  );
  setText(item.children[3], safe ? `Safe to stop ${safe}` : "");
}

function showIntents(model) {
  const { intents, quorum, status } = model;
  setHidden(byId("intents"), intents.length === 0);
  setText(
    byId("held"),
    quorum.nodes > 1 ? `Held by ${status.intents_held_by} of ${quorum.nodes} nodes.` : "",
  );
  syncList(
    byId("intent-list"),
    intents,
    (intent) => intent.target,
    makeIntent,
    (item, intent) => updateIntent(item, intent, model),
  );
}

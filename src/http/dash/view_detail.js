// SPDX-License-Identifier: ISC
// All that is known of the chosen endpoint, below its row.

const CHART_WIDTH = 480;
const CHART_HEIGHT = 56;

function makeDetail() {
  const chart = make(
    "figure",
    { class: "chart" },
    makeLatency(CHART_WIDTH, CHART_HEIGHT, "latency"),
    make("figcaption"),
  );
  return make(
    "div",
    { class: "row detail", role: "row" },
    make("div", { role: "cell", class: "detail-cell" }, make("dl"), chart),
  );
}

// [term, text] of all that there is to say; texts may be empty.
function detailWords(endpoint, context, now) {
  const { probe, intent } = endpoint;
  const words = [
    [
      "Verdict",
      [
        endpoint.verdict,
        endpoint.since
          ? `since ${timeOf(endpoint.since, now)}, ${spanOf(now - endpoint.since)}`
          : "",
      ]
        .filter(Boolean)
        .join(" "),
    ],
    ["Wanted in DNS", `${endpoint.desired}${endpoint.why ? `: ${endpoint.why}` : ""}`],
    ["Missing at", endpoint.missing.join(", ")],
    ["Still at", endpoint.extra.join(", ")],
    [
      "Last probe here",
      probe?.at
        ? `${probe.outcome} after ${latencyOf(probe.duration_ms)} at ${timeOf(probe.at, now)}`
        : "none yet",
    ],
    ["It said", probe?.detail === probe?.outcome ? "" : probe?.detail],
    [
      "Operator",
      intent ? `${INTENT_WORD[intent.intent] ?? intent.intent}, ${intentWords(intent, now)}` : "",
    ],
    ["Safe to stop", safeWords(endpoint, now)],
  ];
  for (const node of context.nodes) {
    const { word, age, reason } = voteOf(endpoint.votes?.[node.node], node);
    words.push([
      `${node.letter} ${node.node}`,
      [reason ? `${word}: ${reason}` : word, age ? `${age} old` : ""].filter(Boolean).join(", "),
    ]);
  }
  return words.filter(([, text]) => text);
}

// After a drain: when the last resolver has forgotten the record.
function safeWords(endpoint, now) {
  if (endpoint.look !== "drained") return "";
  if (!endpoint.safe_to_stop) return "not yet: it is still in DNS, or not confirmed out of it";
  return endpoint.safe_to_stop > now
    ? `at ${timeOf(endpoint.safe_to_stop, now)}`
    : `since ${timeOf(endpoint.safe_to_stop, now)}`;
}

function makeTerm() {
  return make("div", {}, make("dt"), make("dd"));
}

function updateTerm(node, [term, text]) {
  setText(node.children[0], term);
  setText(node.children[1], text);
}

function latencyWords(samples) {
  const took = samples
    .map((sample) => sample[1])
    .filter((ms) => ms !== null)
    .sort((a, b) => a - b);
  if (took.length < 2) return "Durations are collected while this page is open.";
  const at = (part) => latencyOf(took[Math.floor((took.length - 1) * part)]);
  return (
    `${count(samples.length, "probe")} seen by this page: fastest ${at(0)}, median ${at(0.5)}, ` +
    `slowest ${at(1)}; full height is ${latencyOf(latencyTop(samples))}`
  );
}

function updateDetail(row, endpoint, context, now) {
  const [list, chart] = row.firstChild.children;
  const samples = samplesOf.get(endpoint.key) ?? [];
  syncList(list, detailWords(endpoint, context, now), ([term]) => term, makeTerm, updateTerm);
  chart.children[0].classList.toggle("empty", samples.filter(([, ms]) => ms !== null).length < 2);
  setLatency(chart.children[0], samples);
  setText(chart.children[1], latencyWords(samples));
}

// SPDX-License-Identifier: ISC
// What the reader has chosen to see. It lives in the fragment of the address, so
// that a link or a reload shows the same. The first two functions are pure.

// { open: set of fqdn, endpoint: "fqdn ipaddr" or null, words, kind }
function selectionOf(fragment) {
  const from = new URLSearchParams(fragment.replace(/^#/, ""));
  return {
    open: new Set(from.getAll("service")),
    endpoint: from.get("endpoint"),
    words: from.get("find") ?? "",
    kind: from.get("events") ?? "all",
  };
}

function fragmentOf({ open = [], endpoint = null, words = "", kind = "all" }) {
  const to = new URLSearchParams();
  for (const fqdn of open) to.append("service", fqdn);
  if (endpoint) to.set("endpoint", endpoint);
  if (words) to.set("find", words);
  if (kind !== "all") to.set("events", kind);
  return `#${to}`;
}

const linkTo = (fqdn, ipaddr) =>
  fragmentOf({ open: [fqdn], endpoint: ipaddr ? `${fqdn} ${ipaddr}` : null });

// Each word must be found; text and words in small letters.
const matches = (text, words) => words.every((word) => text.includes(word));
const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

const endpointText = (e) =>
  [
    e.fqdn,
    e.ipaddr,
    e.label,
    e.look,
    e.verdict,
    `tier ${e.tier}`,
    e.why,
    e.intent?.intent,
    e.intent?.by,
    e.differs ? "differs" : "",
  ]
    .join(" ")
    .toLowerCase();

const serviceText = (s) =>
  [s.fqdn, s.zone, s.state, s.maintenance ? "maintenance" : "", s.fail_open ? "fail open" : ""]
    .join(" ")
    .toLowerCase();

// The endpoints of a service that the words choose; all of them when the
// service itself is what they name; none: the service is not shown.
function chosenOf(service, words) {
  if (words.length === 0 || matches(serviceText(service), words)) return service.sorted;
  return service.sorted.filter((e) => matches(endpointText(e), words));
}

// SPDX-License-Identifier: ISC
// From the answer of /api/v1/status to what the page shows. Pure: the answer
// goes in, plain objects come out.

const LEVELS = ["alarm", "warning", "note"];

// Nodes are called A, B, C, ... in tables; the list of nodes has their names.
const letterOf = (index) => (index < 26 ? String.fromCharCode(65 + index) : String(index + 1));

function modelNodes(status) {
  return (status.nodes ?? []).map((node, i) => ({ ...node, letter: letterOf(i) }));
}

const modelIntent = (intent) =>
  intent ? { ...intent, at: momentOf(intent.at), until: momentOf(intent.until) } : null;

// What an endpoint is drawn as: what an operator took out on purpose is no
// trouble, whatever its probes say.
function lookOf(endpoint) {
  const intent = endpoint.intent?.intent;
  if (intent === "drain" || intent === "down") return "drained";
  return ["up", "down"].includes(endpoint.verdict) ? endpoint.verdict : "undecided";
}

// Where what a server has is not what is wanted: {missing: [server], extra: [server]}.
function differencesOf(endpoint, servers) {
  const missing = [],
    extra = [];
  for (const server of servers) {
    if (server.unread[endpoint.ipaddr.includes(":") ? 1 : 0]) continue;
    const has = server.addresses.has(endpoint.ipaddr);
    if (endpoint.desired === "present" && !has) missing.push(server.server);
    if (endpoint.desired === "absent" && has) extra.push(server.server);
  }
  return { missing, extra };
}

function modelServer(server) {
  const rrset = server.rrset ?? {};
  return {
    ...server,
    unread: [rrset.A, rrset.AAAA].map((list) => list === null),
    failing: server.state === "failed",
    failing_since: momentOf(server.failing_since),
    addresses: new Set([...(rrset.A ?? []), ...(rrset.AAAA ?? [])]),
  };
}

function modelEndpoint(endpoint, service, servers) {
  const look = lookOf(endpoint);
  const { missing, extra } = differencesOf(endpoint, servers);
  const differs = missing.length + extra.length > 0;
  return {
    ...endpoint,
    look,
    missing,
    extra,
    differs,
    since: momentOf(endpoint.since),
    safe_to_stop: momentOf(endpoint.safe_to_stop),
    intent: modelIntent(endpoint.intent),
    probe: endpoint.probe ? { ...endpoint.probe, at: momentOf(endpoint.probe.at) } : null,
    key: `${service.fqdn} ${endpoint.ipaddr}`,
    fqdn: service.fqdn,
    troubled: look === "down" || look === "undecided" || differs,
  };
}

const TROUBLE_RANK = { down: 0, undecided: 1, drained: 3, up: 4 };
const troubleRank = (endpoint) => Math.min(TROUBLE_RANK[endpoint.look], endpoint.differs ? 2 : 4);

const modelTier = (tier) => ({
  ...tier,
  since: momentOf(tier.since),
  returns_at: momentOf(tier.returns_at),
});

function modelService(service) {
  const servers = (service.servers ?? []).map(modelServer);
  const endpoints = (service.endpoints ?? []).map((e) => modelEndpoint(e, service, servers));
  const number = (look) => endpoints.filter((e) => e.look === look).length;
  return {
    ...service,
    servers,
    endpoints,
    looks: endpoints.map((e) => e.look),
    sorted: [...endpoints].sort((a, b) => troubleRank(a) - troubleRank(b)),
    up: number("up"),
    down: number("down"),
    undecided: number("undecided"),
    drained: number("drained"),
    differs: endpoints.some((e) => e.differs),
    failing: servers.filter((s) => s.failing),
    strangers: service.nodes_differing ?? [],
    intent: modelIntent(service.intent),
    fail_open_since: momentOf(service.fail_open_since),
    tiers: (service.tiers ?? []).map(modelTier),
    // Down since the last one of them fell.
    since: service.state === "down" ? Math.max(...endpoints.map((e) => e.since)) || null : null,
  };
}

const SERVICE_RANK = { down: 0, undecided: 1, partial: 1, ok: 3 };
const serviceRank = (s) =>
  Math.min(
    SERVICE_RANK[s.state] ?? 1,
    s.fail_open || s.failing.length > 0 ? 0 : 3,
    s.differs || s.strangers.length > 0 || s.maintenance ? 2 : 3,
  );

// status: the parsed answer. Services in trouble come first.
function modelOf(status) {
  const services = (status.services ?? []).map(modelService);
  const endpoints = services.flatMap((s) => s.endpoints);
  const number = (look) => endpoints.filter((e) => e.look === look).length;
  return {
    status,
    now: momentOf(status.at) ?? Date.now(),
    nodes: modelNodes(status),
    removals: { ...status.removals, since: momentOf(status.removals?.since) },
    quorum: status.quorum ?? { nodes: 1, needed: 1, fresh: 1, have: true },
    services: [...services].sort((a, b) => serviceRank(a) - serviceRank(b)),
    total: endpoints.length,
    up: number("up"),
    down: number("down"),
    undecided: number("undecided"),
    drained: number("drained"),
    intents: (status.intents ?? []).map(modelIntent),
  };
}

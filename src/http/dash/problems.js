// SPDX-License-Identifier: ISC
// What is wrong, since when, why, and what rrdnsd did about it. Pure.
//
// A problem: { key, level, what, fqdn, where: [address], since, why, done }.
// level: "alarm": users are hurt, or rrdnsd can't act. "warning": something is
// broken, and dealt with or harmless so far. "note": somebody wants it so.

const problem = (level, what, more) => ({
  level,
  what,
  fqdn: null,
  where: [],
  since: null,
  why: "",
  done: "",
  key: `${what} ${more?.fqdn ?? ""} ${more?.why ?? ""} ${more?.done ?? ""}`,
  ...more,
});

const untilWords = (until, now) =>
  until ? `until ${timeOf(until, now)}` : "until it is taken back";

const quorumWords = ({ nodes, fresh, needed }) =>
  `${fresh} of ${count(nodes, "node")} voting, ${needed} needed`;

function problemsOfNodes(model) {
  const { quorum, nodes } = model;
  const found = [];
  if (!quorum.have)
    found.push(
      problem("alarm", "No quorum", {
        why: quorumWords(quorum),
        done: "Changes nothing: DNS stays as it is until a majority is back",
      }),
    );
  for (const node of nodes.filter((n) => !n.fresh))
    found.push(
      problem("warning", `Node ${node.letter} is lost`, {
        where: [node.node],
        since: node.age_ms === null ? null : model.now - node.age_ms,
        why:
          node.age_ms !== null
            ? "nothing heard of it, over any path"
            : "never heard of since this node started",
        done: "Does not count its votes",
      }),
    );
  return found;
}

function problemsOfModes(model) {
  const { status } = model;
  const found = [];
  const freeze = model.intents.find((intent) => intent.target === "*");
  if (status.frozen)
    found.push(
      problem("warning", "Frozen", {
        since: freeze?.at ?? null,
        why: intentWords(freeze, model.now),
        done: "Changes no record of any service",
      }),
    );
  const { removals } = model;
  if (removals.held)
    found.push(
      problem("alarm", "Held", {
        since: removals.since,
        why:
          `${count(removals.pending, "record")} would be removed at once, ` +
          `${removals.removed} were in the last ${durationOf(removals.window_ms)}, ` +
          `max_removals is ${removals.max}`,
        done: "Changes no record of any service; rrdnsctl allow-removals on lets them pass",
      }),
    );
  if (status.state_error)
    found.push(
      problem("warning", "State not kept", {
        why: status.state_error,
        done: "Tries again; a restart would lose intents and changes made since",
      }),
    );
  if (status.dry_run)
    found.push(
      problem("warning", "Dry run", {
        why: "started with --dry-run",
        done: "Probes, votes and decides, but sends no update",
      }),
    );
  return found;
}

// "by ann: kernel update, until 14:00:00"
function intentWords(intent, now) {
  if (!intent) return "";
  const by = intent.by ? `by ${intent.by}` : "";
  return [[by, intent.reason].filter(Boolean).join(": "), untilWords(intent.until, now)]
    .filter(Boolean)
    .join(", ");
}

// "connect timeout (3 of 3 nodes)": of those who vote as the verdict says; of
// an undecided one, what there is of each vote.
function reasonWords(endpoint, model) {
  const { nodes } = model;
  const votes = nodes
    .filter((n) => n.fresh)
    .map((n) => [n, endpoint.votes?.[n.node]])
    .filter(([, v]) => v);
  if (endpoint.verdict !== "down") {
    const numbers = ["up", "down", "abstain"]
      .map((vote) => [votes.filter(([, v]) => v.vote === vote).length, vote])
      .filter(([n]) => n > 0)
      .map(([n, vote]) => `${n} ${vote}`);
    return `${numbers.join(", ") || "no votes"}; ${model.quorum.needed} must agree`;
  }
  const down = votes.filter(([, v]) => v.vote === "down");
  const reasons = [...new Set(down.map(([, v]) => v.reason).filter(Boolean))];
  if (nodes.length === 1) return listOf(reasons);
  return `${listOf(reasons)} (${down.length} of ${count(nodes.length, "node")})`;
}

// many: of several endpoints with the same fate.
function doneWords(endpoint, many = false) {
  const [it, itIs] = many ? ["them", "they are"] : ["it", "it is"];
  if (endpoint.extra.length > 0)
    return `Wants ${it} out of DNS, but ${itIs} still at ${listOf(endpoint.extra)}`;
  if (endpoint.desired === "absent") return `Took ${it} out of DNS`;
  if (endpoint.missing.length > 0)
    return `Wants ${it} in DNS, but ${itIs} missing at ${listOf(endpoint.missing)}`;
  const why = endpoint.look === "undecided" ? "" : `: ${endpoint.why}`;
  if (endpoint.desired === "present") return `Leaves ${it} in DNS${why}`;
  return `Leaves DNS as it is${why}`;
}

const WHAT = { down: "Down", undecided: "Undecided" };

// Endpoints of a service that share a fate make one problem. Without a quorum
// all are undecided, and that is said once.
function problemsOfEndpoints(service, model) {
  const groups = new Map();
  const isTrouble = (e) => e.look === "down" || (e.look === "undecided" && model.quorum.have);
  for (const e of service.endpoints.filter(isTrouble)) {
    const why = reasonWords(e, model);
    const done = doneWords(e);
    const key = `${service.fqdn} ${e.look} ${why} ${done}`;
    if (!groups.has(key))
      groups.set(
        key,
        problem(e.look === "down" && e.desired !== "absent" ? "alarm" : "warning", WHAT[e.look], {
          key,
          fqdn: service.fqdn,
          why,
          done,
          where: [],
        }),
      );
    const group = groups.get(key);
    group.where.push(e.ipaddr);
    if (group.where.length === 2) group.done = doneWords(e, true);
    if (e.since) group.since = Math.min(group.since ?? e.since, e.since);
  }
  return [...groups.values()];
}

function problemsOfServers(service) {
  return service.failing.map((server) =>
    problem("alarm", "Not updated", {
      fqdn: service.fqdn,
      where: [server.server],
      since: server.failing_since,
      why: server.last_error,
      done: "Tries again until it answers",
    }),
  );
}

// From the reason of its state: "1 up, 2 down, ... of 3 endpoints; failing open: ..."
function failOpenWords({ reason }) {
  const [numbers, mode] = (reason ?? "").split("; ");
  return {
    why: `more endpoints are down than fail_open_percent allows: ${numbers}`,
    done: mode ? mode[0].toUpperCase() + mode.slice(1) : "",
  };
}

function problemsOfService(service, model) {
  const found = [];
  const { fqdn } = service;
  const { since } = service;
  const endpoints = problemsOfEndpoints(service, model);
  if (service.state === "down" && endpoints.length === 1)
    Object.assign(endpoints[0], { what: "Service down", level: "alarm" });
  else if (service.state === "down")
    found.push(
      problem("alarm", "Service down", {
        fqdn,
        since,
        why: "none of its endpoints is up",
        done: service.endpoints.some((e) => e.desired !== "absent")
          ? "Leaves records in DNS: the name is never emptied"
          : "Took all of its records out of DNS",
      }),
    );
  if (service.fail_open)
    found.push(
      problem("alarm", "Fail open", {
        fqdn,
        since: service.fail_open_since,
        ...failOpenWords(service),
      }),
    );
  if (service.maintenance)
    found.push(
      problem("note", "Maintenance", {
        fqdn,
        since: service.intent?.at ?? null,
        why: intentWords(service.intent, model.now),
        done: "Leaves its records as they are",
      }),
    );
  if (typeof service.failover_tier === "number") {
    const intent = model.intents.find(({ target }) => target === `${fqdn}/failover`);
    found.push(
      problem("note", "Failed over", {
        fqdn,
        since: intent?.at ?? null,
        why: intentWords(intent, model.now),
        done: `Prefers tier ${service.failover_tier}, for as long as it is good`,
      }),
    );
  }
  for (const tier of service.tiers)
    if (tier.text && typeof service.failover_tier !== "number")
      found.push(
        problem("warning", "Failed over", {
          fqdn,
          since: tier.since,
          why: `${tier.family}: tier ${tier.first} was not good enough`,
          done: tier.returns_at
            ? `Has ${tier.text}; returns at ${timeOf(tier.returns_at, model.now)}`
            : `Has ${tier.text}`,
        }),
      );
  if (service.strangers.length > 0)
    found.push(
      problem("warning", "Definitions differ", {
        fqdn,
        where: service.strangers,
        why: "there the service is configured in another way",
        done: "Counts only votes under its own definition",
      }),
    );
  return [...found, ...endpoints, ...problemsOfServers(service)];
}

function problemsOf(model) {
  const found = [
    ...problemsOfNodes(model),
    ...problemsOfModes(model),
    ...model.services.flatMap((service) => problemsOfService(service, model)),
  ];
  return found.sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
}

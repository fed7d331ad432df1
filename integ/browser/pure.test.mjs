// SPDX-License-Identifier: ISC
// What the dashboard computes, without a browser: tables of input and output.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

process.env.TZ = "UTC";
const files = [
  "dom",
  "words",
  "graph",
  "model",
  "problems",
  "headline",
  "selection",
  "view_endpoint",
  "view_detail",
  "view_events",
  "poll",
];
const source = files
  .map((file) => readFileSync(new URL(`../../src/http/dash/${file}.js`, import.meta.url), "utf8"))
  .join("\n");
const names = [
  "durationOf",
  "spanOf",
  "latencyOf",
  "listOf",
  "timeOf",
  "historyPaths",
  "historyWords",
  "addSample",
  "latencyPath",
  "latencyTop",
  "stripPaths",
  "modelOf",
  "problemsOf",
  "headlineOf",
  "selectionOf",
  "fragmentOf",
  "chosenOf",
  "wordsOf",
  "voteOf",
  "safeWords",
  "foldEvents",
  "pollDelay",
  "reasonWords",
  "doneWords",
];
const dash = new Function(`${source}; return { ${names.join()} };`)();
const plain = (text) => text.replaceAll("\u00a0", " ");

const NOW = "2026-11-25T12:00:00.000Z";
const AGO = (s) => new Date(Date.parse(NOW) - s * 1000).toISOString();

function endpoint(ipaddr, verdict = "up", more = {}) {
  const vote = {
    vote: verdict,
    reason: verdict === "down" ? "connect timeout" : "ok",
    age_ms: 100,
  };
  return {
    ipaddr,
    verdict,
    own: verdict,
    label: "",
    tier: 0,
    since: AGO(60),
    intent: null,
    safe_to_stop: null,
    desired: { up: "present", down: "absent" }[verdict] ?? "keep",
    published: true,
    why: `why ${verdict}`,
    votes: { a: vote, b: vote, c: vote },
    probe: { outcome: "ok", detail: "ok", duration_ms: 1, at: NOW, history: "++-" },
    ...more,
  };
}

function service(fqdn, endpoints, more = {}) {
  return {
    fqdn,
    zone: "example.org",
    state: "ok",
    fail_open: false,
    maintenance: false,
    nodes_differing: [],
    endpoints,
    servers: [
      {
        server: "ns1",
        state: "ok",
        last_error: null,
        rrset: {
          A: endpoints.filter((e) => e.desired === "present").map((e) => e.ipaddr),
          AAAA: [],
        },
      },
    ],
    ...more,
  };
}

function status(services, more = {}) {
  const node = (name) => ({
    node: name,
    self: name === "a",
    fresh: true,
    age_ms: 5,
    boot: 0,
    version: 1,
  });
  return {
    node: "a",
    at: NOW,
    dry_run: false,
    frozen: false,
    state_error: null,
    services,
    nodes: ["a", "b", "c"].map(node),
    quorum: { nodes: 3, needed: 2, fresh: 3, have: true },
    ...more,
  };
}

function told(services, more) {
  const model = dash.modelOf(status(services, more));
  const problems = dash.problemsOf(model);
  return { model, problems, headline: dash.headlineOf(model, problems) };
}

const brief = (problems) =>
  problems.map((p) => `${p.level} ${p.what} ${p.fqdn ?? ""} ${p.where.join()}`.trim());

test("durations", () => {
  const cases = [
    [0, "0.0 s"],
    [-5, "0.0 s"],
    [4249, "4.2 s"],
    [9999, "10.0 s"],
    [59999, "59 s"],
    [200000, "3 min 20 s"],
    [600000, "10 min"],
    [7500000, "2 h 5 min"],
    [86400000, "1 d"],
    [9 * 86400000 + 4 * 3600000, "9 d 4 h"],
  ];
  for (const [ms, text] of cases) assert.equal(plain(dash.durationOf(ms)), text);
  assert.equal(plain(dash.spanOf(4249)), "4 s");
  assert.equal(plain(dash.spanOf(200000)), "3 min");
  assert.equal(plain(dash.latencyOf(0.25)), "0.3 ms");
  assert.equal(plain(dash.latencyOf(1234.5)), "1235 ms");
});

test("lists", () => {
  assert.equal(dash.listOf([]), "");
  assert.equal(dash.listOf(["a"]), "a");
  assert.equal(dash.listOf(["a", "b", "c"]), "a, b and c");
  assert.equal(dash.listOf(["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
});

test("times name the day when it is another", () => {
  assert.equal(dash.timeOf(Date.parse(NOW), Date.parse(NOW)), "12:00:00");
  assert.equal(dash.timeOf(Date.parse(AGO(86400)), Date.parse(NOW)), "24 Nov, 12:00:00");
});

test("history: the newest is at the right, a failure is taller", () => {
  assert.deepEqual(dash.historyPaths("+-"), { ok: "M124 11h1v5h-1z", failed: "M126 0h1v16h-1z" });
  assert.deepEqual(dash.historyPaths(""), { ok: "", failed: "" });
  assert.equal(plain(dash.historyWords("+".repeat(64))), "all of the last 64 probes ok");
  assert.equal(
    plain(dash.historyWords("+-+")),
    "1 of the last 3 probes failed, none of the newest 1",
  );
  assert.equal(
    plain(dash.historyWords("+-")),
    "1 of the last 2 probes failed, the newest among them",
  );
  assert.equal(dash.historyWords(""), "no probe has counted yet");
});

test("latency: bounded, in order, interrupted by failures", () => {
  const samples = [];
  for (let at = 1; at <= 500; at++) assert.ok(dash.addSample(samples, at, at));
  assert.ok(!dash.addSample(samples, 500, 1));
  assert.equal(samples.length, 120);
  assert.equal(
    dash.latencyTop([
      [1, 3],
      [2, null],
      [3, 12],
    ]),
    20,
  );
  assert.equal(dash.latencyTop([]), 1);
  assert.equal(
    dash.latencyPath(
      [
        [1, 5],
        [2, null],
        [3, 10],
      ],
      119,
      12,
    ),
    "M117.0 6.0h.01M119.0 1.0h.01",
  );
  assert.equal(dash.latencyPath([], 119, 12), "");
});

test("strip: the worst of several shows", () => {
  assert.equal(dash.stripPaths(["up", "down"]).down, "M5 0h4v14h-4z");
  const many = new Array(1000).fill("up");
  many[500] = "down";
  assert.equal(dash.stripPaths(many).down.split("z").length - 1, 1);
  assert.equal(dash.stripPaths(many).up.split("z").length - 1, 95);
});

test("all is well", () => {
  const { problems, headline } = told([service("www", [endpoint("1"), endpoint("2")])]);
  assert.deepEqual(problems, []);
  assert.equal(headline.level, "well");
  assert.equal(headline.text, "Everything is up.");
  assert.equal(
    plain(headline.more),
    "2 of 2 endpoints up in 1 service; 3 of 3 nodes voting, 2 needed; " +
      "DNS as wanted on 1 server.",
  );
});

test("a dead endpoint that was taken out is a warning", () => {
  const { problems, headline } = told([
    service("www", [endpoint("1"), endpoint("2", "down")], { state: "partial" }),
  ]);
  assert.deepEqual(brief(problems), ["warning Down www 2"]);
  assert.equal(plain(problems[0].why), "connect timeout (3 of 3 nodes)");
  assert.equal(problems[0].done, "Took it out of DNS");
  assert.equal(problems[0].since, Date.parse(AGO(60)));
  assert.equal(plain(headline.text), "1 of 2 endpoints is down.");
});

test("one that is still there, or stays on purpose, is named so", () => {
  const still = service("www", [endpoint("1"), endpoint("2", "down")], {
    servers: [{ server: "ns1", state: "ok", rrset: { A: ["1", "2"], AAAA: [] } }],
  });
  const { model, problems } = told([still]);
  assert.equal(problems[0].done, "Wants it out of DNS, but it is still at ns1");
  assert.deepEqual(model.services[0].endpoints[1].extra, ["ns1"]);
  const open = service("www", [endpoint("2", "down", { desired: "present", why: "fail open" })], {
    state: "down",
    fail_open: true,
    fail_open_since: "2026-01-01T00:00:00.000Z",
    reason: "0 up, 1 down, 0 undecided of 1 endpoints; holding: no further record is removed",
  });
  assert.deepEqual(brief(told([open]).problems), [
    "alarm Fail open www",
    "alarm Service down www 2",
  ]);
  assert.equal(told([open]).problems[1].done, "Leaves it in DNS: fail open");
  assert.equal(told([open]).problems[0].since, Date.parse("2026-01-01T00:00:00.000Z"));
  assert.equal(told([open]).problems[0].done, "Holding: no further record is removed");
  assert.match(told([open]).problems[0].why, /: 0 up, 1 down, 0 undecided of 1 endpoints$/);
});

test("many that share a fate are one problem", () => {
  const dead = Array.from({ length: 500 }, (_, i) => endpoint(`${i}`, "down"));
  const { problems } = told([service("www", [...dead, endpoint("x")], { state: "partial" })]);
  assert.equal(problems.length, 1);
  assert.equal(problems[0].where.length, 500);
  assert.equal(problems[0].done, "Took them out of DNS");
});

test("what an operator took out is no trouble", () => {
  const drained = endpoint("2", "up", {
    desired: "absent",
    intent: { intent: "drain", by: "ann", reason: "", until: null },
  });
  const { problems, headline } = told([service("www", [endpoint("1"), drained])]);
  assert.deepEqual(problems, []);
  assert.equal(headline.text, "All is well.");
  assert.match(plain(headline.more), /1 taken out by operators/);
});

test("nodes, modes and servers", () => {
  const lost = { node: "b", self: false, fresh: false, age_ms: 9000, boot: 1, version: 1 };
  const never = { node: "c", self: false, fresh: false, age_ms: null, boot: 0, version: 0 };
  const self = { node: "a", self: true, fresh: true, age_ms: 1, boot: 1, version: 1 };
  const unsure = service("www", [endpoint("1", "undecided")], { state: "undecided" });
  const { problems, headline } = told([unsure], {
    nodes: [self, lost, never],
    frozen: true,
    state_error: "no space left",
    dry_run: true,
    quorum: { nodes: 3, needed: 2, fresh: 1, have: false },
  });
  assert.deepEqual(brief(problems), [
    "alarm No quorum",
    "warning Node B is lost  b",
    "warning Node C is lost  c",
    "warning Frozen",
    "warning State not kept",
    "warning Dry run",
  ]);
  assert.equal(problems[1].since, Date.parse(AGO(9)));
  assert.equal(problems[2].since, null);
  assert.equal(headline.text, "There is no quorum.");
  assert.equal(headline.modes, "Frozen: no record is changed. Dry run: no update is sent.");
  const failing = service("www", [endpoint("1")], {
    servers: [
      {
        server: "ns1",
        state: "failed",
        last_error: "refused",
        failing_since: AGO(7),
        rrset: { A: ["1"], AAAA: [] },
      },
    ],
  });
  assert.deepEqual(brief(told([failing]).problems), ["alarm Not updated www ns1"]);
  assert.equal(told([failing]).problems[0].since, Date.parse(AGO(7)));
  assert.deepEqual(
    brief(told([service("www", [endpoint("1")], { nodes_differing: ["c"] })]).problems),
    ["warning Definitions differ www c"],
  );
});

test("services in trouble come first, and trouble in them", () => {
  const { model } = told([
    service("b", [endpoint("1")]),
    service("c", [endpoint("2"), endpoint("3", "down")], { state: "partial" }),
    service("a", [endpoint("4", "down")], { state: "down" }),
  ]);
  assert.deepEqual(
    model.services.map((s) => s.fqdn),
    ["a", "c", "b"],
  );
  assert.deepEqual(
    model.services[1].sorted.map((e) => e.ipaddr),
    ["3", "2"],
  );
});

test("an answer without some fields is borne", () => {
  const { headline } = told([{ fqdn: "www" }], { nodes: undefined, quorum: undefined });
  assert.equal(headline.text, "There is nothing to watch yet.");
});

test("what was not read yet is no difference", () => {
  const server = (A) => ({
    server: "ns1",
    state: "failed",
    last_error: "refused",
    rrset: { A, AAAA: [] },
  });
  const differs = (A) =>
    told([service("www", [endpoint("1")], { servers: [server(A)] })]).model.services[0].differs;
  assert.deepEqual([[], null, ["1"]].map(differs), [true, false, false]);
});

test("freeze, maintenance and failover say who wants them", () => {
  const intent = (name, target) => ({
    target,
    intent: name,
    by: "ann",
    reason: "works",
    at: AGO(30),
    until: NOW,
  });
  const { problems } = told(
    [
      service("a", [endpoint("1")], { maintenance: true, intent: intent("maintenance", "a") }),
      service("b", [endpoint("2")], { failover_tier: 1, intent: null }),
    ],
    { frozen: true, intents: [intent("freeze", "*"), intent("failover", "b/failover")] },
  );
  assert.deepEqual(brief(problems), ["warning Frozen", "note Maintenance a", "note Failed over b"]);
  for (const { why, since } of problems) {
    assert.equal(why, "by ann: works, until 12:00:00");
    assert.equal(since, Date.parse(AGO(30)));
  }
});

test("what is held is loud", () => {
  const removals = {
    held: true,
    since: AGO(30),
    pending: 12,
    removed: 3,
    max: 3,
    window_ms: 60000,
    allowed: false,
  };
  const { problems } = told([service("a", [endpoint("1")])], { removals });
  assert.deepEqual(brief(problems), ["alarm Held"]);
  assert.equal(problems[0].since, Date.parse(AGO(30)));
  assert.match(problems[0].why, /^12.records would be removed at once, 3 were in the last/);
});

test("a standby that took over says how it comes back", () => {
  const tier = (more) => ({
    family: "A",
    first: 0,
    in_charge: 1,
    since: AGO(30),
    failback: "manual",
    returns_at: null,
    text: "failed over to tier 1, failback is manual: rrdnsctl failover a 0",
    ...more,
  });
  const { problems } = told([
    service("a", [endpoint("1")], { tiers: [tier({})] }),
    service("b", [endpoint("2")], { tiers: [tier({ in_charge: 0, text: null })] }),
    service("c", [endpoint("3")], {
      tiers: [tier({ returns_at: NOW, text: "failed over to tier 1" })],
    }),
  ]);
  assert.deepEqual(brief(problems), ["warning Failed over a", "warning Failed over c"]);
  assert.equal(problems[0].since, Date.parse(AGO(30)));
  assert.match(problems[0].done, /rrdnsctl failover a 0$/);
  assert.match(problems[1].done, /returns at 12:00:00$/);
});

test("votes", () => {
  const node = { node: "a", fresh: true };
  const vote = (value, more) => ({ vote: value, reason: "because", age_ms: 400, ...more });
  const look = (...args) => Object.values(dash.voteOf(...args)).map(plain);
  assert.deepEqual(look(vote("up"), node), ["up", "up", "0.4 s", ""]);
  assert.deepEqual(look(vote("down"), node), ["down", "down", "0.4 s", "because"]);
  assert.deepEqual(look(vote("abstain"), node), ["abstain", "abstains", "0.4 s", "because"]);
  assert.deepEqual(look(vote("up"), { ...node, fresh: false }), ["none", "lost", "0.4 s", ""]);
  assert.deepEqual(look(vote(null, { reason: null }), node), [
    "differs",
    "differs",
    "0.4 s",
    "another definition",
  ]);
  assert.deepEqual(look(vote(null, { reason: null, age_ms: null }), { ...node, fresh: false }), [
    "none",
    "no vote",
    "",
    "",
  ]);
  assert.deepEqual(look(undefined, node), ["none", "no vote", "", ""]);
});

test("safe to stop", () => {
  const now = Date.parse(NOW);
  assert.equal(dash.safeWords({ look: "up" }, now), "");
  assert.match(dash.safeWords({ look: "drained", safe_to_stop: null }, now), /^not yet/);
  assert.equal(dash.safeWords({ look: "drained", safe_to_stop: now + 1000 }, now), "at 12:00:01");
  assert.equal(
    dash.safeWords({ look: "drained", safe_to_stop: now - 1000 }, now),
    "since 11:59:59",
  );
});

test("events that belong together are one entry, newest first", () => {
  const event = (id, group, kind = "endpoint_down") => ({ id, group, kind, fqdn: "www", at: id });
  const entries = dash.foldEvents([event(1, 1, "reload"), event(2, 2), event(3, 2), event(4, 4)]);
  assert.deepEqual(
    entries.map((e) => e.events.map((x) => x.id)),
    [[4], [2, 3], [1]],
  );
});

test("the selection survives its way through the address", () => {
  const chosen = {
    open: new Set(["a&b", "c"]),
    endpoint: "c 2001:db8::1",
    words: "x #y",
    kind: "dns",
  };
  assert.deepEqual(dash.selectionOf(dash.fragmentOf(chosen)), chosen);
  assert.equal(dash.fragmentOf({}), "#");
  assert.deepEqual(dash.selectionOf(""), {
    open: new Set(),
    endpoint: null,
    words: "",
    kind: "all",
  });
});

test("words choose services and endpoints", () => {
  const { model } = told([
    service("www.example.org", [
      endpoint("192.0.2.1", "up", { label: "Oslo" }),
      endpoint("192.0.2.2"),
    ]),
  ]);
  const found = (text) => dash.chosenOf(model.services[0], dash.wordsOf(text)).length;
  assert.deepEqual(
    ["", "WWW", "oslo", "0.2.2", "www oslo", "down", " "].map(found),
    [2, 2, 1, 1, 1, 0, 2],
  );
});

test("asks often while somebody looks, and less when nobody does or nothing answers", () => {
  const delay = (failures, hidden, took_ms) => dash.pollDelay({ failures, hidden, took_ms });
  assert.equal(delay(0, false, 20), 1000);
  assert.equal(delay(0, true, 20), 10000);
  assert.equal(delay(0, false, 2000), 6000);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 9].map((n) => delay(n, false, 0)),
    [1000, 2000, 4000, 8000, 15000, 15000],
  );
});

// SPDX-License-Identifier: ISC
// Wires it all: answers become a model, the model is shown.

const OPEN_AT_FIRST = 24; // endpoints; a small installation is shown whole
const NEWS_MAX = 5;

const selection = selectionOf(location.hash);
let model = null;
let problems = [];
let headline = null;
let lastAnswer = null; // when it came, by this machine's clock
let scheduled = false;
let goTo = selection.endpoint ?? [...selection.open][0] ?? null;

const context = {
  nodes: [],
  chosen: null,
  again: schedule,
  toggle(fqdn) {
    if (!selection.open.delete(fqdn)) selection.open.add(fqdn);
    selectionChanged();
  },
  choose(key) {
    selection.endpoint = selection.endpoint === key ? null : key;
    if (selection.endpoint) selection.open.add(key.split(" ")[0]);
    selectionChanged();
  },
};

function selectionChanged() {
  history.replaceState(null, "", fragmentOf(selection));
  show();
}

// Shows more in the next turn, so that no turn is long.
function schedule() {
  if (scheduled) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    show();
  }, 0);
}

function showChosen() {
  if (goTo === null) return;
  const [fqdn, ipaddr] = goTo.split(" ");
  const article = [...byId("service-list").children].find((node) => node.dataset.fqdn === fqdn);
  if (!article) return;
  const button = ipaddr
    ? [...article.querySelectorAll(".row button")].find((node) => node.textContent === ipaddr)
    : article.querySelector("h3 button");
  if (!button) return; // its row is not made yet
  goTo = null;
  button.scrollIntoView({ block: "center" });
  button.focus({ preventScroll: true });
}

function show() {
  if (model === null) return;
  Object.assign(context, { nodes: model.nodes, chosen: selection.endpoint });
  showTop(model, headline);
  showHeadline(headline);
  showProblems(problems, model.now);
  showServices(model, selection, context);
  showNodes(model);
  showIntents(model);
  showEvents(selection, model.now);
  setText(byId("all"), selection.open.size > 0 ? "Close all" : "Open all");
  showChosen();
}

// What changed since the last answer, for those who listen.
function newsOf(before, after) {
  const looks = new Map(before.services.flatMap((s) => s.endpoints).map((e) => [e.key, e.look]));
  const news = after.services
    .flatMap((s) => s.endpoints)
    .filter((e) => looks.has(e.key) && looks.get(e.key) !== e.look)
    .map((e) => `${e.fqdn} ${e.ipaddr} is ${LOOK_WORD[e.look]}`);
  if (before.quorum.have !== after.quorum.have)
    news.unshift(after.quorum.have ? "There is a quorum again" : "Quorum is lost");
  return news;
}

function tellNews(news) {
  if (news.length === 0) return;
  setText(byId("news"), listOf(news, NEWS_MAX));
}

function onFirstAnswer() {
  if (selection.open.size === 0 && model.total <= OPEN_AT_FIRST)
    for (const service of model.services) selection.open.add(service.fqdn);
  setHidden(byId("page"), false);
}

function onAnswer(status, fresh) {
  const before = model;
  model = modelOf(status);
  problems = problemsOf(model);
  headline = headlineOf(model, problems);
  lastAnswer = performance.now();
  collectSamples(model);
  takeEvents(fresh);
  if (before === null) onFirstAnswer();
  else tellNews(newsOf(before, model));
  setHidden(byId("token"), true);
  setHidden(byId("stale"), true);
  document.body.classList.remove("old");
  setText(byId("live"), `Live, ${timeOf(model.now, model.now)}`);
  show();
}

// Old facts must not look like new ones.
function onFailure(why, next_ms) {
  const old =
    lastAnswer === null ? "" : ` What you see is ${spanOf(performance.now() - lastAnswer)} old.`;
  document.body.classList.add("old");
  setText(byId("live"), "Not live");
  setText(
    byId("stale"),
    `rrdnsd does not answer${why.message.startsWith("it ") ? `: ${why.message}` : ""}.${old}`,
  );
  setHidden(byId("stale"), false);
  if (lastAnswer !== null)
    document.title = `\u25bc No answer \u2013 ${document.title.replace(/^.* \u2013 /, "")}`;
}

function onToken(refused) {
  setText(byId("token-wrong"), refused ? "It does not take this token." : "");
  setText(byId("live"), "Waiting for a token");
  setHidden(byId("token"), false);
  setHidden(byId("page"), true);
  byId("token-text").focus();
}

// Up and down go from one service or endpoint to the next.
function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const buttons = [...byId("service-list").querySelectorAll("h3 button, .row button")].filter(
    (button) => button.offsetParent !== null,
  );
  const next = buttons[buttons.indexOf(document.activeElement) + step];
  if (!buttons.includes(document.activeElement) || !next) return;
  event.preventDefault();
  next.focus();
}

function start() {
  const poller = new Poller({ onAnswer, onFailure, onToken });
  startSummary(show);
  startEvents(selection, selectionChanged);
  byId("filter").value = selection.words;
  byId("filter").addEventListener("input", () => {
    selection.words = byId("filter").value;
    selectionChanged();
  });
  byId("all").addEventListener("click", () => {
    selection.open = new Set(selection.open.size > 0 ? [] : model.services.map((s) => s.fqdn));
    selectionChanged();
  });
  byId("service-list").addEventListener("keydown", onKey);
  byId("token").addEventListener("submit", (event) => {
    event.preventDefault();
    poller.useToken(byId("token-text").value);
    byId("token-text").value = "";
  });
  byId("page").addEventListener("click", onLink);
  addEventListener("hashchange", onFragment);
  poller.ask();
}

// A link of the page opens what it names and shuts nothing.
function onLink(event) {
  const link = event.target.closest('a[href*="="]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const wanted = selectionOf(link.getAttribute("href"));
  event.preventDefault();
  for (const fqdn of wanted.open) selection.open.add(fqdn);
  selection.endpoint = wanted.endpoint ?? selection.endpoint;
  selection.words = byId("filter").value = "";
  goTo = wanted.endpoint ?? [...wanted.open][0];
  selectionChanged();
}

function onFragment() {
  if (!location.hash.includes("=")) return; // a place in the page
  const wanted = selectionOf(location.hash);
  Object.assign(selection, wanted);
  byId("filter").value = selection.words;
  goTo = selection.endpoint ?? [...selection.open][0] ?? null;
  show();
}

start();

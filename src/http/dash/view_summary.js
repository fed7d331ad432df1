// SPDX-License-Identifier: ISC
// The top of the page: the headline, and the table of what is wrong.

const PROBLEMS_MAX = 30; // shown before "show all"
const WHERE_MAX = 6; // addresses of one problem
const LEVEL_GLYPH = { alarm: "down", warning: "alarm", note: "note" };
const LEVEL_WORD = { alarm: "alarm", warning: "warning", note: "note" };

let allProblems = false;

function makeProblem(found) {
  const cell = (name, title) => make("td", { class: name, role: "cell", "data-title": title });
  const what = make(
    "th",
    { class: "what", scope: "row", role: "rowheader" },
    makeGlyph(LEVEL_GLYPH[found.level]),
    make("span", { class: "unseen" }, `${LEVEL_WORD[found.level]}: `),
    make("span"),
  );
  return make(
    "tr",
    { class: found.level, role: "row" },
    what,
    cell("where", "Where"),
    cell("since", "Since"),
    cell("why", "Why"),
    cell("done", "rrdnsd"),
  );
}

// Where it is: the service and its endpoints as links that open them.
function fillWhere(cell, { fqdn, where }) {
  const key = `${fqdn} ${where.join()}`;
  if (shown.get(cell) === key) return;
  shown.set(cell, key);
  const parts = [];
  if (fqdn) parts.push(make("a", { href: linkTo(fqdn), class: "name" }, fqdn));
  for (const address of where.slice(0, WHERE_MAX))
    parts.push(
      fqdn
        ? make("a", { href: linkTo(fqdn, address), class: "address" }, address)
        : make("span", { class: "address" }, address),
    );
  if (where.length > WHERE_MAX)
    parts.push(make("a", { href: linkTo(fqdn) }, `and ${where.length - WHERE_MAX} more`));
  cell.replaceChildren(...parts.flatMap((part, i) => (i > 0 ? [" ", part] : [part])));
}

function updateProblem(row, found, now) {
  const [what, where, since, why, done] = row.children;
  setAttribute(row, "class", found.level);
  setText(
    what.lastChild,
    found.where.length > 1 && found.fqdn
      ? `${found.what} \u00d7${NBSP}${found.where.length}`
      : found.what,
  );
  fillWhere(where, found);
  setText(since, found.since ? `${timeOf(found.since, now)}, ${spanOf(now - found.since)}` : "");
  setText(why, found.why);
  setText(done, found.done);
}

function showProblems(problems, now) {
  const some = allProblems ? problems : problems.slice(0, PROBLEMS_MAX);
  const rest = problems.length - some.length;
  syncList(
    byId("problem-list"),
    some,
    (p) => p.key,
    makeProblem,
    (row, p) => updateProblem(row, p, now),
  );
  setHidden(byId("problems"), problems.length === 0);
  setHidden(byId("problems-all"), rest === 0);
  setText(byId("problems-all"), `Show ${rest} more`);
}

function showHeadline(headline) {
  setAttribute(byId("verdict"), "class", headline.level);
  setText(byId("headline"), headline.text);
  setText(byId("modes"), headline.modes);
  setText(byId("headline-more"), headline.more);
}

function showTop(model, headline) {
  const { node, version, uptime_s } = model.status;
  setText(byId("node"), node);
  setText(byId("version"), `version ${version}, up for ${spanOf(uptime_s * 1000)}`);
  const mark = { alarm: "\u25bc ", warning: "\u25b3 ", well: "" }[headline.level];
  document.title = `${mark}${headline.text.replace(/\.$/, "")} \u2013 rrdnsd ${node}`;
}

function startSummary(again) {
  byId("problems-all").addEventListener("click", () => {
    allProblems = true;
    again();
  });
}

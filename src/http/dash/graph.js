// SPDX-License-Identifier: ISC
// Small graphs as SVG paths. The makers of paths are pure: numbers in, the text
// of a path out. Trouble is drawn taller, so that it shows without colour.

const GLYPHS = {
  up: "M8 4.5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7z",
  down: "M1.5 3h13L8 14.5z",
  undecided: "M8 1.8L14.2 8L8 14.2L1.8 8zM8 5L5 8l3 3l3-3z",
  abstain: "M3 7h10v2H3z",
  none: "M3 7h2v2H3zM7 7h2v2H7zM11 7h2v2h-2z",
  drained: "M2.5 2.5h11v11h-11zM5 5v6h6V5z",
  differs: "M2 4.5h12v2H2zM2 9.5h12v2H2zM10.5 1.5l2 1l-7 12l-2-1z",
  alarm: "M8 .8L15.6 14.6H.4zM7 5.6v4.6h2V5.6zM7 11.2v2h2v-2z",
  note: "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1zM7 7h2v5H7zM7 4h2v2H7z",
};

function makeGlyph(name) {
  const path = makeSvg("path", { d: GLYPHS[name], "fill-rule": "evenodd" });
  return makeSvg(
    "svg",
    { class: `glyph ${name}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    path,
  );
}

function setGlyph(svg, name) {
  setAttribute(svg, "class", `glyph ${name}`);
  setAttribute(svg.firstChild, "d", GLYPHS[name]);
}

// A bar of this height on the floor; pitch is from one to the next.
const bar = (place, height, floor, pitch = 2) =>
  `M${place * pitch} ${floor - height}h${pitch - 1}v${height}h${1 - pitch}z`;

const HISTORY_LENGTH = 64;
const HISTORY_HEIGHT = 16;

// history: '+' and '-', oldest first; the newest stands at the right edge.
function historyPaths(history) {
  let ok = "",
    failed = "";
  const shift = HISTORY_LENGTH - history.length;
  for (let i = 0; i < history.length; i++)
    if (history[i] === "+") ok += bar(i + shift, 5, HISTORY_HEIGHT);
    else failed += bar(i + shift, HISTORY_HEIGHT, HISTORY_HEIGHT);
  return { ok, failed };
}

function historyWords(history) {
  const failed = history.split("-").length - 1;
  if (history.length === 0) return "no probe has counted yet";
  if (failed === 0) return `all of the last ${count(history.length, "probe")} ok`;
  const good = history.length - 1 - history.lastIndexOf("-");
  return (
    `${failed} of the last ${count(history.length, "probe")} failed, ` +
    (good === 0 ? "the newest among them" : `none of the newest ${good}`)
  );
}

function makeHistory() {
  return makeSvg(
    "svg",
    {
      class: "history",
      role: "img",
      viewBox: `0 0 ${2 * HISTORY_LENGTH} ${HISTORY_HEIGHT}`,
      width: 2 * HISTORY_LENGTH,
      height: HISTORY_HEIGHT,
    },
    makeSvg("path", { class: "ok" }),
    makeSvg("path", { class: "failed" }),
  );
}

function setHistory(svg, history) {
  if (shown.get(svg) === history) return;
  shown.set(svg, history);
  const { ok, failed } = historyPaths(history);
  svg.children[0].setAttribute("d", ok);
  svg.children[1].setAttribute("d", failed);
  svg.setAttribute("aria-label", historyWords(history));
}

// What the page saw of an endpoint's probes while it was open: at most
// SAMPLES_MAX of [at, ms], null for one that failed.
const SAMPLES_MAX = 120;

function addSample(samples, at, ms) {
  if (samples.length > 0 && samples[samples.length - 1][0] >= at) return false;
  samples.push([at, ms]);
  if (samples.length > SAMPLES_MAX) samples.shift();
  return true;
}

// The smallest of 1, 2, 5, 10, 20, 50, ... that is not below ms.
function roundUp(ms) {
  const power = 10 ** Math.floor(Math.log10(Math.max(ms, 1)));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= ms);
}

function latencyTop(samples) {
  return roundUp(Math.max(1, ...samples.map((sample) => sample[1] ?? 0)));
}

// One line, interrupted where a probe failed. The newest sample is at the right.
function latencyPath(samples, width, height) {
  const top = latencyTop(samples);
  const step = width / (SAMPLES_MAX - 1);
  let path = "",
    open = false;
  samples.forEach(([, ms], i) => {
    if (ms === null) {
      open = false;
      return;
    }
    const x = width - (samples.length - 1 - i) * step;
    const y = height - 1 - (ms / top) * (height - 2);
    path += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}${open ? "" : "h.01"}`;
    open = true;
  });
  return path;
}

function makeLatency(width, height, name) {
  return makeSvg(
    "svg",
    {
      class: name,
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      "aria-hidden": "true",
      preserveAspectRatio: "none",
    },
    makeSvg("path", { "vector-effect": "non-scaling-stroke" }),
  );
}

function setLatency(svg, samples) {
  const { width, height } = svg.viewBox.baseVal;
  svg.firstChild.setAttribute("d", latencyPath(samples, width, height));
}

// A service's endpoints side by side: one bar each, or the worst of several.
const STRIP_BARS = 96;
const STRIP_HEIGHT = 14;
const STRIP_RANK = ["down", "undecided", "drained", "up"];
const STRIP_BAR = { down: STRIP_HEIGHT, undecided: 9, drained: 2, up: 5 };

function stripPaths(looks) {
  const paths = { down: "", undecided: "", drained: "", up: "" };
  const bars = Math.min(looks.length, STRIP_BARS);
  for (let i = 0; i < bars; i++) {
    const from = Math.floor((i * looks.length) / bars);
    const to = Math.floor(((i + 1) * looks.length) / bars);
    const some = looks.slice(from, to);
    const worst = STRIP_RANK.find((look) => some.includes(look));
    paths[worst] += bar(i, STRIP_BAR[worst], STRIP_HEIGHT, looks.length <= 24 ? 5 : 2);
  }
  return paths;
}

function makeStrip() {
  return makeSvg(
    "svg",
    { class: "strip", "aria-hidden": "true", height: STRIP_HEIGHT },
    ...STRIP_RANK.map((look) => makeSvg("path", { class: look })),
  );
}

function setStrip(svg, looks) {
  const key = looks.join();
  if (shown.get(svg) === key) return;
  shown.set(svg, key);
  const paths = stripPaths(looks);
  setAttribute(
    svg,
    "width",
    String(Math.min(looks.length, STRIP_BARS) * (looks.length <= 24 ? 5 : 2)),
  );
  STRIP_RANK.forEach((look, i) => svg.children[i].setAttribute("d", paths[look]));
}

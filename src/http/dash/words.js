// SPDX-License-Identifier: ISC
// Numbers, times and lists as people read them. Pure.

const NBSP = "\u00a0";

const count = (n, one, many = `${one}s`) => `${n}${NBSP}${n === 1 ? one : many}`;

// "a", "a and b", "a, b and 5 more"
function listOf(words, limit = 4) {
  if (words.length <= 1) return words.join("");
  if (words.length <= limit)
    return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
  return `${words.slice(0, limit - 1).join(", ")} and ${words.length - limit + 1} more`;
}

// Two units at most: "4.2 s", "3 min 20 s", "2 h 5 min", "9 d 4 h"
function durationOf(ms) {
  const s = Math.max(0, ms) / 1000;
  const pair = (big, bigUnit, small, smallUnit) =>
    `${big}${NBSP}${bigUnit}${small > 0 ? ` ${small}${NBSP}${smallUnit}` : ""}`;
  if (s < 10) return `${s.toFixed(1)}${NBSP}s`;
  if (s < 60) return `${Math.floor(s)}${NBSP}s`;
  if (s < 3600) return pair(Math.floor(s / 60), "min", s < 600 ? Math.floor(s % 60) : 0, "s");
  if (s < 86400) return pair(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
  return pair(Math.floor(s / 86400), "d", Math.floor((s % 86400) / 3600), "h");
}

// As durationOf, without what changes each second: for what is said in passing.
function spanOf(ms) {
  const s = Math.max(0, ms) / 1000;
  if (s < 60) return `${Math.floor(s)}${NBSP}s`;
  if (s < 3600) return `${Math.floor(s / 60)}${NBSP}min`;
  return durationOf(ms);
}

function latencyOf(ms) {
  if (ms < 9.95) return `${ms.toFixed(1)}${NBSP}ms`;
  return `${Math.round(ms)}${NBSP}ms`;
}

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const dayFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();

// A moment of the API, in ms; null where it has none.
const momentOf = (text) => (text ? Date.parse(text) : null);

// "14:02:11", with the day before it when that is not today
function timeOf(at, now) {
  const clock = clockFormat.format(at);
  return sameDay(at, now) ? clock : `${dayFormat.format(at)}, ${clock}`;
}

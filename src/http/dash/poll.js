// SPDX-License-Identifier: ISC
// Asks the daemon, again and again: each second while somebody looks and it
// answers, less often otherwise.

const POLL_MS = 1000;
const POLL_HIDDEN_MS = 10000;
const POLL_FAILING_MAX_MS = 15000;
const ANSWER_MS = 8000;
const EVENTS_LIMIT = 500;

// Pure. A slow answer means a large installation or a thin line: at most a
// quarter of the time is spent on asking.
function pollDelay({ failures, hidden, took_ms }) {
  if (failures > 0) return Math.min(POLL_FAILING_MAX_MS, POLL_MS * 2 ** (failures - 1));
  return Math.max(hidden ? POLL_HIDDEN_MS : POLL_MS, 3 * took_ms);
}

class NeedsToken extends Error {}

class Poller {
  token = null; // in memory only
  failures = 0;
  since = null; // id of the newest event that we have
  timer = null;
  asking = false;

  // onAnswer(status, events), onFailure(why, next_ms), onToken(refused)
  constructor({ onAnswer, onFailure, onToken }) {
    Object.assign(this, { onAnswer, onFailure, onToken });
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
  }

  async get(path) {
    const answer = await fetch(path, {
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      headers: this.token === null ? {} : { Authorization: `Bearer ${this.token}` },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.status === 401 || answer.status === 403) throw new NeedsToken();
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    return answer.json();
  }

  async askOnce() {
    const since = this.since === null ? "" : `since=${this.since}&`;
    const [status, events] = await Promise.all([
      this.get("api/v1/status"),
      this.get(`api/v1/events?${since}limit=${EVENTS_LIMIT}`),
    ]);
    this.since = events.next;
    return [status, events.events];
  }

  async ask() {
    if (this.asking) return;
    clearTimeout(this.timer);
    this.asking = true;
    const started = performance.now();
    try {
      const [status, events] = await this.askOnce();
      this.failures = 0;
      this.onAnswer(status, events);
      this.again(performance.now() - started);
    } catch (error) {
      this.failed(error);
    } finally {
      this.asking = false;
    }
  }

  again(took_ms) {
    const { failures } = this;
    const delay_ms = pollDelay({ failures, hidden: document.hidden, took_ms });
    this.timer = setTimeout(() => this.ask(), delay_ms);
    return delay_ms;
  }

  failed(error) {
    if (error instanceof NeedsToken) {
      this.onToken(this.token !== null);
      return;
    }
    this.failures++;
    this.onFailure(error, this.again(0));
  }

  useToken(token) {
    this.token = token;
    this.ask();
  }
}

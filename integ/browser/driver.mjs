// SPDX-License-Identifier: ISC
// Chromium for the tests: each line of standard input is a command in JSON, each
// line of standard output its answer, { value } or { error }. browser.py is the
// other end. It ends with its standard input.
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const context = await chromium.launchPersistentContext(process.argv[2], { executablePath, args });
const pages = new Map();

// In the page before its own script: what it is told of itself.
function watch() {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) globalThis.longTasks.push(Math.round(task.duration));
  }).observe({ type: "longtask" });
}

const commands = {
  async open({ id, url, scheme = "light", width = 1280, height = 900 }) {
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height });
    await page.addInitScript(watch);
    const devtools = await context.newCDPSession(page);
    await devtools.send("Performance.enable");
    pages.set(id, { page, devtools, complaints });
    await page.goto(url);
  },

  // As the developer tools would: the page's policy does not stop it.
  async evaluate({ id, expression }) {
    const { result, exceptionDetails } = await pages.get(id).devtools.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  },

  press: ({ id, key }) => pages.get(id).page.keyboard.press(key),
  type: ({ id, text }) => pages.get(id).page.keyboard.type(text),
  click: ({ id, selector }) => pages.get(id).page.click(selector),
  reload: async ({ id }) => void (await pages.get(id).page.reload()),
  screenshot: async ({ id, path }) => void (await pages.get(id).page.screenshot({ path })),
  complaints: ({ id }) => pages.get(id).complaints,

  async metrics({ id }) {
    const { metrics } = await pages.get(id).devtools.send("Performance.getMetrics");
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  },

  async close({ id }) {
    await pages.get(id).page.close();
    pages.delete(id);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await commands[command.do](command)) ?? null };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await context.close();

// paint.js VAULTS REPEATS: when the console's first page is painted, signed in, in milliseconds
// from the start of the navigation. VAULTS is JSON: of each name the url, login and password. They
// are asked in turn, each time in a browser context that has nothing but the session's cookie. For
// bench/run.py.
import { signedIn, startBrowser } from './vault.js';

const vaults = Object.entries(JSON.parse(process.argv[2]));
const repeats = Number(process.argv[3]);

/** Runs in the page: keeps when something is painted first, and when the rows are. */
function watch() {
  window.painted = {};
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      if (name === 'first-contentful-paint') window.painted.first = startTime;
    }
  }).observe({ type: 'paint', buffered: true });
  const rows = new MutationObserver(() => {
    if (!document.querySelector('.recordings tr[data-row]')) return;
    rows.disconnect();
    // A task that was posted in a frame comes after that frame is painted.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (window.painted.rows = performance.now());
      port2.postMessage(null);
    });
  });
  rows.observe(document, { childList: true, subtree: true });
}

async function paint(browser, url, cookie) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addCookies([{ ...cookie, url }]);
  await context.addInitScript(watch);
  const page = await context.newPage();
  await page.goto(`${url}/console/`);
  await page.waitForFunction(() => window.painted.rows && window.painted.first);
  const painted = await page.evaluate(() => window.painted);
  await context.close();
  return painted;
}

const browser = await startBrowser();
const cookies = new Map();
for (const [name, { url, login, password }] of vaults) cookies.set(name, await signedIn(url, login, password));
const times = { 'first contentful paint': {}, 'painted list': {} };
// The first of each warms what the browser and the server keep, and is not counted.
for (let round = 0; round <= repeats; round += 1) {
  // Whoever comes second in one round is first in the next.
  for (const [name, { url }] of round % 2 ? vaults : [...vaults].reverse()) {
    const { first, rows } = await paint(browser, url, cookies.get(name));
    if (round === 0) continue;
    (times['first contentful paint'][name] ??= []).push(first);
    (times['painted list'][name] ??= []).push(rows);
  }
}
await browser.close();
console.log(JSON.stringify(times));

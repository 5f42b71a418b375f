// A callvault with fresh data for the tests, and a browser to look at it with.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openAsBlob, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const binary = process.env.CALLVAULT;
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What must stay text wherever somebody may write it. */
export const FORGED = '<img src=x onerror="window.forged=1">';

export const sample = (name) => join(root, 'samples', name);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts callvault; `stop` and `start` it at will, `close` ends it. */
export async function startVault() {
  const data = mkdtempSync(join(tmpdir(), 'callvault-console-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const listen = url.slice('http://'.length);
  const said = process.env.SERVER_LOG ? openSync(process.env.SERVER_LOG, 'a') : 'ignore';
  const isReady = () => fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
  let server;
  const start = async () => {
    server = spawn(binary, ['serve', '--data', data, '--listen', listen], { stdio: ['ignore', said, said] });
    for (let tries = 0; !(await isReady()); tries += 1) {
      assert.ok(server.exitCode === null && tries < 300, 'callvault does not start');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
  };
  await start();
  const command = (...args) => JSON.parse(execFileSync(binary, [...args, '--json', '--data', data]));
  return {
    url,
    account: (name) => command('account', 'add', name),
    command,
    start,
    stop,
    async close() {
      await stop();
      rmSync(data, { recursive: true });
    },
  };
}

/** Starts testkit's vault that tells voices on one channel apart. */
export async function startVoices() {
  const server = spawn(process.env.VOICES, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [told] = await once(createInterface(server.stdout), 'line');
  const { url, ...account } = JSON.parse(told);
  return {
    url,
    account,
    async close() {
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

let accounts = 0;
/** An account with the sample calls in it. */
export async function withCalls(vault) {
  accounts += 1;
  const account = vault.account(`acme ${accounts}`);
  const calls = [
    ['repair-call.wav', { direction: 'inbound', from_number: '+14155550123', to_number: '+14155550100', cnam: 'Jane Miller', start: '2026-03-02T08:14:03Z', add_time: '2026-03-02T23:00:00Z' }],
    ['dialogue.wav', { direction: 'outbound', from_number: '+14155550100', to_number: '+4930123456', extensions: '101', start: '2026-03-03T10:00:00Z', add_time: '2026-03-03T23:00:00Z' }],
    ['other-dialogue.flac', { direction: 'internal', from_number: '+14155550101', to_number: '+14155550102', start: '2026-03-04T16:30:00Z', add_time: '2026-03-04T23:00:00Z', conference_name: 'weekly' }],
    ['repair-call-later.mp3', { direction: 'inbound', from_number: '+14155550199', to_number: '+14155550100', start: '2026-03-05T12:00:00Z', add_time: '2026-03-05T23:00:00Z' }],
  ];
  account.calls = [];
  for (const [name, fields] of calls) account.calls.push(await upload(vault, account, name, fields));
  return account;
}

const basic = ({ auth_id, auth_token }) => `Basic ${btoa(`${auth_id}:${auth_token}`)}`;

/** Asks the API as a program would. */
export async function ask(vault, account, method, path, body) {
  const headers = { authorization: basic(account), 'content-type': 'application/json' };
  const answer = await fetch(`${vault.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json().catch(() => null);
}

/** Sends a sample call, or bytes. */
export async function upload(vault, account, call, fields = {}) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  if (typeof call === 'string') form.append('file', await openAsBlob(sample(call)), call);
  else form.append('file', new Blob([call]), 'call.wav');
  const headers = { authorization: basic(account) };
  const answer = await fetch(`${vault.url}/api/v1/recordings`, { method: 'POST', headers, body: form });
  assert.equal(answer.status, 201, await answer.clone().text());
  return answer.json();
}

/** Runs in the page: makes its audio known to the test. */
export function watchAudio() {
  const Real = window.Audio;
  window.audios = [];
  window.Audio = function Audio() {
    const audio = new Real();
    window.audios.push(audio);
    return audio;
  };
  window.player = () => window.audios.find((audio) => !audio.paused) ?? null;
}

export const rows = (page) => page.locator('.recordings tbody tr[data-row]');
export const currentTime = (page) => page.locator('.now').innerText();

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/** Opens a window of its own. At its end `done` fails where the console of the browser had an error. */
export async function open(browser, vault, options = {}) {
  const context = await browser.newContext({
    baseURL: vault.url, locale: 'en-GB', timezoneId: 'Europe/Berlin', viewport: { width: 1280, height: 800 }, ...options,
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const errors = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.done = async (expected = []) => {
    const left = errors.filter((text) => !expected.some((known) => text.includes(known)));
    assert.deepEqual(left, [], 'errors in the console of the browser');
    await context.close();
  };
  return page;
}

export async function signIn(page, { auth_id, auth_token }) {
  await page.goto('/console/');
  await page.getByLabel('Auth ID or user name').fill(auth_id);
  await page.getByLabel('Auth token or password').fill(auth_token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').waitFor();
}

/** Signs in as the form does: the session's cookie. */
export async function signedIn(url, login, password) {
  const headers = { 'content-type': 'application/json', 'callvault-console': '1' };
  const body = JSON.stringify({ login, password });
  const answer = await fetch(`${url}/api/v1/session`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
  const [, name, value] = /^([^=]+)=([^;]+)/.exec(answer.headers.getSetCookie()[0]);
  return { name, value };
}

/** Runs in the page: keeps what moves by itself, and by how much of the page. */
function watchShifts() {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      window.shifts.push({ value, moved: sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? '').slice(0, 90)) });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Opens a page while its answers come one after another, and fails where anything of it jumps. */
export async function isSteady(page, path, isThere) {
  await page.addInitScript(watchShifts);
  let asked = 0;
  await page.route('**/api/v1/**', async (route) => {
    asked += 1;
    const wait = /session$/.test(route.request().url()) ? 0 : 150 * (1 + (asked % 4));
    await new Promise((resolve) => setTimeout(resolve, wait));
    await route.continue();
  });
  await page.goto(path);
  await isThere(page);
  await page.waitForLoadState('networkidle');
  const shifts = await page.evaluate(() => window.shifts);
  const sum = shifts.reduce((all, { value }) => all + value, 0);
  assert.ok(sum < 0.02, `${path} jumps by ${sum.toFixed(3)}: ${JSON.stringify(shifts, null, 1)}`);
  await page.unroute('**/api/v1/**');
}

/** Fails where axe finds something serious or critical, in light or dark. */
export async function isAccessible(page) {
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme });
    await page.waitForTimeout(250); // colours fade
    await page.evaluate(axe);
    // Without a preload: it copies style sheets inline, which the policy forbids.
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'], preload: false }));
    const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const said = bad.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join('\n')}`);
    assert.deepEqual(said, [], `${colorScheme} ${page.url()}`);
  }
}

/** Waits until a recording has its transcript, for which whisper wants a while of a small machine. */
export async function transcribed(vault, account, id) {
  for (;;) {
    const transcript = await ask(vault, account, 'GET', `/recordings/${id}/transcript`);
    assert.notEqual(transcript.status, 'failed', transcript.error);
    if (transcript.status === 'success') return transcript;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Writes a picture for docs/console.md where that is asked for. */
export async function picture(page, name) {
  if (!process.env.PICTURES) return;
  await page.screenshot({ path: join(root, 'docs/console', `${name}.png`) });
}

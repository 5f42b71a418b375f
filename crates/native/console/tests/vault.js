// A callvault with fresh data for the tests, and a browser to look at it with.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openAsBlob, openSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const binary = process.env.CALLVAULT;
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

export const sample = (name) => join(root, 'samples', name);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts callvault; `close` ends it. */
export async function startVault() {
  const data = mkdtempSync(join(tmpdir(), 'callvault-console-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const listen = url.slice('http://'.length);
  const said = process.env.SERVER_LOG ? openSync(process.env.SERVER_LOG, 'a') : 'ignore';
  const server = spawn(binary, ['serve', '--data', data, '--listen', listen], { stdio: ['ignore', said, said] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const isReady = () => fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
  for (let tries = 0; !(await isReady()); tries += 1) {
    assert.ok(server.exitCode === null && tries < 300, 'callvault does not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const command = (...args) => JSON.parse(execFileSync(binary, [...args, '--json', '--data', data]));
  return {
    url,
    account: (name) => command('account', 'add', name),
    command,
    async close() {
      server.kill('SIGTERM');
      await ended;
      rmSync(data, { recursive: true });
    },
  };
}

const basic = ({ auth_id, auth_token }) => `Basic ${btoa(`${auth_id}:${auth_token}`)}`;

/** Asks the API as a program would. */
export async function ask(vault, account, method, path, body) {
  const headers = { authorization: basic(account), 'content-type': 'application/json' };
  const answer = await fetch(`${vault.url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.status === 204 ? null : answer.json().catch(() => null);
}

export async function upload(vault, account, name, fields = {}) {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  form.append('file', await openAsBlob(sample(name)), name);
  const headers = { authorization: basic(account) };
  const answer = await fetch(`${vault.url}/api/v1/recordings`, { method: 'POST', headers, body: form });
  assert.equal(answer.status, 201, await answer.clone().text());
  return answer.json();
}

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

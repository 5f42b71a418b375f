// What comes from outside of the page: programs that send recordings, and other sites.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { browser, vault } from './stage.js';
import { ask, open, rows, sample, signIn, withCalls } from './vault.js';

const run = promisify(execFile);

test('the first steps work as they are shown', async () => {
  const account = vault.account('acme programs');
  const page = await open(browser, vault);
  await signIn(page, account);
  const cwd = mkdtempSync(join(tmpdir(), 'callvault-first-'));
  copyFileSync(sample('repair-call.wav'), join(cwd, 'call.wav'));
  const programs = {
    curl: (text) => ['bash', '-c', text],
    Python: (text) => ['python3', '-c', text],
    'Node.js': (text) => ['node', '--input-type=module', '-e', text],
  };
  const sent = [];
  for (const [name, command] of Object.entries(programs)) {
    await page.getByRole('button', { name, exact: true }).click();
    const text = (await page.locator('pre').innerText()).replaceAll('AUTH_TOKEN', account.auth_token);
    const [program, ...args] = command(text);
    // A Node.js of its own: what tests set is not for it.
    const { stdout } = await run(program, args, { cwd, env: { ...process.env, NODE_OPTIONS: '' } });
    sent.push(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stdout)?.[0]);
  }
  rmSync(cwd, { recursive: true });
  const { recordings } = await ask(vault, account, 'GET', '/recordings?sort=number');
  const kept = recordings.map(({ recording_id }) => recording_id).sort();
  assert.deepEqual([...sent].sort(), kept);
  assert.ok(recordings.every(({ direction, duration_ms }) => direction === 'inbound' && duration_ms === 60_000));
  await page.done();
});

/** Runs in another site's page: all that it can send with the browser's cookies. */
async function forge([url, id]) {
  const form = (action, encoding, fields) => {
    const frame = Object.assign(document.createElement('iframe'), { name: `f${Math.random()}` });
    document.body.append(frame);
    const own = document.body.appendChild(document.createElement('form'));
    Object.assign(own, { method: 'post', action, enctype: encoding, target: frame.name });
    for (const [name, value] of Object.entries(fields)) {
      own.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    }
    const done = new Promise((resolve) => frame.addEventListener('load', resolve));
    own.submit();
    return done;
  };
  const send = (method, path, options) => fetch(url + path, { method, credentials: 'include', ...options }).catch(() => undefined);
  await form(`${url}/api/v1/recordings/delete`, 'text/plain', { [`{"ids":["${id}"],"x":"`]: '"}' });
  await form(`${url}/api/v1/recordings`, 'multipart/form-data', { file: 'RIFF', direction: 'inbound' });
  await send('POST', '/api/v1/recordings/delete', { mode: 'no-cors', body: JSON.stringify({ ids: [id] }) });
  await send('POST', '/api/v1/recordings/delete', { headers: { 'callvault-console': '1' }, body: JSON.stringify({ ids: [id] }) });
  await send('DELETE', `/api/v1/recordings/${id}`);
  await send('DELETE', '/api/v1/sessions');
  return fetch(`${url}/api/v1/recordings`, { credentials: 'include' }).then((answer) => answer.text(), () => 'nothing');
}

test('another site can do nothing with the cookie, and see nothing', async () => {
  const account = await withCalls(vault);
  const page = await open(browser, vault);
  await signIn(page, account);
  await rows(page).first().waitFor();
  const site = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><body>')).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const other = await page.context().newPage();
  await other.goto(`http://localhost:${site.address().port}/`);
  assert.equal(await other.evaluate(forge, [vault.url, account.calls[0].recording_id]), 'nothing');
  site.close();
  const { total } = await ask(vault, account, 'GET', '/recordings');
  assert.equal(total, 4);
  const { entries } = await ask(vault, account, 'GET', '/audit');
  assert.deepEqual([...new Set(entries.map(({ action }) => action))], ['login'], 'nothing was done');
  await page.reload();
  await rows(page).first().waitFor();
  await page.done();
});

// Answers that are late or do not come, and people who are quicker than they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, isAccessible, open, rows, sample, signIn, transcribed, watchAudio, withCalls } from './vault.js';

/** Signs in to an account of its own with the sample calls. */
async function enter(prepare = () => undefined) {
  const account = await withCalls(vault);
  const page = await open(browser, vault);
  await prepare(page, account);
  await signIn(page, account);
  await rows(page).first().waitFor();
  return { account, page };
}

/** Keeps the first answer of a route from the page until it is let go. */
async function late(page, url) {
  let release;
  const released = new Promise((resolve) => (release = resolve));
  let first = true;
  await page.route(url, async (route) => {
    const wait = first;
    first = false;
    const response = await route.fetch();
    if (wait) await released;
    await route.fulfill({ response });
  });
  return release;
}

const ids = (account, ...places) => places.map((at) => account.calls[at].recording_id);
const left = async (account) => (await ask(vault, account, 'GET', '/recordings')).recordings.map((one) => one.recording_id).sort();
const chosen = (page) => page.locator('.bulk > span').innerText();
const box = (page, id) => rows(page).filter({ has: page.locator(`a[href$="${id}"]`) }).getByRole('checkbox');

test('a preview is of the policy that the form has, which is saved once', async () => {
  const { account, page } = await enter();
  await page.getByRole('link', { name: 'Retention' }).click();
  await page.getByRole('button', { name: 'Add a policy…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('old ones');
  await dialog.getByLabel('Older than').fill('9000d');
  const release = await late(page, '**/retention/preview');
  const answered = page.waitForResponse('**/retention/preview');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByLabel('Older than').fill('30d');
  release();
  await (await answered).finished();
  await page.waitForTimeout(200); // for what must not come
  assert.equal(await dialog.getByRole('status').count(), 0, 'an old preview stands for a new policy');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByText(/older than 30 days/).waitFor();
  assert.match(await dialog.getByRole('status').innerText(), /Would go\s+4 recordings/);
  const saved = await late(page, '**/retention/policies');
  await dialog.getByRole('button', { name: 'Save the policy' }).dblclick();
  saved();
  await page.getByRole('heading', { name: 'old ones' }).waitFor();
  assert.equal((await ask(vault, account, 'GET', '/retention/policies')).policies.length, 1);
  await page.done();
});

test('what is typed into a filter counts once it is whole', async () => {
  const { page } = await enter();
  const entries = () => page.evaluate(() => history.length);
  const before = await entries();
  await page.getByLabel('Number').pressSequentially('+14155550199', { delay: 20 });
  assert.deepEqual([new URL(page.url()).search, await entries()], ['', before]);
  await page.keyboard.press('Enter');
  await page.waitForURL(/number=%2B14155550199/);
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();
  await page.goBack();
  await page.locator('.bulk').getByText('4 recordings').waitFor();
  assert.equal(await page.getByLabel('Number').inputValue(), '');

  await page.getByLabel('From', { exact: true }).focus();
  await page.keyboard.type('03032026', { delay: 20 });
  await page.keyboard.press('Tab');
  await page.keyboard.type('1000AM', { delay: 20 });
  assert.equal(new URL(page.url()).search, '');
  await page.getByLabel('Number').focus();
  await page.waitForURL((url) => url.searchParams.get('from') === '2026-03-03T09:00:00Z');
  await page.locator('.bulk').getByText('3 recordings').waitFor();
  assert.equal(await entries(), before + 1);
  await page.done();
});

test('what is deleted is what was counted, wherever the address has gone', async () => {
  const { account, page } = await enter();
  await ask(vault, account, 'PATCH', '/account', { retention_max_share: 1 });
  for (const id of ids(account, 1, 2)) await box(page, id).check();
  await page.getByLabel('Direction').selectOption('inbound');
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByText('2 of 2 recordings chosen').waitFor();
  await page.goBack();
  await page.getByText('2 of 4 recordings chosen').waitFor();
  await page.getByRole('button', { name: 'Delete…' }).click();
  const go = page.getByRole('button', { name: 'Delete 2 recordings for good' });
  await go.waitFor();
  await page.goForward();
  await page.waitForURL(/chosen=all/);
  await go.click();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  assert.deepEqual(await left(account), ids(account, 0, 3).sort());
  await page.done();
});

test('a look that fails takes nothing away of what is there', async () => {
  const { account, page } = await enter((page) => page.addInitScript(watchAudio));
  const [id] = ids(account, 0);
  await page.goto(`/console/recordings/${id}`);
  await page.locator('.wave canvas').first().waitFor();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => window.player()?.currentTime > 0.2);
  await page.route(`**/api/v1/recordings/${id}`, (route) => route.abort());
  await page.getByRole('button', { name: 'Hold…' }).click();
  await page.getByLabel('Reason').fill('case 17');
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  const failed = page.getByRole('alert').getByText('The server cannot be reached.');
  await failed.waitFor();
  await page.locator('.known').getByText('case 17').waitFor();
  assert.ok(await page.evaluate(() => window.player() !== null), 'it plays on');
  await page.unroute(`**/api/v1/recordings/${id}`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await failed.waitFor({ state: 'detached' });
  await page.done(['net::ERR_FAILED']);
});

test('a receipt goes on after a look that failed, and a list stays as long as it was', async () => {
  const { account, page } = await enter();
  for (const { recording_id } of account.calls) await ask(vault, account, 'POST', '/recordings/delete', { ids: [recording_id] });
  await page.route(/\/retention\/runs(\?|$)/, (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', '1');
    return route.continue({ url: url.href });
  });
  await page.getByRole('link', { name: 'Retention' }).click();
  const runs = page.getByRole('region', { name: 'Runs' }).first();
  const lines = runs.locator('tbody tr');
  for (let many = 1; many < 3; many += 1) {
    await lines.nth(many - 1).waitFor();
    await runs.getByRole('button', { name: 'More' }).click();
  }
  await lines.nth(2).waitFor();
  let looks = 0;
  await page.route(/\/retention\/runs\/\d+$/, async (route) => {
    looks += 1;
    if (looks === 2) return route.abort();
    const response = await route.fetch();
    const run = await response.json();
    return route.fulfill({ response, json: looks === 1 ? { ...run, status: 'running' } : { ...run, status: 'done' } });
  });
  const show = lines.nth(2).getByRole('button');
  await show.click();
  await page.getByRole('dialog').getByRole('alert').getByText('The server cannot be reached.').waitFor();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  assert.equal(await page.getByRole('dialog').getByRole('alert').count(), 0);
  const again = page.waitForResponse(/\/retention\/runs\?.*before=/);
  await page.getByRole('button', { name: 'Done' }).click();
  await again;
  assert.equal(await lines.count(), 3);
  assert.ok(await show.evaluate((own) => own === document.activeElement), 'the focus is where it was');
  await page.done(['net::ERR_FAILED']);
});

test('Space plays from the waveform, and is a box’s own', async () => {
  const { account, page } = await enter((page) => page.addInitScript(watchAudio));
  await page.goto(`/console/recordings/${account.calls[0].recording_id}`);
  await page.locator('.wave canvas').first().waitFor();
  const wave = await page.locator('.wave').boundingBox();
  await page.mouse.click(wave.x + wave.width / 4, wave.y + wave.height / 2);
  await page.getByRole('slider', { name: 'Position' }).focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  const skips = page.getByLabel('Skip silence');
  await skips.focus();
  await page.keyboard.press('Space');
  assert.ok(await skips.isChecked());
  assert.equal(await page.evaluate(() => window.player()), null);
  await page.done();
});

test('while it is not known how a recording is kept, nobody deletes it', async () => {
  const { account, page } = await enter();
  const [id] = ids(account, 0);
  await page.route('**/keeping', (route) => route.fulfill({ status: 500, json: { detail: 'no way' } }));
  await page.goto(`/console/recordings/${id}`);
  await page.getByRole('alert').getByText('No way').waitFor();
  const remove = page.getByRole('button', { name: 'Delete…' });
  assert.ok(await remove.isDisabled());
  assert.equal(await page.getByText('Loading the transcript…').count(), 0);
  await page.unroute('**/keeping');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Nobody has had this recording transcribed.').waitFor();
  assert.ok(await remove.isEnabled());
  await page.done(['500 (Internal']);
});

test('what is gone meanwhile keeps nobody from holding the rest', async () => {
  const { account, page } = await enter();
  const [gone, kept] = ids(account, 3, 2);
  for (const id of [gone, kept]) await box(page, id).check();
  await ask(vault, account, 'DELETE', `/recordings/${gone}`);
  await page.getByRole('button', { name: 'Hold…' }).click();
  await page.getByLabel('Reason').fill('case 17');
  const release = await late(page, '**/hold');
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByRole('button', { name: 'Holding 0 of 2…' }).waitFor();
  assert.ok(await page.getByRole('button', { name: 'Cancel' }).isDisabled());
  await page.keyboard.press('Escape');
  release();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 recording is under legal hold.').waitFor();
  await dialog.getByText('1 recording is not there any more.').waitFor();
  assert.ok((await ask(vault, account, 'GET', `/recordings/${kept}/keeping`)).held);
  await page.done(['404 (Not Found)']);
});

/** Has the list come in pages of so many. */
async function inPagesOf(page, many) {
  await page.route(/\/api\/v1\/recordings\?/, (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', String(many));
    return route.continue({ url: url.href });
  });
}

test('a page of the list that does not come is asked for again where it is missed', async () => {
  const { page } = await enter((page) => inPagesOf(page, 3));
  await page.getByText('4 recordings').first().waitFor();
  await rows(page).nth(3).waitFor();
  await page.route(/after=/, (route) => route.abort());
  await page.getByLabel('Number').fill('+14155550100');
  await page.getByLabel('Number').press('Enter');
  await page.locator('.bulk').getByText('3 recordings').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  const failed = page.locator('.recordings ~ [role=alert]');
  await failed.getByText('The server cannot be reached.').waitFor();
  assert.equal(await rows(page).count(), 3);
  await page.unroute(/after=/);
  await failed.getByRole('button', { name: 'Try again' }).click();
  await rows(page).nth(3).waitFor();
  assert.equal(await rows(page).count(), 4);
  assert.equal(await failed.count(), 0);
  await page.done(['net::ERR_FAILED']);
});

test('of all that match none is taken out while the list goes on', async () => {
  const { page } = await enter((page) => inPagesOf(page, 2));
  await rows(page).nth(3).waitFor();
  await page.route(/after=/, () => undefined); // for ever
  await page.getByLabel('Number').fill('+14155550100');
  await page.getByLabel('Number').press('Enter');
  await page.locator('.bulk').getByText('3 recordings').waitFor();
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByText('3 of 3 recordings chosen').waitFor();
  assert.ok(await rows(page).first().getByRole('checkbox').isDisabled());
  await page.getByLabel('Number').blur();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  assert.match(await chosen(page), /^3 of 3/);
  await page.getByRole('button', { name: 'Choose none' }).click();
  await rows(page).first().getByRole('checkbox').check();
  await page.getByText('1 of 3 recordings chosen').waitFor();
  await page.done();
});

test('keys act on the row that has the focus, and on no other', async () => {
  const { account, page } = await enter();
  const focused = () => page.evaluate(() => document.activeElement.closest('[data-row]')?.dataset.row);
  await page.keyboard.press('x');
  await page.keyboard.press('o');
  assert.equal(new URL(page.url()).search, '');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement.closest('[data-row="0"]'));
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement.closest('[data-row="1"]'));
  await page.getByLabel('Direction').selectOption('inbound');
  await page.locator('.bulk').getByText('2 recordings').waitFor();
  await page.getByLabel('Direction').blur();
  assert.equal(await focused(), undefined);
  await page.keyboard.press('x');
  assert.equal(await chosen(page), '2 recordings');
  await page.keyboard.press('j');
  await page.waitForFunction(() => document.activeElement.closest('[data-row="0"]'));
  await page.keyboard.press('x');
  await page.getByText('1 of 2 recordings chosen').waitFor();
  assert.ok(page.url().endsWith(`chosen=${ids(account, 3)[0]}`));
  await page.done();
});

test('a row that the keys go to is not behind the bar', async () => {
  const { account, page } = await enter((page) => page.setViewportSize({ width: 1280, height: 320 }));
  await rows(page).nth(3).getByRole('link').focus();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  for (let at = 2; at >= 0; at -= 1) {
    await page.keyboard.press('k');
    await page.waitForFunction((at) => document.activeElement.closest(`[data-row="${at}"]`), at);
    const [row, bar] = await Promise.all([rows(page).nth(at).boundingBox(), page.locator('.bar').boundingBox()]);
    assert.ok(row.y + row.height / 2 > bar.y + bar.height, `row ${at} at ${row.y}`);
  }
  await page.keyboard.press('o');
  await page.waitForURL((url) => url.pathname.endsWith(ids(account, 3)[0]));
  // The page has the focus, so that a screen reader goes on there.
  await page.waitForFunction(() => document.activeElement.id === 'main');
  await page.done();
});

test('what others have set meanwhile stays as they set it', async () => {
  const { account, page } = await enter();
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByLabel('Minimum retention').waitFor();
  await ask(vault, account, 'PATCH', '/account', { media_auth: true, retention_max_share: 0.123456 });
  const save = async (minimum) => {
    await page.getByLabel('Minimum retention').fill(minimum);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
  };
  await save('1h');
  await save('2h');
  const kept = await ask(vault, account, 'GET', '/account');
  assert.deepEqual([kept.media_auth, kept.retention_max_share, kept.minimum_retention], [true, 0.123456, '2h']);
  await page.done();
});

test('who signs out of a session that has ended is out', async () => {
  const { account, page } = await enter();
  await page.context().clearCookies();
  await page.locator('summary', { hasText: account.name }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('Auth ID or user name').waitFor();
  assert.equal(await page.getByRole('alert').innerText(), '');
  await page.done(['401 (Unauthorized)']);
});

test('a file for a session that has ended asks to sign in, and the next is not sent', async () => {
  const account = vault.account('acme ended');
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByRole('heading', { name: 'There are no recordings yet' }).waitFor();
  await page.context().clearCookies();
  let sent = 0;
  page.on('request', (request) => (sent += request.method() === 'POST' && request.url().endsWith('/recordings') ? 1 : 0));
  await page.locator('input[type=file]').setInputFiles([sample('repair-call-later.mp3'), sample('dialogue.wav')]);
  await page.getByLabel('Auth ID or user name').waitFor();
  await page.waitForLoadState('networkidle');
  assert.equal(sent, 1);
  await page.done(['401 (Unauthorized)']);
});

test('over plain http a file is sent, and a link is shown instead of copied', async () => {
  const account = vault.account('acme plain');
  const page = await open(browser, vault);
  // As a browser has it where the address is neither https nor this machine.
  await page.addInitScript(() => {
    Object.defineProperty(window, 'isSecureContext', { value: false });
    Object.defineProperty(navigator, 'clipboard', { value: undefined });
    Object.defineProperty(crypto, 'randomUUID', { value: undefined });
  });
  await signIn(page, { auth_id: account.username, auth_token: account.password });
  // The administrator, by name, of an account without any.
  await page.getByRole('heading', { name: 'There are no recordings yet' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Copy' }).count(), 0);
  await page.locator('input[type=file]').setInputFiles(sample('repair-call-later.mp3'));
  await page.getByRole('link', { name: 'kept: open it' }).click();
  await page.getByRole('button', { name: 'Link to here' }).click();
  assert.match(await page.getByLabel('Link to here', { exact: true }).last().inputValue(), /\/console\/recordings\/[0-9a-f-]+\?t=0\.0$/);
  await page.done();
});

test('all there is can be taken away as a zip, and not be deleted', async () => {
  const { account, page } = await enter();
  await page.getByRole('button', { name: 'Choose all' }).click();
  await page.getByText('4 of 4 recordings chosen').waitFor();
  for (const name of ['Hold…', 'Delete…']) assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await page.getByRole('button', { name: 'Download as zip…' }).click();
  await page.getByRole('heading', { name: 'Download 4 recordings?' }).waitFor();
  // Nor by that alone that it is not held.
  await ask(vault, account, 'PUT', `/recordings/${ids(account, 0)[0]}/hold`, { reason: 'case 17' });
  await page.goto('/console/?held=false');
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByText('3 of 3 recordings chosen').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Delete…' }).count(), 0);
  assert.ok(await page.getByRole('button', { name: 'Hold…' }).isDisabled());
  await page.getByText(/it goes neither by “Legal hold”/).waitFor();
  await page.getByRole('button', { name: 'Download as zip…' }).click();
  await page.getByRole('heading', { name: 'Download 3 recordings?' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.goto('/console/?held=true&chosen=all');
  await page.getByText('1 of 1 recording chosen').waitFor();
  await page.done();
});

test('all in which something was said is deleted, with a preview and a receipt', async () => {
  const { account, page } = await enter();
  const [said, ...others] = ids(account, 0, 1, 2, 3);
  await ask(vault, account, 'PATCH', '/account', { retention_max_share: 1 });
  await ask(vault, account, 'POST', `/recordings/${said}/transcript`, { language: 'en' });
  await transcribed(vault, account, said);
  await page.getByLabel('Said').fill('calling');
  await page.getByLabel('Said').press('Enter');
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByText('1 of 1 recording chosen').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Hold…' }).isDisabled());
  await isAccessible(page);
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByText(/^1 recording, /).waitFor();
  await page.getByRole('button', { name: 'Delete 1 recording for good' }).click();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  assert.match(await page.getByRole('dialog').getByRole('status').innerText(), /Deleted\s+1 recording/);
  await page.getByRole('link', { name: 'Receipt (CSV)' }).waitFor();
  assert.deepEqual(await left(account), others.sort());
  await page.done();
});

test('where it would be others by now, nothing is deleted, and it is counted anew', async () => {
  const { account, page } = await enter();
  await ask(vault, account, 'PATCH', '/account', { retention_max_share: 1 });
  const [held] = ids(account, 3);
  await page.getByLabel('Direction').selectOption('inbound');
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByRole('button', { name: 'Delete…' }).click();
  const two = page.getByRole('button', { name: 'Delete 2 recordings for good' });
  await two.waitFor();
  await ask(vault, account, 'PUT', `/recordings/${held}/hold`, { reason: 'case 17' });
  await two.click();
  await page.getByRole('dialog').getByRole('alert').getByText('It would delete 1 recordings now').waitFor();
  const one = page.getByRole('button', { name: 'Delete 1 recording for good' });
  await one.waitFor();
  assert.equal((await left(account)).length, 4);
  await one.click();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  assert.deepEqual(await left(account), ids(account, 1, 2, 3).sort());
  await page.done(['409 (Conflict)']);
});

test('a run that stopped and would delete others by now says how many, and asks again', async () => {
  const { account, page } = await enter();
  const [gone, held] = ids(account, 0, 3);
  for (const id of [gone, held]) await box(page, id).check();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete 2 recordings for good' }).click();
  await page.getByRole('heading', { name: 'This is much' }).waitFor();
  await ask(vault, account, 'PUT', `/recordings/${held}/hold`, { reason: 'case 17' });
  await page.getByRole('button', { name: 'Delete 2 recordings' }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
  await page.getByRole('button', { name: 'Delete 1 recording', exact: true }).click();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  assert.deepEqual(await left(account), ids(account, 1, 2, 3).sort());
  await page.done(['409 (Conflict)']);
});

// The console in a browser, against the real program with real calls.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { browser, vault } from './stage.js';
import {
  ask, currentTime, FORGED, isAccessible, open, picture, rows, sample, signIn, transcribed, upload, watchAudio, withCalls as acme,
} from './vault.js';

const withCalls = () => acme(vault);

/** One whose first call has its transcript. */
let talked;
async function withTranscript() {
  if (talked) return talked;
  talked = await withCalls();
  await ask(vault, talked, 'POST', `/recordings/${talked.calls[0].recording_id}/transcript`, { language: 'en' });
  await transcribed(vault, talked, talked.calls[0].recording_id);
  return talked;
}

test('signing in, its refusals, and out again', async () => {
  const account = vault.account('acme in');
  const page = await open(browser, vault);
  await page.goto('/');
  await page.getByRole('heading', { name: 'callvault' }).waitFor();
  assert.ok(page.url().endsWith('/console/'));
  await isAccessible(page);
  await picture(page, 'sign-in');
  await page.getByLabel('Auth ID or user name').fill(account.auth_id);
  await page.getByLabel('Auth token or password').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('These are not right.').waitFor();
  await page.getByLabel('Auth ID or user name').fill(account.username);
  await page.getByLabel('Auth token or password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(account.username).click();
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/']);
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByLabel('Auth ID or user name').waitFor();
  await page.done(['401 (Unauthorized)']);
});

test('an empty account shows the first steps, and takes what is dropped', async () => {
  const account = vault.account('acme new');
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByRole('heading', { name: 'There are no recordings yet' }).waitFor();
  const curl = await page.locator('pre').innerText();
  assert.ok(curl.includes(account.auth_id) && curl.includes(vault.url), curl);
  await page.getByRole('button', { name: 'Python' }).click();
  assert.ok((await page.locator('pre').innerText()).includes(`auth=("${account.auth_id}"`));
  await isAccessible(page);
  await picture(page, 'first-run');

  const bytes = [...(await readFile(sample('repair-call-later.mp3')))];
  const dropped = await page.evaluateHandle(([bytes, name]) => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(bytes)], name, { type: 'audio/mpeg' }));
    files.items.add(new File(['no audio'], 'note.txt'));
    return files;
  }, [bytes, `${FORGED}.mp3`]);
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: dropped });
  await page.getByText('kept: open it').waitFor();
  await page.locator('.drop .problem').waitFor();
  assert.ok((await page.locator('.drop .name').first().innerText()).startsWith('<img'));
  await page.getByRole('button', { name: 'Show the recordings' }).click();
  await rows(page).first().waitFor();
  assert.equal(await rows(page).count(), 1);
  await page.done(['422 (Unprocessable']);
});

test('filters and order are in the address: they survive reload and back', async () => {
  const account = await withCalls();
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByText('4 recordings').first().waitFor();
  await isAccessible(page);
  await picture(page, 'recordings');
  await page.getByLabel('Direction').selectOption('inbound');
  await page.locator('.bulk').getByText('2 recordings').waitFor();
  await page.getByRole('button', { name: 'Length' }).click();
  await page.waitForURL(/direction=inbound&sort=-duration/);
  await page.reload();
  await page.locator('.bulk').getByText('2 recordings').waitFor();
  assert.equal(await page.getByLabel('Direction').inputValue(), 'inbound');
  assert.match(await rows(page).first().innerText(), /\+14155550123/);
  await page.getByLabel('Number').fill('+14155550199');
  await page.getByLabel('Number').press('Enter');
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();
  await page.goBack();
  await page.locator('.bulk').getByText('2 recordings').waitFor();
  assert.equal(await page.getByLabel('Number').inputValue(), '');
  await page.getByLabel('From', { exact: true }).fill('2026-03-05T00:00');
  await page.getByLabel('From', { exact: true }).blur();
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();
  await page.waitForURL(/from=2026-03-04T23%3A00%3A00Z/); // in UTC, from the viewer's zone
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keys on this page' }).waitFor();
  await isAccessible(page);
  await page.keyboard.press('Escape');
  await page.done();
});

test('a recording plays, and its two variants are at one place', async () => {
  const account = await withCalls();
  const [call] = account.calls;
  await ask(vault, account, 'POST', `/recordings/${call.recording_id}/denoise`);
  const page = await open(browser, vault);
  await page.addInitScript(watchAudio);
  await signIn(page, account);
  for (;;) {
    const { variants } = await ask(vault, account, 'GET', `/recordings/${call.recording_id}`);
    if (variants.length === 2) break;
    await page.waitForTimeout(300);
  }
  await page.goto(`/console/recordings/${call.recording_id}?t=20`);
  await page.getByRole('slider', { name: 'Position' }).waitFor();
  await page.locator('.wave canvas').first().waitFor();
  assert.match(await currentTime(page), /^0:20 /);
  await isAccessible(page);
  await picture(page, 'recording');

  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.waitForFunction(() => /^0:2[1-9]/.test(document.querySelector('.now').textContent));
  const jump = await page.evaluate(async () => {
    const before = window.player();
    const was = before.currentTime;
    dispatchEvent(new KeyboardEvent('keydown', { key: 'd' }));
    const after = window.audios.find((audio) => audio !== before && audio.src);
    return { was, is: after.currentTime, same: after === before };
  });
  assert.ok(!jump.same && Math.abs(jump.is - jump.was) < 0.05, JSON.stringify(jump));
  await page.waitForFunction(() => window.player()?.src.includes('original'));
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play' }).waitFor();

  // A click is a place, and what was set is remembered.
  const wave = await page.locator('.wave').boundingBox();
  await page.mouse.click(wave.x + wave.width / 2, wave.y + wave.height / 2);
  await page.waitForFunction(() => /^0:(29|30)/.test(document.querySelector('.now').textContent));
  await page.getByLabel('Speed').selectOption('1.5');
  await page.reload();
  assert.equal(await page.getByLabel('Speed').inputValue(), '1.5');
  await page.getByRole('button', { name: 'Copy link to here' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.endsWith(`/console/recordings/${call.recording_id}?t=20.0`), link);
  await page.done();
});

test('what was said is beside the audio, and a click plays from a word', async () => {
  const account = await withCalls();
  const [{ recording_id }] = account.calls;
  const page = await open(browser, vault);
  await page.addInitScript(watchAudio);
  await signIn(page, account);
  await page.goto(`/console/recordings/${recording_id}`);
  await page.getByText('Nobody has had this recording transcribed.').waitFor();
  await page.locator('.wave canvas').first().waitFor();
  await isAccessible(page);
  await page.getByLabel('Language').selectOption('en');
  await page.getByRole('button', { name: 'Transcribe' }).click();
  await page.getByText('It is being transcribed…').waitFor();
  const { words } = await transcribed(vault, account, recording_id);
  talked = account;
  const said = page.getByRole('region', { name: 'What is said' });
  await said.waitFor();
  assert.equal(await said.locator('[data-word]').count(), words.length);
  await said.getByText('Jane Miller').first().waitFor();

  // From a word, to the word, and the marks go on with the audio.
  const at = words.findIndex(({ start_ms }) => start_ms > 8000);
  await said.locator(`[data-word="${at}"]`).click();
  await page.waitForFunction((at) => document.querySelector(`[data-word="${at}"]`).ariaCurrent === 'true', at);
  const heard = await page.evaluate(() => window.player().played.start(0) * 1000);
  assert.ok(Math.abs(heard - words[at].start_ms) < 100, `${heard} for ${words[at].start_ms}`);
  await page.waitForFunction((at) => {
    const now = window.player().currentTime * 1000;
    const marked = document.querySelector('[data-word][aria-current]');
    return marked && Number(marked.dataset.word) > at && now > 0;
  }, at);
  await isAccessible(page);
  await picture(page, 'transcript');

  // It follows, until somebody scrolls.
  await page.setViewportSize({ width: 1280, height: 480 });
  const inSight = (place) => said.locator(`[data-word="${place}"]`).evaluate((word) => {
    const [own, box] = [word.getBoundingClientRect(), word.closest('.said').getBoundingClientRect()];
    return own.top >= box.top && own.bottom <= box.bottom;
  });
  const last = words.length - 1;
  const seek = (place) => page.evaluate((seconds) => (window.player().currentTime = seconds), words[place].start_ms / 1000);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await said.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await page.getByRole('button', { name: 'Follow again' }).click();
  await page.getByRole('button', { name: 'Follow again' }).waitFor({ state: 'detached' });
  assert.ok(await inSight(at));
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await seek(last - 1);
  await page.waitForFunction((last) => Number(document.querySelector('[data-word][aria-current]')?.dataset.word) >= last - 1, last);
  assert.ok(await inSight(last - 1));
  for (const [name, start] of [['Text', /Speaker/], ['SRT', /^1\r?\n00:00/], ['VTT', /^WEBVTT/]]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name, exact: true }).click()]);
    assert.match(await readFile(await download.path(), 'utf8'), start);
  }
  await page.done();
});

test('what was said is found, marked, and heard in its place', async () => {
  const account = await withTranscript();
  const page = await open(browser, vault);
  await page.addInitScript(watchAudio);
  await signIn(page, account);
  await page.getByRole('link', { name: 'Search' }).click();
  await page.getByRole('heading', { name: 'Search what was said' }).waitFor();
  await page.getByLabel('Words, and').fill(FORGED);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nobody said that' }).waitFor();
  await page.getByLabel('Words, and').fill('calling');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=calling/);
  const hits = page.getByRole('list', { name: 'Hits' }).getByRole('listitem');
  await hits.first().waitFor();
  assert.match(await hits.first().locator('mark').first().innerText(), /^calling$/i);
  await page.reload();
  await hits.first().getByRole('button').click();
  await page.waitForFunction(() => {
    const own = window.player();
    if (own) own.loop = true; // it is not to end before it is stopped
    return own?.currentTime > 0.2;
  });
  await isAccessible(page);
  await picture(page, 'search');
  await hits.first().getByRole('button', { name: 'Stop' }).click();
  const link = hits.first().getByRole('link');
  const [, second] = /t=([\d.]+)/.exec(await link.getAttribute('href'));
  await link.click();
  await page.getByRole('slider', { name: 'Position' }).waitFor();
  assert.match(await currentTime(page), new RegExp(`^0:0?${Math.floor(Number(second))} `));
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done();
});

test('what is held stays, what is chosen goes, and a receipt says so', async () => {
  const account = await withCalls();
  const page = await open(browser, vault);
  await signIn(page, account);
  await rows(page).nth(0).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Hold…' }).click();
  await page.getByLabel('Reason').fill(FORGED);
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByRole('heading', { name: 'Held' }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('.badge.held').waitFor();

  await page.getByLabel('Direction').selectOption('inbound');
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByText('2 of 2 recordings chosen').waitFor();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('heading', { name: 'Delete 1 recording?' }).waitFor();
  await isAccessible(page);
  await picture(page, 'delete');
  await page.getByRole('button', { name: 'Delete 1 recording for good' }).click();
  await page.getByRole('heading', { name: /Deleted|This is much/ }).waitFor();
  const confirm = page.getByRole('button', { name: 'Delete 1 recording' });
  if (await confirm.isVisible()) await confirm.click();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Receipt (CSV)').click()]);
  const csv = await readFile(await download.path(), 'utf8');
  assert.match(csv, new RegExp(`${account.calls[0].recording_id}.*deleted`));
  assert.match(csv, new RegExp(`${account.calls[3].recording_id}.*held`));
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();

  await rows(page).first().getByRole('link').click();
  await page.getByText(FORGED).waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.getByRole('button', { name: 'Lift the hold…' }).click();
  await page.getByLabel('Reason').fill('settled');
  await page.getByRole('button', { name: 'Lift', exact: true }).click();
  await page.getByText('none', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await page.waitForURL(/\/console\/$/);
  await page.done();
});

test('a policy is previewed, saved, run and removed; a hold is put on and lifted', async () => {
  const account = await withCalls();
  await ask(vault, account, 'PATCH', '/account', { retention_pending: '0d' });
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByRole('link', { name: 'Retention' }).click();
  await page.getByRole('heading', { name: 'Everything is kept' }).waitFor();
  const add = async (name, pending) => {
    await page.getByRole('button', { name: 'Add a policy…' }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Older than').fill('30d');
    await page.getByLabel('Shorter than').fill('30s');
    await page.getByLabel('Day').selectOption('The first of each month');
    await page.getByLabel('Time', { exact: true }).fill('04:30');
    await page.getByLabel('Wait before the first').fill(pending);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('dialog').getByText('On day 1 of each month at 04:30 (Europe/Berlin), deletes recordings that are older than 30 days and are shorter than 30 seconds.').waitFor();
    assert.match(await page.getByRole('dialog').getByRole('status').innerText(), /Would go\s+2 recordings/);
  };
  await add(FORGED, '7d');
  await isAccessible(page);
  await picture(page, 'policy');
  await page.getByRole('button', { name: 'Save the policy' }).click();
  await page.getByText('It waits for 7 days').waitFor();
  await page.getByRole('heading', { name: FORGED }).waitFor();
  await page.getByRole('button', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByRole('heading', { name: 'Everything is kept' }).waitFor();

  await add('short ones', '');
  await page.getByRole('button', { name: 'Save the policy' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('paused').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();

  // Half of the account is much: it stops, and waits for somebody.
  const run = async () => {
    await page.getByRole('button', { name: 'Run now…' }).click();
    await page.getByRole('dialog').getByText('Would go').waitFor();
    await page.getByRole('button', { name: 'Run now', exact: true }).click();
    await page.getByRole('heading', { name: 'This is much' }).waitFor();
  };
  await run();
  await page.getByRole('button', { name: 'Cancel this run' }).click();
  await page.getByRole('heading', { name: 'Nothing was deleted' }).waitFor();
  await page.getByText(/^Cancelled by (MA|user )/).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('cell', { name: 'cancelled' }).waitFor();
  await run();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Confirm…' }).click();
  await page.getByRole('button', { name: 'Delete 2 recordings' }).click();
  await page.getByRole('heading', { name: 'Deleted' }).waitFor();
  await page.getByText('Receipt (CSV)').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('cell', { name: '2 recordings' }).waitFor();

  await page.getByRole('button', { name: 'Hold by query…' }).click();
  await page.getByLabel('Number').fill('+14155550100');
  await page.getByLabel('Reason').fill(FORGED);
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByText('All recordings that have +14155550100 at either end').waitFor();
  await isAccessible(page);
  await picture(page, 'retention');
  await page.getByRole('button', { name: 'Lift…' }).click();
  await page.getByLabel('Reason').fill('settled');
  await page.getByRole('button', { name: 'Lift', exact: true }).click();
  await page.getByText('Nothing is held.').waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done();
});

test('the account’s settings, use and log', async () => {
  const account = await withCalls();
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByLabel('HTTP Auth on recordings').check();
  await page.getByLabel('A run stops and asks above').fill('30');
  await page.getByLabel('Minimum retention').fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('This did not work.').waitFor();
  await page.getByLabel('Minimum retention').fill('1h');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  const kept = await ask(vault, account, 'GET', '/account');
  assert.deepEqual([kept.media_auth, kept.noise_cancellation, kept.retention_max_share, kept.minimum_retention], [true, false, 0.3, '1h']);
  await page.reload();
  await page.getByLabel('HTTP Auth on recordings').waitFor();
  assert.ok(await page.getByLabel('HTTP Auth on recordings').isChecked());
  await page.getByRole('img', { name: /^Cost, in US dollars/ }).locator('canvas').waitFor();
  await page.getByText('As a table').click();
  const { months } = (await ask(vault, account, 'GET', '/usage')).accounts[0];
  const rows = page.getByRole('region', { name: 'Use and cost by month' }).locator('tbody tr');
  assert.equal(await rows.count(), months.length);
  assert.match(await rows.last().innerText(), /\(forecast\)\s+4\s/);
  await page.getByText('No answer was to be sent').waitFor();
  await isAccessible(page);
  await page.getByText('As a table').click();
  await picture(page, 'account');
  await page.getByLabel('Action').selectOption('settings');
  await page.waitForURL(/action=settings/);
  await page.waitForFunction(() => document.querySelectorAll('[aria-labelledby=audit] tbody tr').length === 1);
  await page.reload();
  await page.getByRole('cell', { name: 'settings', exact: true }).waitFor();
  await page.getByRole('textbox', { name: 'Who' }).fill('user 1');
  await page.getByRole('textbox', { name: 'Who' }).press('Enter');
  await page.getByText('Nothing of the kind has happened.').waitFor();
  await page.done(['422 (Unprocessable']);
});

test('script in names stays text, and a stranger’s address answers as if it never was', async () => {
  const account = vault.account('<b>acme</b>');
  const call = await upload(vault, account, 'repair-call-later.mp3', { cnam: FORGED, conference_name: FORGED });
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByText(FORGED).first().waitFor();
  await page.goto(`/console/recordings/${call.recording_id}`);
  await page.getByText(FORGED).first().waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  const theirs = await withCalls();
  const never = '0b7dd1a8-6a3f-4a52-8a79-4f2a5e0f9d11';
  const said = [];
  for (const id of [theirs.calls[0].recording_id, never]) {
    await page.goto(`/console/recordings/${id}`);
    await page.getByRole('heading', { name: 'There is no such recording' }).waitFor();
    said.push(await page.locator('main').innerText());
  }
  assert.equal(said[0], said[1]);
  await page.done(['404 (Not Found)']);
});

test('a phone’s width is enough', async () => {
  const account = await withCalls();
  const page = await open(browser, vault, { viewport: { width: 360, height: 740 } });
  await signIn(page, account);
  await rows(page).first().waitFor();
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits());
  await isAccessible(page);
  await picture(page, 'phone');
  await rows(page).first().getByRole('link').click();
  await page.locator('.wave canvas').first().waitFor();
  assert.ok(await fits());
  await isAccessible(page);
  for (const [name, sign] of [['Search', 'Search what was said'], ['Retention', 'Everything is kept'], ['Account', 'As a table']]) {
    await page.getByRole('navigation').getByRole('link', { name }).click();
    await page.getByText(sign).waitFor();
    assert.ok(await fits(), name);
  }
  await page.done();
});

test('the first page is small', async () => {
  const account = await withCalls();
  const page = await open(browser, vault);
  let size = 0;
  page.on('response', async (response) => {
    const { responseBodySize, responseHeadersSize } = await response.request().sizes();
    size += responseBodySize + responseHeadersSize;
  });
  await signIn(page, account);
  await rows(page).first().waitFor();
  await page.waitForLoadState('networkidle');
  assert.ok(size > 10_000 && size < 250_000, `${size} bytes`);
  await page.done();
});

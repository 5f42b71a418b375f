// One recording by keyboard and mouse: what can be done with its audio, and what is said of it.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, currentTime, FORGED, isAccessible, open, rows, signIn, upload, watchAudio, withCalls } from './vault.js';

let account;
before(async () => {
  account = await withCalls(vault);
});

const WAVE = '.wave canvas';

/** A WAV of 16 bits, mono, 8 kHz: of each pair so many seconds, with a tone or without. */
function wav(parts) {
  const samples = parts.flatMap(([seconds, sounds]) =>
    Array.from({ length: seconds * 8000 }, (_, at) => (sounds ? 8000 * Math.sin(at / 3) : 0)));
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  [[1, 20], [1, 22], [2, 32], [16, 34]].forEach(([value, at]) => bytes.writeUInt16LE(value, at));
  [[8000, 24], [16_000, 28]].forEach(([value, at]) => bytes.writeUInt32LE(value, at));
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  samples.forEach((sample, at) => bytes.writeInt16LE(Math.round(sample), 44 + 2 * at));
  return bytes;
}

async function openCall(path) {
  const page = await open(browser, vault);
  await page.addInitScript(watchAudio);
  await signIn(page, account);
  await page.goto(`/console/recordings/${path}`);
  await page.locator(WAVE).first().waitFor();
  return page;
}

test('a lane for each party, zoomed; a part is played over and over', async () => {
  const page = await openCall(`${account.calls[0].recording_id}?t=10`);
  const names = page.locator('.lanes .names span');
  assert.deepEqual(await names.allInnerTexts(), ['Jane Miller', '+14155550100']);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const name of await names.all()) assert.ok(await name.isVisible(), 'on a telephone too');
  await page.setViewportSize({ width: 1280, height: 800 });
  const width = () => page.locator('.wave [part=scroll]').evaluate((scroll) => scroll.scrollWidth / scroll.clientWidth);
  assert.equal(await width(), 1);
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await page.waitForFunction(() => {
    const scroll = document.querySelector('.wave > div').shadowRoot.querySelector('[part=scroll]');
    return scroll.scrollWidth > 2 * scroll.clientWidth;
  });
  for (let steps = 0; steps < 4; steps += 1) await page.keyboard.press('-');
  await page.waitForFunction(() => {
    const scroll = document.querySelector('.wave > div').shadowRoot.querySelector('[part=scroll]');
    return scroll.scrollWidth === scroll.clientWidth;
  });

  await page.keyboard.press('[');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press(']');
  await page.getByText('loop 0:10–0:15').waitFor();
  await page.keyboard.press('Space');
  await page.waitForFunction(() => window.player()?.currentTime > 0);
  await page.evaluate(() => (window.player().currentTime = 14.6));
  await page.waitForFunction(() => window.player().currentTime < 12);
  await page.keyboard.press('\\');
  await page.getByText('loop 0:10–0:15').waitFor({ state: 'detached' });
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  for (const key of ['>', '>', '>', '>', '>']) await page.keyboard.press(key);
  assert.equal(await page.getByLabel('Speed').inputValue(), '2');
  await page.done();
});

test('silence is skipped where that is wanted', async () => {
  const { recording_id } = await upload(vault, account, wav([[1, true], [20, false], [2, true]]));
  const page = await openCall(recording_id);
  await page.keyboard.press('s');
  assert.ok(await page.getByLabel('Skip silence').isChecked());
  await page.keyboard.press('Space');
  // Beyond where it jumps to: before it plays there, only the clock is there.
  await page.waitForFunction(() => window.audios[0].currentTime > 21.5);
  const heard = await page.evaluate(() => {
    const { played } = window.audios[0];
    return Array.from({ length: played.length }, (_, at) => [played.start(at), played.end(at)]);
  });
  assert.ok(heard.length === 2 && heard[0][1] < 10 && heard[1][0] > 20, JSON.stringify(heard));
  await page.reload();
  assert.ok(await page.getByLabel('Skip silence').isChecked(), 'it is remembered');
  await page.done();
});

test('every fact of a recording, and its audio in each format', async () => {
  const [call] = account.calls;
  const page = await openCall(call.recording_id);
  const facts = await page.locator('.known').innerText();
  const { call_uuid, number, sha256 } = await ask(vault, account, 'GET', `/recordings/${call.recording_id}`);
  const wanted = [
    call.recording_id, String(number), call_uuid, sha256, 'Jane Miller', 'inbound', 'company', 'WAV, 2 channels, 8,000 Hz', '960 kB',
    'billed as 1 minute', 'for the last month', 'by no policy', '2026-03-02 23:00:00 UTC',
  ];
  for (const fact of wanted) assert.ok(facts.includes(fact), `${fact} in ${facts}`);
  assert.match(facts, /Storage\s+day \d+/);
  await page.keyboard.press('w');
  const links = page.getByRole('dialog').getByRole('link');
  const got = [];
  for (const link of await links.all()) {
    const href = await link.getAttribute('href');
    got.push(await page.evaluate(async (href) => {
      const answer = await fetch(href);
      return [answer.status, answer.headers.get('content-type')];
    }, href));
  }
  assert.deepEqual(got, [[200, 'audio/wav'], [200, 'audio/wav'], [200, 'audio/mpeg']]);
  await page.keyboard.press('Escape');
  // The log is written in a while.
  const listened = page.locator('.entries').getByText(account.auth_id);
  for (let tries = 0; (await listened.count()) === 0; tries += 1) {
    assert.ok(tries < 30, 'who listened is not shown');
    await page.waitForTimeout(500);
    await page.reload();
    await page.getByRole('heading', { name: 'Who listened' }).waitFor();
    await page.waitForLoadState('networkidle');
  }
  await page.done();
});

test('all of it by keyboard alone', async () => {
  const page = await open(browser, vault);
  await page.addInitScript(watchAudio);
  await page.goto('/console/');
  await page.getByLabel('Auth ID or user name').waitFor();
  await page.keyboard.type(account.auth_id);
  await page.keyboard.press('Tab');
  await page.keyboard.type(account.auth_token);
  await page.keyboard.press('Enter');
  await rows(page).first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('+14155550123');
  await page.keyboard.press('Enter');
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();
  await page.locator('input[name=number]').blur();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByText('1 of 1 recording chosen').waitFor();
  assert.match(page.url(), new RegExp(`chosen=${account.calls[0].recording_id}`));
  await page.keyboard.press('x');
  await page.keyboard.press('o');
  await page.locator(WAVE).first().waitFor();
  await page.keyboard.press('ArrowRight');
  assert.match(await currentTime(page), /^0:05 /);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('Space');
  await page.keyboard.press('h');
  await page.getByLabel('Reason').waitFor();
  await page.keyboard.press('Tab');
  while (!(await page.getByLabel('Reason').evaluate((own) => own === document.activeElement))) await page.keyboard.press('Tab');
  await page.keyboard.type(FORGED);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('.known').getByText(FORGED).waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await isAccessible(page);
  // Back is where one was, with its filter.
  await page.goBack();
  await page.locator('.bulk').getByText('1 recording', { exact: true }).waitFor();
  assert.equal(await page.locator('input[name=number]').inputValue(), '+14155550123');
  await page.keyboard.press('t');
  await page.getByText(FORGED).waitFor();
  await page.keyboard.press('n');
  await page.getByRole('heading', { name: 'Add a policy' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('q');
  await page.getByRole('heading', { name: 'Search what was said' }).waitFor();
  await page.done();
});

test('a loop to the end begins again there', async () => {
  const { recording_id } = await upload(vault, account, wav([[3, true]]));
  const page = await openCall(`${recording_id}?t=2`);
  await page.keyboard.press('[');
  await page.getByText('loop 0:02–0:03').waitFor();
  await page.evaluate(() => {
    window.rounds = 0;
    window.audios[0].addEventListener('seeking', () => (window.rounds += 1));
  });
  await page.keyboard.press('Space');
  await page.waitForFunction(() => window.rounds >= 2 && window.player()?.currentTime >= 2);
  await page.done();
});

test('what could not be played is tried again', async () => {
  const page = await open(browser, vault);
  await page.addInitScript(watchAudio);
  await signIn(page, account);
  await page.route('**/media?**', (route) => route.abort());
  await page.goto(`/console/recordings/${account.calls[0].recording_id}?t=10`);
  const failed = page.getByText('The audio cannot be played here.');
  await failed.waitFor();
  await page.unroute('**/media?**');
  await page.locator(WAVE).first().waitFor();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction(() => window.player()?.currentTime > 10.1);
  assert.equal(await failed.count(), 0);
  await page.done(['net::ERR_FAILED']);
});

test('who listens while noise is removed goes on listening', async () => {
  const { recording_id } = await upload(vault, account, 'repair-call.wav');
  const page = await openCall(`${recording_id}?t=10`);
  await page.keyboard.press('[');
  await page.keyboard.press('Space');
  await page.waitForFunction(() => window.player()?.currentTime > 10.1);
  await page.getByRole('button', { name: 'Denoise' }).click();
  await page.getByRole('group', { name: 'Sound' }).waitFor({ timeout: 240_000 });
  await page.waitForFunction(() => window.player()?.src.includes('denoised') && window.player().currentTime > 10.1);
  await page.getByText('loop 0:10–').waitFor();
  assert.ok(await page.evaluate(() => window.audios.filter((audio) => !audio.paused).length === 1));
  await page.done();
});

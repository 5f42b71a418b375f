// What the console says where something is not there: a transcript, the audio, the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, FORGED, isAccessible, open, rows, sample, signIn, startVoices, upload, withCalls } from './vault.js';

let voices;
before(async () => {
  voices = await startVoices();
});
after(() => voices?.close());

/** Asks until the answer is as wanted. */
async function until(account, path, isWanted) {
  for (;;) {
    const answer = await ask(voices, account, 'GET', path);
    if (isWanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a transcript that failed says why, and is offered again', async () => {
  const account = vault.account('acme failed');
  const { recording_id } = await upload(vault, account, 'repair-call-later.mp3');
  await ask(vault, account, 'POST', `/recordings/${recording_id}/transcript`, { language: 'xx' });
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.goto(`/console/recordings/${recording_id}`);
  const why = page.getByRole('region', { name: 'Transcript' }).getByRole('alert');
  await why.getByText(/^It could not be transcribed: .*xx/).waitFor();
  await isAccessible(page);
  await page.getByLabel('Language').selectOption('en');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('It is being transcribed…').waitFor();
  // Nobody needs to look at it: it comes by itself.
  await page.getByRole('region', { name: 'What is said' }).waitFor({ timeout: 240_000 });
  await page.done();
});

test('speakers that were told apart by voice are named so, with how sure that is', async () => {
  const { account } = voices;
  const { recording_id } = await upload(voices, account, 'other-dialogue.flac', { transcription_type: 'auto' });
  const page = await open(browser, voices);
  await signIn(page, account);
  await page.goto(`/console/recordings/${recording_id}`);
  await page.getByText('Told apart by voice').waitFor();
  const turns = page.getByRole('region', { name: 'What is said' }).getByRole('listitem');
  assert.deepEqual(await turns.locator('strong').allInnerTexts(), ['Speaker 1', 'Speaker 2']);
  assert.deepEqual(await turns.locator('small').allInnerTexts(), ['93 % sure', '62 % sure']);
  // What a transcript says stays text.
  assert.match(await turns.nth(1).innerText(), /<img src=x onerror=window\.forged=1>/);
  await page.goto('/console/search?q=forged');
  await page.locator('.hits mark').first().waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done();
});

test('where the audio was deleted, the page says so and keeps what was said', async () => {
  const { account } = voices;
  const old = { start: '2025-03-01T12:00:00Z', add_time: '2025-03-01T12:00:00Z', from_number: '+14155550123' };
  const { recording_id, sha256 } = await upload(voices, account, 'other-dialogue.flac', { ...old, transcription_type: 'auto' });
  await upload(voices, account, 'dialogue.wav', old);
  await until(account, `/recordings/${recording_id}/keeping`, ({ transcript }) => transcript === 'success');
  await ask(voices, account, 'PATCH', '/account', { retention_pending: '0d', retention_max_share: 1 });

  const page = await open(browser, voices);
  await signIn(page, account);
  await page.getByRole('link', { name: 'Retention' }).click();
  await page.getByRole('button', { name: 'Add a policy…' }).click();
  await page.getByLabel('Name', { exact: true }).fill(FORGED);
  await page.getByLabel('Older than').fill('300d');
  await page.locator('select[name=action]').selectOption('Only their audio');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByRole('dialog').getByText(/deletes the audio of recordings that are older than 300 days, and keeps their transcripts\.$/).waitFor();
  const counts = await page.getByRole('dialog').getByRole('status').innerText();
  assert.match(counts, /Would go\s+1 recording\s+Would stay\s+1 recording\s+No transcript to keep\s+1 recording/);
  await page.getByRole('button', { name: 'Save the policy' }).click();
  await page.getByRole('heading', { name: FORGED }).waitFor();
  await page.goto('/console/?until=2025-04-01T00:00:00Z');
  await page.getByText(/^audio until /).first().waitFor();
  const [policy] = (await ask(voices, account, 'GET', '/retention/policies')).policies;
  const { run_id } = await ask(voices, account, 'POST', `/retention/policies/${policy.policy_id}/run`);
  await until(account, `/recordings/${recording_id}`, ({ audio_deleted }) => audio_deleted);

  await page.reload();
  const row = rows(page).filter({ has: page.locator(`a[href$="${recording_id}"]`) });
  await row.getByText('audio deleted').waitFor();
  await row.getByText('no audio').waitFor();
  await isAccessible(page);
  await row.getByRole('link').click();
  const gone = page.getByRole('region', { name: 'Player' });
  await gone.getByText('The audio was deleted; what was said was kept.').waitFor();
  await gone.getByText(`by the policy “${FORGED}”, in run ${run_id}`).waitFor();
  await page.getByRole('region', { name: 'What is said' }).getByText('Hello,').waitFor();
  await page.getByText(`SHA-256 ${sha256}`).waitFor();
  for (const name of ['Play', 'Download…', 'Denoise', 'Transcribe']) {
    assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name);
  }
  // The turns can be gone through all the same.
  await page.keyboard.press('j');
  await page.locator('[data-word="4"][aria-current]').waitFor();
  await page.getByRole('button', { name: 'Go to 0:00' }).click();
  await page.locator('[data-word="0"][aria-current]').waitFor();
  await isAccessible(page);
  await page.goto(`/console/recordings/${recording_id}?t=2.1`);
  await page.locator('[data-word="4"][aria-current]').waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done();
});

test('whoever guesses is told to wait, and is let in again from elsewhere', async () => {
  const account = vault.account('acme guessed');
  const page = await open(browser, vault);
  await page.goto('/console/');
  await page.getByLabel('Auth ID or user name').fill(account.auth_id);
  const button = page.getByRole('button', { name: 'Sign in' });
  const said = page.getByRole('alert');
  for (let tries = 0; (await said.innerText()) !== 'Too many failed attempts. Wait a while, then try again.'; tries += 1) {
    assert.ok(tries < 20, 'nobody stops a guesser');
    await page.getByLabel('Auth token or password').fill(`guess ${tries}`);
    await Promise.all([page.waitForResponse('**/api/v1/session'), button.click()]);
    await page.getByRole('button', { name: 'Sign in', exact: true, disabled: false }).waitFor();
  }
  await isAccessible(page);
  // Another's sign-in from the same address goes on.
  const other = await open(browser, vault);
  await signIn(other, vault.account('acme beside'));
  await other.done();
  await page.done(['401 (Unauthorized)', '429 (Too Many']);
});

test('who signs out everywhere is out in every window', async () => {
  const account = vault.account('acme twice');
  const [one, two] = [await open(browser, vault), await open(browser, vault)];
  for (const page of [one, two]) await signIn(page, account);
  await one.locator('summary', { hasText: account.name }).click();
  await one.getByRole('button', { name: 'Sign out everywhere' }).click();
  await one.getByLabel('Auth ID or user name').waitFor();
  await two.getByRole('link', { name: 'Retention' }).click();
  await two.getByLabel('Auth ID or user name').waitFor();
  for (const page of [one, two]) await page.done(['401 (Unauthorized)']);
});

test('a file that could not be sent is sent again, and kept once', async () => {
  const account = vault.account('acme sends');
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByRole('heading', { name: 'There are no recordings yet' }).waitFor();
  await vault.stop();
  await page.locator('input[type=file]').setInputFiles(sample('repair-call-later.mp3'));
  await page.locator('.drop').getByRole('alert').getByText('The server cannot be reached').waitFor();
  await vault.start();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('kept: open it').waitFor();
  assert.equal((await ask(vault, account, 'GET', '/recordings')).total, 1);
  await page.done(['ERR_CONNECTION_REFUSED']);
});

test('while the server is away each page says so, and goes on when it is back', async () => {
  const account = await withCalls(vault);
  const [{ recording_id }] = account.calls;
  const page = await open(browser, vault);
  await signIn(page, account);
  await rows(page).first().waitFor();
  const away = page.getByRole('alert').getByText('The server cannot be reached.');

  await vault.stop();
  await page.getByLabel('Direction').selectOption('inbound');
  await away.waitFor();
  assert.equal(await rows(page).count(), 0, 'another list is not shown in its place');
  await isAccessible(page);
  await vault.start();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('.bulk').getByText('2 recordings').waitFor();

  await page.goto(`/console/recordings/${recording_id}`);
  await page.locator('.wave canvas').first().waitFor();
  await vault.stop();
  await page.getByRole('button', { name: 'Transcribe' }).click();
  await page.getByRole('region', { name: 'Transcript' }).getByText('The server cannot be reached.').waitFor();
  await page.getByRole('link', { name: 'Retention' }).click();
  await away.waitFor();
  await vault.start();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Everything is kept' }).waitFor();
  await page.done(['ERR_CONNECTION_REFUSED', 'Failed to fetch dynamically imported module', 'ERR_EMPTY_RESPONSE']);
});

// Taking recordings away as a zip, background work, and filters of what was said: in a browser,
// against the real program.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, FORGED, isAccessible, open, signIn, transcribed, upload } from './vault.js';

test('recordings are taken away as a zip, which says first how many and how large', async () => {
  const account = vault.account('zips');
  const fields = { direction: 'inbound', from_number: '+14155550123', to_number: '+14155550100', cnam: FORGED };
  const calls = [
    await upload(vault, account, 'repair-call.wav', fields),
    await upload(vault, account, 'repair-call-later.mp3', { ...fields, direction: 'outbound' }),
    await upload(vault, account, 'dialogue.wav', fields),
  ];
  const page = await open(browser, vault, { acceptDownloads: true });
  await signIn(page, account);
  await page.getByLabel('Direction').selectOption('inbound');
  await page.getByRole('button', { name: 'Choose all that match' }).click();
  await page.getByText('2 of 2 recordings chosen').waitFor();
  await page.getByRole('button', { name: 'Download as zip…' }).click();
  await page.getByRole('heading', { name: 'Download 2 recordings?' }).waitFor();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Make the zip' }).click();
  await page.waitForURL(/export=[0-9a-f-]{36}/);
  await page.getByRole('heading', { name: 'The zip is there' }).waitFor();
  // A reload finds it again.
  await page.reload();
  await page.getByRole('heading', { name: 'The zip is there' }).waitFor();
  await isAccessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the zip' }).click()]);
  assert.match(download.suggestedFilename(), /^export-[0-9a-f-]+\.zip$/);
  const file = await download.path();
  const names = JSON.parse(execFileSync('python3', ['-c', 'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps(z.namelist()))', file]));
  const audio = names.filter((name) => name.startsWith('recordings/'));
  assert.deepEqual(audio.map((name) => Number(/(\d+)\.\w+$/.exec(name)[1])), [calls[0].number, calls[2].number]);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.waitForURL((url) => !url.search.includes('export'));

  // What is deleted ends the zip that it is in.
  const id = /export-(.*)\.zip/.exec(download.suggestedFilename())[1];
  await ask(vault, account, 'DELETE', `/recordings/${calls[0].recording_id}`);
  await page.goto(`/console/?export=${id}`);
  await page.getByText('something in it was deleted').waitFor();
  await page.goto('/console/?export=0b7dd1a8-6a3f-4a52-8a79-4f2a5e0f9d11');
  await page.getByText('There is no such zip any more.').waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done(['404 (Not Found)']);
});

test('background work is shown, with its recording and what became of it', async () => {
  const account = vault.account('work');
  const call = await upload(vault, account, 'dialogue.wav', { from_number: '+14155550123' });
  await ask(vault, account, 'POST', `/recordings/${call.recording_id}/transcript`, { language: 'en' });
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.getByRole('link', { name: 'Account' }).click();
  const work = page.getByRole('region', { name: 'Background work' }).first();
  await page.getByRole('cell', { name: /^Transcribing/ }).waitFor();
  assert.match(await work.getByRole('link', { name: /the recording/ }).getAttribute('href'), new RegExp(call.recording_id));
  await isAccessible(page);
  await page.getByLabel('Show').selectOption('What was given up');
  await page.getByText('There is none of that.').waitFor();
  await page.waitForURL(/work=failed/);
  await page.getByLabel('Show').selectOption('All that is not done');
  await transcribed(vault, account, call.recording_id);
  await page.getByRole('button', { name: 'Look again' }).click();
  await page.getByText('Everything is done.').waitFor();
  await page.done();
});

test('a search is filtered, and each hit says who spoke to whom', async () => {
  const account = vault.account('found');
  const call = await upload(vault, account, 'repair-call.wav', { direction: 'inbound', from_number: '+14155550123', to_number: '+14155550100' });
  await upload(vault, account, 'dialogue.wav', { direction: 'outbound' });
  await ask(vault, account, 'POST', `/recordings/${call.recording_id}/transcript`, { language: 'en' });
  await transcribed(vault, account, call.recording_id);
  const page = await open(browser, vault);
  await signIn(page, account);
  await page.goto('/console/search?q=calling');
  const hits = page.getByRole('list', { name: 'Hits' }).getByRole('listitem');
  await hits.first().getByText('+14155550123').first().waitFor();
  assert.match(await hits.first().innerText(), /\+14155550123 → \+14155550100 · inbound/);
  await page.getByLabel('Direction').selectOption('outbound');
  await page.waitForURL(/direction=outbound/);
  await page.getByRole('heading', { name: 'Nobody said that' }).waitFor();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await hits.first().waitFor();

  // The list has the same in the transcript as a filter.
  await page.goto('/console/');
  const rows = page.locator('.recordings tbody tr[data-row]');
  await rows.nth(1).waitFor();
  await page.getByLabel('Said').fill('calling');
  await page.getByLabel('Said').press('Enter');
  await page.waitForURL(/text=calling/);
  await rows.nth(1).waitFor({ state: 'detached' });
  assert.equal(await rows.count(), 1);
  await page.reload();
  await rows.first().getByText('+14155550123').first().waitFor();
  await page.done();
});

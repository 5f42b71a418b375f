// The audit log, looked at by its filters.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, isAccessible, open, signIn, upload } from './vault.js';

/** Midnight of a day some days from now, as the input and the address have it. */
function midnight(days) {
  const day = new Date();
  day.setUTCHours(0, 0, 0, 0);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 16);
}

test('the log is filtered by time, action, who and what, and the address has it', async () => {
  const account = vault.account('acme log');
  const { recording_id } = await upload(vault, account, 'repair-call-later.mp3');
  await ask(vault, account, 'PUT', `/recordings/${recording_id}/hold`, { reason: 'case 17' });
  const page = await open(browser, vault, { timezoneId: 'UTC' });
  await signIn(page, account);
  await page.goto('/console/account');
  const log = page.getByRole('region', { name: 'Audit log' }).first();
  const lines = log.locator('tbody tr');
  await lines.nth(1).waitFor();
  await page.getByLabel('Action').selectOption('hold on');
  await page.waitForURL(/action=hold_on/);
  await page.waitForFunction(() => document.querySelectorAll('[aria-labelledby=audit] tbody tr').length === 1);
  assert.match(await lines.innerText(), /case 17/);

  await log.getByLabel('From').fill(midnight(1));
  await log.getByLabel('From').blur();
  await page.getByText('Nothing of the kind has happened.').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('from'), `${midnight(1)}:00Z`);
  await page.goBack();
  await lines.waitFor();
  assert.equal(await log.getByLabel('From').inputValue(), '');
  await log.getByLabel('Until').fill(midnight(1));
  await log.getByLabel('Until').blur();
  await log.getByLabel('From').fill(midnight(-1));
  await log.getByLabel('From').blur();
  await page.waitForURL(/until=.*&from=/);
  await page.reload();
  await lines.waitFor();
  assert.equal(await log.getByLabel('Until').inputValue(), midnight(1));
  await log.getByLabel('Who').fill('user 1');
  await log.getByLabel('Who').press('Enter');
  await page.getByText('Nothing of the kind has happened.').waitFor();
  await page.goBack();
  await lines.waitFor();
  assert.equal(await log.getByLabel('Who').inputValue(), '');
  await isAccessible(page);
  await page.done();
});

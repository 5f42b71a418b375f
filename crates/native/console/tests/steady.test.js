// Nothing jumps while it loads, and colours follow the system.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, isSteady, open, rows, signedIn, signIn, withCalls } from './vault.js';

let account;
before(async () => {
  account = await withCalls(vault);
  const [{ recording_id }] = account.calls;
  await ask(vault, account, 'PUT', `/recordings/${recording_id}/hold`, { reason: 'case 17' });
  await ask(vault, account, 'POST', '/retention/policies', { name: 'old ones', where: { older_than: '90d' } });
  await ask(vault, account, 'POST', '/recordings/delete', { ids: [recording_id] });
});

const PAGES = {
  '/console/': (page) => rows(page).first().waitFor(),
  '/console/recordings/ID': (page) => page.locator('.wave canvas').first().waitFor(),
  '/console/search?q=nothing': (page) => page.getByText('Nobody said that').waitFor(),
  '/console/retention': (page) => page.getByText('case 17').waitFor(),
  '/console/account': (page) => page.getByText('No answer was to be sent').waitFor(),
};
const WINDOWS = { wide: { width: 1280, height: 800 }, tall: { width: 1280, height: 2600 }, phone: { width: 360, height: 740 } };

for (const [path, isThere] of Object.entries(PAGES)) {
  test(`${path} does not jump`, async () => {
    for (const viewport of Object.values(WINDOWS)) {
      const page = await open(browser, vault, { viewport });
      const cookie = await signedIn(vault.url, account.auth_id, account.auth_token);
      await page.context().addCookies([{ ...cookie, url: vault.url }]);
      await isSteady(page, path.replace('ID', account.calls[0].recording_id), isThere);
      await page.done();
    }
  });
}

test('the waveform and the charts take the colours of the scheme that the system changes to', async () => {
  const page = await open(browser, vault);
  await signIn(page, account);
  const seen = () => page.locator('main canvas').first().evaluate((canvas) => canvas.toDataURL());
  const changes = async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('main canvas').first().waitFor();
    const light = await seen();
    await page.emulateMedia({ colorScheme: 'dark' });
    let dark = light;
    for (let tries = 0; dark === light && tries < 50; tries += 1) {
      await page.waitForTimeout(100);
      dark = await seen();
    }
    assert.notEqual(dark, light, page.url());
  };
  await page.goto(`/console/recordings/${account.calls[0].recording_id}`);
  await changes();
  await page.goto('/console/account');
  await changes();
  await page.done();
});

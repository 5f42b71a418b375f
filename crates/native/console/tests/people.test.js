// Users, subaccounts, credentials and recording rules, against the real program.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, vault } from './stage.js';
import { ask, FORGED, isAccessible, open, picture, signIn } from './vault.js';

/** Opens the page People of a new account. */
async function people(name, options = {}) {
  const account = vault.account(name);
  const page = await open(browser, vault, options);
  await signIn(page, account);
  await page.getByRole('navigation').getByRole('link', { name: 'People' }).click();
  await page.getByRole('heading', { name: account.username }).waitFor();
  return { account, page };
}

const part = (page, name) => page.getByRole('region', { name, exact: true });

/** What the open dialog shows this once; closes it. */
async function kept(page, ...names) {
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It is not shown again.').waitFor();
  const values = [];
  for (const name of names) values.push(await dialog.getByLabel(name, { exact: true }).inputValue());
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await dialog.waitFor({ state: 'detached' });
  return values;
}

/** Whether somebody gets in with that. */
async function getsIn(login, password) {
  const headers = { 'content-type': 'application/json', 'callvault-console': '1' };
  const answer = await fetch(`${vault.url}/api/v1/session`, { method: 'POST', headers, body: JSON.stringify({ login, password }) });
  return answer.ok;
}

test('a user is added, changed, given a new password, and removed', async () => {
  const { account, page } = await people('acme');
  const users = part(page, 'Users');
  await isAccessible(page);
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Alice');
  await dialog.getByLabel('Extensions').fill('101, 102');
  await isAccessible(page);
  await page.keyboard.press('Enter');
  await dialog.getByText('It is not shown again.').waitFor();
  await isAccessible(page);
  await dialog.getByRole('button', { name: 'Copy Password' }).click();
  await dialog.getByText('Copied: Password').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const [login, password] = await kept(page, 'Login', 'Password');
  assert.equal(copied, password);
  assert.ok(await getsIn(login, password));
  await users.getByRole('heading', { name: login }).waitFor();
  await users.getByText('Extensions 101, 102').waitFor();
  assert.ok(!(await page.content()).includes(password), 'it is gone from the page');

  // Taken ones are said where they were typed, and nothing is lost.
  await users.getByRole('button', { name: 'Add a user…' }).click();
  await dialog.getByLabel('Name').fill('bob');
  await dialog.getByLabel('Extensions').fill('102');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.getByRole('alert').getByText(`Extension 102 is that of ${login}`).waitFor();
  await dialog.getByLabel('Extensions').fill('103');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await kept(page, 'Password');

  await users.getByRole('button', { name: `Extensions… ${login}` }).click();
  await dialog.getByLabel('Extensions').fill('7');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await users.getByText('Extensions 7').waitFor();
  await users.getByRole('button', { name: `New password… ${login}` }).click();
  await dialog.getByRole('button', { name: 'Make a new one' }).click();
  const [, next] = await kept(page, 'Login', 'Password');
  assert.ok(!(await getsIn(login, password)) && (await getsIn(login, next)));
  await picture(page, 'people');

  await users.getByRole('button', { name: `Remove… ${login}` }).click();
  await isAccessible(page);
  await page.keyboard.press('Escape');
  await users.getByRole('button', { name: `Remove… ${login}` }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await users.getByRole('heading', { name: login, exact: true }).waitFor({ state: 'detached' });
  assert.ok(!(await getsIn(login, next)));
  assert.equal(await users.getByRole('button', { name: `Remove… ${account.username}` }).count(), 0);
  const { users: left } = await ask(vault, account, 'GET', '/users');
  assert.deepEqual(left.map(({ username }) => username), [account.username, 'bob@vbc.prod']);
  await page.done(['409 (Conflict)']);
});

test('a subaccount is added and given a new token; its name stays text', async () => {
  const { page } = await people('subaccounts');
  const subaccounts = part(page, 'Subaccounts');
  await subaccounts.getByText('There are none.').waitFor();
  await subaccounts.getByRole('button', { name: 'Add a subaccount…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(FORGED);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const [id, token] = await kept(page, 'Auth ID', 'Auth token');
  await subaccounts.getByRole('heading', { name: FORGED }).waitFor();
  assert.ok(await getsIn(id, token));
  await subaccounts.getByRole('button', { name: 'New token…' }).click();
  await dialog.getByRole('button', { name: 'Make a new one' }).click();
  await dialog.getByText('The one before works until').waitFor();
  const [, next] = await kept(page, 'Auth ID', 'Auth token');
  await subaccounts.getByText('The token of before works until').waitFor();
  assert.ok(!(await getsIn(id, token)) && (await getsIn(id, next)));
  await isAccessible(page);
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done();

  // To a subaccount there is no such page.
  const theirs = await open(browser, vault);
  await signIn(theirs, { auth_id: id, auth_token: next });
  assert.equal(await theirs.getByRole('link', { name: 'People' }).count(), 0);
  await theirs.goto('/console/people');
  await theirs.getByText('Only an administrator of the account may do this').first().waitFor();
  await theirs.done(['403 (Forbidden)']);
});

test('the account’s secrets are replaced, and who replaced them stays signed in', async () => {
  const { account, page } = await people('credentials');
  const other = await open(browser, vault);
  await signIn(other, account);
  const credentials = part(page, 'Credentials');
  await credentials.getByText(account.client_id).waitFor();
  const replace = async (name, ...shown) => {
    await credentials.getByRole('button', { name: `Replace… ${name}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replace', exact: true }).click();
    return kept(page, ...shown);
  };
  await credentials.getByRole('button', { name: 'Replace… Auth token' }).click();
  await page.getByRole('dialog').getByText('The token of now works on for a day').waitFor();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await ask(vault, account, 'GET', '/credentials');

  const [id, token] = await replace('Auth token', 'Auth ID', 'Auth token');
  assert.equal(id, account.auth_id);
  await credentials.getByText('The token of before works until').waitFor();
  assert.ok(!(await getsIn(id, account.auth_token)) && (await getsIn(id, token)));
  await ask(vault, account, 'GET', '/account'); // The old one works on.
  await other.reload();
  await other.getByLabel('Auth ID or user name').waitFor();
  await other.done();

  const [client] = await replace('Client secret', 'Client id', 'Client secret');
  assert.equal(client, account.client_id);
  const [login, password] = await replace('Administrator’s password', 'Login', 'Password');
  assert.equal(login, account.username);
  assert.ok(!(await getsIn(login, account.password)) && (await getsIn(login, password)));
  await page.reload();
  await page.getByRole('heading', { name: 'People' }).waitFor();
  await isAccessible(page);
  await page.getByRole('link', { name: 'Account' }).click();
  await part(page, 'Audit log').getByRole('cell', { name: 'credentials' }).first().waitFor();
  await page.done();
});

test('recording rules are added, changed and removed', async () => {
  const { account, page } = await people('rules');
  await page.getByRole('link', { name: 'Account' }).click();
  const rules = part(page, 'Recording rules');
  await rules.getByText('There are none.').waitFor();
  await rules.getByRole('button', { name: 'Add a rule…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(FORGED);
  await dialog.getByLabel('Of a hundred calls').fill('5');
  await dialog.getByLabel('inbound').check();
  await dialog.getByLabel('Extensions').fill('101, 101');
  await isAccessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByRole('alert').getByText('has one twice').waitFor();
  await dialog.getByLabel('Extensions').fill('101, 102');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await rules.getByText('5 % of inbound calls of extensions 101, 102').waitFor();
  await rules.getByRole('button', { name: 'Change…' }).click();
  assert.ok(await dialog.getByLabel('inbound').isChecked());
  await dialog.getByLabel('Of a hundred calls').fill('100');
  await dialog.getByLabel('inbound').uncheck();
  await dialog.getByLabel('Extensions').fill('');
  await dialog.getByLabel('It is on').uncheck();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await rules.getByText('All calls', { exact: true }).waitFor();
  await rules.getByText('off', { exact: true }).waitFor();
  await isAccessible(page);
  const { rules: [rule] } = await ask(vault, account, 'GET', '/recording-rules');
  assert.deepEqual([rule.name, rule.percentage, rule.directions, rule.extensions, rule.enabled], [FORGED, 100, [], [], false]);
  await rules.getByRole('button', { name: 'Remove…' }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await rules.getByText('There are none.').waitFor();
  assert.equal(await page.evaluate(() => window.forged), undefined);
  await page.done(['422 (Unprocessable']);
});

test('people fit on a telephone', async () => {
  const { account, page } = await people('phone', { viewport: { width: 360, height: 740 } });
  await ask(vault, account, 'POST', '/users', { name: 'a'.repeat(64), extensions: Array.from({ length: 40 }, (_, n) => `10000${n}`) });
  await page.reload();
  await page.getByRole('heading', { name: 'a'.repeat(64) }).waitFor();
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  assert.ok(await fits());
  await isAccessible(page);
  await page.getByRole('button', { name: 'Replace… Auth token' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Replace', exact: true }).click();
  await page.getByLabel('Auth token', { exact: true }).waitFor();
  assert.ok(await fits());
  await isAccessible(page);
  await kept(page, 'Auth token');
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Add a rule…' }).click();
  assert.ok(await fits());
  await page.done();
});

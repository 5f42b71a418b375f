// What the tests play on: one browser and one callvault for each file of them, which is a process of
// its own.
import { after } from 'node:test';
import { startBrowser, startVault } from './vault.js';

export const browser = await startBrowser();
export const vault = await startVault();

after(async () => {
  await browser.close();
  await vault.close();
});

// Walks Plivo's own Node.js SDK, unchanged, through a running callvault.
//
// Takes from the environment BASE_URL, AUTH_ID and AUTH_TOKEN of a fresh account, and SUB_AUTH_ID
// and SUB_AUTH_TOKEN of its subaccount. Prints a line per check; fails if one does.
'use strict';

const assert = require('node:assert').strict;
const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const axios = require('axios');

const { BASE_URL, AUTH_ID, AUTH_TOKEN, SUB_AUTH_ID, SUB_AUTH_TOKEN } = process.env;
const ACCOUNT = [AUTH_ID, AUTH_TOKEN];
const SUBACCOUNT = [SUB_AUTH_ID, SUB_AUTH_TOKEN];

// The SDK has no option for the host of voice requests. It makes its axios clients per request, so
// each is given an interceptor that replaces the host; this has to happen before it is loaded.
const create = axios.create;
axios.create = (...options) => {
  const client = create(...options);
  client.interceptors.request.use((request) => {
    request.url = request.url.replace('https://api.plivo.com', BASE_URL);
    return request;
  });
  return client;
};
const plivo = require('plivo');
const security = require('plivo/dist/utils/security');

// ---- Checking

let passed = 0;
let failed = 0;

async function check(claim, test) {
  try {
    await test();
    passed += 1;
    console.log(`ok     ${claim}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED ${claim}: ${error.constructor.name}: ${error.message}`);
  }
}

const same = assert.deepEqual;

// The SDK picks a class of its own for each status, as AuthenticationError for 401; but as it is
// compiled, what arrives is a plain Error, and only its status tells the kind.
async function rejects(status, promise) {
  const error = await promise.then(
    (value) => assert.fail(`${JSON.stringify(value)} instead of an error`),
    (reason) => reason,
  );
  same(error.status, status, error.message);
  assert(error.message, 'it does not say why');
  // Plivo's 401 is plain text, which the SDK shows as the message; others are JSON with an api_id.
  assert.equal(Boolean(error.apiID), status !== 401);
}

// ---- Plain HTTP

// A WAV that sounds different for every step.
function tone(seconds, step) {
  const samples = Buffer.from(Uint8Array.from({ length: 2 * 8000 * seconds }, (_, i) => i * step));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // channels
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

// Adds a recording; tells its id.
async function upload(audio, fields = {}, credentials = ACCOUNT) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([audio], { type: 'audio/wav' }), 'call.wav');
  const authorization = `Basic ${Buffer.from(credentials.join(':')).toString('base64')}`;
  const answer = await fetch(`${BASE_URL}/api/v1/recordings`, {
    method: 'POST', body: form, headers: { authorization },
  });
  const text = await answer.text();
  assert.equal(answer.status, 201, text);
  return JSON.parse(text).recording_id;
}

// ---- Callbacks

// A server that keeps what it is sent; next() is the next of it.
async function listenForCallbacks() {
  const [kept, waiting] = [[], []];
  const server = createServer(async (request, answer) => {
    let body = '';
    for await (const piece of request) body += piece;
    answer.end();
    const { method, url, headers } = request;
    const call = { method, headers, body, url: `http://${headers.host}${url}` };
    if (waiting.length > 0) waiting.shift()(call); else kept.push(call);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const next = () => new Promise((resolve, reject) => {
    if (kept.length > 0) { resolve(kept.shift()); return; }
    waiting.push(resolve);
    setTimeout(() => reject(new Error('nothing came for 20 seconds')), 20000).unref();
  });
  return { url: `http://127.0.0.1:${server.address().port}/cb?of=node&again=1`, next, server };
}

// The fields of a callback, whose signatures the SDK's own validators must accept.
function verified({ method, headers, body, url }, token = AUTH_TOKEN, mainToken = AUTH_TOKEN) {
  const query = new URLSearchParams(method === 'POST' ? body : new URL(url).search);
  const fields = Object.fromEntries(query);
  const params = method === 'POST' ? fields : {};
  for (const [name, key] of [['', token], ['-ma', mainToken]]) {
    const v2 = headers[`x-plivo-signature${name}-v2`];
    const v3 = headers[`x-plivo-signature${name}-v3`];
    const nonce2 = headers['x-plivo-signature-v2-nonce'];
    const nonce3 = headers['x-plivo-signature-v3-nonce'];
    assert(plivo.validateSignature(url, nonce2, v2, key), `V2${name}`);
    assert(!plivo.validateSignature(url, nonce2, v2, 'another token'));
    assert(plivo.validateV3Signature(method, url, nonce3, key, v3, params), `V3${name}`);
    assert(!plivo.validateV3Signature(method, url, nonce3, 'another token', v3, params));
  }
  same(security.computeOldSignature(token, url, params), headers['x-plivo-signature'], 'V1');
  return fields;
}

// This SDK has no way to give a callback_url to a get or a delete, and its list cannot read what is
// answered then.
async function askForCallback(method, path, query, [user, password] = ACCOUNT) {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const url = `${BASE_URL}/v1/Account/${user}/Recording/${path}?${new URLSearchParams(query)}`;
  const answer = await fetch(url, { method, headers: { authorization } });
  const { message } = await answer.json();
  same([answer.status, message], [method === 'DELETE' ? 200 : 202, 'async api spawned']);
}

// ---- The walk

const DAY = 24 * 60 * 60 * 1000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const TEN_DAYS_AGO = NOW - 10 * DAY;
const LONG_AGO = NOW - 140 * DAY;
const iso = (time) => new Date(time).toISOString();
// As Plivo writes it: 2026-11-22 01:02:03, in UTC.
const text = (time) => iso(time).slice(0, 19).replace('T', ' ');

async function walk() {
  const audio = tone(2, 7);
  const plain = await upload(audio, {
    call_uuid: 'call-plain', direction: 'outbound',
    from_number: '+14155550100', to_number: '+14155550199',
  });
  const sip = await upload(tone(1, 11), {
    call_uuid: 'call-sip',
    from_number: 'sip:alice@phone.plivo.com', to_number: 'sip:bob@phone.plivo.com',
  });
  const conference = await upload(tone(1, 13), {
    conference_name: 'My Room', conference_uuid: 'conference-1',
  });
  const mpc = await upload(tone(1, 17), { mpc_name: 'sales party', mpc_uuid: 'mpc-1' });
  const theirs = await upload(
    tone(1, 19), { call_uuid: 'call-theirs', from_number: '+14155550100' }, SUBACCOUNT,
  );
  const rest = [];
  for (let n = 0; n < 40; n += 1) {
    rest.push(await upload(tone(1, 21 + 2 * n), { from_number: `+141555600${10 + n}` }));
  }
  const recent = [plain, sip, conference, mpc, theirs, ...rest];
  const old = await upload(tone(1, 201), {
    add_time: iso(TEN_DAYS_AGO), call_uuid: 'call-old', from_number: '+14155550100',
  });
  const ancient = await upload(audio, { add_time: iso(LONG_AGO), call_uuid: 'call-ancient' });

  const { recordings } = new plivo.Client(...ACCOUNT);
  const sub = new plivo.Client(...SUBACCOUNT).recordings;
  const found = async (filters) => (await recordings.list(filters)).map((r) => r.recordingId).sort();
  const total = async (filters) => (await recordings.list(filters)).meta.totalCount;

  // ---- Listing

  await check('a list is a page of 20 of the last seven days, the newest first', async () => {
    const page = await recordings.list();
    same(page.length, 20);
    const times = page.map((recording) => recording.addTime);
    same(times, [...times].sort().reverse());
    assert(page.every((recording) => recent.includes(recording.recordingId)));
    const { limit, offset, totalCount, previous } = page.meta;
    same([limit, offset, totalCount, previous], [20, 0, 45, null]);
  });

  await check('pages by limit and offset meet each recording once', async () => {
    const met = [];
    for (let offset = 0; ; offset += 20) {
      const page = await recordings.list({ limit: 20, offset });
      met.push(...page.map((recording) => recording.recordingId));
      if (page.meta.next === null) break;
      assert(page.meta.next.includes(`offset=${offset + 20}`), page.meta.next);
    }
    same(met.length, 45);
    same(met.sort(), [...recent].sort());
  });

  await check('a page beyond the end is empty', async () => {
    const page = await recordings.list({ offset: 45 });
    same([page.length, page.meta.totalCount], [0, 45]);
  });

  for (const [claim, filters, expected] of [
    ['fromNumber with +', { fromNumber: '+14155550100' }, [plain, theirs]],
    ['fromNumber without +', { fromNumber: '14155550100' }, [plain, theirs]],
    ['fromNumber that is a SIP address', { fromNumber: 'sip:alice@phone.plivo.com' }, [sip]],
    ['toNumber with +', { toNumber: '+14155550199' }, [plain]],
    ['toNumber without +', { toNumber: '14155550199' }, [plain]],
    ['toNumber that is a SIP address', { toNumber: 'sip:bob@phone.plivo.com' }, [sip]],
    ['a number nobody called', { toNumber: '+14155550000' }, []],
    ['subaccount', { subaccount: SUB_AUTH_ID }, [theirs]],
    ["somebody else's subaccount", { subaccount: `SA${'0'.repeat(18)}` }, []],
    ['callUuid', { callUuid: 'call-plain' }, [plain]],
    ['callUuid of any age', { callUuid: 'call-ancient' }, [ancient]],
    ['conferenceName with a space', { conferenceName: 'My Room' }, [conference]],
    ['conferenceUuid', { conferenceUuid: 'conference-1' }, [conference]],
    ['mpcName', { mpcName: 'sales party' }, [mpc]],
    ['mpcUuid', { mpcUuid: 'mpc-1' }, [mpc]],
    ['two that agree', { fromNumber: '+14155550100', callUuid: 'call-plain' }, [plain]],
    ['two that do not', { fromNumber: '+14155550100', callUuid: 'call-sip' }, []],
    ['an empty one counts as none', { callUuid: '', toNumber: '+14155550199' }, [plain]],
  ]) {
    await check(`filter: ${claim}`, async () => {
      same(await found({ ...filters }), [...expected].sort());
      same(await total({ ...filters }), expected.length);
    });
  }

  for (const [claim, filters, expected] of [
    ['addTime is that second', { addTime: text(TEN_DAYS_AGO) }, [old]],
    ['addTime is that minute', { addTime: text(TEN_DAYS_AGO).slice(0, 16) }, [old]],
    ['addTime of another second', { addTime: text(TEN_DAYS_AGO + 1000) }, []],
    ['GreaterOrEqual and LessOrEqual include their bounds', {
      addTimeGreaterOrEqual: text(TEN_DAYS_AGO), addTimeLessOrEqual: text(TEN_DAYS_AGO),
    }, [old]],
    ['GreaterThan leaves its bound out', {
      addTimeGreaterThan: text(TEN_DAYS_AGO), addTimeLessOrEqual: text(NOW - 8 * DAY),
    }, []],
    ['LessThan leaves its bound out', {
      addTimeGreaterOrEqual: text(NOW - 12 * DAY), addTimeLessThan: text(TEN_DAYS_AGO),
    }, []],
    ['Plivo’s own names work too', {
      add_time__gt: text(NOW - 12 * DAY), add_time__lt: text(NOW - 8 * DAY),
    }, [old]],
    ['microseconds count', {
      addTimeGreaterThan: `${text(TEN_DAYS_AGO - 1000)}.999999`,
      addTimeLessThan: `${text(TEN_DAYS_AGO)}.000001`,
    }, [old]],
  ]) {
    await check(`addTime: ${claim}`, async () => {
      same(await found({ ...filters }), expected);
    });
  }

  await check('addTime: a lower bound alone reaches to now', async () => {
    same(await total({ addTimeGreaterOrEqual: text(NOW - 12 * DAY) }), 46);
  });

  for (const [claim, filters, expected] of [
    ['equal', { recordingStorageDuration: 141 }, [ancient]],
    ['GreaterThan', { recordingStorageDurationGreaterThan: 140 }, [ancient]],
    ['GreaterThan its own', { recordingStorageDurationGreaterThan: 141 }, []],
    ['GreaterOrEqual', { recordingStorageDurationGreaterOrEqual: 11 }, [old, ancient]],
    ['GreaterOrEqual and LessThan', {
      recordingStorageDurationGreaterOrEqual: 11, recordingStorageDurationLessThan: 141,
    }, [old]],
    ['Plivo’s own names work too', {
      recording_storage_duration__gt: 1, recording_storage_duration__lte: 141,
    }, [old, ancient]],
  ]) {
    await check(`recordingStorageDuration: ${claim}`, async () => {
      same(await found({ ...filters }), [...expected].sort());
    });
  }

  await check('recordingStorageDuration: has no window of seven days', async () => {
    same(await total({ recordingStorageDurationLessOrEqual: 11 }), 46);
    same(await total({ recordingStorageDurationLessThan: 11 }), 45);
  });

  // ---- One recording

  await check('get: every field has its type, here and in a list', async () => {
    const shape = (recording) => {
      for (const name of ['callUuid', 'recordingId', 'recordingUrl', 'recordingFormat',
        'recordingType', 'addTime', 'resourceUri']) {
        same([name, typeof recording[name]], [name, 'string']);
      }
      for (const name of ['recordingDurationMs', 'recordingStartMs', 'recordingEndMs']) {
        assert.match(recording[name], /^\d+\.\d{5}$/, name);
      }
      for (const name of ['roundedRecordingDuration', 'recordingStorageDuration',
        'recordingStorageRate', 'monthlyRecordingStorageAmount']) {
        same([name, typeof recording[name]], [name, 'number']);
      }
      for (const name of ['fromNumber', 'toNumber', 'conferenceName']) {
        const value = recording[name];
        assert(value === null || typeof value === 'string', `${name}: ${value}`);
      }
      assert.match(recording.addTime, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    };
    shape(await recordings.get(plain));
    (await recordings.list()).forEach(shape);
  });

  await check('get: every field has its value', async () => {
    const recording = await recordings.get(plain);
    const { addTime, apiId, recordingStartMs, recordingEndMs, recordingUrl, ...fields } = recording;
    same(recordingEndMs - recordingStartMs, 2000);
    assert(apiId && addTime);
    assert(recordingUrl.startsWith(`${BASE_URL}/v1/Account/${AUTH_ID}/Recording/${plain}.`));
    assert(!fields.conferenceName);
    delete fields.conferenceName;
    same(fields, {
      callUuid: 'call-plain',
      fromNumber: '+14155550100',
      toNumber: '+14155550199',
      recordingId: plain,
      recordingFormat: 'wav',
      recordingType: 'normal',
      recordingDurationMs: '2000.00000',
      roundedRecordingDuration: 60,
      recordingStorageDuration: 1,
      recordingStorageRate: 0.0004,
      monthlyRecordingStorageAmount: 0,
      resourceUri: `/v1/Account/${AUTH_ID}/Recording/${plain}/`,
    });
  });

  await check('list: a conference, a multiparty call', async () => {
    const [one] = await recordings.list({ conferenceUuid: 'conference-1' });
    same([one.conferenceName, one.conferenceUuid, one.recordingType],
      ['My Room', 'conference-1', 'conference']);
    const [other] = await recordings.list({ mpcUuid: 'mpc-1' });
    same([other.mpcName, other.mpcUuid], ['sales party', 'mpc-1']);
  });

  await check('get: what is kept for more than 90 days costs', async () => {
    const recording = await recordings.get(ancient);
    same(recording.recordingStorageDuration, 141);
    same(recording.monthlyRecordingStorageAmount, 0.0004);
  });

  await check('media: the bytes are those that were sent, whole and in part', async () => {
    const url = (await recordings.get(plain)).recordingUrl;
    const whole = await fetch(url);
    assert(Buffer.from(await whole.arrayBuffer()).equals(audio));
    assert.match(whole.headers.get('content-type'), /^audio\//);
    const part = await fetch(url, { headers: { range: 'bytes=-100' } });
    same(part.status, 206);
    assert(Buffer.from(await part.arrayBuffer()).equals(audio.subarray(-100)));
  });

  // ---- What is refused

  await check('a wrong token is a 401', async () => {
    const stranger = new plivo.Client(AUTH_ID, 'x'.repeat(40)).recordings;
    await rejects(401, stranger.list());
    await rejects(401, stranger.get(plain));
    await rejects(401, stranger.delete(plain));
  });

  await check('an unknown id is a 404', async () => {
    await rejects(404, recordings.get(randomUUID()));
    await rejects(404, recordings.delete(randomUUID()));
  });

  for (const [claim, filters] of [
    ['a limit over 20', { limit: 21 }],
    ['a limit of 0', { limit: 0 }],
    ['a limit that is no number', { limit: 'many' }],
    ['a negative offset', { offset: -1 }],
    ['a window of more than 30 days', {
      addTimeGreaterOrEqual: text(NOW - 31 * DAY), addTimeLessOrEqual: text(NOW),
    }],
    ['an upper bound alone', { addTimeLessThan: text(NOW) }],
    ['addTime with recordingStorageDuration', {
      addTimeGreaterThan: text(NOW - DAY), recordingStorageDurationGreaterThan: 1,
    }],
    ['a time that is none', { addTimeGreaterThan: 'yesterday' }],
    ['a day count that is none', { recordingStorageDuration: 'long' }],
  ]) {
    await check(`${claim} is a 400 that says why`, async () => {
      await rejects(400, recordings.list(filters));
    });
  }

  // ---- Subaccounts

  await check('a subaccount sees its own and nothing else', async () => {
    same((await sub.list()).map((recording) => recording.recordingId), [theirs]);
    same((await sub.get(theirs)).callUuid, 'call-theirs');
    await rejects(404, sub.get(plain));
    await rejects(404, sub.delete(plain));
  });

  await check("a subaccount's recording bears its id, whoever asks", async () => {
    for (const recording of [await sub.get(theirs), await recordings.get(theirs)]) {
      same(recording.resourceUri, `/v1/Account/${SUB_AUTH_ID}/Recording/${theirs}/`);
      assert(recording.recordingUrl.includes(`/${SUB_AUTH_ID}/`), recording.recordingUrl);
    }
  });

  // ---- Callbacks

  const receiver = await listenForCallbacks();
  const callback = { callback_url: receiver.url };

  await check('callback: lists and recordings are posted, signed as the SDK verifies it', async () => {
    await askForCallback('GET', '', { ...callback, call_uuid: 'call-plain' });
    const list = verified(await receiver.next());
    same(JSON.parse(list.objects).map((recording) => recording.recording_id), [plain]);
    same(JSON.parse(list.response).meta.total_count, 1);
    await askForCallback('GET', `${sip}/`, callback);
    same(verified(await receiver.next()).to_number, 'sip:bob@phone.plivo.com');
    await askForCallback('GET', 'no-such-id/', callback);
    same(verified(await receiver.next()).status_code, '404');
  });

  await check('callback: with GET everything is in the query', async () => {
    await askForCallback('GET', `${conference}/`, { ...callback, callback_method: 'GET' });
    const call = await receiver.next();
    same([call.method, verified(call).conference_name], ['GET', 'My Room']);
  });

  await check("callback: a subaccount's is signed with its own token and its parent's", async () => {
    await askForCallback('GET', `${theirs}/`, callback, SUBACCOUNT);
    same(verified(await receiver.next(), SUB_AUTH_TOKEN).recording_id, theirs);
  });

  await check('callback: a delete is done at once', async () => {
    const short = await upload(tone(1, 203), { call_uuid: 'call-short' });
    await askForCallback('DELETE', `${short}/`, callback);
    await rejects(404, recordings.get(short));
    same(verified(await receiver.next()).status_code, '204');
  });
  receiver.server.close();

  // ---- Deleting

  await check('delete: the recording, its media and its place in the list are gone', async () => {
    const url = (await recordings.get(plain)).recordingUrl;
    same(await recordings.delete(plain), true);
    await rejects(404, recordings.get(plain));
    await rejects(404, recordings.delete(plain));
    same((await fetch(url)).status, 404);
    same([await total(), await found({ callUuid: 'call-plain' })], [44, []]);
  });

  await check("delete: a parent may delete what is its subaccount's", async () => {
    same(await recordings.delete(theirs), true);
    await rejects(404, sub.get(theirs));
  });
}

walk().catch((error) => {
  failed += 1;
  console.log(`FAILED the walk broke off: ${error.stack}`);
}).finally(() => {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
});

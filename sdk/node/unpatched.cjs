// Plivo's Node.js SDK as it is, speaking to https://api.plivo.com, which is callvault.
//
// Takes from the environment AUTH_ID and AUTH_TOKEN of a fresh account; NODE_EXTRA_CA_CERTS names
// the CA, which is Node's own variable. Where the name is not mapped, PROXY leads there: the SDK's
// own option.
'use strict';

const https = require('node:https');
const plivo = require('plivo');

const { AUTH_ID, AUTH_TOKEN, PROXY } = process.env;

let passed = 0;
let failed = 0;

function check(claim, holds) {
  if (holds) passed += 1;
  else failed += 1;
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${claim}`);
}

const client = PROXY
  ? new plivo.Client(AUTH_ID, AUTH_TOKEN, { proxy: PROXY })
  : new plivo.Client(AUTH_ID, AUTH_TOKEN);

// Plain HTTPS; tells status and body.
function ask(method, url, body, headers = {}) {
  const { HttpsProxyAgent } = require('https-proxy-agent');
  const agent = PROXY ? new HttpsProxyAgent(PROXY) : undefined;
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, headers, agent }, (answer) => {
      const pieces = [];
      answer.on('data', (piece) => pieces.push(piece));
      answer.on('end', () => resolve([answer.statusCode, Buffer.concat(pieces)]));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function tone() {
  const samples = Buffer.alloc(16000, 'callvault');
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

async function main() {
  const audio = tone();
  const part = '--B\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
  const body = Buffer.concat([Buffer.from(part), audio, Buffer.from('\r\n--B--\r\n')]);
  const login = Buffer.from(`${AUTH_ID}:${AUTH_TOKEN}`).toString('base64');
  const [status, kept] = await ask('POST', 'https://api.plivo.com/api/v1/recordings', body, {
    authorization: `Basic ${login}`,
    'content-type': 'multipart/form-data; boundary=B',
    'content-length': body.length,
  });
  check('an upload by the vendor\'s name is kept', status === 201);
  const id = JSON.parse(kept).recording_id;

  const listed = await client.recordings.list();
  check('the SDK lists it', listed.length === 1 && listed[0].recordingId === id);
  const got = await client.recordings.get(id);
  check('the SDK gets it', got.recordingId === id);
  const url = `https://media.plivo.com/v1/Account/${AUTH_ID}/Recording/${id}.wav`;
  check('its URL is where the vendor\'s would be', got.recordingUrl === url);
  const [found, media] = await ask('GET', got.recordingUrl);
  check('its audio comes from there', found === 200 && media.equals(audio));
  await client.recordings.delete(id);
  const gone = await client.recordings.get(id).then(() => null, (error) => error.status);
  check('the SDK deletes it', gone === 404);
}

main()
  .catch((error) => check(`${error.stack}`, false))
  .finally(() => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed > 0 ? 1 : 0);
  });

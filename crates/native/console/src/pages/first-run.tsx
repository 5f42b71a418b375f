// An empty account: how the first recording gets in.
import { useState } from 'preact/hooks';
import { Upload } from '../parts/upload';
import { session } from '../session';
import { useTitle } from '../use';

const SNIPPETS = ['curl', 'Python', 'Node.js'] as const;
type Snippet = (typeof SNIPPETS)[number];

function snippet(which: Snippet, origin: string, login: string): string {
  switch (which) {
    case 'curl':
      return `curl -u ${login}:AUTH_TOKEN ${origin}/api/v1/recordings \\
  -F file=@call.wav -F direction=inbound \\
  -F from_number=+14155550123 -F to_number=+14155550100`;
    case 'Python':
      return `import requests

with open("call.wav", "rb") as call:
    answer = requests.post(
        "${origin}/api/v1/recordings",
        auth=("${login}", "AUTH_TOKEN"),
        files={"file": call},
        data={"direction": "inbound", "from_number": "+14155550123"},
    )
answer.raise_for_status()
print(answer.json()["recording_id"])`;
    case 'Node.js':
      return `import { openAsBlob } from "node:fs";

const form = new FormData();
form.append("file", await openAsBlob("call.wav"), "call.wav");
form.append("direction", "inbound");
const answer = await fetch("${origin}/api/v1/recordings", {
  method: "POST",
  headers: { authorization: "Basic " + btoa("${login}:AUTH_TOKEN") },
  body: form,
});
console.log((await answer.json()).recording_id);`;
  }
}

export function FirstRun({ onAdded }: { onAdded: () => void }) {
  const [which, setWhich] = useState<Snippet>('curl');
  const [copied, setCopied] = useState(false);
  useTitle('Send the first recording');
  const text = snippet(which, location.origin, session.value?.auth_id ?? 'AUTH_ID');
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
  };
  return (
    <div class="first-run">
      <h1>There are no recordings yet</h1>
      <p>Drop some here, or have your phone system send them.</p>
      <Upload onAdded={onAdded} />
      <section aria-label="From a program">
        <h2>From a program</h2>
        <div class="tabs" role="group" aria-label="Language">
          {SNIPPETS.map((name) => (
            <button
              key={name} type="button" aria-pressed={name === which}
              onClick={() => {
                setWhich(name);
                setCopied(false);
              }}
            >
              {name}
            </button>
          ))}
          {isSecureContext && <button type="button" class="plain" onClick={copy}>{copied ? 'Copied' : 'Copy'}</button>}
        </div>
        <pre tabIndex={0} aria-label={`${which} example`}><code>{text}</code></pre>
        <p class="muted">AUTH_TOKEN is the one that was shown when the account was made. What else can be said of a call is in the API's description, <a href="/api/v1/openapi.json">openapi.json</a>.</p>
      </section>
    </div>
  );
}

// What the account signs in with. A secret is shown once: here it can only be replaced.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { api, data } from '../api/client';
import { bothTimes } from '../format';
import { useLoaded } from '../use';
import { NewSecret, type Secret } from './new-secret';
import { Failure, Loading } from './states';
import { Time } from './time';

/** Until when the token of before works on. */
export function overlap(until: string): string {
  return `The one before works until ${bothTimes(until)}.`;
}

export function OldToken({ until }: { until?: string | null | undefined }) {
  if (!until) return null;
  return <p class="muted">The token of before works until <Time at={until} /></p>;
}

export function Credentials() {
  const { value, error, reload } = useLoaded('credentials', (signal) => data(api.GET('/api/v1/credentials', { signal })));
  return (
    <section aria-labelledby="credentials">
      <header><h2 id="credentials">Credentials</h2></header>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <Loading what="the credentials" />}
      {value && (
        <ul class="cards" aria-labelledby="credentials">
          <One
            name="Auth token" id={value.auth_id} is="With the Auth ID, for this API and Plivo’s. It signs callbacks too."
            warns="The token of now works on for a day, though nobody can sign in here or make new secrets with it. One from before it stops at once. Whoever signed in with the Auth ID has to sign in again, but for you."
            onReplaced={reload}
            replace={async () => {
              const { auth_id, auth_token, old_auth_token_until } = await data(api.POST('/api/v1/credentials/auth_token'));
              return { title: 'The new auth token', values: [['Auth ID', auth_id], ['Auth token', auth_token]], note: overlap(old_auth_token_until) };
            }}
          >
            <OldToken until={value.old_auth_token_until} />
          </One>
          <One
            name="Client secret" id={value.client_id} is="With the client id, for programs that ask for tokens as Vonage’s do."
            warns="The old one stops working at once. Tokens that there are work on."
            replace={async () => {
              const { client_id, client_secret } = await data(api.POST('/api/v1/credentials/client_secret'));
              return { title: 'The new client secret', values: [['Client id', client_id], ['Client secret', client_secret]] };
            }}
          />
          <One
            name="Administrator’s password" id={value.username} is={`Of user ${value.user_id}, here and for Vonage’s API.`}
            warns="The old one stops working at once. So do the administrator’s tokens, and its sessions end, but for this one."
            replace={async () => {
              const { username, password } = await data(api.POST('/api/v1/credentials/password'));
              return { title: 'The new password', values: [['Login', username], ['Password', password]] };
            }}
          />
        </ul>
      )}
    </section>
  );
}

interface OneProps {
  name: string;
  id: string;
  is: string;
  warns: string;
  replace: () => Promise<Secret>;
  /** When the new one was seen. */
  onReplaced?: () => void;
  children?: ComponentChildren;
}

function One({ name, id, is, warns, replace, onReplaced, children }: OneProps) {
  const [asks, setAsks] = useState(false);
  return (
    <li>
      <div>
        <h3>{name}</h3>
        <p><code>{id}</code></p>
        <p class="muted">{is}</p>
        {children}
      </div>
      <div class="actions">
        <button type="button" onClick={() => setAsks(true)}>Replace…<span class="hidden">{name}</span></button>
      </div>
      {asks && (
        <NewSecret
          title={`Replace the ${name.toLowerCase()}?`} act="Replace" danger make={replace}
          onClose={(made) => {
            setAsks(false);
            if (made) onReplaced?.();
          }}
        >
          <p>{warns}</p>
        </NewSecret>
      )}
    </li>
  );
}

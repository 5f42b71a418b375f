// The subaccounts of the account.
import { useState } from 'preact/hooks';
import { api, data, type Subaccount } from '../api/client';
import { usePages } from '../use';
import { OldToken, overlap } from './credentials';
import { NewSecret } from './new-secret';
import { Failure, Loading } from './states';
import { Time } from './time';

export function Subaccounts() {
  const [adds, setAdds] = useState(false);
  const [renews, setRenews] = useState<Subaccount | null>(null);
  const { rows, error, loading, more, reload } = usePages<Subaccount>('subaccounts', async (after, signal) => {
    const query = after === undefined ? {} : { after };
    const { subaccounts, next } = await data(api.GET('/api/v1/subaccounts', { params: { query }, signal }));
    return { rows: subaccounts, next };
  });
  return (
    <section aria-labelledby="subaccounts">
      <header>
        <h2 id="subaccounts">Subaccounts</h2>
        <button type="button" onClick={() => setAdds(true)}>Add a subaccount…</button>
      </header>
      {error && <Failure problem={error} again={reload} />}
      {!rows && !error && <Loading what="the subaccounts" />}
      {rows?.length === 0 && <p class="muted">There are none. A subaccount has a token of its own, and reaches its own recordings only.</p>}
      <ul class="cards" aria-labelledby="subaccounts">
        {rows?.map((one) => <One key={one.auth_id} one={one} onRenew={() => setRenews(one)} />)}
      </ul>
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More subaccounts</button>}
      {adds && (
        <NewSecret
          title="Add a subaccount" act="Add"
          onClose={(made) => {
            setAdds(false);
            if (made) reload();
          }}
          make={async (form) => {
            const body = { name: String(form.get('name')).trim() };
            const { auth_id, auth_token, name } = await data(api.POST('/api/v1/subaccounts', { body }));
            return { title: `“${name}” is added`, values: [['Auth ID', auth_id], ['Auth token', auth_token]] };
          }}
        >
          <p>It has a token of its own, and reaches its own recordings only. You reach them too.</p>
          <label>Name<input name="name" required maxLength={64} autocomplete="off" /></label>
        </NewSecret>
      )}
      {renews && (
        <NewSecret
          title={`A new auth token for “${renews.name}”?`} act="Make a new one" danger
          onClose={(made) => {
            setRenews(null);
            if (made) reload();
          }}
          make={async () => {
            const params = { path: { auth_id: renews.auth_id } };
            const { auth_id, auth_token, old_auth_token_until } = await data(api.POST('/api/v1/subaccounts/{auth_id}/token', { params }));
            return {
              title: 'The new auth token', values: [['Auth ID', auth_id], ['Auth token', auth_token]], note: overlap(old_auth_token_until),
            };
          }}
        >
          <p>The token of now works on for a day, though nobody can sign in here with it. One from before it stops at once, and the subaccount’s sessions end.</p>
        </NewSecret>
      )}
    </section>
  );
}

function One({ one, onRenew }: { one: Subaccount; onRenew: () => void }) {
  return (
    <li>
      <div>
        <h3>{one.name}</h3>
        <p><code>{one.auth_id}</code></p>
        <p class="muted">since <Time at={one.created} /></p>
        <OldToken until={one.old_auth_token_until} />
      </div>
      <div class="actions">
        <button type="button" onClick={onRenew}>New token…<span class="hidden">{one.name}</span></button>
      </div>
    </li>
  );
}

// The settings of the account.
import { useState } from 'preact/hooks';
import { api, data, type Account, type Problem } from '../api/client';
import { useLoaded } from '../use';
import { Failure, Loading } from './states';

export function Settings() {
  const { value, error, reload } = useLoaded('account', (signal) => data(api.GET('/api/v1/account', { signal })));
  return (
    <section aria-labelledby="settings">
      <header><h2 id="settings">Settings</h2></header>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <Loading what="the settings" />}
      {value && <Form account={value} />}
    </section>
  );
}

function Form({ account }: { account: Account }) {
  const [said, setSaid] = useState<'saving' | 'saved' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name)).trim();
    const body = {
      media_auth: form.has('media_auth'),
      noise_cancellation: form.has('noise_cancellation'),
      retention_pending: text('retention_pending'),
      retention_max_share: Number(text('retention_max_share')) / 100,
      minimum_retention: text('minimum_retention'),
    };
    setProblem(null);
    setSaid('saving');
    data(api.PATCH('/api/v1/account', { body })).then(() => setSaid('saved'), (error: Problem) => {
      setSaid(null);
      setProblem(error);
    });
  };
  return (
    <form class="settings" onSubmit={submit} onInput={() => setSaid(null)}>
      <label class="check">
        <input type="checkbox" name="media_auth" defaultChecked={account.media_auth} />
        HTTP Auth on recordings
        <small>On: who opens a recording’s URL needs the account’s Auth ID and token. Off, as it is with Plivo: whoever has the unguessable URL may listen.</small>
      </label>
      <label class="check">
        <input type="checkbox" name="noise_cancellation" defaultChecked={account.noise_cancellation} />
        Noise cancellation
        <small>Each new recording gets a denoised variant beside the original, which stays as it is.</small>
      </label>
      <div class="spans">
        <label>
          A new policy waits for
          <input name="retention_pending" required spellcheck={false} defaultValue={account.retention_pending} />
          <small>7d, 12h, 30m, before it deletes anything</small>
        </label>
        <label>
          A run stops and asks above, in percent
          <input type="number" name="retention_max_share" required min={0} max={100} step="any" defaultValue={String(Math.round(account.retention_max_share * 10_000) / 100)} />
          <small>of the account’s recordings</small>
        </label>
        <label>
          Minimum retention
          <input name="minimum_retention" required spellcheck={false} defaultValue={account.minimum_retention} />
          <small>Nobody can delete anything sooner. It can only be lengthened here.</small>
        </label>
      </div>
      {problem && <Failure problem={problem} />}
      <footer>
        <button class="primary" disabled={said === 'saving'}>Save</button>
        <span role="status">{said === 'saved' ? 'Saved' : ''}</span>
      </footer>
    </form>
  );
}

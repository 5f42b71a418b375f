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

type Changes = Partial<Pick<Account, 'media_auth' | 'noise_cancellation' | 'retention_pending' | 'retention_max_share' | 'minimum_retention'>>;

const percent = (share: number) => String(Math.round(share * 10_000) / 100);

function Form({ account }: { account: Account }) {
  // What the form was of, or became: only what differs from it is sent, so that nobody sends what
  // others have changed since.
  const [base, setBase] = useState(account);
  const [said, setSaid] = useState<'saving' | 'saved' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name)).trim();
    const body: Changes = {};
    for (const name of ['media_auth', 'noise_cancellation'] as const) {
      if (form.has(name) !== base[name]) body[name] = form.has(name);
    }
    for (const name of ['retention_pending', 'minimum_retention'] as const) {
      if (text(name) !== base[name]) body[name] = text(name);
    }
    const share = text('retention_max_share');
    if (share !== percent(base.retention_max_share)) body.retention_max_share = Number(share) / 100;
    setProblem(null);
    setSaid('saving');
    data(api.PATCH('/api/v1/account', { body })).then(
      () => {
        setBase({ ...base, ...body });
        setSaid('saved');
      },
      (error: Problem) => {
        setSaid(null);
        setProblem(error);
      },
    );
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
          <input type="number" name="retention_max_share" required min={0} max={100} step="any" defaultValue={percent(account.retention_max_share)} />
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

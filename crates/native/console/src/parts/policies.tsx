// Retention policies: what they say, and adding one with a preview.
import { useRef, useState } from 'preact/hooks';
import { api, data, type Policy, type Preview, type Problem } from '../api/client';
import { useKeys } from '../keys';
import { useDeed, useLoaded } from '../use';
import { DAYS, sentence, span } from '../words';
import { What } from './bulk';
import { Conditions, conditions } from './conditions';
import { Dialog } from './dialog';
import { Empty, Failure, Loading } from './states';
import { Time } from './time';

/** As many as an account has, and more. */
const LIMIT = 100;

export function Policies({ onRun }: { onRun: (run: number) => void }) {
  const [adds, setAdds] = useState(false);
  const { value, error, reload } = useLoaded('policies', (signal) =>
    data(api.GET('/api/v1/retention/policies', { params: { query: { limit: LIMIT } }, signal })),
  );
  useKeys([{ key: 'n', does: 'Add a policy', act: () => setAdds(true) }]);
  return (
    <section aria-labelledby="policies">
      <header>
        <h2 id="policies">Policies</h2>
        <button type="button" class="primary" onClick={() => setAdds(true)}>Add a policy…</button>
      </header>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <Loading what="the policies" />}
      {value?.policies.length === 0 && <Empty title="Everything is kept"><p>No policy deletes anything.</p></Empty>}
      <ul class="cards">
        {value?.policies.map((policy) => (
          <One key={policy.policy_id} policy={policy} onChange={reload} onRun={onRun} />
        ))}
      </ul>
      {adds && (
        <Add onClose={() => setAdds(false)} onDone={() => {
          setAdds(false);
          reload();
        }} />
      )}
    </section>
  );
}

function One({ policy, onChange, onRun }: { policy: Policy; onChange: () => void; onRun: (run: number) => void }) {
  const [asks, setAsks] = useState<'run' | 'remove' | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const params = { path: { policy_id: policy.policy_id } };
  const act = (what: () => Promise<void>) => {
    setProblem(null);
    what().then(onChange, setProblem);
    setAsks(null);
  };
  const pause = (paused: boolean) => act(async () => {
    await data(api.PATCH('/api/v1/retention/policies/{policy_id}', { params, body: { paused } }));
  });
  const remove = () => act(async () => {
    await data(api.DELETE('/api/v1/retention/policies/{policy_id}', { params }));
  });
  const run = () => act(async () => {
    onRun((await data(api.POST('/api/v1/retention/policies/{policy_id}/run', { params }))).run_id);
  });
  return (
    <li>
      <div>
        <h3>{policy.name} <span class={`badge ${policy.status}`}>{policy.status}</span></h3>
        <p>{sentence(policy)}</p>
        <p class="muted">
          {policy.status === 'pending' && `It waits for ${span(policy.pending)} before it deletes anything. `}
          {policy.next_run ? <>Next run: <Time at={policy.next_run} /></> : 'It will not run.'}
        </p>
        {problem && <p class="problem" role="alert">{problem.message}</p>}
      </div>
      <div class="actions">
        {policy.status === 'active' && <button type="button" onClick={() => setAsks('run')}>Run now…</button>}
        {policy.status === 'paused'
          ? <button type="button" onClick={() => pause(false)}>Resume</button>
          : <button type="button" onClick={() => pause(true)}>Pause</button>}
        <button type="button" class="danger" onClick={() => setAsks('remove')}>Remove…</button>
      </div>
      {asks === 'run' && <Run policy={policy} onRun={run} onClose={() => setAsks(null)} />}
      {asks === 'remove' && (
        <Dialog title={`Remove “${policy.name}”?`} onClose={() => setAsks(null)}>
          <p>It deletes nothing any more. The receipts of its runs stay.</p>
          <footer>
            <button type="button" onClick={() => setAsks(null)}>Cancel</button>
            <button type="button" class="danger" onClick={remove}>Remove</button>
          </footer>
        </Dialog>
      )}
    </li>
  );
}

function Run({ policy, onRun, onClose }: { policy: Policy; onRun: () => void; onClose: () => void }) {
  const { value, error, reload } = useLoaded(`preview ${policy.policy_id}`, (signal) =>
    data(api.POST('/api/v1/retention/preview', { body: { where: policy.where, action: policy.action }, signal })),
  );
  return (
    <Dialog title={`Run “${policy.name}” now?`} onClose={onClose}>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <p role="status">Counting…</p>}
      {value && <What preview={value} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" disabled={!value} onClick={onRun}>Run now</button>
      </footer>
    </Dialog>
  );
}

/** The API's body of a policy, of the form. */
function wanted(form: FormData) {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const [hour = '3', minute = '0'] = text('time').split(':').map((part) => String(Number(part)));
  const [date, day] = /^d\d/.test(text('day')) ? ['*', text('day').slice(1)] : text('day') === 'month' ? ['1', '*'] : ['*', '*'];
  return {
    name: text('name'),
    where: conditions(form),
    schedule: `${minute} ${hour} ${date} * ${day}`,
    time_zone: text('time_zone'),
    action: text('action'),
    ...(text('archive_to') ? { archive_to: text('archive_to') } : {}),
    ...(text('pending') ? { pending: text('pending') } : {}),
  };
}

function Add({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const saving = useDeed();
  // Counts what the form said: an answer to what it says no more is none.
  const round = useRef(0);
  const body = () => wanted(new FormData(form.current ?? undefined));
  const changed = () => {
    round.current += 1;
    setPreview(null);
    setProblem(null);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (preview) {
      saving.act(() => data(api.POST('/api/v1/retention/policies', { body: body() })).then(onDone));
      return;
    }
    changed();
    const mine = round.current;
    data(api.POST('/api/v1/retention/preview', { body: body() })).then(
      (found) => mine === round.current && setPreview(found),
      (error: Problem) => mine === round.current && setProblem(error),
    );
  };
  return (
    <Dialog title="Add a policy" onClose={onClose}>
      <form ref={form} class="policy" onSubmit={submit} onInput={changed}>
        <label>Name<input name="name" required maxLength={100} /></label>
        <Conditions />
        <fieldset>
          <legend>What it deletes, and when</legend>
          <label>
            What
            <select name="action">
              <option value="delete">The recordings</option>
              <option value="delete_audio">Only their audio</option>
            </select>
          </label>
          <label>
            Day
            <select name="day">
              {DAYS.map((name, day) => <option key={name} value={`d${day}`}>{name}s</option>)}
              <option value="every">Every day</option>
              <option value="month">The first of each month</option>
            </select>
          </label>
          <label>Time<input type="time" name="time" required defaultValue="03:00" /></label>
          <label>Time zone<input name="time_zone" required spellcheck={false} defaultValue={Intl.DateTimeFormat().resolvedOptions().timeZone} /></label>
          <label>Wait before the first<input name="pending" placeholder="7d" spellcheck={false} /></label>
          <label>Copy to the archive first<input name="archive_to" placeholder="none" spellcheck={false} /></label>
        </fieldset>
        {preview && (
          <div role="status">
            <p>{sentence({ archive_to: null, ...body() })}</p>
            <What preview={preview} />
          </div>
        )}
        {problem && <Failure problem={problem} />}
        {saving.problem && <Failure problem={saving.problem} />}
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={saving.busy}>{preview ? 'Save the policy' : 'Preview'}</button>
        </footer>
      </form>
    </Dialog>
  );
}

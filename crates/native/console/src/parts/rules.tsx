// Rules by which the company's calls are recorded: recordings get the ids of those they fall under.
import { useState } from 'preact/hooks';
import { api, data, type Rule } from '../api/client';
import { useDeed, useLoaded } from '../use';
import { listed } from '../words';
import { Confirm } from './confirm';
import { Dialog } from './dialog';
import { Failure, Loading } from './states';

const DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;

export function Rules() {
  const [adds, setAdds] = useState(false);
  const { value, error, reload } = useLoaded('rules', (signal) => data(api.GET('/api/v1/recording-rules', { signal })));
  return (
    <section aria-labelledby="rules">
      <header>
        <h2 id="rules">Recording rules</h2>
        <button type="button" onClick={() => setAdds(true)}>Add a rule…</button>
      </header>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <Loading what="the rules" />}
      {value?.rules.length === 0 && <p class="muted">There are none. A rule says which of the company’s calls the phone system records; a recording shows those that it falls under.</p>}
      <ul class="cards" aria-labelledby="rules">
        {value?.rules.map((rule) => <One key={rule.rule_id} rule={rule} onChange={reload} />)}
      </ul>
      {adds && (
        <Edit onClose={() => setAdds(false)} onDone={() => {
          setAdds(false);
          reload();
        }} />
      )}
    </section>
  );
}

/** The whole rule in a sentence. */
function sentence({ percentage, directions, extensions }: Rule): string {
  const share = percentage === 100 ? 'All' : `${percentage} %`;
  const ways = directions.length > 0 ? `${directions.join(' and ')} ` : '';
  const of = extensions.length > 0 ? ` of extension${extensions.length > 1 ? 's' : ''} ${extensions.join(', ')}` : '';
  return `${share} ${percentage === 100 ? '' : 'of '}${ways}calls${of}`;
}

function One({ rule, onChange }: { rule: Rule; onChange: () => void }) {
  const [asks, setAsks] = useState<'change' | 'remove' | null>(null);
  const close = () => setAsks(null);
  const done = () => {
    close();
    onChange();
  };
  const which = <span class="hidden">{rule.name}</span>;
  return (
    <li>
      <div>
        <h3>{rule.name} {!rule.enabled && <span class="badge">off</span>}</h3>
        <p>{sentence(rule)}</p>
        <p class="muted">rule {rule.rule_id}</p>
      </div>
      <div class="actions">
        <button type="button" onClick={() => setAsks('change')}>Change…{which}</button>
        <button type="button" class="danger" onClick={() => setAsks('remove')}>Remove…{which}</button>
      </div>
      {asks === 'change' && <Edit rule={rule} onClose={close} onDone={done} />}
      {asks === 'remove' && (
        <Confirm
          title={`Remove “${rule.name}”?`} act="Remove" onClose={close}
          onAct={async () => {
            await data(api.DELETE('/api/v1/recording-rules/{rule_id}', { params: { path: { rule_id: rule.rule_id } } }));
            done();
          }}
        >
          <p>Recordings that fell under it stay, with its number.</p>
        </Confirm>
      )}
    </li>
  );
}

function Edit({ rule, onDone, onClose }: { rule?: Rule; onDone: () => void; onClose: () => void }) {
  const { busy, problem, act } = useDeed();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const body = {
      name: String(form.get('name')).trim(),
      percentage: Number(form.get('percentage')),
      directions: form.getAll('directions').map(String),
      extensions: listed(form, 'extensions'),
      enabled: form.has('enabled'),
    };
    act(() => (rule
      ? data(api.PATCH('/api/v1/recording-rules/{rule_id}', { params: { path: { rule_id: rule.rule_id } }, body }))
      : data(api.POST('/api/v1/recording-rules', { body }))).then(onDone));
  };
  return (
    <Dialog title={rule ? `Change “${rule.name}”` : 'Add a rule'} onClose={onClose}>
      <form onSubmit={submit}>
        <label>Name<input name="name" required maxLength={128} defaultValue={rule?.name} /></label>
        <label>
          Of a hundred calls the phone system records
          <input type="number" name="percentage" required min={1} max={100} defaultValue={String(rule?.percentage ?? 100)} />
        </label>
        <fieldset>
          <legend>Directions, all where none is chosen</legend>
          {DIRECTIONS.map((direction) => (
            <label key={direction} class="check">
              <input type="checkbox" name="directions" value={direction} defaultChecked={rule?.directions.includes(direction)} />
              {direction}
            </label>
          ))}
        </fieldset>
        <label>
          Extensions
          <input name="extensions" spellcheck={false} defaultValue={rule?.extensions.join(', ')} />
          <small>With commas between them; all where there are none</small>
        </label>
        <label class="check"><input type="checkbox" name="enabled" defaultChecked={rule?.enabled ?? true} />It is on</label>
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>Save</button>
        </footer>
      </form>
    </Dialog>
  );
}

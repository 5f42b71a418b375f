// The audit log, filtered by the address.
import { api, data, type AuditEntry } from '../api/client';
import { usePages, useParameters } from '../use';
import { Field } from './field';
import { fromInput, toInput } from './filters';
import { Failure, Loading } from './states';
import { Time } from './time';

const ACTIONS = [
  'listen', 'read', 'search', 'transcribe', 'login', 'logout', 'refused', 'delete', 'delete_transcript', 'export', 'hold_on', 'hold_off',
  'settings', 'user_add', 'user_change', 'user_remove', 'subaccount_add', 'credentials', 'policy_add', 'policy_change', 'policy_remove', 'rule_add', 'rule_change', 'rule_remove', 'run_start', 'run_stop', 'run_confirm', 'run_cancel', 'run_end', 'retry',
];

const FILTERS = ['action', 'who', 'subject', 'from', 'until'];

export function Audit() {
  const { query, change } = useParameters();
  const given = Object.fromEntries(FILTERS.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
  const { rows, error, loading, more, reload } = usePages<AuditEntry>(`audit ${JSON.stringify(given)}`, async (before, signal) => {
    const asked = { ...given, ...(before === undefined ? {} : { before }) };
    const { entries, next } = await data(api.GET('/api/v1/audit', { params: { query: asked }, signal }));
    return { rows: entries, next };
  });
  const text = (name: string, label: string, hint: string) => (
    <label>
      {label}
      <Field name={name} placeholder={hint} value={query[name] ?? ''} onDone={(value) => change({ [name]: value.trim() })} />
    </label>
  );
  const time = (name: string, label: string) => (
    <label>
      {label}
      <Field time name={name} value={toInput(query[name])} onDone={(value) => change({ [name]: fromInput(value) })} />
    </label>
  );
  return (
    <section aria-labelledby="audit">
      <header><h2 id="audit">Audit log</h2></header>
      <search class="narrow">
        <label>
          Action
          <select name="action" value={query['action'] ?? ''} onChange={(event) => change({ action: event.currentTarget.value })}>
            <option value="">Any</option>
            {ACTIONS.map((action) => <option key={action} value={action}>{action.replace('_', ' ')}</option>)}
          </select>
        </label>
        {text('who', 'Who', 'MA…, user 7, policy 3')}
        {text('subject', 'What', 'a recording’s id, hold 1')}
        {time('from', 'From')}
        {time('until', 'Until')}
      </search>
      {error && <Failure problem={error} again={reload} />}
      {!rows && !error && <Loading what="the log" />}
      {rows?.length === 0 && !loading && <p class="muted">Nothing of the kind has happened.</p>}
      {rows && rows.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-labelledby="audit">
          <table aria-busy={loading}>
            <thead>
              <tr>
                <th scope="col">When</th><th scope="col">Who</th><th scope="col">From</th>
                <th scope="col">Action</th><th scope="col">What</th><th scope="col">More</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ entry, at, who, source, action, subject, detail }) => (
                <tr key={entry}>
                  <td><Time at={at} /></td>
                  <td>{who}</td>
                  <td>{source}</td>
                  <td>{action.replace('_', ' ')}</td>
                  <td>{subject}</td>
                  <td class="detail"><small>{details(detail)}</small></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More of the log</button>}
    </section>
  );
}

function details(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return '';
  const say = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(detail).map(([key, value]) => `${key}: ${say(value)}`).join(', ');
}

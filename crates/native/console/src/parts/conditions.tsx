// Conditions on recordings, as a form: the API's `where`.
import type { Where } from '../api/client';
import { fromInput } from './filters';

interface Props {
  /** Whether a stretch of time may be given: to a hold, not to a policy. */
  times?: boolean;
}

export function Conditions({ times }: Props) {
  const text = (name: string, label: string, hint = '') => (
    <label>{label}<input name={name} placeholder={hint} spellcheck={false} /></label>
  );
  const choice = (name: string, label: string, options: [string, string][]) => (
    <label>
      {label}
      <select name={name}>{options.map(([value, says]) => <option key={value} value={value}>{says}</option>)}</select>
    </label>
  );
  return (
    <fieldset>
      <legend>Recordings for which all of this holds</legend>
      {times ? (
        <>
          <label>From<input type="datetime-local" name="from" /></label>
          <label>Until<input type="datetime-local" name="until" /></label>
        </>
      ) : (
        <>
          {text('older_than', 'Older than', '90d')}
          {choice('by', 'Age counts from', [['start', 'the call'], ['add_time', 'when it was added']])}
        </>
      )}
      {text('shorter_than', 'Shorter than', '30s, 5m')}
      {text('longer_than', 'Longer than', '30s, 5m')}
      {choice('kind', 'Kind', [['', 'Any'], ['company', 'Company'], ['on_demand', 'On demand']])}
      {choice('direction', 'Direction', [['', 'Any'], ['inbound', 'Inbound'], ['outbound', 'Outbound'], ['internal', 'Internal']])}
      {text('number', 'Number', 'either end')}
      {text('extension', 'Extension')}
      {text('conference', 'Conference')}
      {text('user_id', 'User id')}
      {text('subaccount', 'Subaccount', 'SA…')}
    </fieldset>
  );
}

/** What such a form says. */
export function conditions(form: FormData): Where {
  const text = (name: string) => String(form.get(name) ?? '').trim();
  const texts = ['older_than', 'shorter_than', 'longer_than', 'kind', 'direction', 'number', 'extension', 'conference', 'subaccount'];
  const given = texts.flatMap((name) => (text(name) ? [[name, text(name)]] : []));
  const times = (['from', 'until'] as const).flatMap((name) => (text(name) ? [[name, fromInput(text(name))]] : []));
  const user = text('user_id') ? { user_id: Number(text('user_id')) } : {};
  return { by: text('by') || 'start', ...Object.fromEntries([...given, ...times]), ...user };
}

// The filters of the list of recordings, and of a search. Each is a parameter of the address, and of
// the API.
import { useParameters } from '../use';
import { Field } from './field';

/** What the API takes as `where` too, so that "all that match" means the same everywhere. */
export const FILTERS = [
  'number', 'direction', 'from', 'until', 'longer_than', 'shorter_than', 'kind', 'extension', 'user_id',
  'conference', 'subaccount',
] as const;

/** What a list, a deletion and a zip go by besides. A hold, which is on calls to come too, does not. */
export const AS_OF_NOW = ['held', 'text'] as const;

type Query = Record<string, string | undefined>;

/** The filters of an address, as the API takes them. */
export function where(query: Query): Record<string, string> {
  const given = FILTERS.flatMap((name) => (query[name] ? [[name, query[name]] as const] : []));
  return Object.fromEntries(given);
}

/** A time of the API as an input has it, in the viewer's zone. */
export function toInput(time: string | undefined): string {
  if (!time) return '';
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** RFC 3339, of what such an input holds. */
export function fromInput(text: string): string | undefined {
  return text ? new Date(text).toISOString().replace('.000Z', 'Z') : undefined;
}

export function Filters({ searching = false }: { searching?: boolean }) {
  const { query, change } = useParameters();
  // Another filter is another list: what was chosen in this one is not in it.
  const set = (changes: Query) => change({ ...changes, chosen: undefined });
  const text = (name: string, label: string, hint = '') => (
    <label>
      {label}
      <Field name={name} placeholder={hint} value={query[name] ?? ''} onDone={(value) => set({ [name]: value.trim() })} />
    </label>
  );
  const choice = (name: string, label: string, options: [string, string][]) => (
    <label>
      {label}
      <select name={name} value={query[name] ?? ''} onChange={(event) => set({ [name]: event.currentTarget.value })}>
        <option value="">Any</option>
        {options.map(([value, says]) => <option key={value} value={value}>{says}</option>)}
      </select>
    </label>
  );
  const time = (name: string, label: string) => (
    <label>
      {label}
      <Field time name={name} value={toInput(query[name])} onDone={(value) => set({ [name]: fromInput(value) })} />
    </label>
  );
  const given = [...FILTERS, ...(searching ? [] : AS_OF_NOW)].filter((name) => query[name]);
  const hidden = ['longer_than', 'shorter_than', 'kind', 'extension', 'user_id', 'conference', 'subaccount'];
  const clear = () => set(Object.fromEntries(given.map((name) => [name, undefined])));
  return (
    <search class="filters" aria-label="Filters">
      <div>
        {text('number', 'Number', 'either end')}
        {choice('direction', 'Direction', [['inbound', 'Inbound'], ['outbound', 'Outbound'], ['internal', 'Internal']])}
        {time('from', 'From')}
        {time('until', 'Until')}
        {!searching && choice('held', 'Legal hold', [['true', 'Held'], ['false', 'Not held']])}
        {!searching && text('text', 'Said', 'in the transcript')}
      </div>
      <details open={given.some((name) => hidden.includes(name))}>
        <summary>More filters</summary>
        <div>
          {text('longer_than', 'Longer than', '30s, 5m, 1h')}
          {text('shorter_than', 'Shorter than', '30s, 5m, 1h')}
          {choice('kind', 'Kind', [['company', 'Company'], ['on_demand', 'On demand']])}
          {text('extension', 'Extension')}
          {text('user_id', 'User id')}
          {text('conference', 'Conference')}
          {text('subaccount', 'Subaccount', 'SA…')}
        </div>
      </details>
      {given.length > 0 && <button type="button" class="plain" onClick={clear}>Clear filters</button>}
    </search>
  );
}

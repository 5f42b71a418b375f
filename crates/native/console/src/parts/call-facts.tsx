// Every fact of a recording: what it is, how it is kept, who has listened.
import { api, data, type Facts, type Keeping } from '../api/client';
import { bytes, clock, count, dollars } from '../format';
import { session } from '../session';
import { useLoaded } from '../use';
import { Failure } from './states';
import { Time } from './time';

export function CallFacts({ facts, keeping }: { facts: Facts; keeping: Keeping | undefined }) {
  const given: [string, string | null | undefined][] = [
    ['Caller’s name', facts.cnam],
    ['Direction', facts.direction],
    ['Kind', facts.kind === 'on_demand' ? `on demand, by user ${facts.user_id}` : 'company'],
    ['Extensions', facts.extensions.join(', ')],
    ['Conference', facts.conference_name ?? facts.mpc_name],
    ['Rules', facts.rule_ids.join(', ')],
    ['Call', facts.call_uuid],
    ['Plivo’s id', facts.recording_id],
    ['Vonage’s id', String(facts.number)],
  ];
  const heard = [
    `${facts.format.toUpperCase()}, ${count(facts.channels, 'channel')}, ${facts.sample_rate.toLocaleString()} Hz`,
    facts.truncated && 'ends before its header says',
    facts.repaired && 'served with its header set right',
  ];
  return (
    <div class="known">
      <section aria-labelledby="facts">
        <h2 id="facts">The call</h2>
        <dl class="facts">
          <div><dt>Length</dt><dd>{clock(facts.duration_ms)} <small>{(facts.duration_ms / 1000).toLocaleString()} s</small></dd></div>
          {given.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
          <div><dt>Added</dt><dd><Time at={facts.add_time} /></dd></div>
          <div><dt>Sound</dt><dd>{heard.filter(Boolean).join('; ')}</dd></div>
          {facts.audio_deleted && (
            <div>
              <dt>As it was sent</dt>
              <dd>deleted <Time at={facts.audio_deleted} /><small class="hash">SHA-256 {facts.sha256}</small></dd>
            </div>
          )}
          {facts.variants.map(({ variant, format, size_bytes, sha256 }) => (
            <div key={variant}>
              <dt>{variant === 'original' ? 'As it was sent' : 'Denoised'}</dt>
              <dd>{format.toUpperCase()}, {bytes(size_bytes)}<br /><small class="hash">SHA-256 {sha256}</small></dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="keeping">
        <h2 id="keeping">How it is kept</h2>
        {keeping && <Kept keeping={keeping} />}
        {session.value?.administrator && <Listeners id={facts.recording_id} />}
      </section>
    </div>
  );
}

function Kept({ keeping }: { keeping: Keeping }) {
  const { deletion, holds, kept_until } = keeping;
  return (
    <dl class="facts">
      <div>
        <dt>Legal hold</dt>
        <dd>
          {keeping.held ? <span class="badge held">Held</span> : 'none'}
          {holds.map(({ hold_id, reason, created_by, created }) => (
            <div key={hold_id}>{reason}<br /><small>hold {hold_id}, by {created_by}</small> <Time at={created} /></div>
          ))}
        </dd>
      </div>
      <div>
        <dt>{deletion?.action === 'delete_audio' ? 'Its audio will be deleted' : 'Will be deleted'}</dt>
        <dd>{deletion ? <>{keeping.held ? 'not while it is held' : <Time at={deletion.at} />}<small>by the policy {deletion.policy}</small></> : 'by no policy'}</dd>
      </div>
      {kept_until && <div><dt>Not before</dt><dd><Time at={kept_until} /></dd></div>}
      <div><dt>Storage</dt><dd>day {keeping.storage_days.toLocaleString()}, billed as {count(keeping.rounded_duration_ms / 60_000, 'minute')}</dd></div>
      <div><dt>Cost</dt><dd>{dollars(keeping.storage_last_month)} for the last month</dd></div>
    </dl>
  );
}

function Listeners({ id }: { id: string }) {
  const { value, error, reload } = useLoaded(`listeners ${id}`, (signal) => {
    const query = { subject: id, action: 'listen', limit: 10 };
    return data(api.GET('/api/v1/audit', { params: { query }, signal }));
  });
  return (
    <>
      <h2>Who listened</h2>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <p class="muted" role="status">Loading…</p>}
      {value?.entries.length === 0 && <p class="muted">Nobody yet.</p>}
      <ul class="entries">
        {value?.entries.map(({ entry, who, at }) => <li key={entry}>{who} <Time at={at} /></li>)}
      </ul>
    </>
  );
}

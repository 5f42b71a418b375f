// Legal holds: on single recordings and by query.
import { useState } from 'preact/hooks';
import { api, data, type Hold } from '../api/client';
import { useDeed, usePages } from '../use';
import { recordings } from '../words';
import { Conditions, conditions } from './conditions';
import { Dialog } from './dialog';
import { Failure, Loading } from './states';
import { Time } from './time';
import { WithReason } from './with-reason';

export function Holds() {
  const [adds, setAdds] = useState(false);
  const [lifted, setLifted] = useState<Hold | null>(null);
  const { rows, error, loading, more, reload } = usePages<Hold>('holds', async (after, signal) => {
    const query = after === undefined ? {} : { after };
    const { holds, next } = await data(api.GET('/api/v1/holds', { params: { query }, signal }));
    return { rows: holds, next };
  });
  return (
    <section aria-labelledby="holds">
      <header>
        <h2 id="holds">Legal holds</h2>
        <button type="button" onClick={() => setAdds(true)}>Hold by query…</button>
      </header>
      {error && <Failure problem={error} again={reload} />}
      {!rows && !error && <Loading what="the holds" />}
      {rows?.length === 0 && <p class="muted">Nothing is held.</p>}
      <ul class="cards">
        {rows?.map((hold) => (
          <li key={hold.hold_id}>
            <div>
              <p><What hold={hold} /></p>
              <p>{hold.reason}</p>
              <p class="muted">hold {hold.hold_id}, by {hold.created_by} <Time at={hold.created} /></p>
            </div>
            <div class="actions">
              <button type="button" onClick={() => setLifted(hold)}>Lift…<span class="hidden">hold {hold.hold_id}</span></button>
            </div>
          </li>
        ))}
      </ul>
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More</button>}
      {adds && (
        <Add onClose={() => setAdds(false)} onDone={() => {
          setAdds(false);
          reload();
        }} />
      )}
      {lifted && (
        <WithReason
          title="Lift the legal hold" says={lifted.reason} act="Lift" onClose={() => setLifted(null)}
          onReason={async (reason) => {
            const params = { path: { hold_id: lifted.hold_id }, query: { reason } };
            await data(api.DELETE('/api/v1/holds/{hold_id}', { params }));
            setLifted(null);
            reload();
          }}
        />
      )}
    </section>
  );
}

function What({ hold }: { hold: Hold }) {
  if (hold.where) return <>All {recordings(hold.where)}</>;
  return <a href={`/console/recordings/${hold.recording_id}`}>One recording</a>;
}

function Add({ onDone, onClose }: { onDone: () => void; onClose: () => void }) {
  const { busy, problem, act } = useDeed();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const body = { reason: String(form.get('reason')), where: conditions(form) };
    act(() => data(api.POST('/api/v1/holds', { body })).then(onDone));
  };
  return (
    <Dialog title="Hold by query" onClose={onClose}>
      <form class="policy" onSubmit={submit}>
        <p>Nobody can delete what matches now, nor what will, until the hold is lifted.</p>
        <Conditions times />
        <label>Reason<textarea name="reason" required maxLength={1000} rows={2} /></label>
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>Hold</button>
        </footer>
      </form>
    </Dialog>
  );
}

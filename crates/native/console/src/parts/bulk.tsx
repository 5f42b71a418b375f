// What can be done with the recordings that were chosen: each with a preview before, and a receipt
// after.
import { useEffect, useState } from 'preact/hooks';
import { api, data, type Preview, type Problem, type Run } from '../api/client';
import { bytes, count, dollars, spoken } from '../format';
import { session } from '../session';
import { useLoaded, useParameters } from '../use';
import { Dialog } from './dialog';
import { LIST_ONLY, where } from './filters';
import { Failure } from './states';
import { AskForZip, Zip } from './zip';

type Query = Record<string, string | undefined>;
export type Chosen = 'all' | Set<string>;

interface Props {
  total: number | undefined;
  chosen: Chosen;
  query: Query;
  onChange: (chosen: string | undefined) => void;
  onDone: () => void;
}

/** The API's `ids` or `where`. */
function meant(chosen: Chosen, query: Query) {
  if (chosen !== 'all') return { ids: [...chosen] };
  const { user_id, ...rest } = where(query);
  return { where: { by: 'start', ...rest, ...(user_id ? { user_id: Number(user_id) } : {}) } };
}

export function Bulk({ total, chosen, query, onChange, onDone }: Props) {
  const [doing, setDoing] = useState<'zip' | 'hold' | 'delete' | null>(null);
  const { change } = useParameters();
  const many = chosen === 'all' ? total : chosen.size;
  const filtered = Object.keys(where(query)).length > 0;
  const close = () => setDoing(null);
  const done = () => {
    close();
    onDone();
  };
  return (
    <div class="bulk">
      <span>{total === undefined ? ' ' : many ? `${many.toLocaleString()} of ${count(total, 'recording')} chosen` : count(total, 'recording')}</span>
      {/* A hold or deletion of everything there is wants a condition. */}
      {chosen !== 'all' && filtered && !LIST_ONLY.some((name) => query[name]) && total !== undefined && total > 0 && (
        <button type="button" class="plain" onClick={() => onChange('all')}>Choose all that match</button>
      )}
      {many ? (
        <>
          <button type="button" class="plain" onClick={() => onChange(undefined)}>Choose none</button>
          <button type="button" onClick={() => setDoing('zip')}>Download as zip…</button>
          {session.value?.administrator && <button type="button" onClick={() => setDoing('hold')}>Hold…</button>}
          <button type="button" class="danger" onClick={() => setDoing('delete')}>Delete…</button>
        </>
      ) : null}
      {doing === 'zip' && (
        <AskForZip
          what={meant(chosen, query)}
          onStarted={(id) => {
            close();
            change({ export: id }, true);
          }}
          onClose={close}
        />
      )}
      {query.export && <Zip id={query.export} onClose={() => change({ export: undefined }, true)} />}
      {doing === 'hold' && <Hold {...{ chosen, query, total }} onDone={done} onClose={close} />}
      {doing === 'delete' && <Delete {...{ chosen, query }} onDone={done} onClose={close} />}
    </div>
  );
}

interface Step {
  chosen: Chosen;
  query: Query;
  onDone: () => void;
  onClose: () => void;
}

function Hold({ chosen, query, total, onDone, onClose }: Step & { total: number | undefined }) {
  const [done, setDone] = useState<number | null>(null);
  const [finished, setFinished] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const all = chosen === 'all' ? (total ?? 0) : chosen.size;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason'));
    setProblem(null);
    setDone(0);
    try {
      const what = meant(chosen, query);
      if (what.where) {
        await data(api.POST('/api/v1/holds', { body: { reason, where: what.where } }));
      } else {
        for (const recording_id of what.ids ?? []) {
          const params = { path: { recording_id } };
          await data(api.PUT('/api/v1/recordings/{recording_id}/hold', { params, body: { reason } }));
          setDone((n) => (n ?? 0) + 1);
        }
      }
      setFinished(true);
    } catch (error) {
      setProblem(error as Problem);
      setDone(null);
    }
  };
  if (finished) {
    return (
      <Dialog title="Held" onClose={onDone}>
        <p role="status">{count(all, 'recording is', 'recordings are')} under legal hold. Nobody can delete them until it is lifted.</p>
        <footer><button type="button" class="primary" onClick={onDone}>Done</button></footer>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Hold ${count(all, 'recording')}`} onClose={onClose}>
      <form onSubmit={submit}>
        <p>Nobody can delete what is held, by hand or by policy, until the hold is lifted.</p>
        {chosen === 'all' && <p><strong>This hold is by filter:</strong> it is on all that match now, and on all that will.</p>}
        <label>
          Reason
          <textarea name="reason" required maxLength={1000} rows={3} />
        </label>
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary" disabled={done !== null}>{done !== null ? `Holding ${done} of ${all}…` : 'Hold'}</button>
        </footer>
      </form>
    </Dialog>
  );
}

function Delete({ chosen, query, onDone, onClose }: Step) {
  const what = meant(chosen, query);
  const [run, setRun] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const preview = useLoaded('preview', async () => {
    const answer = await data(api.POST('/api/v1/recordings/delete', { body: { ...what, dry_run: true } }));
    return answer as Preview;
  });
  const begin = async () => {
    try {
      const started = await data(api.POST('/api/v1/recordings/delete', { body: what }));
      setRun((started as unknown as { run_id: number }).run_id);
    } catch (error) {
      setProblem(error as Problem);
    }
  };
  if (run !== null) return <Receipt run={run} onDone={onDone} />;
  const { value, error } = preview;
  return (
    <Dialog title={value ? `Delete ${count(value.would_delete, 'recording')}?` : 'Delete'} onClose={onClose}>
      {error && <Failure problem={error} again={preview.reload} />}
      {!value && !error && <p role="status">Counting…</p>}
      {value && <What preview={value} />}
      {problem && <Failure problem={problem} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" disabled={!value?.would_delete} onClick={begin}>
          {value ? `Delete ${count(value.would_delete, 'recording')} for good` : 'Delete'}
        </button>
      </footer>
    </Dialog>
  );
}

/** What keeps recordings, where the API has a word for it. */
const KEPT: Record<string, string> = { hold: 'on legal hold', minimum_retention: 'too young to go' };

/** What a deletion would do. Retention shows the same. */
export function What({ preview }: { preview: Preview }) {
  return (
    <dl class="facts">
      <div><dt>Chosen</dt><dd>{count(preview.recordings, 'recording')}, {spoken(preview.duration_ms)}, {bytes(preview.bytes)}</dd></div>
      <div><dt>Would go</dt><dd>{count(preview.would_delete, 'recording')}</dd></div>
      <div><dt>Would stay</dt><dd>{count(preview.held + preview.without_transcript, 'recording')}</dd></div>
      {preview.held_by.map(({ by, reason, recordings }) => (
        <div key={by}><dt>{KEPT[by] ?? by}</dt><dd>{count(recordings, 'recording')}{reason && `: ${reason}`}</dd></div>
      ))}
      {preview.without_transcript > 0 && (
        <div><dt>No transcript to keep</dt><dd>{count(preview.without_transcript, 'recording')}</dd></div>
      )}
      <div><dt>Cost saved this month</dt><dd>{dollars(preview.monthly_amount)}</dd></div>
    </dl>
  );
}

const TITLES: Record<string, string> = { done: 'Deleted', stopped: 'This is much', cancelled: 'Nothing was deleted' };

/** A run as it goes on, until it ends. */
export function Receipt({ run, onDone }: { run: number; onDone: () => void }) {
  const [now, setNow] = useState<Run | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const params = { path: { run_id: run } };
    data(api.GET('/api/v1/retention/runs/{run_id}', { params })).then((shown) => {
      setNow(shown);
      if (shown.status === 'running') timer = setTimeout(() => setRound((n) => n + 1), 500);
    }, setProblem);
    return () => clearTimeout(timer);
  }, [round]);

  const confirm = async () => {
    try {
      const params = { path: { run_id: run } };
      const body = { would_delete: now?.would_delete ?? 0 };
      await data(api.POST('/api/v1/retention/runs/{run_id}/confirm', { params, body }));
      setRound((n) => n + 1);
    } catch (error) {
      setProblem(error as Problem);
    }
  };
  const cancel = async () => {
    try {
      setNow(await data(api.POST('/api/v1/retention/runs/{run_id}/cancel', { params: { path: { run_id: run } } })));
    } catch (error) {
      setProblem(error as Problem);
    }
  };
  const title = now ? TITLES[now.status] ?? 'Deleting…' : 'Deleting…';
  return (
    <Dialog title={title} onClose={onDone}>
      {problem && <Failure problem={problem} again={() => setRound((n) => n + 1)} />}
      {now && (
        <>
          {now.status === 'running' && <progress aria-label="Deleted so far" max={now.would_delete ?? undefined} value={now.would_delete ? now.deleted : undefined} />}
          {now.status === 'stopped' && <p>It would delete {count(now.would_delete ?? 0, 'recording')}, a large share of the account, and waits for somebody to confirm that.</p>}
          <div role="status">
          {now.status === 'cancelled' && <p>Cancelled by {now.cancelled_by}.</p>}
          <dl class="facts">
            <div><dt>Deleted</dt><dd>{count(now.deleted, 'recording')}, {bytes(now.bytes)}</dd></div>
            <div><dt>Held</dt><dd>{count(now.held, 'recording')}</dd></div>
            <div><dt>Failed</dt><dd>{count(now.failed, 'recording')}</dd></div>
          </dl>
          </div>
        </>
      )}
      <footer>
        {now?.status === 'stopped' && <button type="button" onClick={cancel}>Cancel this run</button>}
        {now?.status === 'stopped' && <button type="button" class="danger" onClick={confirm}>Delete {count(now.would_delete ?? 0, 'recording')}</button>}
        {now?.status === 'done' && <a class="button" href={`/api/v1/retention/runs/${run}/receipt?format=csv`} download>Receipt (CSV)</a>}
        <button type="button" class="primary" onClick={onDone}>Done</button>
      </footer>
    </Dialog>
  );
}

// What can be done with the recordings that were chosen: each with a preview before, and a receipt
// after.
import { useEffect, useState } from 'preact/hooks';
import { api, data, isMissing, type Preview, type Problem, type Run } from '../api/client';
import { bytes, count, dollars, spoken } from '../format';
import { session } from '../session';
import { useDeed, useLoaded, useParameters } from '../use';
import { Dialog } from './dialog';
import { AS_OF_NOW, where } from './filters';
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
type Meant = ReturnType<typeof meant>;

function meant(chosen: Chosen, query: Query) {
  if (chosen !== 'all') return { ids: [...chosen], where: undefined };
  const { user_id, ...rest } = where(query);
  const { held, text } = query;
  return {
    where: {
      by: 'start',
      ...rest,
      ...(user_id ? { user_id: Number(user_id) } : {}),
      ...(held ? { held: held === 'true' } : {}),
      ...(text ? { text } : {}),
    },
  };
}

export function Bulk({ total, chosen, query, onChange, onDone }: Props) {
  // With what was meant when it was opened: the address may change beneath.
  const [doing, setDoing] = useState<{ deed: 'zip' | 'hold' | 'delete'; what: Meant; many: number } | null>(null);
  const { change } = useParameters();
  const many = chosen === 'all' ? total : chosen.size;
  const conditions = Object.keys(where(query)).length > 0;
  const asOfNow = AS_OF_NOW.some((name) => query[name]);
  // A hold or deletion of everything there is wants a condition. Not to be held is none.
  const deletes = chosen !== 'all' || conditions || query.text;
  const holds = session.value?.administrator && (chosen !== 'all' || conditions || asOfNow);
  const cannotHold = chosen === 'all' && asOfNow;
  const begin = (deed: 'zip' | 'hold' | 'delete') => setDoing({ deed, what: meant(chosen, query), many: many ?? 0 });
  const close = () => setDoing(null);
  const done = () => {
    close();
    onDone();
  };
  return (
    <div class="bulk">
      <span>{total === undefined ? ' ' : many ? `${many.toLocaleString()} of ${count(total, 'recording')} chosen` : count(total, 'recording')}</span>
      {chosen !== 'all' && total !== undefined && total > 0 && (
        <button type="button" class="plain" onClick={() => onChange('all')}>{conditions || asOfNow ? 'Choose all that match' : 'Choose all'}</button>
      )}
      {many ? (
        <>
          <button type="button" class="plain" onClick={() => onChange(undefined)}>Choose none</button>
          <button type="button" onClick={() => begin('zip')}>Download as zip…</button>
          {holds && <button type="button" disabled={cannotHold} aria-describedby={cannotHold ? 'no-hold' : undefined} onClick={() => begin('hold')}>Hold…</button>}
          {holds && cannotHold && <small id="no-hold">A hold is on calls to come too: it goes neither by “Legal hold” nor by “Said”.</small>}
          {deletes && <button type="button" class="danger" onClick={() => begin('delete')}>Delete…</button>}
        </>
      ) : null}
      {doing?.deed === 'zip' && (
        <AskForZip
          what={doing.what}
          onStarted={(id) => {
            close();
            change({ export: id }, true);
          }}
          onClose={close}
        />
      )}
      {query.export && <Zip id={query.export} onClose={() => change({ export: undefined }, true)} />}
      {doing?.deed === 'hold' && <Hold {...doing} onDone={done} onClose={close} />}
      {doing?.deed === 'delete' && <Delete {...doing} onDone={done} onClose={close} />}
    </div>
  );
}

interface Step {
  what: Meant;
  /** How many that is, as the list has it. */
  many: number;
  onDone: () => void;
  onClose: () => void;
}

function Hold({ what, many, onDone, onClose }: Step) {
  const [done, setDone] = useState({ held: 0, gone: 0 });
  const [finished, setFinished] = useState(false);
  const { busy, problem, act } = useDeed();

  const holdEach = async (ids: string[], reason: string) => {
    const now = { held: 0, gone: 0 };
    for (const recording_id of ids) {
      setDone({ ...now });
      const params = { path: { recording_id } };
      try {
        await data(api.PUT('/api/v1/recordings/{recording_id}/hold', { params, body: { reason } }));
        now.held += 1;
      } catch (error) {
        // Any other failure ends it; to do it again holds nothing twice.
        if (!isMissing(error as Problem)) throw error;
        now.gone += 1;
      }
    }
    setDone(now);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason'));
    act(async () => {
      if (what.where) await data(api.POST('/api/v1/holds', { body: { reason, where: what.where } }));
      else await holdEach(what.ids, reason);
      setFinished(true);
    });
  };
  if (finished) {
    return (
      <Dialog title="Held" onClose={onDone}>
        <div role="status">
          <p>{what.where ? 'All that match are' : count(done.held, 'recording is', 'recordings are')} under legal hold. Nobody can delete them until it is lifted.</p>
          {done.gone > 0 && <p>{count(done.gone, 'recording is', 'recordings are')} not there any more.</p>}
        </div>
        <footer><button type="button" class="primary" onClick={onDone}>Done</button></footer>
      </Dialog>
    );
  }
  return (
    <Dialog title={`Hold ${count(many, 'recording')}`} onClose={onClose} busy={busy}>
      <form onSubmit={submit}>
        <p>Nobody can delete what is held, by hand or by policy, until the hold is lifted.</p>
        {what.where && <p><strong>This hold is by filter:</strong> it is on all that match now, and on all that will.</p>}
        <label>
          Reason
          <textarea name="reason" required maxLength={1000} rows={3} />
        </label>
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" disabled={busy} onClick={onClose}>Cancel</button>
          <button class="primary" disabled={busy}>{busy ? `Holding ${done.held + done.gone} of ${many}…` : 'Hold'}</button>
        </footer>
      </form>
    </Dialog>
  );
}

function Delete({ what, onDone, onClose }: Step) {
  const [run, setRun] = useState<number | null>(null);
  const [round, setRound] = useState(0);
  const { busy, problem, act } = useDeed();
  const preview = useLoaded(`preview ${round}`, async () => {
    const answer = await data(api.POST('/api/v1/recordings/delete', { body: { ...what, dry_run: true } }));
    return answer as Preview;
  });
  const begin = ({ would_delete }: Preview) => act(async () => {
    try {
      const started = await data(api.POST('/api/v1/recordings/delete', { body: { ...what, would_delete } }));
      setRun((started as unknown as { run_id: number }).run_id);
    } catch (error) {
      // It would be more or fewer by now: whoever was asked about others is asked again.
      if ((error as Problem).status === 409) setRound((n) => n + 1);
      throw error;
    }
  });
  if (run !== null) return <Receipt run={run} onDone={onDone} />;
  const { error } = preview;
  const value = preview.loading ? undefined : preview.value;
  return (
    <Dialog title={value ? `Delete ${count(value.would_delete, 'recording')}?` : 'Delete'} onClose={onClose}>
      {error && <Failure problem={error} again={preview.reload} />}
      {!value && !error && <p role="status">Counting…</p>}
      {value && <What preview={value} />}
      {problem && <Failure problem={problem} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" disabled={!value?.would_delete || busy} onClick={() => value && begin(value)}>
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

const LOOK_EVERY_MS = 500;
/** Where that has failed. */
const TRY_EVERY_MS = 3000;

const TITLES: Record<string, string> = { done: 'Deleted', stopped: 'This is much', cancelled: 'Nothing was deleted' };

/** A run as it goes on, until it ends. */
export function Receipt({ run, onDone }: { run: number; onDone: () => void }) {
  const [now, setNow] = useState<Run | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const { busy, problem: refused, act } = useDeed();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const params = { path: { run_id: run } };
    const again = (ms: number) => (timer = setTimeout(() => setRound((n) => n + 1), ms));
    data(api.GET('/api/v1/retention/runs/{run_id}', { params })).then(
      (shown) => {
        setProblem(null);
        setNow(shown);
        if (shown.status === 'running') again(LOOK_EVERY_MS);
      },
      (error: Problem) => {
        setProblem(error);
        again(TRY_EVERY_MS);
      },
    );
    return () => clearTimeout(timer);
  }, [run, round]);

  const params = { path: { run_id: run } };
  const confirm = () => act(async () => {
    const body = { would_delete: now?.would_delete ?? 0 };
    const confirmed = data(api.POST('/api/v1/retention/runs/{run_id}/confirm', { params, body }));
    // Where it was refused, the number is another by now.
    await confirmed.finally(() => setRound((n) => n + 1));
  });
  const cancel = () => act(async () => {
    setNow(await data(api.POST('/api/v1/retention/runs/{run_id}/cancel', { params })));
  });
  const title = now ? TITLES[now.status] ?? 'Deleting…' : 'Deleting…';
  return (
    <Dialog title={title} onClose={onDone}>
      {problem && <Failure problem={problem} again={() => setRound((n) => n + 1)} />}
      {refused && <Failure problem={refused} />}
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
        {now?.status === 'stopped' && <button type="button" disabled={busy} onClick={cancel}>Cancel this run</button>}
        {now?.status === 'stopped' && <button type="button" class="danger" disabled={busy} onClick={confirm}>Delete {count(now.would_delete ?? 0, 'recording')}</button>}
        {now?.status === 'done' && <a class="button" href={`/api/v1/retention/runs/${run}/receipt?format=csv`} download>Receipt (CSV)</a>}
        <button type="button" class="primary" onClick={onDone}>Done</button>
      </footer>
    </Dialog>
  );
}

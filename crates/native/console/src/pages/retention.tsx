// What is deleted when, what has been, and what nobody may delete.
import { useEffect, useState } from 'preact/hooks';
import { api, data, type Run } from '../api/client';
import { bytes, count } from '../format';
import { Receipt } from '../parts/bulk';
import { Holds } from '../parts/holds';
import { Policies } from '../parts/policies';
import { Failure, Loading } from '../parts/states';
import { Time } from '../parts/time';
import { usePages, useTitle, type Pages } from '../use';

const POLL_MS = 1000;

export default function Retention() {
  const [shown, setShown] = useState<number | null>(null);
  const runs = usePages<Run>('runs', async (before, signal) => {
    const query = before === undefined ? {} : { before };
    const { runs, next } = await data(api.GET('/api/v1/retention/runs', { params: { query }, signal }));
    return { rows: runs, next };
  });
  const done = () => {
    setShown(null);
    runs.reload();
  };
  useTitle('Retention');
  return (
    <div class="page">
      <h1>Retention</h1>
      <Policies onRun={setShown} />
      <Runs runs={runs} onShow={setShown} />
      <Holds />
      {shown !== null && <Receipt run={shown} onDone={done} />}
    </div>
  );
}

function Runs({ runs, onShow }: { runs: Pages<Run>; onShow: (run: number) => void }) {
  const { rows, error, loading, more, reload } = runs;
  useEffect(() => {
    if (!rows?.some(({ status }) => status === 'running')) return undefined;
    const timer = setTimeout(reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [rows]);
  return (
    <section aria-labelledby="runs">
      <header><h2 id="runs">Runs</h2></header>
      {error && <Failure problem={error} again={reload} />}
      {!rows && !error && <Loading what="the runs" />}
      {rows?.length === 0 && <p class="muted">Nothing has been deleted by a policy or in bulk.</p>}
      {rows && rows.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-labelledby="runs">
          <table>
            <thead>
              <tr>
                <th scope="col">Started</th><th scope="col">By</th><th scope="col">Status</th>
                <th scope="col">Deleted</th><th scope="col">Held</th><th scope="col">Failed</th>
                <th scope="col"><span class="hidden">What to do</span></th>
              </tr>
            </thead>
            <tbody>{rows.map((run) => <Line key={run.run_id} run={run} onShow={onShow} />)}</tbody>
          </table>
        </div>
      )}
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More</button>}
    </section>
  );
}

function Line({ run, onShow }: { run: Run; onShow: (run: number) => void }) {
  return (
    <tr>
      <td><Time at={run.started} /></td>
      <td>{run.started_by}</td>
      <td><span class={`badge ${run.status}`}>{run.status}</span></td>
      <td>
        {run.status === 'running' && run.would_delete
          ? <progress aria-label={`Run ${run.run_id}`} max={run.would_delete} value={run.deleted} />
          : <>{count(run.deleted, 'recording')} <small>{bytes(run.bytes)}</small></>}
      </td>
      <td>{run.held.toLocaleString()}</td>
      <td>{run.failed.toLocaleString()}</td>
      <td>
        {run.status === 'stopped'
          ? <button type="button" class="danger" onClick={() => onShow(run.run_id)}>Confirm…</button>
          : <button type="button" onClick={() => onShow(run.run_id)}>Show…<span class="hidden">run {run.run_id}</span></button>}
      </td>
    </tr>
  );
}

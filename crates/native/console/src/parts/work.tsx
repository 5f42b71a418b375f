// What the server does in the background for the account, and what of it has failed.
import { useState } from 'preact/hooks';
import { api, data, type Job, type Problem } from '../api/client';
import { usePages, useParameters } from '../use';
import { Failure, Loading } from './states';
import { Time } from './time';

const KINDS: Record<string, string> = {
  denoise: 'Removing noise',
  transcribe: 'Transcribing',
  export: 'Making a zip',
  deliver: 'Delivering an answer',
  retention: 'Retention',
  erase: 'Erasing what was deleted',
};

function state({ state, reason }: Job): string {
  if (state === 'queued') return reason ? 'will be tried again' : 'waiting';
  return state === 'failed' ? 'given up' : 'running';
}

export function Work() {
  const { query, change } = useParameters();
  const [problem, setProblem] = useState<Problem | null>(null);
  const only = query['work'] ?? '';
  const { rows, error, loading, more, reload } = usePages<Job>(`jobs ${only}`, async (before, signal) => {
    const asked = { ...(only ? { state: only } : {}), ...(before === undefined ? {} : { before }) };
    const { jobs, next } = await data(api.GET('/api/v1/jobs', { params: { query: asked }, signal }));
    return { rows: jobs, next };
  });
  const retry = (job_id: number) => {
    setProblem(null);
    data(api.POST('/api/v1/jobs/{job_id}/retry', { params: { path: { job_id } } })).then(reload, setProblem);
  };
  return (
    <section aria-labelledby="work">
      <header>
        <h2 id="work">Background work</h2>
        <label>
          Show
          <select value={only} onChange={(event) => change({ work: event.currentTarget.value }, true)}>
            <option value="">All that is not done</option>
            <option value="queued">What waits</option>
            <option value="running">What runs</option>
            <option value="failed">What was given up</option>
          </select>
        </label>
        <button type="button" onClick={reload}>Look again</button>
      </header>
      {error && <Failure problem={error} again={reload} />}
      {problem && <Failure problem={problem} />}
      {!rows && !error && <Loading what="the background work" />}
      {rows?.length === 0 && <p class="muted">{only ? 'There is none of that.' : 'Everything is done.'}</p>}
      {rows && rows.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-labelledby="work">
          <table aria-busy={loading}>
            <thead>
              <tr>
                <th scope="col">What</th><th scope="col">State</th><th scope="col">Attempts</th><th scope="col">Next try</th>
                <th scope="col">Why it failed</th><th scope="col"><span class="hidden">What to do</span></th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.job_id}>
                  <td>
                    {KINDS[one.kind] ?? one.kind}
                    {one.recording_id && one.kind !== 'erase' && (
                      <> <a href={`/console/recordings/${one.recording_id}`}>the recording<span class="hidden"> of job {one.job_id}</span></a></>
                    )}
                  </td>
                  <td><span class={`badge ${one.state}`}>{state(one)}</span></td>
                  <td>{one.attempts}</td>
                  <td>{one.next_try ? <Time at={one.next_try} /> : ''}</td>
                  <td>{one.reason}</td>
                  <td>{one.reason && one.state !== 'running' && <button type="button" onClick={() => retry(one.job_id)}>Try now<span class="hidden"> job {one.job_id}</span></button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More work</button>}
    </section>
  );
}

// Answers that are sent to a server of the account's own.
import { useState } from 'preact/hooks';
import { api, data, type Delivery, type Problem } from '../api/client';
import { usePages } from '../use';
import { Failure, Loading } from './states';
import { Time } from './time';

export function Deliveries() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const { rows, error, loading, more, reload } = usePages<Delivery>('deliveries', async (before, signal) => {
    const query = before === undefined ? {} : { before };
    const { deliveries, next } = await data(api.GET('/api/v1/deliveries', { params: { query }, signal }));
    return { rows: deliveries, next };
  });
  const replay = (delivery_id: number) => {
    setProblem(null);
    const params = { path: { delivery_id } };
    data(api.POST('/api/v1/deliveries/{delivery_id}/replay', { params })).then(reload, setProblem);
  };
  return (
    <section aria-labelledby="deliveries">
      <header><h2 id="deliveries">Deliveries</h2></header>
      {error && <Failure problem={error} again={reload} />}
      {problem && <Failure problem={problem} />}
      {!rows && !error && <Loading what="the deliveries" />}
      {rows?.length === 0 && <p class="muted">No answer was to be sent to a callback in the last 30 days.</p>}
      {rows && rows.length > 0 && (
        <div class="wide" tabIndex={0} role="region" aria-labelledby="deliveries">
          <table aria-busy={loading}>
            <thead>
              <tr>
                <th scope="col">When</th><th scope="col">To</th><th scope="col">State</th><th scope="col">Attempts</th>
                <th scope="col"><span class="hidden">What to do</span></th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.delivery_id}>
                  <td><Time at={one.created} /></td>
                  <td>{one.method} {one.url}</td>
                  <td><span class={`badge ${one.state}`}>{one.state}</span></td>
                  <td>{one.attempts}</td>
                  <td>{one.state !== 'pending' && <button type="button" onClick={() => replay(one.delivery_id)}>Send again<span class="hidden">delivery {one.delivery_id}</span></button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More deliveries</button>}
    </section>
  );
}

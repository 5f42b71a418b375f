// What the account keeps and what that costs, month by month.
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { api, data, type Usage as Shown } from '../api/client';
import { bytes, dollars } from '../format';
import { useLoaded } from '../use';
import { Failure, Loading } from './states';

type Months = Shown['accounts'][number]['months'];

const monthName = new Intl.DateTimeFormat(undefined, { month: 'short', year: '2-digit', timeZone: 'UTC' });
const named = (month: string) => monthName.format(new Date(`${month}-01T00:00:00Z`));

export function Usage() {
  const { value, error, reload } = useLoaded('usage', (signal) => data(api.GET('/api/v1/usage', { signal })));
  const all = value?.accounts[0];
  return (
    <section aria-labelledby="usage">
      <header><h2 id="usage">Use and cost</h2></header>
      {error && <Failure problem={error} again={reload} />}
      {!value && !error && <Loading what="the use" />}
      {value && all && (
        <>
          <p class="muted">With all subaccounts, at {dollars(value.storage_rate)} for each minute and month. The last month is a forecast.</p>
          <div class="charts">
            <Bars title="Cost, in US dollars" months={all.months} of={({ amount }) => amount} says={dollars} />
            <Bars title="Minutes kept" months={all.months} of={({ duration_ms }) => duration_ms / 60_000} says={(n) => n.toLocaleString()} />
          </div>
          <details>
            <summary>As a table</summary>
            <Table accounts={value.accounts} />
          </details>
        </>
      )}
    </section>
  );
}

interface BarsProps {
  title: string;
  months: Months;
  of: (month: Months[number]) => number;
  says: (value: number) => string;
}

const HEIGHT = 180;
/** What the name of a month wants beside the next. */
const LABEL = 34;

/** The year is with January only. */
function short(month: string): string {
  const name = named(month);
  return month.endsWith('-01') ? name : name.replace(/\s*\d+$/, '');
}

function Bars({ title, months, of, says }: BarsProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const container = element.current;
    if (!container) return undefined;
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    let chart = draw(container, months.map(({ month }) => short(month)), months.map(of), says);
    const again = () => {
      chart.destroy();
      chart = draw(container, months.map(({ month }) => short(month)), months.map(of), says);
    };
    const sizes = new ResizeObserver(() => chart.setSize({ width: container.clientWidth, height: HEIGHT }));
    sizes.observe(container);
    scheme.addEventListener('change', again);
    return () => {
      sizes.disconnect();
      scheme.removeEventListener('change', again);
      chart.destroy();
    };
  }, [months]);
  const last = months.at(-1);
  return (
    <div class="chart">
      <h3>{title}</h3>
      <div ref={element} role="img" aria-label={`${title}, by month; the last is ${says(last ? of(last) : 0)}`} />
    </div>
  );
}

function draw(container: HTMLElement, labels: string[], values: number[], says: (value: number) => string): UPlot {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [text, line] = [colour('--muted'), colour('--line')];
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  const splits = ({ width }: UPlot) => {
    const every = Math.ceil((labels.length * LABEL) / Math.max(1, width - 80));
    return labels.map((_, at) => at).filter((at) => (labels.length - 1 - at) % every === 0);
  };
  const bars = UPlot.paths.bars?.({ size: [0.6, 48] });
  return new UPlot({
    width: container.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (_, __, most) => [0, (most || 1) * 1.1] } },
    axes: [
      { ...axis, grid: { show: false }, splits, values: (_, at) => at.map((n) => labels[n] ?? ''), size: 28 },
      { ...axis, values: (_, at) => at.map(says), size: 64 },
    ],
    series: [{}, { fill: colour('--lane-0'), width: 0, points: { show: false }, ...(bars ? { paths: bars } : {}) }],
  }, [labels.map((_, at) => at), values], container);
}

function Table({ accounts }: { accounts: Shown['accounts'] }) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label="Use and cost by month">
      <table>
        <thead>
          <tr>
            <th scope="col">Account</th><th scope="col">Month</th>
            {['Recordings', 'Minutes', 'Size', 'Deleted', 'Minutes billed', 'Cost'].map((name) => <th key={name} scope="col" class="number">{name}</th>)}
          </tr>
        </thead>
        <tbody>
          {accounts.flatMap(({ auth_id, name, months }) => months.map((month) => (
            <tr key={`${auth_id} ${month.month}`}>
              <td>{name}</td>
              <td>{named(month.month)}{month.forecast && ' (forecast)'}</td>
              <td class="number">{month.recordings.toLocaleString()}</td>
              <td class="number">{Math.round(month.duration_ms / 60_000).toLocaleString()}</td>
              <td class="number">{bytes(month.bytes)}</td>
              <td class="number">{month.deleted.toLocaleString()}</td>
              <td class="number">{month.billed_minutes.toLocaleString()}</td>
              <td class="number">{dollars(month.amount)}</td>
            </tr>
          )))}
        </tbody>
      </table>
    </div>
  );
}

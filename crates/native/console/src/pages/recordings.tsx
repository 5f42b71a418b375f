// All recordings that the caller may see: filter, sort, choose many, and do something with them.
// Filters, order and choice are in the address, so that a link or a reload shows the same.
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, data, type Problem, type Recording } from '../api/client';
import { count } from '../format';
import { useKeys } from '../keys';
import { Bulk } from '../parts/bulk';
import { FILTERS, Filters, LIST_ONLY, where } from '../parts/filters';
import { RecordingTable } from '../parts/recording-table';
import { Empty, Failure } from '../parts/states';
import { session } from '../session';
import { useParameters, useTitle } from '../use';
import { FirstRun } from './first-run';

const PAGE = 100;

interface List {
  key: string;
  rows: Recording[];
  total: number;
  next: string | null;
}

type Query = Record<string, string | undefined>;

function load(query: Query, after: string | null, signal?: AbortSignal) {
  const asked = { ...where(query), sort: query.sort, held: query.held, text: query.text, limit: String(PAGE) };
  const given = Object.fromEntries(Object.entries({ ...asked, after }).filter(([, value]) => value));
  return data(api.GET('/api/v1/recordings', { params: { query: given }, signal }));
}

/** The list of a query, which grows page by page. */
function useList(query: Query) {
  const key = JSON.stringify([...FILTERS, ...LIST_ONLY, 'sort'].map((name) => query[name] ?? ''));
  const [list, setList] = useState<List | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [more, setMore] = useState(false);
  const [round, setRound] = useState(0);

  useEffect(() => {
    const abort = new AbortController();
    setProblem(null);
    setMore(false);
    load(query, null, abort.signal).then(
      ({ recordings, total, next }) => setList({ key, rows: recordings, total: total ?? 0, next }),
      (error: Problem) => !abort.signal.aborted && setProblem(error),
    );
    return () => abort.abort();
  }, [key, round]);

  const loadMore = () => {
    if (!list?.next || more || list.key !== key) return;
    setMore(true);
    load(query, list.next)
      .then(({ recordings, next }) => {
        // The filter may be another by now.
        setList((now) => (now?.key === key ? { ...now, rows: [...now.rows, ...recordings], next } : now));
      }, setProblem)
      .finally(() => setMore(false));
  };
  const reload = () => setRound((n) => n + 1);
  return { list, problem, loadMore, reload, stale: list?.key !== key };
}

export function Recordings() {
  const { query, change } = useParameters();
  const { route } = useLocation();
  const { list, problem, loadMore, reload, stale } = useList(query);
  const [at, setAt] = useState(0);
  useTitle('Recordings');

  const chosen = query.chosen === 'all' ? 'all' : new Set(query.chosen?.split(',').filter(Boolean));
  const choose = (id: string, yes: boolean) => {
    const all = chosen === 'all' ? new Set(list?.rows.map((row) => row.recording_id)) : new Set(chosen);
    if (yes) all.add(id);
    else all.delete(id);
    change({ chosen: [...all].join(',') }, true);
  };
  const rows = list?.rows ?? [];
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    setAt(next);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-row="${next}"] a`)?.focus());
  };
  const current = rows[at];
  useKeys([
    { key: 'j', does: 'Next recording', act: () => move(1) },
    { key: 'k', does: 'Previous recording', act: () => move(-1) },
    { key: 'o', does: 'Open the recording', act: () => current && route(`/console/recordings/${current.recording_id}`) },
    { key: 'x', does: 'Choose the recording', act: () => current && choose(current.recording_id, chosen === 'all' ? false : !chosen.has(current.recording_id)) },
    { key: '/', does: 'Filter by number', act: () => document.querySelector<HTMLElement>('input[name=number]')?.focus() },
  ]);

  // What is there is another list's, or nothing.
  const failed = problem !== null && stale;
  const filtered = [...FILTERS, ...LIST_ONLY].some((name) => query[name]);
  if (list && !stale && list.total === 0 && !filtered && !session.value?.user_id) {
    return <FirstRun onAdded={reload} />;
  }
  return (
    <>
      <h1 class="hidden">Recordings</h1>
      <Filters />
      <Bulk
        total={failed ? undefined : list?.total}
        chosen={chosen}
        query={query}
        onChange={(value) => change({ chosen: value }, true)}
        onDone={() => {
          change({ chosen: undefined }, true);
          reload();
        }}
      />
      {problem && <Failure problem={problem} again={reload} />}
      {list && list.rows.length === 0 && !stale && !problem && (
        <Empty title="No recording is like that">
          <p>Nothing matches all of these filters.</p>
        </Empty>
      )}
      {(!list || list.rows.length > 0) && !failed && (
        <RecordingTable
          rows={list?.rows}
          total={list?.total ?? 0}
          stale={stale}
          sort={query.sort ?? '-start'}
          onSort={(sort) => change({ sort: sort === '-start' ? undefined : sort })}
          isChosen={(id) => chosen === 'all' || chosen.has(id)}
          onChoose={choose}
          onEnd={loadMore}
          onFocusRow={setAt}
        />
      )}
      <p class="hidden" role="status">{list && !stale ? count(list.total, 'recording') : ''}</p>
    </>
  );
}

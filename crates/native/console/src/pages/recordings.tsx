// All recordings that the caller may see: filter, sort, choose many, and do something with them.
// Filters, order and choice are in the address, so that a link or a reload shows the same.
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, data, type Problem, type Recording } from '../api/client';
import { count } from '../format';
import { useKeys } from '../keys';
import { Bulk, type Chosen } from '../parts/bulk';
import { AS_OF_NOW, FILTERS, Filters, where } from '../parts/filters';
import { RecordingTable } from '../parts/recording-table';
import { Empty, Failure } from '../parts/states';
import { session } from '../session';
import { useParameters, useTitle } from '../use';
import { FirstRun } from './first-run';

const PAGE = 100;
/** As many as can be chosen one by one: an address has room for so many. */
const MOST = 800;

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
  const key = JSON.stringify([...FILTERS, ...AS_OF_NOW, 'sort'].map((name) => query[name] ?? ''));
  const [list, setList] = useState<List | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [more, setMore] = useState<{ loads: boolean; problem?: Problem }>({ loads: false });
  const [round, setRound] = useState(0);
  // Ends what was asked of a list that is another by now.
  const asked = useRef(new AbortController());

  useEffect(() => {
    const abort = new AbortController();
    asked.current = abort;
    setProblem(null);
    setMore({ loads: false });
    load(query, null, abort.signal).then(
      ({ recordings, total, next }) => setList({ key, rows: recordings, total: total ?? 0, next }),
      (error: Problem) => !abort.signal.aborted && setProblem(error),
    );
    return () => abort.abort();
  }, [key, round]);

  const stale = list?.key !== key;
  const loadMore = () => {
    if (!list?.next || more.loads || stale) return;
    const { signal } = asked.current;
    setMore({ loads: true });
    load(query, list.next, signal).then(
      ({ recordings, next }) => {
        if (signal.aborted) return;
        // What was loaded anew meanwhile begins at its own first page.
        setList((now) => (now === list ? { ...now, rows: [...now.rows, ...recordings], next } : now));
        setMore({ loads: false });
      },
      (problem: Problem) => !signal.aborted && setMore({ loads: false, problem }),
    );
  };
  const reload = () => setRound((n) => n + 1);
  return { list, problem, stale, reload, loadMore, lacks: more.problem };
}

export function Recordings() {
  const { query, change } = useParameters();
  const { list, problem, stale, reload, loadMore, lacks } = useList(query);
  useTitle('Recordings');

  const chosen: Chosen = query.chosen === 'all' ? 'all' : new Set(query.chosen?.split(',').filter(Boolean));
  const rows = list?.rows ?? [];
  // Of all that match not one can be taken out whose neighbours are not known.
  const fixed = stale || (chosen === 'all' && (Boolean(list?.next) || rows.length > MOST));
  const full = chosen !== 'all' && chosen.size >= MOST;
  const choose = (id: string, yes: boolean) => {
    const now = new Set(chosen === 'all' ? rows.map((row) => row.recording_id) : chosen);
    if (yes) now.add(id);
    else now.delete(id);
    change({ chosen: [...now].join(',') }, true);
  };
  const isChosen = (id: string) => chosen === 'all' || chosen.has(id);
  useKeys([{ key: '/', does: 'Filter by number', act: () => document.querySelector<HTMLElement>('input[name=number]')?.focus() }]);

  // What is there is another list's, or nothing.
  const failed = problem !== null && stale;
  const filtered = [...FILTERS, ...AS_OF_NOW].some((name) => query[name]);
  const mayAdd = session.value?.administrator || !session.value?.user_id;
  if (list && !stale && list.total === 0 && !filtered && mayAdd) {
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
      {full && <p class="muted">No more than {MOST} can be chosen one by one. For more, choose all that match.</p>}
      {problem && <Failure problem={problem} again={reload} />}
      {list && list.rows.length === 0 && !stale && !problem && (
        filtered
          ? <Empty title="No recording is like that"><p>Nothing matches all of these filters.</p></Empty>
          : <Empty title="There are no recordings yet"><p>What you record on demand will be here.</p></Empty>
      )}
      {(!list || list.rows.length > 0) && !failed && (
        <RecordingTable
          list={list?.key}
          rows={list?.rows}
          total={list?.total ?? 0}
          stale={stale}
          sort={query.sort ?? '-start'}
          onSort={(sort) => change({ sort: sort === '-start' ? undefined : sort })}
          isChosen={isChosen}
          canChoose={(id) => !fixed && (!full || isChosen(id))}
          onChoose={choose}
          onEnd={loadMore}
        />
      )}
      {lacks && <Failure problem={lacks} again={loadMore} />}
      <p class="hidden" role="status">{list && !stale ? count(list.total, 'recording') : ''}</p>
    </>
  );
}

// Hooks that every page uses.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Problem } from './api/client';

export interface Loaded<T> {
  value: T | undefined;
  error: Problem | undefined;
  loading: boolean;
  reload: () => void;
}

/** Loads again whenever `key` changes; what was loaded before stays until the new is there, and where
 * only a reload has failed. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T | undefined; error?: Problem }>({ key: '' });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ key, value }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem(0, String(error));
        setState((was) => ({ key, error: problem, value: was.key === key ? was.value : undefined }));
      },
    );
    return () => abort.abort();
  }, [key, round]);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  return { value: state.value, error: state.error, loading: state.key !== key, reload };
}

export interface Page<T> {
  rows: T[];
  /** Where the next page begins; null or absent where there is none. */
  next?: number | null;
}

export interface Pages<T> {
  /** Of all pages so far; `undefined` until the first is there. */
  rows: T[] | undefined;
  error: Problem | undefined;
  loading: boolean;
  /** Loads the next page, where there is one. */
  more: (() => void) | undefined;
  /** Loads as many pages as there were, from the first on. */
  reload: () => void;
}

/** A list that grows page by page, and begins anew whenever `key` changes. */
export function usePages<T>(key: string, load: (from: number | undefined, signal?: AbortSignal) => Promise<Page<T>>): Pages<T> {
  // How many pages, and those of them that `more` goes on from.
  const wanted = useRef({ key, many: 1, there: [] as Page<T>[] });
  if (wanted.current.key !== key) wanted.current = { key, many: 1, there: [] };
  const { value, error, loading, reload } = useLoaded(key, async (signal) => {
    const { many, there } = wanted.current;
    wanted.current.there = [];
    const pages = [...there];
    while (pages.length < many && (pages.length === 0 || hasNext(pages))) {
      pages.push(await load(pages.at(-1)?.next ?? undefined, signal));
    }
    return pages;
  });
  const goesOn = value !== undefined && hasNext(value);
  const more = () => {
    if (value) wanted.current = { key, many: value.length + 1, there: value };
    reload();
  };
  return {
    rows: value?.flatMap(({ rows }) => rows),
    error,
    loading: loading || (goesOn && !error && value.length < wanted.current.many),
    more: goesOn && !loading ? more : undefined,
    reload,
  };
}

function hasNext<T>(pages: Page<T>[]): boolean {
  return typeof pages.at(-1)?.next === 'number';
}

export interface Deed {
  busy: boolean;
  problem: Problem | null;
  act: (deed: () => Promise<unknown>) => void;
}

/** Something that is done once at a time: whether it is under way, and why it was not done. */
export function useDeed(): Deed {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const act = (deed: () => Promise<unknown>) => {
    setProblem(null);
    setBusy(true);
    deed().catch(setProblem).finally(() => setBusy(false));
  };
  return { busy, problem, act };
}

/** The parameters of the address, and how to change some; what is empty is left out. */
export function useParameters() {
  const { query, route } = useLocation();
  const change = (changes: Record<string, string | undefined>, replace = false) => {
    const next = new URLSearchParams(query);
    for (const [key, value] of Object.entries(changes)) {
      if (value) next.set(key, value);
      else next.delete(key);
    }
    const text = next.toString();
    route(text ? `${location.pathname}?${text}` : location.pathname, replace);
  };
  return { query: query as Record<string, string | undefined>, change };
}

/** Names the page in the browser's tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · callvault`;
  }, [title]);
}

/** A choice that this browser remembers. */
export function useRemembered(name: string, initial: string): [string, (value: string) => void] {
  const key = `callvault.${name}`;
  const [value, setValue] = useState(() => localStorage.getItem(key) ?? initial);
  const set = (next: string) => {
    localStorage.setItem(key, next);
    setValue(next);
  };
  return [value, set];
}

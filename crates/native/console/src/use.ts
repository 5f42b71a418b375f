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

/** Loads again whenever `key` changes; what was loaded before stays until the new is there. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: Problem }>({ key: '' });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    latest.current(abort.signal).then(
      (value) => !abort.signal.aborted && setState({ key, value }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setState({ key, error: error instanceof Problem ? error : new Problem(0, String(error)) });
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
  /** Begins again at the first page. */
  reload: () => void;
}

/** A list that grows page by page, and begins anew whenever `key` changes. */
export function usePages<T>(key: string, load: (from: number | undefined, signal?: AbortSignal) => Promise<Page<T>>): Pages<T> {
  const first = useLoaded(key, (signal) => load(undefined, signal));
  const [later, setLater] = useState<{ of: Page<T>; pages: Page<T>[]; error?: Problem; busy?: boolean }>();
  const own = later && later.of === first.value ? later : undefined;
  const pages = first.value ? [first.value, ...(own?.pages ?? [])] : [];
  const next = pages.at(-1)?.next;
  const more = () => {
    const of = first.value;
    if (!of || next === null || next === undefined || own?.busy) return;
    const before = own?.pages ?? [];
    setLater({ of, pages: before, busy: true });
    load(next).then(
      (page) => setLater({ of, pages: [...before, page] }),
      (error: Problem) => setLater({ of, pages: before, error }),
    );
  };
  return {
    rows: first.value && pages.flatMap(({ rows }) => rows),
    error: first.error ?? own?.error,
    loading: first.loading || Boolean(own?.busy),
    more: next === null || next === undefined ? undefined : more,
    reload: first.reload,
  };
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

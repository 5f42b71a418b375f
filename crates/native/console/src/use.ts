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

// What was said, in all transcripts: the words marked, each hit to be heard in its place.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, data, recordingUrl, type Hit } from '../api/client';
import { clock, count } from '../format';
import { useKeys } from '../keys';
import { Filters, where } from '../parts/filters';
import { partiesText } from '../parts/recording-table';
import { Empty, Failure, Loading } from '../parts/states';
import { Time } from '../parts/time';
import { usePages, useParameters, useTitle } from '../use';

/** What is heard before and after what was found. */
const BEFORE_MS = 300;
const AFTER_MS = 700;

export default function Search() {
  const { query, change } = useParameters();
  const { route } = useLocation();
  const q = query['q'] ?? '';
  const field = useRef<HTMLInputElement>(null);
  const [at, setAt] = useState(-1);
  const heard = useClip();
  useTitle(q ? `“${q}”` : 'Search');
  const filters = where(query);
  const found = usePages<Hit>(JSON.stringify([q, filters]), async (offset, signal) => {
    if (!q) return { rows: [] };
    const asked = api.GET('/api/v1/search', { params: { query: { q, ...filters, ...(offset ? { offset } : {}) } }, signal });
    const { hits, next } = await data(asked);
    return { rows: hits as Hit[], next };
  });
  useEffect(() => {
    if (!q) field.current?.focus();
  }, []);
  const { rows, error, loading, more } = found;
  const move = (by: number) => {
    const next = Math.max(0, Math.min((rows?.length ?? 0) - 1, at + by));
    setAt(next);
    document.querySelector<HTMLElement>(`[data-hit="${next}"] button`)?.focus();
  };
  const current = rows?.[at];
  useKeys([
    { key: '/', does: 'Search for something else', act: () => field.current?.select() },
    { key: 'j', does: 'Next hit', act: () => move(1) },
    { key: 'k', does: 'Previous hit', act: () => move(-1) },
    { key: 'p', does: 'Play the hit', act: () => current && heard.toggle(current) },
    { key: 'o', does: 'Open the recording there', act: () => current && route(place(current)) },
  ]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setAt(-1);
    change({ q: field.current?.value.trim() });
  };
  return (
    <div class="page">
      <h1 class="hidden">Search</h1>
      <search>
        <form class="search" onSubmit={submit}>
          <label>
            Words, and “phrases” in double quotes
            <input ref={field} type="search" name="q" defaultValue={q} key={q} maxLength={500} spellcheck={false} autocomplete="off" />
          </label>
          <button class="primary">Search</button>
        </form>
      </search>
      <Filters searching />
      {error && <Failure problem={error} again={found.reload} />}
      {!q && (
        <Empty title="Search what was said">
          <p>In the transcripts of all your recordings. All words must be in one turn, as they were said.</p>
        </Empty>
      )}
      {q && !rows && !error && <Loading what="what was found" />}
      {q && rows?.length === 0 && !loading && (
        <Empty title="Nobody said that">
          <p>{Object.keys(filters).length > 0 && 'Not in what matches all of these filters. '}Recordings without a transcript are not searched.</p>
        </Empty>
      )}
      {q && rows && rows.length > 0 && (
        <ul class="hits" aria-busy={loading} aria-label="Hits">
          {rows.map((hit, index) => (
            <Line key={`${hit.recording_id} ${hit.start_ms} ${hit.channel}`} hit={hit} at={index} heard={heard} onFocus={setAt} />
          ))}
        </ul>
      )}
      {heard.failed && <p class="problem" role="alert">This cannot be played here. Open the recording instead.</p>}
      {more && <button type="button" class="more" disabled={loading} onClick={more}>More</button>}
      <p class="hidden" role="status">{q && rows && !loading ? count(rows.length, 'hit') : ''}</p>
    </div>
  );
}

interface LineProps {
  hit: Hit;
  at: number;
  heard: Clip;
  onFocus: (at: number) => void;
}

function Line({ hit, at, heard, onFocus }: LineProps) {
  const playing = heard.playing === hit;
  return (
    <li data-hit={at} onFocusCapture={() => onFocus(at)}>
      <button type="button" onClick={() => heard.toggle(hit)}>
        {playing ? 'Stop' : <><span class="hidden">Play {partiesText(hit)} from</span> <span aria-hidden="true">▸</span> {clock(hit.start_ms)}</>}
      </button>
      <div>
        <p><Marked text={hit.text} matches={hit.matches} /></p>
        <div class="from">
          <span class="parties">
            {hit.from_number ?? 'unknown'} <span aria-label="to">→</span> {hit.to_number ?? 'unknown'}
            {hit.direction && ` · ${hit.direction}`}
          </span>
          <Time at={hit.start} />
          <a href={place(hit)}>Open at {clock(hit.start_ms)}</a>
        </div>
      </div>
    </li>
  );
}

/** The matches are counted in characters as Unicode has them. */
function Marked({ text, matches }: Pick<Hit, 'text' | 'matches'>) {
  const characters = [...text];
  const part = (from: number, to?: number) => characters.slice(from, to).join('');
  let done = 0;
  const parts = matches.flatMap(([from, to]) => {
    const before = part(done, from);
    done = to;
    return [before, <mark key={from}>{part(from, to)}</mark>];
  });
  return <>{parts}{part(done)}</>;
}

function place({ recording_id, start_ms }: Hit): string {
  return `/console/recordings/${recording_id}?t=${(start_ms / 1000).toFixed(1)}`;
}

interface Clip {
  playing: Hit | null;
  failed: boolean;
  toggle: (hit: Hit) => void;
}

/** Plays one hit at a time: the server cuts it out. */
function useClip(): Clip {
  const audio = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState<Hit | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const own = new Audio();
    own.addEventListener('ended', () => setPlaying(null));
    audio.current = own;
    return () => own.pause();
  }, []);
  const toggle = (hit: Hit) => {
    const own = audio.current;
    if (!own) return;
    own.pause();
    setFailed(false);
    if (playing === hit) {
      setPlaying(null);
      return;
    }
    const start = Math.max(0, hit.start_ms - BEFORE_MS);
    own.src = recordingUrl(hit.recording_id, 'media', { start_ms: String(start), end_ms: String(hit.end_ms + AFTER_MS) });
    setPlaying(hit);
    own.play().catch((error: DOMException) => {
      if (error.name === 'AbortError') return;
      setPlaying(null);
      setFailed(true);
    });
  };
  return { playing, failed, toggle };
}

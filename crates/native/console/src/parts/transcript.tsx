// What was said, beside the audio: the words that are being said are marked, a click plays from one.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, data, recordingUrl, type Problem, type Transcript, type Turn, type Word } from '../api/client';
import { clock } from '../format';
import { useKeys } from '../keys';
import type { Playhead } from '../player';
import { useLoaded } from '../use';
import { speakerName } from './player-view';
import { Failure, Loading } from './states';

interface Props {
  player: Playhead;
  /** What is known of it before it is asked for: a status, or `null` where there is none. */
  status: string | null | undefined;
  /** Told when it is asked for, and when it is there. */
  onChange: () => void;
}

const POLL_MS = 1000;

export function TranscriptView({ player, status, onChange }: Props) {
  const { facts } = player;
  const params = { path: { recording_id: facts.recording_id } };
  const loaded = useLoaded(`transcript ${facts.recording_id} ${status}`, async (signal) => {
    if (status === null || status === undefined) return status;
    const asked = api.GET('/api/v1/recordings/{recording_id}/transcript', { params, signal });
    return (await data(asked)) as Transcript;
  });
  const { value, error, reload } = loaded;
  useEffect(() => {
    if (value?.status !== 'in_progress') return undefined;
    const timer = setTimeout(reload, POLL_MS);
    return () => clearTimeout(timer);
  }, [value, error]);
  const body = () => {
    if (error && !value) return <Failure problem={error} again={reload} />;
    if (value === undefined || loaded.loading) return <Loading what="the transcript" />;
    if (value?.status === 'success') return <Said player={player} transcript={value} />;
    if (value?.status === 'in_progress') return <p class="state" role="status">It is being transcribed…</p>;
    if (facts.audio_deleted) return <p class="state">There is none, and no audio to make one of.</p>;
    return <Wish id={facts.recording_id} failed={value?.error} onChange={() => {
      onChange();
      reload();
    }} />;
  };
  return (
    <section class="transcript" aria-labelledby="transcript">
      <header>
        <h2 id="transcript">Transcript</h2>
        {value?.status === 'success' && <Downloads id={facts.recording_id} transcript={value} />}
      </header>
      {body()}
    </section>
  );
}

function Downloads({ id, transcript }: { id: string; transcript: Transcript }) {
  const formats = [['text', 'txt', 'Text'], ['srt', 'srt', 'SRT'], ['vtt', 'vtt', 'VTT']] as const;
  return (
    <div class="links">
      {transcript.speakers === 'estimated' && (
        <span class="badge" title="All are on one channel, so this may be wrong.">Told apart by voice</span>
      )}
      {transcript.language && <span class="muted">{languageName(transcript.language)}</span>}
      {formats.map(([format, ending, says]) => (
        <a key={format} href={recordingUrl(id, 'transcript', { format })} download={`${id}.${ending}`}>{says}</a>
      ))}
    </div>
  );
}

const LANGUAGES = ['ar', 'de', 'en', 'es', 'fr', 'hi', 'it', 'ja', 'ko', 'nl', 'pl', 'pt', 'ru', 'tr', 'uk', 'zh'];

function languageName(code: string): string {
  return new Intl.DisplayNames(undefined, { type: 'language' }).of(code) ?? code;
}

/** There is none: offers to make it. */
function Wish({ id, failed, onChange }: { id: string; failed: string | null | undefined; onChange: () => void }) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const language = String(new FormData(event.currentTarget as HTMLFormElement).get('language'));
    setAsked(true);
    try {
      const params = { path: { recording_id: id } };
      const body = language ? { language } : {};
      await data(api.POST('/api/v1/recordings/{recording_id}/transcript', { params, body }));
      onChange();
    } catch (error) {
      setProblem(error as Problem);
    }
    setAsked(false);
  };
  return (
    <form class="state" onSubmit={submit}>
      {failed ? <p class="problem" role="alert">It could not be transcribed: {failed}</p> : <p>Nobody has had this recording transcribed.</p>}
      <label>
        Language
        <select name="language">
          <option value="">Detect it</option>
          {LANGUAGES.map((code) => <option key={code} value={code}>{languageName(code)}</option>)}
        </select>
      </label>
      <button class="primary" disabled={asked}>{failed ? 'Try again' : 'Transcribe'}</button>
      {problem && <p class="problem" role="alert">{problem.message}</p>}
    </form>
  );
}

interface Spoken {
  turn: Turn;
  /** With their places among all of the transcript's words. */
  words: [number, Word][];
}

/** Which words are whose: a word is of the last turn of its speaker that has begun. */
function byTurn({ turns, words }: Transcript): Spoken[] {
  const all = turns.map((turn): Spoken => ({ turn, words: [] }));
  words.forEach((word, at) => {
    const own = all.findLast(({ turn }) =>
      turn.channel === word.channel && turn.speaker === word.speaker && turn.start_ms <= word.start_ms);
    own?.words.push([at, word]);
  });
  return all;
}

/** Of each channel the words, as they begin. */
function byChannel({ words }: Transcript): [number, Word][][] {
  const channels: [number, Word][][] = [];
  words.forEach((word, at) => (channels[word.channel] ??= []).push([at, word]));
  for (const own of channels) own?.sort(([, a], [, b]) => a.start_ms - b.start_ms);
  return channels.filter(Boolean);
}

/** Which of a channel's words is being said, if any. */
function saidAt(words: [number, Word][], ms: number): number | undefined {
  let [from, to] = [0, words.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((words[middle]?.[1].start_ms ?? 0) <= ms) from = middle + 1;
    else to = middle;
  }
  const last = words[from - 1];
  return last && ms < last[1].end_ms ? last[0] : undefined;
}

/** A click is heard a little after the word's start: the clock of the audio is rounded. */
const ROUNDING_MS = 5;

function Said({ player, transcript }: { player: Playhead; transcript: Transcript }) {
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const following = useRef(true);
  following.current = follows;
  const placed = useRef(0);
  const marked = useRef<HTMLElement[]>([]);
  const channels = useMemo(() => byChannel(transcript), [transcript]);
  const turns = useMemo(() => byTurn(transcript), [transcript]);

  const show = (word: HTMLElement | undefined) => {
    const view = box.current;
    if (!view || !word) return;
    const above = word.getBoundingClientRect().top - view.getBoundingClientRect().top;
    if (above > view.clientHeight * 0.15 && above < view.clientHeight * 0.7) return;
    view.scrollTop += above - view.clientHeight * 0.3;
    placed.current = view.scrollTop;
  };
  useSignalEffect(() => {
    const ms = player.now.value * 1000 + ROUNDING_MS;
    const said = channels.flatMap((words) => saidAt(words, ms) ?? []);
    if (said.length === 0) return;
    const words = said.flatMap((at) => box.current?.querySelector<HTMLElement>(`[data-word="${at}"]`) ?? []);
    if (words.every((word) => marked.current.includes(word)) && words.length === marked.current.length) return;
    for (const word of marked.current) word.removeAttribute('aria-current');
    for (const word of words) word.setAttribute('aria-current', 'true');
    marked.current = words;
    if (following.current) show(words[0]);
  });
  const follow = () => {
    setFollows(true);
    show(marked.current[0]);
  };
  const turnBy = (by: number) => {
    const now = player.now.value * 1000 + ROUNDING_MS;
    const at = turns.findLastIndex(({ turn }) => turn.start_ms <= now) + by;
    const turn = turns[Math.max(0, Math.min(turns.length - 1, at))]?.turn;
    if (turn) player.seek(turn.start_ms / 1000);
  };
  useKeys([
    { key: 'j', does: 'Next turn', act: () => turnBy(1) },
    { key: 'k', does: 'Previous turn', act: () => turnBy(-1) },
    { key: 'f', does: 'Follow the transcript', act: follow },
  ]);
  const click = (event: MouseEvent) => {
    const word = event.target instanceof Element && event.target.closest<HTMLElement>('[data-word]');
    if (!word || !getSelection()?.isCollapsed) return;
    const at = transcript.words[Number(word.dataset['word'])];
    if (at) player.playFrom(at.start_ms / 1000);
  };
  if (turns.length === 0) return <p class="state">Nobody says anything.</p>;
  return (
    <>
      <div
        ref={box} class="said" tabIndex={0} role="region" aria-label="What is said" onClick={click}
        onScroll={({ currentTarget }) => Math.abs(currentTarget.scrollTop - placed.current) > 2 && setFollows(false)}
      >
        <Turns player={player} turns={turns} speakers={transcript.speakers} />
      </div>
      {!follows && <button type="button" class="follow" onClick={follow}>Follow again</button>}
    </>
  );
}

interface TurnsProps {
  player: Playhead;
  turns: Spoken[];
  speakers: Transcript['speakers'];
}

function Turns({ player, turns, speakers }: TurnsProps) {
  return useMemo(() => (
    <ol>
      {turns.map(({ turn, words }, at) => (
        <li key={at} class={`lane-${turn.speaker % 2}`}>
          <div>
            {speakers !== 'unknown' && <strong>{speakerName(player.facts, turn)}</strong>}
            {speakers === 'estimated' && <small>{Math.round(turn.confidence * 100)} % sure</small>}
            <button type="button" class="plain" onClick={() => player.playFrom(turn.start_ms / 1000)}>
              <span class="hidden">{player.facts.audio_deleted ? 'Go to' : 'Play from'}</span> {clock(turn.start_ms)}
            </button>
          </div>
          <p>
            {words.length === 0 ? turn.text : words.map(([place, { word }]) => [<span key={place} data-word={place}>{word}</span>, ' '])}
          </p>
        </li>
      ))}
    </ol>
  ), [player, turns, speakers]);
}

// Recordings as a zip: how many and how large first, then how far it is, then the file. Which one it
// is stands in the address, so that a reload does not lose it.
import { useEffect, useState } from 'preact/hooks';
import { api, data, isMissing, type Export, type ExportPreview, type NewExport, type Problem } from '../api/client';
import { bytes, count, spoken } from '../format';
import { useDeed, useLoaded } from '../use';
import { Dialog } from './dialog';
import { Failure } from './states';
import { Time } from './time';

const LOOK_EVERY_MS = 1000;

interface AskProps {
  what: NewExport;
  onStarted: (id: string) => void;
  onClose: () => void;
}

/** Says what would be in it, and has it made. */
export function AskForZip({ what, onStarted, onClose }: AskProps) {
  const { busy, problem, act } = useDeed();
  const preview = useLoaded('preview', async () => {
    const answer = await data(api.POST('/api/v1/exports', { body: { ...what, dry_run: true } }));
    return answer as ExportPreview;
  });
  const begin = () => act(async () => {
    const started = await data(api.POST('/api/v1/exports', { body: what }));
    onStarted((started as { export_id: string }).export_id);
  });
  const { value, error } = preview;
  return (
    <Dialog title={value ? `Download ${count(value.recordings, 'recording')}?` : 'Download'} onClose={onClose}>
      {error && <Failure problem={error} again={preview.reload} />}
      {!value && !error && <p role="status">Counting…</p>}
      {value && (
        <>
          <dl class="facts">
            <div><dt>Recordings</dt><dd>{value.recordings.toLocaleString()}</dd></div>
            <div><dt>Length</dt><dd>{spoken(value.duration_ms)}</dd></div>
            <div><dt>Size of the audio</dt><dd>{bytes(value.bytes)}</dd></div>
          </dl>
          <p>The zip has each recording as it was sent, its transcript where there is one, and a list of them with what is known of each call.</p>
        </>
      )}
      {problem && <Failure problem={problem} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="primary" disabled={!value?.recordings || busy} onClick={begin}>Make the zip</button>
      </footer>
    </Dialog>
  );
}

/** A zip as it is made, and when it is there. */
export function Zip({ id, onClose }: { id: string; onClose: () => void }) {
  const [now, setNow] = useState<Export | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const params = { path: { export_id: id } };
    data(api.GET('/api/v1/exports/{export_id}', { params })).then((shown) => {
      setProblem(null);
      setNow(shown);
      const goesOn = shown.status === 'pending' || shown.status === 'in_progress';
      if (goesOn) timer = setTimeout(() => setRound((n) => n + 1), LOOK_EVERY_MS);
    }, setProblem);
    return () => clearTimeout(timer);
  }, [id, round]);
  const again = () => setRound((n) => n + 1);
  const done = now?.status === 'complete';
  return (
    <Dialog title={done ? 'The zip is there' : 'Download'} onClose={onClose}>
      {problem && (isMissing(problem) ? <p>There is no such zip any more.</p> : <Failure problem={problem} again={again} />)}
      {now && <div role="status"><How far={now} /></div>}
      <footer>
        {done && <a class="button primary" href={`/api/v1/exports/${encodeURIComponent(id)}/zip`} download>Download the zip</a>}
        <button type="button" onClick={onClose}>{done || now?.status === 'failed' || now?.status === 'expired' ? 'Done' : 'Close'}</button>
      </footer>
    </Dialog>
  );
}

function How({ far }: { far: Export }) {
  switch (far.status) {
    case 'complete':
      return <p>{count(far.recordings ?? 0, 'recording')}, {bytes(far.size_bytes ?? 0)}. It can be fetched until <Time at={far.valid_until ?? ''} /></p>;
    case 'failed':
      return <p>The zip could not be made. Ask for it again.</p>;
    case 'expired':
      return <p>The zip is not there any more: its time is over, or something in it was deleted. Ask for it again.</p>;
    default:
      return (
        <>
          <progress aria-label="Looked at so far" max={far.recordings ?? undefined} value={far.recordings ? far.completed : undefined} />
          <p>{far.recordings === null ? 'It will be made in a moment.' : `${far.completed.toLocaleString()} of ${count(far.recordings, 'recording')}`}</p>
          <p class="muted">This window may be closed: the address of the page brings it back.</p>
        </>
      );
  }
}

// What can be done with one recording.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, data, recordingUrl, type Facts, type Keeping, type Problem } from '../api/client';
import { useKeys } from '../keys';
import { session } from '../session';
import { Dialog } from './dialog';
import { Failure } from './states';
import { WithReason } from './with-reason';

interface Props {
  facts: Facts;
  keeping: Keeping | undefined;
  onChange: () => void;
}

type Doing = 'hold' | 'lift' | 'delete' | 'download';

export function Actions({ facts, keeping, onChange }: Props) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const { route } = useLocation();
  const params = { path: { recording_id: facts.recording_id } };
  const administrator = session.value?.administrator ?? false;
  const hasAudio = !facts.audio_deleted;
  const own = keeping?.holds.filter(({ recording_id }) => recording_id) ?? [];
  const close = () => setDoing(null);
  const done = () => {
    close();
    onChange();
  };
  useKeys([
    ...(administrator ? [{ key: 'h', does: 'Put on hold', act: () => setDoing('hold') }] : []),
    ...(hasAudio ? [{ key: 'w', does: 'Download', act: () => setDoing('download') }] : []),
  ]);
  return (
    <div class="actions">
      {hasAudio && <button type="button" onClick={() => setDoing('download')}>Download…</button>}
      {hasAudio && <Denoise facts={facts} onChange={onChange} />}
      {administrator && <button type="button" onClick={() => setDoing('hold')}>Hold…</button>}
      {own.length > 0 && <button type="button" onClick={() => setDoing('lift')}>Lift the hold…</button>}
      <button type="button" class="danger" disabled={keeping?.held} onClick={() => setDoing('delete')}>Delete…</button>
      {doing === 'download' && <Downloads facts={facts} onClose={close} />}
      {doing === 'hold' && (
        <WithReason
          title="Put under legal hold" says="Nobody can delete it, by hand or by policy, until the hold is lifted." act="Hold" onClose={close}
          onReason={async (reason) => {
            await data(api.PUT('/api/v1/recordings/{recording_id}/hold', { params, body: { reason } }));
            done();
          }}
        />
      )}
      {doing === 'lift' && (
        <WithReason
          title="Lift the legal hold" says={own.map(({ reason }) => reason).join('; ')} act="Lift" onClose={close}
          onReason={async (reason) => {
            for (const { hold_id } of own) {
              await data(api.DELETE('/api/v1/holds/{hold_id}', { params: { path: { hold_id }, query: { reason } } }));
            }
            done();
          }}
        />
      )}
      {doing === 'delete' && (
        <Delete
          facts={facts} onClose={close}
          onDelete={async () => {
            await data(api.DELETE('/api/v1/recordings/{recording_id}', { params }));
            route('/console/');
          }}
        />
      )}
    </div>
  );
}

/** Has the denoised variant made, where there is none. */
function Denoise({ facts, onChange }: { facts: Facts; onChange: () => void }) {
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const looks = useRef(true);
  useEffect(() => () => void (looks.current = false), []);
  if (facts.variants.some(({ variant }) => variant === 'denoised')) return null;
  const params = { path: { recording_id: facts.recording_id } };
  const isThere = async () => {
    const now = await data(api.GET('/api/v1/recordings/{recording_id}', { params }));
    return now.variants.length > 1;
  };
  const ask = async () => {
    setAsked(true);
    try {
      await data(api.POST('/api/v1/recordings/{recording_id}/denoise', { params }));
      while (looks.current && !(await isThere())) await new Promise((resolve) => setTimeout(resolve, 1000));
      if (looks.current) onChange();
    } catch (error) {
      setProblem(error as Problem);
      setAsked(false);
    }
  };
  return (
    <>
      <button type="button" disabled={asked} onClick={ask}>{asked ? 'Denoising…' : 'Denoise'}</button>
      {problem && <span class="problem" role="alert">{problem.message}</span>}
    </>
  );
}

function Downloads({ facts, onClose }: { facts: Facts; onClose: () => void }) {
  const link = (says: string, query: Record<string, string>) => (
    <li key={says}><a class="button" href={recordingUrl(facts.recording_id, 'media', query)} download>{says}</a></li>
  );
  const denoised = facts.variants.some(({ variant }) => variant === 'denoised');
  return (
    <Dialog title="Download" onClose={onClose}>
      <ul class="links">
        {link(`As it was sent (${facts.format.toUpperCase()})`, { variant: 'original', format: 'asis' })}
        {link('WAV', { variant: 'original', format: 'wav' })}
        {link('MP3', { variant: 'original', format: 'mp3' })}
        {denoised && link('Denoised, WAV', { variant: 'denoised', format: 'wav' })}
        {denoised && link('Denoised, MP3', { variant: 'denoised', format: 'mp3' })}
      </ul>
    </Dialog>
  );
}

function Delete({ facts, onDelete, onClose }: { facts: Facts; onDelete: () => Promise<void>; onClose: () => void }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Dialog title="Delete this recording?" onClose={onClose}>
      <p>Recording {facts.number} goes for good, with its audio and all that was made of it.</p>
      {problem && <Failure problem={problem} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" onClick={() => void onDelete().catch(setProblem)}>Delete for good</button>
      </footer>
    </Dialog>
  );
}

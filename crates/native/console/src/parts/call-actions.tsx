// What can be done with one recording.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, data, Problem, recordingUrl, type Facts, type Keeping } from '../api/client';
import { useKeys } from '../keys';
import { session } from '../session';
import { Confirm } from './confirm';
import { Dialog } from './dialog';
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
      <button type="button" class="danger" disabled={keeping?.held ?? true} onClick={() => setDoing('delete')}>Delete…</button>
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
        <Confirm
          title="Delete this recording?" act="Delete for good" onClose={close}
          onAct={async () => {
            await data(api.DELETE('/api/v1/recordings/{recording_id}', { params }));
            route('/console/');
          }}
        >
          <p>Recording {facts.number} goes for good, with its audio and all that was made of it.</p>
        </Confirm>
      )}
    </div>
  );
}

/** As often as it is looked for, a second apart. */
const LOOKS = 300;

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
    setProblem(null);
    try {
      await data(api.POST('/api/v1/recordings/{recording_id}/denoise', { params }));
      for (let looked = 0; looks.current; looked += 1) {
        if (await isThere()) {
          onChange();
          return;
        }
        if (looked === LOOKS) throw new Problem(0, 'It is not there yet. Account, Background work, says what becomes of it.');
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
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

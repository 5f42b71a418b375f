// One recording: hear it, see what is known of it, hold it, delete it.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { api, data, isMissing } from '../api/client';
import { AudioGone } from '../parts/audio-gone';
import { Actions } from '../parts/call-actions';
import { CallFacts } from '../parts/call-facts';
import { PlayerView } from '../parts/player-view';
import { partiesText } from '../parts/recording-table';
import { Empty, Failure, Loading } from '../parts/states';
import { Time } from '../parts/time';
import { TranscriptView } from '../parts/transcript';
import { Player, Silent, type Playhead } from '../player';
import { useLoaded, useTitle } from '../use';

export default function Recording() {
  const { params } = useRoute();
  const { query } = useLocation();
  const recording_id = params['id'] ?? '';
  const path = { path: { recording_id } };
  const facts = useLoaded(`facts ${recording_id}`, (signal) =>
    data(api.GET('/api/v1/recordings/{recording_id}', { params: path, signal })),
  );
  const keeping = useLoaded(`keeping ${recording_id}`, (signal) =>
    data(api.GET('/api/v1/recordings/{recording_id}/keeping', { params: path, signal })),
  );
  const shown = facts.value;
  const variants = shown?.variants.length;
  const last = useRef<Playhead>(undefined);
  const player = useMemo(() => {
    if (!shown) return undefined;
    // With another variant it goes on as it was.
    const before = last.current?.facts.recording_id === shown.recording_id ? last.current : undefined;
    const at = before?.now.value ?? (Number(query['t'] ?? 0) || 0);
    const made = shown.audio_deleted ? new Silent(shown, at) : new Player(shown, at);
    if (made instanceof Player && before instanceof Player) made.goOnFrom(before);
    last.current = made;
    return made;
  }, [shown?.recording_id, variants]);
  useEffect(() => () => {
    if (player instanceof Player) player.destroy();
  }, [player]);
  useTitle(shown ? partiesText(shown) : 'Recording');

  if (facts.error && isMissing(facts.error)) {
    return (
      <Empty title="There is no such recording">
        <p>It may have been deleted, or it is not yours.</p>
        <a href="/console/">Go to the recordings</a>
      </Empty>
    );
  }
  if (facts.error && !shown) return <Failure problem={facts.error} again={facts.reload} />;
  if (!shown || !player) return <Loading what="the recording" />;
  const reload = () => {
    facts.reload();
    keeping.reload();
  };
  // What is shown stays where only a later look has failed.
  const late = facts.error ?? (keeping.value && keeping.error);
  return (
    <article class="call">
      <header>
        <div>
          <h1>{shown.from_number ?? 'unknown'} <span aria-label="to">→</span> {shown.to_number ?? 'unknown'}</h1>
          <Time at={shown.start} />
        </div>
        <Actions facts={shown} keeping={keeping.value} onChange={reload} />
      </header>
      {late && <Failure problem={late} again={reload} />}
      {player instanceof Player
        ? <PlayerView key={`${shown.recording_id} ${variants}`} player={player} />
        : <AudioGone facts={shown} said={keeping.value?.transcript !== null} />}
      <div class="below">
        {keeping.error && !keeping.value
          ? <Failure problem={keeping.error} again={keeping.reload} />
          : <TranscriptView key={shown.recording_id} player={player} status={keeping.value?.transcript} onChange={keeping.reload} />}
        <CallFacts facts={shown} keeping={keeping.value} />
      </div>
    </article>
  );
}

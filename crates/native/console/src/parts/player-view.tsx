// The player: lanes, one playhead, and its controls.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Facts } from '../api/client';
import { clock, spoken } from '../format';
import { useKeys } from '../keys';
import { loadPeaks, type Peaks, type Player, type Variant } from '../player';
import { useLoaded, useRemembered } from '../use';

const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STEP = 5;
const LANE = 64;
const ZOOMS = [0, 25, 50, 100, 200];

export function PlayerView({ player }: { player: Player }) {
  const { facts } = player;
  const peaks = useLoaded(`peaks ${facts.recording_id}`, (signal) => loadPeaks(facts, signal));
  const [rate, setRate] = useRemembered('speed', '1');
  const [skips, setSkips] = useRemembered('skip-silence', '');
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState('');
  const denoised = facts.variants.some(({ variant }) => variant === 'denoised');
  useEffect(() => player.setRate(Number(rate) || 1), [rate, player]);
  useEffect(() => void (player.skips.value = skips === 'yes'), [skips, player]);

  const by = (steps: number) => {
    const at = RATES.indexOf(Number(rate)) + steps;
    setRate(String(RATES[Math.max(0, Math.min(RATES.length - 1, at))]));
  };
  const zoomBy = (steps: number) => {
    const at = ZOOMS.indexOf(player.zoom.value) + steps;
    player.setZoom(ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, at))] ?? 0);
  };
  const other = (): Variant => (player.variant.value === 'original' ? 'denoised' : 'original');
  const loopFrom = () => player.setLoop(player.now.value, player.loop.value?.to ?? player.duration);
  const loopTo = () => player.setLoop(player.loop.value?.from ?? 0, player.now.value);
  const link = () => {
    const url = new URL(location.href);
    url.search = new URLSearchParams({ t: player.now.value.toFixed(1) }).toString();
    return url.href;
  };
  const copyLink = async () => {
    // A browser gives the clipboard to https and to this machine only.
    if (!isSecureContext) {
      setShown(link());
      return;
    }
    await navigator.clipboard.writeText(link());
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  useKeys([
    { key: ' ', name: 'Space', does: 'Play or pause', act: () => player.toggle() },
    { key: 'ArrowLeft', name: '←', does: `Back ${STEP} seconds`, act: () => player.seek(player.now.value - STEP) },
    { key: 'ArrowRight', name: '→', does: `On ${STEP} seconds`, act: () => player.seek(player.now.value + STEP) },
    { key: '<', does: 'Slower', act: () => by(-1) },
    { key: '>', does: 'Faster', act: () => by(1) },
    { key: 's', does: 'Skip silence', act: () => setSkips(skips ? '' : 'yes') },
    { key: '[', does: 'Loop from here', act: loopFrom },
    { key: ']', does: 'Loop until here', act: loopTo },
    { key: '\\', does: 'End the loop', act: () => player.clearLoop() },
    { key: '+', does: 'Zoom in', act: () => zoomBy(1) },
    { key: '-', does: 'Zoom out', act: () => zoomBy(-1) },
    ...(denoised ? [{ key: 'd', does: 'Denoised or original', act: () => player.use(other()) }] : []),
  ]);
  const lanes = peaks.value?.channels.length ?? facts.channels;
  return (
    <section class="player" aria-label="Player">
      <div class="lanes">
        <div class="names">
          {Array.from({ length: lanes }, (_, at) => <span key={at}>{legName(facts, lanes, at)}</span>)}
        </div>
        <Wave player={player} peaks={peaks.value} height={LANE} lanes={lanes} />
      </div>
      {peaks.error && (
        <p class="muted">
          {peaks.error.message} The recording can be played all the same.{' '}
          <button type="button" class="plain" onClick={peaks.reload}>Try again</button>
        </p>
      )}
      {player.failed.value && <p class="problem" role="alert">The audio cannot be played here. Download it instead.</p>}
      <div class="controls">
        <button type="button" class="primary" onClick={() => player.toggle()}>{player.playing.value ? 'Pause' : 'Play'}</button>
        <Now player={player} />
        {denoised && (
          <div class="group" role="group" aria-label="Sound">
            {(['denoised', 'original'] as const).map((variant) => (
              <button key={variant} type="button" aria-pressed={player.variant.value === variant} onClick={() => player.use(variant)}>
                {variant === 'denoised' ? 'Denoised' : 'Original'}
              </button>
            ))}
          </div>
        )}
        <label>
          Speed
          <select value={rate} onChange={(event) => setRate(event.currentTarget.value)}>
            {RATES.map((one) => <option key={one} value={String(one)}>{one}×</option>)}
          </select>
        </label>
        <label>
          <input type="checkbox" checked={skips === 'yes'} onChange={(event) => setSkips(event.currentTarget.checked ? 'yes' : '')} />
          Skip silence
        </label>
        <div class="group" role="group" aria-label="Loop">
          <button type="button" onClick={loopFrom}>Loop from here</button>
          <button type="button" onClick={loopTo}>to here</button>
          <button type="button" disabled={!player.loop.value} onClick={() => player.clearLoop()}>End loop</button>
        </div>
        <div class="group" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom out" onClick={() => zoomBy(-1)}>−</button>
          <button type="button" aria-label="Zoom in" onClick={() => zoomBy(1)}>+</button>
        </div>
        <span class="spacer" />
        <button type="button" onClick={copyLink}>{copied ? 'Copied' : isSecureContext ? 'Copy link to here' : 'Link to here'}</button>
        {shown && <input aria-label="Link to here" readOnly value={shown} onFocus={(event) => event.currentTarget.select()} />}
      </div>
    </section>
  );
}

/** Where it is. Apart, since it changes all the time. */
function Now({ player }: { player: Player }) {
  const loop = player.loop.value;
  return (
    <span class="now">
      {clock(player.now.value * 1000)} / {clock(player.facts.duration_ms)}
      {loop && <small> loop {clock(loop.from * 1000)}–{clock(loop.to * 1000)}</small>}
    </span>
  );
}

interface WaveProps {
  player: Player;
  peaks: Peaks | undefined;
  height: number;
  lanes: number;
}

function Wave({ player, peaks, height, lanes }: WaveProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!element.current || !peaks) return undefined;
    return player.draw(element.current, peaks, height);
  }, [player, peaks]);
  // Told to screen readers by the second, not with every frame.
  useSignalEffect(() => {
    const at = Math.floor(player.now.value);
    if (element.current?.ariaValueNow === String(at)) return;
    element.current?.setAttribute('aria-valuenow', String(at));
    element.current?.setAttribute('aria-valuetext', `${spoken(at * 1000)} of ${spoken(player.facts.duration_ms)}`);
  });
  return (
    <div
      ref={element} class="wave" role="slider" tabIndex={0} aria-label="Position" aria-valuemin={0}
      aria-valuemax={Math.ceil(player.duration)} aria-valuenow={0} style={{ height: `${lanes * height}px` }}
    />
  );
}

/** Whose voice a channel has: the caller's is the first. */
function legName(facts: Facts, lanes: number, at: number): string {
  if (lanes === 1) return 'Everybody';
  const caller = facts.cnam ?? facts.from_number ?? 'Caller';
  return at === 0 ? caller : at === 1 ? (facts.to_number ?? 'Called') : `Channel ${at + 1}`;
}

/** Who speaks in a turn: a party of the call where each has a channel, else a voice. */
export function speakerName(facts: Facts, { channel, speaker }: { channel: number; speaker: number }): string {
  return facts.channels > 1 ? legName(facts, facts.channels, channel) : `Speaker ${speaker + 1}`;
}

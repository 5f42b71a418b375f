// The audio of one recording: two variants on one playhead, drawn by wavesurfer from the server's
// peaks. The page decodes nothing.
import { signal, type Signal } from '@preact/signals';
import WaveSurfer from 'wavesurfer.js';
import RegionsPlugin, { type Region } from 'wavesurfer.js/dist/plugins/regions.esm.js';
import { Problem, recordingUrl, type Facts } from './api/client';
import { signedOut } from './session';

export type Variant = 'original' | 'denoised';

/** Of each channel the loudest sample of each stretch, from 0 to 1. */
export interface Peaks {
  channels: number[][];
  /** Of one stretch. */
  seconds: number;
}

/** Stretches for each second, as long as there are not too many. */
const PER_SECOND = 50;
const MOST = 60_000;

/** Asks for the peaks, in audiowaveform's JSON: of each stretch and channel the least and the
 * greatest sample, in 8 bits. */
export async function loadPeaks(facts: Facts, signal: AbortSignal): Promise<Peaks> {
  const samples = (facts.duration_ms / 1000) * facts.sample_rate;
  const per = Math.max(16, Math.ceil(facts.sample_rate / PER_SECOND), Math.ceil(samples / MOST));
  const url = recordingUrl(facts.recording_id, 'peaks', { samples_per_pixel: String(per) });
  const response = await fetch(url, { signal, headers: { 'callvault-console': '1' } });
  if (response.status === 401) signedOut();
  if (!response.ok) throw new Problem(response.status, 'The waveform cannot be drawn.');
  const { channels, data } = (await response.json()) as { channels: number; data: number[] };
  const length = Math.floor(data.length / (2 * channels));
  const peak = (channel: number, at: number) => {
    const pair = 2 * (at * channels + channel);
    return Math.max(-(data[pair] ?? 0), data[pair + 1] ?? 0) / 128;
  };
  return {
    channels: Array.from({ length: channels }, (_, channel) =>
      Array.from({ length }, (_, at) => peak(channel, at)),
    ),
    seconds: per / facts.sample_rate,
  };
}

/** Quieter than this in every channel is silence, where it lasts. */
const QUIET = 0.03;
const LASTS = 1;
/** What is left of a silence on both sides, so that no word is clipped. */
const MARGIN = 0.2;
/** As near to a silence's end as browsers may go that were sent to it: they round. */
const NEAR = 0.02;

/** The silences, in seconds. */
export function silences({ channels, seconds }: Peaks): [number, number][] {
  const found: [number, number][] = [];
  const length = channels[0]?.length ?? 0;
  let from = 0;
  for (let at = 0; at <= length; at += 1) {
    if (at < length && channels.every((peaks) => (peaks[at] ?? 0) < QUIET)) continue;
    if ((at - from) * seconds >= LASTS) found.push([from * seconds + MARGIN, at * seconds - MARGIN]);
    from = at + 1;
  }
  return found;
}

/** What wavesurfer draws so many lanes in, as the style sheet has it now. */
function colours(lanes: number) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const lane = (at: number) => {
    const own = colour(`--lane-${at % 2}`);
    return { waveColor: `color-mix(in srgb, ${own} 45%, ${colour('--bg')})`, progressColor: own };
  };
  const splitChannels = Array.from({ length: lanes }, (_, at) => lane(at));
  return { splitChannels, ...lane(0), cursorColor: colour('--text') };
}

/** What every browser plays of a recording as it is kept, or else as WAV. */
function source(facts: Facts, variant: Variant): string {
  const asWav = variant === 'original' && (facts.format === 'wav' || facts.format === 'gsm');
  const query = { variant, ...(asWav ? { format: 'wav' } : {}) };
  return recordingUrl(facts.recording_id, 'media', query);
}

/** What a transcript goes along with. */
export interface Playhead {
  readonly facts: Facts;
  /** Where it is, in seconds. */
  readonly now: Signal<number>;
  seek(to: number): void;
  playFrom(at: number): void;
}

/** A second of a recording that has these facts. */
function within(facts: Facts, second: number): number {
  return Math.max(0, Math.min(facts.duration_ms / 1000, second));
}

/** A place in a recording whose audio is gone: what was said can still be gone through. */
export class Silent implements Playhead {
  readonly now: Signal<number>;

  constructor(
    readonly facts: Facts,
    at: number,
  ) {
    this.now = signal(within(facts, at));
  }

  seek(to: number): void {
    this.now.value = within(this.facts, to);
  }

  playFrom(at: number): void {
    this.seek(at);
  }
}

/** Plays one recording. */
export class Player implements Playhead {
  readonly playing = signal(false);
  /** Where it is, in seconds. */
  readonly now = signal(0);
  readonly variant = signal<Variant>('original');
  readonly rate = signal(1);
  readonly skips = signal(false);
  readonly loop = signal<{ from: number; to: number } | null>(null);
  readonly zoom = signal(0);
  readonly failed = signal(false);

  private readonly audios = new Map<Variant, HTMLAudioElement>();
  private readonly regions = RegionsPlugin.create();
  private surfer: WaveSurfer | null = null;
  private region: Region | null = null;
  private silences: [number, number][] = [];
  private frame = 0;

  constructor(
    readonly facts: Facts,
    at: number,
  ) {
    for (const { variant } of facts.variants) {
      const audio = new Audio();
      audio.preload = variant === 'original' ? 'metadata' : 'auto';
      audio.src = source(facts, variant as Variant);
      audio.addEventListener('play', () => this.heard(audio));
      audio.addEventListener('pause', () => this.heard(audio));
      audio.addEventListener('seeking', () => this.heard(audio));
      audio.addEventListener('error', () => {
        if (audio !== this.audio) return;
        this.failed.value = true;
        this.playing.value = false;
      });
      // In a tab that is out of sight nothing else follows it.
      audio.addEventListener('timeupdate', () => audio === this.audio && !audio.paused && this.jump());
      audio.addEventListener('ended', () => audio === this.audio && this.startOver());
      this.audios.set(variant as Variant, audio);
    }
    if (this.audios.has('denoised')) this.variant.value = 'denoised';
    this.seek(at);
  }

  get duration(): number {
    return this.facts.duration_ms / 1000;
  }

  /** The audio that is heard now. */
  get audio(): HTMLAudioElement {
    return this.audios.get(this.variant.value) as HTMLAudioElement;
  }

  /** Draws into an element, a lane for each channel. Call the answer to take it away. */
  draw(container: HTMLElement, peaks: Peaks, height: number): () => void {
    this.silences = silences(peaks);
    const surfer = WaveSurfer.create({
      container,
      height,
      media: this.audio,
      peaks: peaks.channels,
      duration: this.duration,
      ...colours(peaks.channels.length),
      cursorWidth: 2,
      dragToSeek: false,
      plugins: [this.regions],
      cspNonce: document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '',
    });
    // A drag is a loop, a click is a place.
    const stop = this.regions.enableDragSelection({ color: 'rgb(47 111 222 / 0.22)' });
    this.regions.on('region-created', (region) => {
      this.region?.remove();
      this.region = region;
      this.loop.value = { from: region.start, to: region.end };
    });
    this.regions.on('region-updated', (region) => (this.loop.value = { from: region.start, to: region.end }));
    this.surfer = surfer;
    surfer.once('ready', () => {
      // It draws the place only when that changes.
      surfer.setTime(this.now.value);
      if (this.zoom.value) surfer.zoom(this.zoom.value);
      if (this.loop.value) this.setLoop(this.loop.value.from, this.loop.value.to);
    });
    surfer.on('click', (share) => this.seek(share * this.duration));
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const again = () => surfer.setOptions(colours(peaks.channels.length));
    scheme.addEventListener('change', again);
    return () => {
      scheme.removeEventListener('change', again);
      stop();
      this.surfer = null;
      surfer.destroy();
    };
  }

  toggle(): void {
    if (this.audio.error) this.tryAgain();
    if (this.audio.paused) void this.audio.play().catch(() => undefined);
    else this.audio.pause();
  }

  /** What could not be had may be there now. */
  private tryAgain(): void {
    this.failed.value = false;
    this.audio.load();
    this.audio.currentTime = this.now.value;
    this.audio.playbackRate = this.rate.value;
  }

  /** Goes to a second. */
  seek(to: number): void {
    const at = within(this.facts, to);
    this.audio.currentTime = at;
    this.now.value = at;
  }

  playFrom(at: number): void {
    this.seek(at);
    if (this.audio.paused) this.toggle();
  }

  /** Goes on at the same place in the other variant. */
  use(variant: Variant): void {
    const before = this.audio;
    if (variant === this.variant.value || !this.audios.has(variant)) return;
    const was = { at: before.currentTime, paused: before.paused };
    this.variant.value = variant;
    const after = this.audio;
    before.pause();
    this.failed.value = after.error !== null;
    after.currentTime = was.at;
    after.playbackRate = this.rate.value;
    if (!was.paused) void after.play().catch(() => undefined);
    this.surfer?.setMediaElement(after);
    this.heard(after);
  }

  /** Takes over from another of the same recording. */
  goOnFrom(other: Player): void {
    this.loop.value = other.loop.value;
    this.zoom.value = other.zoom.value;
    if (other.playing.value) this.toggle();
  }

  setRate(rate: number): void {
    this.rate.value = rate;
    this.audio.playbackRate = rate;
  }

  setZoom(pixelsPerSecond: number): void {
    this.zoom.value = pixelsPerSecond;
    this.surfer?.zoom(pixelsPerSecond);
  }

  setLoop(from: number, to: number): void {
    if (to <= from) return;
    this.region?.remove();
    this.region = null;
    this.loop.value = { from, to };
    if (this.surfer) this.regions.addRegion({ start: from, end: to, color: 'rgb(47 111 222 / 0.22)' });
  }

  clearLoop(): void {
    this.region?.remove();
    this.region = null;
    this.loop.value = null;
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    for (const audio of this.audios.values()) {
      audio.pause();
      audio.removeAttribute('src');
      audio.load();
    }
  }

  private heard(audio: HTMLAudioElement): void {
    if (audio !== this.audio) return;
    this.playing.value = !audio.paused;
    this.now.value = audio.currentTime;
    cancelAnimationFrame(this.frame);
    if (!audio.paused) this.frame = requestAnimationFrame(this.follow);
  }

  /** While it plays: tells where it is, and jumps where it should. */
  private readonly follow = (): void => {
    this.jump();
    this.now.value = this.audio.currentTime;
    if (!this.audio.paused) this.frame = requestAnimationFrame(this.follow);
  };

  private jump(): void {
    const { audio } = this;
    const at = audio.currentTime;
    const loop = this.loop.value;
    if (loop && at >= loop.to) audio.currentTime = loop.from;
    const silence = this.skips.value && this.silences.find(([from, to]) => at >= from && at < to - NEAR);
    if (silence) audio.currentTime = silence[1];
  }

  /** A loop to the end: there the audio has stopped by itself. */
  private startOver(): void {
    const { audio } = this;
    if (!this.loop.value) return;
    audio.currentTime = this.loop.value.from;
    void audio.play().catch(() => undefined);
  }
}

// The table of recordings. Of a million rows only those in sight are in the page.
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'preact/hooks';
import type { Recording } from '../api/client';
import { bothTimes, bytes, clock, localDay, spoken } from '../format';
import { useKeys } from '../keys';
import { Time } from './time';

interface Props {
  /** Which list it is. */
  list: string | undefined;
  /** `undefined` while the first are loading. */
  rows: Recording[] | undefined;
  total: number;
  stale: boolean;
  sort: string;
  onSort: (sort: string) => void;
  isChosen: (id: string) => boolean;
  /** Whether that can be changed. */
  canChoose: (id: string) => boolean;
  onChoose: (id: string, yes: boolean) => void;
  /** The last row that is there comes into sight. */
  onEnd: () => void;
}

const ROW = 46;
/** As many rows as a screen has, while nothing is known. */
const BLANK = 14;

export function RecordingTable(props: Props) {
  const { list, rows, total, stale, sort, onSort, onEnd } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const length = rows?.length ?? 0;
  const virtual = useWindowVirtualizer({
    count: length,
    estimateSize: () => ROW,
    overscan: 12,
    scrollMargin: body.current?.offsetTop ?? 0,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (length > 0 && last >= length - 20) onEnd();
  }, [last, rows]);

  // The row that had the focus last.
  const at = useRef(-1);
  useEffect(() => void (at.current = -1), [list]);
  const move = (by: number) => {
    const next = Math.max(0, Math.min(length - 1, at.current + by));
    const link = () => document.querySelector<HTMLElement>(`[data-row="${next}"] a`);
    virtual.scrollToIndex(next);
    // At once where the row is in the page: the next key may be there before the next frame.
    if (link()) link()?.focus();
    else requestAnimationFrame(() => link()?.focus());
  };
  const click = (what: 'a' | 'input') =>
    document.activeElement?.closest('[data-row]')?.querySelector<HTMLElement>(what)?.click();
  useKeys([
    { key: 'j', does: 'Next recording', act: () => move(1) },
    { key: 'k', does: 'Previous recording', act: () => move(-1) },
    { key: 'o', does: 'Open the recording', act: () => click('a') },
    { key: 'x', does: 'Choose the recording', act: () => click('input') },
  ]);

  const head = (by: string, name: string, css: string) => {
    const way = sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : undefined;
    const next = way === 'descending' ? by : `-${by}`;
    return (
      <th scope="col" class={css} aria-sort={way}>
        <button type="button" class="plain" onClick={() => onSort(next)}>
          {name}<span aria-hidden="true">{way ? (way === 'ascending' ? ' ↑' : ' ↓') : ''}</span>
        </button>
      </th>
    );
  };
  const above = items[0] ? items[0].start - virtual.options.scrollMargin : 0;
  const below = Math.max(0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0) + virtual.options.scrollMargin);
  return (
    <table class={`recordings ${stale && rows ? 'stale' : ''}`} aria-rowcount={total + 1} aria-busy={stale}>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col" class="choose"><span class="hidden">Choose</span></th>
          {head('start', 'Start', 'start')}
          <th scope="col" class="parties">From and to</th>
          {head('duration', 'Length', 'length')}
          <th scope="col" class="who">Whose</th>
          {head('size_bytes', 'Size', 'size')}
          <th scope="col" class="fate">Kept</th>
        </tr>
      </thead>
      <tbody ref={body}>
        {!rows && Array.from({ length: BLANK }, (_, at) => <tr key={at} class="blank"><td colSpan={4} /></tr>)}
        {above > 0 && <tr class="space" style={{ height: `${above}px` }}><td /></tr>}
        {rows && items.map(({ index }) => {
          const row = rows[index];
          return row && <Row key={row.recording_id} row={row} at={index} {...props} onFocus={() => (at.current = index)} />;
        })}
        {below > 0 && <tr class="space" style={{ height: `${below}px` }}><td /></tr>}
      </tbody>
    </table>
  );
}

function Row({ row, at, isChosen, canChoose, onChoose, onFocus }: Props & { row: Recording; at: number; onFocus: () => void }) {
  const id = row.recording_id;
  return (
    <tr data-row={at} aria-rowindex={at + 2} onFocusCapture={onFocus}>
      <td class="choose">
        <input
          type="checkbox" aria-label={`Choose the recording of ${partiesText(row)}`} checked={isChosen(id)} disabled={!canChoose(id)}
          onChange={(event) => onChoose(id, event.currentTarget.checked)}
        />
      </td>
      <td class="start">
        <a href={`/console/recordings/${id}`}><Time at={row.start} /></a>
      </td>
      <td class="parties">
        <span>{row.from_number ?? 'unknown'} <span aria-label="to">→</span> {row.to_number ?? 'unknown'}</span>
        <small>
          {[row.audio_deleted && 'audio deleted', row.cnam, row.direction, row.conference_name ?? row.mpc_name].filter(Boolean).join(' · ')}
        </small>
      </td>
      <td class="length" aria-label={spoken(row.duration_ms)}>{clock(row.duration_ms)}</td>
      <td class="who">
        <span>{row.kind === 'on_demand' ? `User ${row.user_id}` : 'Company'}</span>
        <small>{row.extensions.length > 0 ? `ext. ${row.extensions.join(', ')}` : ''}</small>
      </td>
      <td class="size">{row.audio_deleted ? <small>no audio</small> : <>{bytes(row.size_bytes)} <small>{row.format}</small></>}</td>
      <td class="fate"><Fate of={row} /></td>
    </tr>
  );
}

/** Held, or when it goes and by which policy. */
export function Fate({ of }: { of: Pick<Recording, 'held' | 'deletion' | 'kept_until'> }) {
  if (of.held) return <span class="badge held">Held</span>;
  if (of.deletion) {
    return (
      <>
        <span title={bothTimes(of.deletion.at)}>{of.deletion.action === 'delete_audio' ? 'audio until' : 'until'} {localDay(of.deletion.at)}</span>
        <small title={of.deletion.policy}>{of.deletion.policy}</small>
      </>
    );
  }
  return <span class="muted">no end</span>;
}

export function partiesText(row: { from_number?: string | null; to_number?: string | null }): string {
  return `${row.from_number ?? 'unknown'} to ${row.to_number ?? 'unknown'}`;
}

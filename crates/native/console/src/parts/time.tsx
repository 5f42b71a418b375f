import { localTime, utcTime } from '../format';

/** A time in the viewer's zone, with the UTC beside it. */
export function Time({ at }: { at: string }) {
  return (
    <time dateTime={at} class="time">
      <span>{localTime(at)}</span> <small>{utcTime(at)}</small>
    </time>
  );
}

// What the API says in keys, in sentences.
import type { Policy, Where } from './api/client';
import { count, bothTimes } from './format';

const UNITS: Record<string, string> = { d: 'day', h: 'hour', m: 'minute', s: 'second' };

/** `90d` is `90 days`. */
export function span(text: string): string {
  const [, n, unit] = /^(\d+)([dhms])$/.exec(text) ?? [];
  return n && unit ? count(Number(n), UNITS[unit] ?? '') : text;
}

/** Which recordings are meant: `company recordings that are older than 90 days`. */
export function recordings(where: Where): string {
  const kind = { company: 'company ', on_demand: 'on-demand ' }[where.kind ?? ''] ?? '';
  const direction = where.direction ? `${where.direction} ` : '';
  const added = where.by === 'add_time';
  const conditions = [
    where.older_than && (added ? `were added more than ${span(where.older_than)} ago` : `are older than ${span(where.older_than)}`),
    where.from && `${added ? 'were added' : 'start'} at or after ${bothTimes(where.from)}`,
    where.until && `${added ? 'were added' : 'start'} before ${bothTimes(where.until)}`,
    where.shorter_than && `are shorter than ${span(where.shorter_than)}`,
    where.longer_than && `are longer than ${span(where.longer_than)}`,
    where.number && `have ${where.number} at either end`,
    where.extension && `have the extension ${where.extension}`,
    where.conference && `are of the conference “${where.conference}”`,
    where.user_id && `are of user ${where.user_id}`,
    where.subaccount && `are of the subaccount ${where.subaccount}`,
  ].filter(Boolean);
  return `${direction}${kind}recordings${conditions.length > 0 ? ` that ${conditions.join(' and ')}` : ''}`;
}

/** What a field has with commas between: `101, 102`. */
export function listed(form: FormData, name: string): string[] {
  return String(form.get(name) ?? '').split(',').map((one) => one.trim()).filter(Boolean);
}

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** When a schedule of cron comes: `every Sunday at 03:00`. */
export function schedule(cron: string): string {
  const [, minute, hour, date, day] = /^(\d+) (\d+) (\d+|\*) \* (\d|\*)$/.exec(cron) ?? [];
  if (minute === undefined || hour === undefined || (date !== '*' && day !== '*')) return `by the schedule “${cron}”`;
  const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (date !== '*') return `on day ${date} of each month ${at}`;
  return day === '*' ? `every day ${at}` : `every ${DAYS[Number(day) % 7]} ${at}`;
}

/** The whole policy in a sentence. */
export function sentence(policy: Pick<Policy, 'where' | 'schedule' | 'time_zone' | 'action' | 'archive_to'>): string {
  const when = `${schedule(policy.schedule)} (${policy.time_zone})`;
  const does = policy.action === 'delete_audio' ? 'deletes the audio of' : 'deletes';
  const first = policy.archive_to ? `copies to “${policy.archive_to}” and then ${does}` : does;
  const stays = policy.action === 'delete_audio' ? ', and keeps their transcripts' : '';
  return `${when.charAt(0).toUpperCase()}${when.slice(1)}, ${first} ${recordings(policy.where)}${stays}.`;
}

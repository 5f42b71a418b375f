// What stands in the player's place once the audio was deleted.
import { api, data, type Facts } from '../api/client';
import { session } from '../session';
import { useLoaded } from '../use';
import { Time } from './time';

export function AudioGone({ facts, said }: { facts: Facts; said: boolean }) {
  const { value } = useLoaded(`gone ${facts.recording_id}`, (signal) => deleter(facts.recording_id, signal));
  return (
    <section class="player gone" aria-label="Player">
      <p><strong>{said ? 'The audio was deleted; what was said was kept.' : 'The audio was deleted.'}</strong></p>
      <p class="muted"><Time at={facts.audio_deleted ?? ''} />{value && `, ${value}`}</p>
    </section>
  );
}

/** Who deleted it, as the audit log has it, which is for administrators. */
async function deleter(subject: string, signal: AbortSignal): Promise<string> {
  if (!session.value?.administrator) return '';
  const query = { subject, action: 'delete', limit: 1 };
  const [entry] = (await data(api.GET('/api/v1/audit', { params: { query }, signal }))).entries;
  const run_id = (entry?.detail as { run?: number } | undefined)?.run;
  if (!entry || run_id === undefined) return '';
  const params = { path: { run_id } };
  const { policy } = await data(api.GET('/api/v1/retention/runs/{run_id}', { params, signal }));
  const { name } = (policy ?? {}) as { name?: string };
  return name ? `by the policy “${name}”, in run ${run_id}` : `by ${entry.who}, in run ${run_id}`;
}

// Who is signed in.
import { signal } from '@preact/signals';
import { api, data, type Problem, type Session } from './api/client';

/** `undefined` until the server has said; `null` where nobody is. */
export const session = signal<Session | null | undefined>(undefined);
/** Why the server could not say. */
export const unreachable = signal<Problem | null>(null);

export async function findSession(): Promise<void> {
  unreachable.value = null;
  try {
    session.value = (await data(api.GET('/api/v1/session'))) ?? null;
  } catch (error) {
    unreachable.value = error as Problem;
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  const params = { header: { 'callvault-console': '1' } };
  const body = { login, password };
  session.value = await data(api.POST('/api/v1/session', { params, body }));
}

export async function signOut(everywhere: boolean): Promise<void> {
  try {
    await data(everywhere ? api.DELETE('/api/v1/sessions') : api.DELETE('/api/v1/session'));
  } catch (error) {
    // It had ended before.
    if ((error as Problem).status !== 401) throw error;
  }
  session.value = null;
}

/** The server knows the cookie no more. */
export function signedOut(): void {
  session.value = null;
}

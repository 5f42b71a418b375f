// The one way to the server: callvault's own API, with types made of its description.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';
import { signedOut } from '../session';

type Schemas = components['schemas'];
export type Recording = Schemas['Listed'];
export type Facts = Schemas['Recording'];
export type Keeping = Schemas['Keeping'];
export type Session = Schemas['Session'];
export type Preview = Schemas['Preview'];
export type Run = Schemas['Run'];
export type Transcript = Schemas['Transcript'];
export type Turn = Schemas['Turn'];
export type Word = Schemas['Word'];
export type Policy = Schemas['Policy'];
export type Where = Schemas['Where'];
export type Hold = Schemas['Hold'];
export type Account = Schemas['Account'];
export type Usage = Schemas['Usage'];
export type AuditEntry = Schemas['AuditEntry'];
export type User = Schemas['User'];
export type Subaccount = Schemas['Subaccount'];
export type Rule = Schemas['RecordingRule'];
export type Delivery = Schemas['Delivery'];
export type Hit = Schemas['Hit'];
export type NewExport = Schemas['NewExport'];
export type ExportPreview = Schemas['ExportPreview'];
export type Export = Schemas['Export'];
export type Job = Schemas['Job'];

/** What the server says when it does not do what it was asked, or that it cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

export const api = createClient<paths>({
  // No other site can send this header, so that none can use our cookie.
  headers: { 'callvault-console': '1' },
});

api.use({
  onResponse({ request, response, schemaPath }) {
    const signsIn = schemaPath === '/api/v1/session' && request.method === 'POST';
    if (response.status === 401 && !signsIn) signedOut();
  },
});

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws a Problem where there is none. */
export async function data<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, 'The server cannot be reached.');
  }
  const { error, response } = answer;
  if (response.ok) return answer.data as T;
  throw problem(response.status, error);
}

/** Words what a response with that status and body means to a person. */
export function problem(status: number, body: unknown): Problem {
  const known = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const detail = typeof known['detail'] === 'string' ? known['detail'] : '';
  const field = typeof known['field'] === 'string' ? known['field'] : undefined;
  const text = detail || `The server answered ${status}.`;
  return new Problem(status, text.charAt(0).toUpperCase() + text.slice(1), field);
}

/** Whether it is not there, or a stranger's: the server does not say which. */
export function isMissing({ status }: Problem): boolean {
  return status === 404;
}

/** The address of one of a recording's routes, for elements that load by themselves. */
export function recordingUrl(id: string, route: string, query: Record<string, string> = {}): string {
  const given = new URLSearchParams(query).toString();
  return `/api/v1/recordings/${encodeURIComponent(id)}/${route}${given && `?${given}`}`;
}

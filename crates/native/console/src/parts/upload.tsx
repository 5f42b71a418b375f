// Files that somebody drops here are sent one after another, each with its progress.
import { useRef, useState } from 'preact/hooks';
import { problem, type Problem } from '../api/client';
import { bytes } from '../format';
import { signedOut } from '../session';

interface Sent {
  file: File;
  /** The same key for every attempt: what arrived is not kept twice. */
  key: string;
  /** 0 to 1. */
  progress: number;
  id?: string;
  problem?: Problem | null;
}

/** Sends one file. XMLHttpRequest, because fetch does not tell how much has gone. */
function send(sent: Sent, onProgress: (progress: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    form.append('file', sent.file);
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/recordings');
    request.setRequestHeader('callvault-console', '1');
    request.setRequestHeader('idempotency-key', sent.key);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(problem(0, { detail: 'the server cannot be reached' }));
    request.onload = () => {
      const answer = request.response as { recording_id?: string } | null;
      if (request.status < 300 && answer?.recording_id) resolve(answer.recording_id);
      else reject(problem(request.status, answer));
    };
    request.send(form);
  });
}

/** A browser has `randomUUID` only with https and on this machine. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether the same file may be taken another time. */
function mayPass({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500;
}

export function Upload({ onAdded }: { onAdded: () => void }) {
  const [files, setFiles] = useState<Sent[]>([]);
  const [over, setOver] = useState(false);
  // Batches under way.
  const [sends, setSends] = useState(0);
  const input = useRef<HTMLInputElement>(null);

  const update = (key: string, change: Partial<Sent>) =>
    setFiles((all) => all.map((sent) => (sent.key === key ? { ...sent, ...change } : sent)));

  const sendAll = async (given: Sent[]) => {
    setSends((n) => n + 1);
    for (const sent of given) {
      update(sent.key, { progress: 0, problem: null });
      try {
        const id = await send(sent, (progress) => update(sent.key, { progress }));
        update(sent.key, { progress: 1, id });
      } catch (error) {
        const problem = error as Problem;
        update(sent.key, { problem });
        if (problem.status === 401) {
          signedOut();
          break;
        }
      }
    }
    setSends((n) => n - 1);
  };
  const take = (list: FileList | null | undefined) => {
    const given = [...(list ?? [])].map((file) => ({ file, key: newKey(), progress: 0 }));
    setFiles((all) => [...all, ...given]);
    void sendAll(given);
  };
  const added = files.filter((sent) => sent.id).length;
  return (
    <div
      class={`drop ${over ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <p>
        Drop recordings here, or{' '}
        <button type="button" onClick={() => input.current?.click()}>choose files</button>
      </p>
      <p class="muted">WAV, MP3, FLAC, Ogg, M4A or GSM</p>
      <input
        ref={input} type="file" multiple hidden accept="audio/*,.gsm"
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
      {files.length > 0 && (
        <ul>
          {files.map((sent) => (
            <li key={sent.key}>
              <span class="name">{sent.file.name}</span> <span class="muted">{bytes(sent.file.size)}</span>
              {sent.id && <a href={`/console/recordings/${sent.id}`}>kept: open it</a>}
              {sent.problem && <span class="problem" role="alert">{sent.problem.message}</span>}
              {sent.problem && mayPass(sent.problem) && (
                <button type="button" disabled={sends > 0} onClick={() => void sendAll([sent])}>Try again</button>
              )}
              {!sent.id && !sent.problem && <progress aria-label={`Sent of ${sent.file.name}`} max={1} value={sent.progress} />}
            </li>
          ))}
        </ul>
      )}
      {added > 0 && sends === 0 && <button type="button" class="primary" onClick={onAdded}>Show the recordings</button>}
    </div>
  );
}

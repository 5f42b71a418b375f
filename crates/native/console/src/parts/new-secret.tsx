// A dialog that asks, makes a secret, and shows it this once. It must stay until that was seen: not
// in anything that goes when a list is loaded again.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { Dialog } from './dialog';
import { Failure } from './states';

export interface Secret {
  title: string;
  /** What to keep: names and values. */
  values: [name: string, value: string][];
  /** What else is to be known. */
  note?: string;
}

interface Props {
  title: string;
  act: string;
  /** Whether it puts an end to something. */
  danger?: boolean;
  /** What is asked, or what will happen. */
  children: ComponentChildren;
  make: (form: FormData) => Promise<Secret>;
  /** With whether there was a secret: then what is shown elsewhere is to be loaded again. */
  onClose: (made: boolean) => void;
}

export function NewSecret({ title, act, danger, children, make, onClose }: Props) {
  const [secret, setSecret] = useState<Secret | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setProblem(null);
    setBusy(true);
    make(new FormData(event.currentTarget as HTMLFormElement))
      .then(setSecret, setProblem)
      .finally(() => setBusy(false));
  };
  if (secret) {
    return (
      <Dialog title={secret.title} onClose={() => onClose(true)}>
        <Shown secret={secret} />
        <footer><button type="button" class="primary" onClick={() => onClose(true)}>I have kept it</button></footer>
      </Dialog>
    );
  }
  return (
    <Dialog title={title} onClose={() => onClose(false)} busy={busy}>
      <form onSubmit={submit}>
        {children}
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" disabled={busy} onClick={() => onClose(false)}>Cancel</button>
          <button class={danger ? 'danger' : 'primary'} disabled={busy}>{act}</button>
        </footer>
      </form>
    </Dialog>
  );
}

function Shown({ secret }: { secret: Secret }) {
  const [copied, setCopied] = useState<string | null>(null);
  const first = useRef<HTMLDivElement>(null);
  const id = useId();
  // The button that made it is gone.
  useEffect(() => first.current?.focus(), []);
  const copy = (name: string, value: string) => void navigator.clipboard.writeText(value).then(() => setCopied(name));
  return (
    <div class="secret" ref={first} tabIndex={-1} aria-describedby={id}>
      <p id={id}>It is not shown again. {secret.note}</p>
      {secret.values.map(([name, value]) => (
        <div key={name}>
          <label>
            {name}
            <input readOnly spellcheck={false} value={value} onFocus={(event) => event.currentTarget.select()} />
          </label>
          {/* A browser gives the clipboard to https and to this machine only. */}
          {isSecureContext && (
            <button type="button" onClick={() => copy(name, value)}>Copy<span class="hidden">{name}</span></button>
          )}
        </div>
      ))}
      <p role="status" class="muted">{copied && `Copied: ${copied}`}</p>
    </div>
  );
}

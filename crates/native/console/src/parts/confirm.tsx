// A dialog that asks before something is done.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { Dialog } from './dialog';
import { Failure } from './states';

interface Props {
  title: string;
  act: string;
  /** What will happen. */
  children: ComponentChildren;
  onAct: () => Promise<void>;
  onClose: () => void;
}

export function Confirm({ title, act, children, onAct, onClose }: Props) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const go = () => {
    setProblem(null);
    setBusy(true);
    onAct().catch(setProblem).finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {problem && <Failure problem={problem} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" disabled={busy} onClick={go}>{act}</button>
      </footer>
    </Dialog>
  );
}

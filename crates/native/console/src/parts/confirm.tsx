// A dialog that asks before something is done.
import type { ComponentChildren } from 'preact';
import { useDeed } from '../use';
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
  const { busy, problem, act: go } = useDeed();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      {problem && <Failure problem={problem} />}
      <footer>
        <button type="button" onClick={onClose}>Cancel</button>
        <button type="button" class="danger" disabled={busy} onClick={() => go(onAct)}>{act}</button>
      </footer>
    </Dialog>
  );
}

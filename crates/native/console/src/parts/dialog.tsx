// A modal dialog, with the browser's own focus trap and Escape.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface Props {
  title: string;
  onClose: () => void;
  /** Whether it must stay: something is under way of which there is more to say. */
  busy?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, busy, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      // Where what opened it went with it, the page has the focus, not nothing.
      const back = before?.isConnected ? before : document.getElementById('main');
      if (back instanceof HTMLElement) back.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      // Of two Escapes in a row a browser lets only the first be cancelled.
      closedby={busy ? 'none' : 'closerequest'}
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
    >
      <header>
        <h2 id={heading}>{title}</h2>
        <button type="button" class="plain" aria-label="Close" disabled={busy} onClick={onClose}>×</button>
      </header>
      {children}
    </dialog>
  );
}

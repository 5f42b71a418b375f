// Who is signed in, and the way out.
import { useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { session, signOut } from '../session';

export function AccountMenu() {
  const menu = useRef<HTMLDetailsElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const who = session.value;
  if (!who) return null;
  const out = (everywhere: boolean) => void signOut(everywhere).catch(setProblem);
  const close = (event: FocusEvent) => {
    if (menu.current && !menu.current.contains(event.relatedTarget as Node | null)) menu.current.open = false;
  };
  return (
    <details class="menu" ref={menu} onFocusOut={close}>
      <summary>{who.username ?? who.name}</summary>
      <div>
        <p>
          <strong>{who.name}</strong>
          <span>{rights(who)}</span>
          <code>{who.auth_id}</code>
        </p>
        <button type="button" onClick={() => out(false)}>Sign out</button>
        <button type="button" onClick={() => out(true)}>Sign out everywhere</button>
        {problem && <p role="alert">{problem.message}</p>}
      </div>
    </details>
  );
}

function rights(who: { administrator: boolean; subaccount: boolean; user_id?: number | null }): string {
  if (who.administrator) return 'Administrator of the account';
  return who.subaccount ? 'Subaccount: its own recordings' : 'User: own on-demand recordings';
}

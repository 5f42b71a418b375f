// What a page shows while it has nothing to show.
import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/client';

export function Failure({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div class="state" role="alert">
      <p><strong>This did not work.</strong> {problem.message}</p>
      {again && <button type="button" onClick={again}>Try again</button>}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return <div class="state loading" role="status">Loading {what}…</div>;
}

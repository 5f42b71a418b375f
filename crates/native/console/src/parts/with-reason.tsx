// A dialog that does something for which there must be a reason.
import { useState } from 'preact/hooks';
import type { Problem } from '../api/client';
import { Dialog } from './dialog';
import { Failure } from './states';

interface WithReasonProps {
  title: string;
  says: string;
  act: string;
  onReason: (reason: string) => Promise<void>;
  onClose: () => void;
}

export function WithReason({ title, says, act, onReason, onClose }: WithReasonProps) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason'));
    void onReason(reason).catch(setProblem);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{says}</p>
        <label>
          Reason
          <textarea name="reason" required maxLength={1000} rows={3} />
        </label>
        {problem && <Failure problem={problem} />}
        <footer>
          <button type="button" onClick={onClose}>Cancel</button>
          <button class="primary">{act}</button>
        </footer>
      </form>
    </Dialog>
  );
}

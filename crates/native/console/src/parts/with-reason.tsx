// A dialog that does something for which there must be a reason.
import { useDeed } from '../use';
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
  const { busy, problem, act: go } = useDeed();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget as HTMLFormElement).get('reason'));
    go(() => onReason(reason));
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
          <button class="primary" disabled={busy}>{act}</button>
        </footer>
      </form>
    </Dialog>
  );
}

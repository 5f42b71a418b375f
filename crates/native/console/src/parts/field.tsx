// A text or time that means something only once it is whole: with Enter, or when it is left. Not with
// `onChange`, of which a part of the table's library makes `onInput`.
import type { TargetedInputEvent, TargetedKeyboardEvent } from 'preact';
import { useState } from 'preact/hooks';

interface Props {
  name: string;
  /** Whether it is a date and time. */
  time?: boolean;
  placeholder?: string;
  value: string;
  onDone: (value: string) => void;
}

export function Field({ time, value, onDone, ...given }: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const done = () => {
    if (draft !== null && draft !== value) onDone(draft);
    setDraft(null);
  };
  const own = {
    ...given,
    spellcheck: false,
    value: draft ?? value,
    onBlur: done,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => setDraft(event.currentTarget.value),
    onKeyDown: (event: TargetedKeyboardEvent<HTMLInputElement>) => event.key === 'Enter' && done(),
  };
  return time ? <input type="datetime-local" {...own} /> : <input {...own} />;
}

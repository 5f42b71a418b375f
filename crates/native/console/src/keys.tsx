// The keyboard: pages say which keys they have, and `?` lists those that are valid now.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Dialog } from './parts/dialog';

export interface Key {
  /** As `KeyboardEvent.key` has it. */
  key: string;
  /** How it is written, where that differs. */
  name?: string;
  does: string;
  act: () => void;
}

const layers = signal<Key[][]>([]);
const listed = signal(false);

/** Makes these keys valid for as long as the component is there. */
export function useKeys(keys: Key[]): void {
  const mine = useRef<Key[]>(keys);
  mine.current = keys;
  useEffect(() => {
    const layer = keys.map(({ key, name, does }, at) => ({
      key, name: name ?? key, does, act: () => mine.current[at]?.act(),
    }));
    layers.value = [...layers.value, layer];
    return () => {
      layers.value = layers.value.filter((other) => other !== layer);
    };
  }, [keys.map(({ key }) => key).join(' ')]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && /^(checkbox|radio|range)$/.test(target.type))
  );
}

/** Hears the keys. To be there once. */
export function Keyboard() {
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '?') {
        listed.value = true;
        return;
      }
      // A focused button, link or box keeps its own keys.
      const own = event.target instanceof Element && event.target.closest('a, button, summary, input');
      if (own && (event.key === ' ' || event.key === 'Enter')) return;
      const found = layers.value.flat().reverse().find(({ key }) => key === event.key);
      if (!found) return;
      event.preventDefault();
      found.act();
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, []);
  if (!listed.value) return null;
  return (
    <Dialog title="Keys on this page" onClose={() => (listed.value = false)}>
      <dl class="keys">
        {layers.value.flat().map(({ key, name, does }) => (
          <div key={key}>
            <dt><kbd>{name ?? key}</kbd></dt>
            <dd>{does}</dd>
          </div>
        ))}
        <div>
          <dt><kbd>?</kbd></dt>
          <dd>This list</dd>
        </div>
      </dl>
    </Dialog>
  );
}

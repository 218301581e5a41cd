import { useEffect, useLayoutEffect, useRef } from 'react';
import type { MenuPoint } from './message-item';

export interface MenuChoice {
  label: string;
  run: () => void;
}

/** The small dark menu at a message. Arrow keys move, Escape closes. */
export function MessageMenu(props: {
  point: MenuPoint;
  choices: MenuChoice[];
  /** Side by side where a finger chooses, as at a message; otherwise one below the other. */
  inRow?: boolean;
  onClose: () => void;
}) {
  const { point, choices, onClose } = props;
  const menu = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(8, Math.min(point.x, window.innerWidth - width - 8))}px`;
    element.style.top = `${Math.max(8, Math.min(point.y + 6, window.innerHeight - height - 8))}px`;
    const before = document.activeElement;
    element.querySelector('button')?.focus();
    return () => {
      // Still in the document here; a focus that has moved on stays where it is.
      if (before instanceof HTMLElement && element.contains(document.activeElement)) before.focus();
    };
  }, [point]);

  useEffect(() => {
    const close = (event: PointerEvent) => {
      if (event.target instanceof Node && menu.current?.contains(event.target)) return;
      onClose();
    };
    document.addEventListener('pointerdown', close);
    return () => document.removeEventListener('pointerdown', close);
  }, [onClose]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      onClose();
      return;
    }
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const items = [...(menu.current?.querySelectorAll('button') ?? [])];
    const now = items.findIndex((item) => item.matches(':focus'));
    items[(now + step + items.length) % items.length]?.focus();
  };

  return (
    <div className={props.inRow ? 'menu in-row' : 'menu'} role="menu" ref={menu} onKeyDown={onKeyDown} tabIndex={-1}>
      {choices.map((choice) => (
        <button
          key={choice.label}
          type="button"
          role="menuitem"
          onClick={() => {
            onClose();
            choice.run();
          }}
        >
          {choice.label}
        </button>
      ))}
    </div>
  );
}

import { useCallback, useState } from 'react';
import type { SimMessage } from '../../../src/simulator/wire.js';

/** What is about to be said in one conversation by one person. */
export interface Draft {
  text: string;
  /** Picked from the list of members; counts as long as `@name` stands in the text. */
  mentions: { contactId: string; name: string }[];
  quote: SimMessage | null;
}

const EMPTY: Draft = { text: '', mentions: [], quote: null };

/** WeChat ends a picked mention with this thin space. */
export const MENTION_END = '\u2005';

const kept = new Map<string, Draft>();

/** A draft that is still there when one comes back to the conversation. */
export function useDraft(key: string) {
  const [draft, setDraft] = useState(() => kept.get(key) ?? EMPTY);
  const change = useCallback(
    (part: Partial<Draft>) => {
      setDraft((before) => {
        const after = { ...before, ...part };
        kept.set(key, after);
        return after;
      });
    },
    [key],
  );
  const clear = useCallback(() => change(EMPTY), [change]);
  return { draft, change, clear };
}

export function mentionIdsOf(draft: Draft): string[] {
  const standing = draft.mentions.filter(({ name }) => draft.text.includes(`@${name}`));
  return [...new Set(standing.map(({ contactId }) => contactId))];
}

/** The part of a name typed after `@` up to the caret, or undefined where no mention is being typed. */
export function typedMention(text: string, caret: number): string | undefined {
  const match = /(?:^|[^A-Za-z0-9])@([^\s@\u2005]{0,20})$/.exec(text.slice(0, caret));
  return match?.[1];
}

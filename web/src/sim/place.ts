import { useCallback, useSyncExternalStore } from 'react';

function subscribe(onChange: () => void) {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Who the page speaks as and which conversation is open; lives in the address, so two tabs can be two people. */
export function usePlace() {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  const read = new URLSearchParams(hash.slice(1));
  const me = read.get('as');
  const open = read.get('chat');

  const become = useCallback((contactId: string) => {
    window.location.hash = new URLSearchParams({ as: contactId }).toString();
  }, []);
  const openConversation = useCallback((contactId: string, conversationId: string) => {
    window.location.hash = new URLSearchParams({ as: contactId, chat: conversationId }).toString();
  }, []);
  return { me, open, become, openConversation };
}

import type { ChatMessage, Command } from '../community/index.js';
import { roomKindNames, community as text } from '../text/zh-CN/community.js';
import { mayRun } from './permission.js';

const LINES_AT_MOST = 12;

/** What this person can do here, most useful first, at most twelve lines. */
export function helpFor(commands: readonly Command[], message: ChatMessage): string {
  const place = message.room?.kind ?? 'private';
  const lines = commands
    .filter((command) => command.help && mayRun(command, { ...message, addressed: true }) === 'yes')
    .sort((a, b) => a.help!.order - b.help!.order)
    .map((command) => `· ${command.help!.line}`);
  return text.help([text.helpTitle(roomKindNames[place]), ...lines].slice(0, LINES_AT_MOST));
}

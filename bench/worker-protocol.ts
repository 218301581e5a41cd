import type { Synchronous } from './bots.js';
import type { Driven, Load } from './drive.js';

export type BotChoice = { kind: 'echo'; onlyMentioned: boolean } | { kind: 'xinglin'; synchronous: Synchronous };

/** Where the account is: a room of a world that another process has. */
export interface Account {
  endpoint: string;
  token: string;
  roomId: string;
  people: string[];
}

/** What a process of the measurement holds: the simulated WeChat (served over gRPC or not), a bot, or both. */
export type Role =
  | { kind: 'both'; people: number; bot: BotChoice }
  | { kind: 'gateway'; people: number }
  | { kind: 'bot'; bot: BotChoice; account: Account };

export type Order = { kind: 'drive'; load: Load } | { kind: 'usage' } | { kind: 'stop' };

export interface Usage {
  rssMb: number;
  heapMb: number;
  cpuMs: number;
}

export type Answer =
  | { kind: 'ready'; account?: Account }
  | { kind: 'driven'; driven: Driven }
  | { kind: 'usage'; usage: Usage };

import { z } from 'zod';
import type { Faults } from './faults.js';
import type { SimulatorPuppet } from './simulator-puppet.js';
import type { SimulatedWechat, WorldEvent } from './world.js';

/** What the parent may call in a gateway process. Arguments and results are the methods' own, as JSON. */
export const WORLD_CALLS = [
  'acceptFriendship',
  'addPerson',
  'announce',
  'createRoom',
  'endFriendship',
  'findByName',
  'findMessage',
  'findRoomByTopic',
  'history',
  'inviteBot',
  'join',
  'leave',
  'listMembers',
  'listPeople',
  'listRooms',
  'pat',
  'recall',
  'remove',
  'rename',
  'requestFriendship',
  'say',
  'sendCard',
  'sendFile',
  'sendPicture',
  'sendVideo',
  'sendVoice',
  'setRemark',
  'setRoomAlias',
  'setTopic',
  'systemNotice',
  'toSnapshot',
] as const satisfies (keyof SimulatedWechat)[];

export const FAULT_CALLS = ['set', 'clear', 'once', 'kickOut', 'scan'] as const satisfies (keyof Faults)[];

export const PUPPET_CALLS = ['redeliver', 'logout'] as const satisfies (keyof SimulatorPuppet)[];

export const callSchema = z.discriminatedUnion('of', [
  z.object({ id: z.number(), of: z.literal('world'), call: z.enum(WORLD_CALLS), args: z.array(z.unknown()) }),
  z.object({ id: z.number(), of: z.literal('faults'), call: z.enum(FAULT_CALLS), args: z.array(z.unknown()) }),
  z.object({ id: z.number(), of: z.literal('puppet'), call: z.enum(PUPPET_CALLS), args: z.array(z.unknown()) }),
]);

export type GatewayCall = z.infer<typeof callSchema>;

/** What the gateway process sends to its parent. */
export type GatewayReport =
  | { kind: 'ready'; port: number; token: string; botId: string }
  | { kind: 'event'; event: WorldEvent }
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'refused'; id: number; message: string };

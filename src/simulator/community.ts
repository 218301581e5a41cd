import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SimulatedContact, SimulatedRoom, SimulatedWechat } from './world.js';

const SAMPLE_FILE = new URL('../../data/samples/community.yaml', import.meta.url);

const personSchema = z.strictObject({
  name: z.string().min(1),
  role: z.enum(['patient', 'family', 'doctor', 'admin', 'outsider']),
  gender: z.enum(['unknown', 'male', 'female']),
  friend: z.boolean(),
  description: z.string().min(1),
  speciality: z.string().exactOptional(),
});

const roomSchema = z.strictObject({
  topic: z.string().min(1),
  kind: z.enum(['patients', 'doctors', 'admins']),
  topics: z.array(z.enum(['糖尿病', '高血压', '通用'])),
  owner: z.string(),
  members: z.array(z.string()),
  aliases: z.record(z.string(), z.string()),
});

const communitySchema = z
  .strictObject({ note: z.string(), people: z.array(personSchema), rooms: z.array(roomSchema) })
  .superRefine(({ people, rooms }, context) => {
    const names = people.map(({ name }) => name);
    if (new Set(names).size < names.length) context.addIssue({ code: 'custom', message: 'two people share a name' });
    for (const room of rooms) {
      for (const name of [room.owner, ...room.members, ...Object.keys(room.aliases)]) {
        if (!names.includes(name))
          context.addIssue({ code: 'custom', message: `${room.topic}: nobody is called ${name}` });
      }
    }
  });

type SampleCommunityFile = z.infer<typeof communitySchema>;

interface SampleRoom {
  room: SimulatedRoom;
  /** What the product is to set this room up as. */
  kind: SampleCommunityFile['rooms'][number]['kind'];
  topics: SampleCommunityFile['rooms'][number]['topics'];
}

interface SamplePerson {
  contact: SimulatedContact;
  /** Of a simulated doctor. */
  speciality?: string;
}

export interface SampleCommunity {
  rooms: SampleRoom[];
  people: SamplePerson[];
}

/** Throws a ZodError where the file is no community. */
export function readCommunity(yaml: string): SampleCommunityFile {
  return communitySchema.parse(parse(yaml));
}

/**
 * Puts the made-up community into a fresh world, always with the same ids: two
 * patients' groups, a doctors' and an admins' group, each with the bot in it.
 */
export function createSampleCommunity(world: SimulatedWechat): SampleCommunity {
  const { people, rooms } = readSample();
  for (const { speciality: _, ...person } of people) world.addPerson(person);
  for (const { topic, owner, members, aliases } of rooms) {
    world.createRoom({
      topic,
      ownerId: idOf(world, owner),
      memberIds: [idOf(world, owner), world.botId, ...members.map((name) => idOf(world, name))],
      aliases: Object.fromEntries(Object.entries(aliases).map(([name, alias]) => [idOf(world, name), alias])),
    });
  }
  return findSampleCommunity(world);
}

/** The made-up community in a world that came back from a snapshot; what has been renamed since is left out. */
export function findSampleCommunity(world: SimulatedWechat): SampleCommunity {
  const { people, rooms } = readSample();
  return {
    people: people.flatMap(({ name, speciality }) => {
      const contact = world.findByName(name);
      return contact ? [{ contact, ...(speciality !== undefined && { speciality }) }] : [];
    }),
    rooms: rooms.flatMap(({ topic, kind, topics }) => {
      const room = world.findRoomByTopic(topic);
      return room ? [{ room, kind, topics }] : [];
    }),
  };
}

function readSample(): SampleCommunityFile {
  return readCommunity(readFileSync(fileURLToPath(SAMPLE_FILE), 'utf8'));
}

function idOf(world: SimulatedWechat, name: string): string {
  const contact = world.findByName(name);
  if (!contact) throw new Error(`nobody in the simulated WeChat is called ${name}`);
  return contact.id;
}

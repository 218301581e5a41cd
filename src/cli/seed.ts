import type { App } from '../app.js';
import { type Account, insertRole, updateRoom } from '../community/index.js';
import { findSampleCommunity } from '../simulator/community.js';
import type { SimulatedWechat } from '../simulator/world.js';
import { roomTopicsByName } from '../text/zh-CN/community.js';

/** What a patients' group of the sample community starts with, by its topic. */
const SAMPLE_CAMPAIGNS = { t2dm: 'tang-you-21', htn: 'gao-xue-ya-28', general: undefined } as const;

/**
 * Sets the sample community up as an admin would: groups, simulated doctors and
 * admins, a campaign in each patients' group. The owner is left to whoever
 * sends the setup code.
 */
export async function seedSampleCommunity(app: App, account: Account, world: SimulatedWechat): Promise<void> {
  const { community, clock, ids } = app;
  const sample = findSampleCommunity(world);
  await app.db.inTransaction(async (tx) => {
    const communityId = await community.firstCommunityId(tx);
    const people = [...sample.people].sort(
      (a, b) => Number(a.contact.role === 'doctor') - Number(b.contact.role === 'doctor'),
    );
    for (const { contact, speciality } of people) {
      if (contact.role !== 'doctor' && contact.role !== 'admin') continue;
      const { personId } = await community.arrivals.person(tx, account, contact.id);
      await insertRole(tx, {
        id: ids.next(),
        community_id: communityId,
        person_id: personId,
        role: contact.role,
        real_name: contact.role === 'doctor' ? contact.name.replace(/[(\uff08].*$/, '').replace(/医生$/, '') : null,
        speciality: speciality ?? null,
        institution: contact.role === 'doctor' ? app.config.operator : null,
        verified_at: clock.now(),
        simulated: 1,
        created_at: clock.now(),
      });
    }
    const admin = sample.people.find(({ contact }) => contact.role === 'admin');
    const by = admin ? (await community.arrivals.person(tx, account, admin.contact.id)).personId : 'system';
    for (const { room, kind, topics } of sample.rooms) {
      const { roomId } = await community.arrivals.room(tx, account, room.id);
      const codes = topics.map((name) => roomTopicsByName[name]);
      await updateRoom(tx, roomId, {
        kind,
        topics: JSON.stringify(codes),
        community_id: communityId,
        introduced_at: clock.now(),
      });
      const template = codes[0] && SAMPLE_CAMPAIGNS[codes[0]];
      const stored = await community.findRoom(tx, roomId);
      if (template && stored) await app.startCampaign(tx, { templateId: template, room: stored, communityId, by });
    }
  });
}

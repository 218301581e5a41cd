import type { Stage } from './kit.js';
import { wordsOf } from './kit.js';

const MINUTE_MS = 60_000;
const VOICE = { name: 'v.sil', mediaType: 'audio/silk', base64: 'aGk=', durationSeconds: 3 };

/** A morning in the sample community that touches every part of the product once. */
export async function playMorning(stage: Stage): Promise<void> {
  const { world } = stage.simulation;
  const zhang = stage.person('张阿姨');
  const zhou = stage.person('老周');
  const wang = stage.person('王叔');
  const li = stage.person('李医生');
  const chen = stage.person('陈管理员');
  const sun = stage.person('孙师傅');
  const patients = stage.group('糖友');
  const doctors = stage.group('医生');

  await chen.saysPrivately('绑定管理员 482913');

  // A question, a rating, a word that means something only to whom it was asked.
  await zhang.says('@小杏 糖尿病能吃西瓜吗');
  await zhou.says('没用');
  await zhang.says('有用');
  await zhou.says('@小杏 怎么种西红柿');

  // Consent, check-in, correction, own records.
  await zhang.says('打卡 空腹6.5 走路30分钟');
  await zhang.says('同意');
  await zhou.says('打卡 空腹7.1');
  await zhou.says('不同意');
  await stage.passes(MINUTE_MS);
  await zhang.says('更正 空腹6.8');
  await stage.passes(11 * MINUTE_MS);
  await zhang.saysPrivately('我的打卡');
  await zhang.saysPrivately('我的积分');
  await zhang.says('上榜');
  await zhang.says('排行榜');

  // An emergency, and a doctor who has it.
  await wang.says('胸口疼得厉害，喘不上气', { in: '高血压' });
  await li.says('收到 #1', { in: '医生' });

  // A question for a doctor, the doctor's own words, and a quote of the card.
  await zhang.says('找医生 我吃二甲双胍总拉肚子怎么办');
  await zhang.says('同意');
  await li.says('#2 饭中或饭后吃会好一些，先观察三天', { in: '医生' });
  await zhang.says('找医生 出门旅游血糖仪能托运吗');
  await li.says('#3 接', { in: '医生' });
  const card = doctors.messages().findLast((message) => wordsOf(message).startsWith('#3 新问题'));
  if (!card) throw new Error('there is no card of the third ticket');
  await li.says('随身带着就好，别放托运的行李里', { in: '医生', quote: card });
  await stage.passes(MINUTE_MS);

  // Review of an entry by two doctors.
  await li.says('审核', { in: '医生' });
  await stage.person('王医生').says('审核 KB-050', { in: '医生' });
  await stage.person('王医生').says('KB-050 通过', { in: '医生' });
  await stage.person('王医生').says('都确认', { in: '医生' });
  await stage.person('周医生').says('审核 KB-050', { in: '医生' });
  await stage.person('周医生').says('KB-050 通过', { in: '医生' });
  await stage.person('周医生').says('都确认', { in: '医生' });

  // An admin's word to everybody, and the count of the day.
  await chen.says('公告 全部 周三下午社区有义诊', { in: '管理' });
  await chen.says('是', { in: '管理' });
  await chen.says('今日打卡', { in: '管理' });

  // What is taken back, and what has no words.
  await stage.person('赵姐').says('打卡 空腹6.1');
  await stage.person('赵姐').says('同意');
  await stage.person('赵姐').recalls(await stage.person('赵姐').says('打卡 走路40分钟'));
  world.sendVoice(zhang.id, world.botId, VOICE);
  await stage.passes(1_000);
  world.sendVoice(zhang.id, patients.id, VOICE);
  await stage.passes(1_000);

  // Somebody becomes a friend, somebody joins, a new group invites the bot.
  world.requestFriendship(sun.id, '我是夜班老孙');
  await stage.passes(2_000);
  await sun.saysPrivately('帮助');
  world.join(patients.id, [stage.person('小何').id], { by: 'invitation', inviterId: zhang.id });
  await stage.passes(11 * MINUTE_MS);
  const group = world.createRoom({ topic: '新糖友群', memberIds: [chen.id, zhou.id] });
  world.inviteBot(group.id, chen.id);
  await stage.passes(2_000);
  await chen.says('@小杏 设为患者群 糖尿病', { in: '新糖友' });
  await stage.passes(31 * MINUTE_MS);
}

/** What was said in each conversation, in order: who, and in which words. */
export function traceOf({ simulation: { world } }: Stage): Record<string, string[]> {
  const conversations = [...world.listRooms(), ...world.listPeople()];
  return Object.fromEntries(
    conversations.map((conversation) => [
      'topic' in conversation ? conversation.topic : conversation.name,
      world
        .history(conversation.id, 1_000)
        .map((message) => `${world.displayName(message.talkerId)}: ${wordsOf(message)}`),
    ]),
  );
}

import type { Command, Community } from '../community/index.js';
import { answering as text } from '../text/zh-CN/answering.js';

const PEOPLES_PLACES = ['private', 'patients', 'test'] as const;
const SPAN = '(?:\\s*(?:\\d{1,3}|[一二两三四五六七八九十半]{1,3})\\s*个?(?:天|日|周|星期|月))?';

/**
 * Words that people know from elsewhere, or will have here, for what is not to be had yet: one honest sentence,
 * instead of an offer to ask a doctor about them. A feature that arrives takes its line away.
 */
export function notYetCommands({ replies }: Pick<Community, 'replies'>): Command[] {
  const answers: [name: string, pattern: RegExp, words: () => string][] = [
    ['leave', new RegExp(`^(?:我要?)?(?:请假|销假)${SPAN}$`, 'u'), text.notYet.leave],
    ['rewards', /^(?:奖品|我的兑换|兑换(?:奖品|[\s:]+.{1,20}|\s*\d{1,3})?)$/u, text.notYet.rewards],
    [
      'reminders',
      /^(?:提醒我(?=.*(?:\d|点|每)).{2,40}|每[天日晚早周].{0,12}提醒我.{1,20}|我的提醒|取消提醒\s*\d*)$/u,
      text.notYet.reminders,
    ],
    ['profile', /^(?:我的资料|填资料)$/u, text.notYet.profile],
    ['emergency-contact', /^(?:设置?)?紧急联系人$/u, text.notYet.emergencyContact],
    ['care-partner', /^绑定家人(?:\s*\S.{0,20})?$/u, text.notYet.carePartner],
  ];
  return answers.map(([name, pattern, words]) => ({
    name: `not-yet-${name}`,
    pattern,
    who: 'anyone',
    where: PEOPLES_PLACES,
    run: async (tx, message) => void (await replies.say(tx, message, words())),
  }));
}

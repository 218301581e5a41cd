import type { ChatFeature, Step } from '../community/index.js';
import { checkIn as text } from '../text/zh-CN/check-in.js';
import { createCampaignChat } from './campaign-chat.js';
import type { CheckInChatDeps } from './deps.js';
import { createRecordCommands } from './record-chat.js';
import { createCheckInStep } from './step.js';

/** Everything that is said about check-ins: the check-in itself, a person's own record, and an admin's campaigns. */
export function createCheckInChat(deps: CheckInChatDeps): ChatFeature & { step: Step } {
  const { step, questions } = createCheckInStep(deps);
  const campaigns = createCampaignChat(deps);
  return {
    step,
    commands: [
      {
        // 打卡 is read by the step, which knows what a value is; this is its line of 帮助.
        name: 'check-in-help',
        pattern:
          /^(?:(?:怎么|怎样|如何|咋)(?:打卡|签到)|(?:打卡|签到)(?:怎么|咋)(?:打|弄|发|签|写|用|做)?|how to check in)\??$/,
        who: 'anyone',
        where: ['private', 'patients'],
        help: { order: 10, line: text.help.checkIn },
        run: async (tx, message) => void (await deps.community.replies.say(tx, message, text.help.checkIn)),
      },
      ...createRecordCommands(deps),
      ...campaigns.commands,
    ],
    questions: { ...questions, ...campaigns.questions },
  };
}

import type { SimPerson } from '../../../src/simulator/wire.js';

/** What a newcomer may try here. `@小杏` at the front becomes a real mention. */
export function hintsFor(person: SimPerson, topic: string | undefined, botName: string): string[] {
  const mention = `@${botName} `;
  switch (person.role) {
    case 'doctor':
      return topic !== undefined ? [`${mention}帮助`, '待办', '审核', '#1 接'] : ['帮助', '待办', '审核'];
    case 'admin':
      return topic !== undefined
        ? [`${mention}帮助`, '今日打卡', '开始打卡 糖友21天', '公告 明天下午三点有健康讲座']
        : ['帮助', '绑定管理员 设置码', '今日打卡'];
    default:
      return topic !== undefined ? patientHints(topic, mention) : ['帮助', '我的打卡', '我的积分', '隐私'];
  }
}

function patientHints(topic: string, mention: string): string[] {
  const pressure = topic.includes('血压');
  return [
    pressure ? '打卡 血压128/82 走路30分钟' : '打卡 空腹6.5 走路30分钟',
    pressure ? `${mention}血压高平时吃盐要注意什么` : `${mention}糖尿病能吃西瓜吗`,
    '转医生',
    '我的积分',
    '胸口疼得厉害，喘不上气',
  ];
}

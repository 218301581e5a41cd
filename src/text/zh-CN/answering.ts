/** What stands under an answer: who answers for it, and that it is no visit to a doctor (SAFETY.md 6.5, 6.6). */
export interface Provenance {
  entryId: string;
  version: number;
  /** Missing for a sample. */
  reviewer?: { name: string; institution: string; speciality: string; date: string; simulated: boolean };
  source: string;
  drugs: boolean;
  /** Its review is due soon, and under way. */
  expiring?: boolean;
}

export const answering = {
  answer: (a: {
    answer: string;
    seeDoctorWhen: readonly string[];
    emergencyLine: string | undefined;
    provenance: Provenance;
    /** Beside a ticket about a person's own case. */
    general?: boolean;
    /** Worded by a language model from the entry: the label of SAFETY.md 6.6, class G, stands first. */
    byModel?: boolean;
  }) =>
    [
      ...(a.byModel ? ['⚠ 本内容由人工智能生成，仅供参考，未经医生审核'] : []),
      ...(a.general ? ['通用知识（不针对个人）'] : []),
      a.answer,
      ...(a.seeDoctorWhen.length > 0 ? [`这些情况请看医生：${a.seeDoctorWhen.join('；')}`] : []),
      ...(a.emergencyLine ? [a.emergencyLine] : []),
      '',
      ...(a.byModel
        ? [`依据：${a.provenance.entryId} v${a.provenance.version}`, `来源：${a.provenance.source}`]
        : provenanceLines(a.provenance)),
      a.provenance.drugs
        ? '请勿自行加减或停用药物，用药问题请问您的医生或药师。'
        : '以上是健康科普，不能代替面诊，您的情况以就诊医生的意见为准。',
      ...(a.general ? [] : ['觉得有帮助回“有用”，没帮助回“没用”。']),
    ].join('\n'),
  offer: () =>
    '这个问题我还没有医生审核过的答案，不敢随便说。\n想请医生看看，回“转医生”就行。问题我也记下了，会请编辑补上。\n现在就很难受的话，请直接打120。',
  clarify: (questions: string[]) =>
    questions.length === 1
      ? `您想问的是“${questions[0]}”吗？是就回 1，不是请换个说法再问。`
      : `您想问的是哪一个？请回数字：\n${questions.map((q, i) => `${i + 1} ${q}`).join('\n')}`,
  notUnderstood: () =>
    '我没听明白。想问什么，请说完整一点，例如：糖尿病能吃西瓜吗。发“帮助”看我能做什么；很不舒服请直接打120。',
  thanksUseful: () => '谢谢，记下了。',
  thanksUseless: () =>
    '谢谢您告诉我，记下了，会请编辑改进。想请医生看看，回“转医生”就行。\n方便的话，回数字说说哪里不好：1 没答到点上 2 看不懂 3 和我知道的不一样 4 别的',
  thanksReason: () => '谢谢，记下了，会转给编辑。',
  /** A message that asks several things: the short answers, the whole one by its number. */
  several: (a: {
    answers: readonly {
      question: string;
      answerShort: string;
      emergencyLine: string | undefined;
      provenance: Provenance;
    }[];
    unanswered: number;
  }) =>
    [
      '您问了几件事，一件一件说：',
      ...a.answers.flatMap(({ question, answerShort, emergencyLine }, i) => [
        `${i + 1} ${question}`,
        answerShort,
        ...(emergencyLine ? [emergencyLine] : []),
      ]),
      ...(a.unanswered > 0 ? ['其余的我还没有医生审核过的答案，想请医生看看，回“转医生”。'] : []),
      '',
      ...a.answers.flatMap(({ provenance }) => provenanceLines(provenance)),
      a.answers.some(({ provenance }) => provenance.drugs)
        ? '请勿自行加减或停用药物，用药问题请问您的医生或药师。'
        : '以上是健康科普，不能代替面诊，您的情况以就诊医生的意见为准。',
      '想看哪一条的全文，回它的数字。',
    ].join('\n'),
  noVoice: () =>
    '不好意思，我还听不懂语音。您可以长按语音点“转文字”，复制发给我；或者点键盘上的话筒，说话就能变成字。\n要是很急，请直接打120。',
  noPicture: () => '图片我看不懂，也不会保存。要转给医生吗？要就回 是\n要是很急，请直接打120。',
  askAboutPicture: () => '好的，想问医生什么，请用一句话说，我连同您发过图片一起告诉医生。',
  besidePicture: (words: string) => `${words}\n（本人私聊发来一张图片，机器人没有保存；需要看图，请联系本人。）`,
  listening: () => '在呢，您说',
  /** `中国糖尿病防治指南（2024版）`; an edition that the title ends with is not said twice. */
  source: (title: string, edition: string | null) =>
    edition === null || title.includes(edition) ? title : `${title}（${edition}）`,
  offerAdmin: () => '这件事我没有现成的答案，要问管理员。请回“转人工”，再选 2，我帮您转。',
  notYet: {
    leave: () => '请假和销假还没有开通，这几天的连续天数保不住，积分都在。好些了直接打卡就行。',
    rewards: () => '兑换奖品还没有开通。积分都给您攒着，发“我的积分”看。',
    reminders: () => '定时提醒还没有开通，请先用手机闹钟。',
    profile: () => '填写资料还没有开通。想看我这里有您的什么，发“我的数据”。',
    emergencyContact: () => '登记紧急联系人还没有开通。遇到急症请直接打120，再打给家人。',
    carePartner: () => '绑定家人还没有开通。替家人问医生，发“找医生 您的问题”。',
  },
  gaps: {
    list: (g: {
      days: number;
      lines: readonly { words: GapWords; people: number; disliked: number; nearest: string | undefined }[];
      more: number;
      forgotten: number;
    }) =>
      [
        `【知识缺口】最近${g.days}天，这些问题没有合适的答案：`,
        ...g.lines.map(({ words, people, disliked, nearest }, i) =>
          [
            `${i + 1} ${gapWords(words)}：${people}人问`,
            ...(disliked > 0 ? [`${disliked}次说答案没用`] : []),
            ...(nearest === undefined ? [] : [`最接近 ${nearest}`]),
          ].join('，'),
        ),
        ...(g.more > 0 ? [`还有${g.more}类，在电脑上运行 xinglin kb gaps --days ${g.days} 看全部。`] : []),
        ...(g.forgotten > 0 ? [gapsForgotten(g.forgotten)] : []),
        '补上的条目要医生审核后才会发出去。随时发“知识缺口”再看，“知识缺口 30天”看更久的。',
      ].join('\n'),
    none: (g: { days: number; forgotten: number }) =>
      [
        `最近${g.days}天没有记下知识缺口。“知识缺口 30天”看更久的。`,
        ...(g.forgotten > 0 ? [gapsForgotten(g.forgotten)] : []),
      ].join('\n'),
  },
  help: {
    gaps: () => '知识缺口：大家问了、还没有答案的问题',
    ask: () => '问问题：群里@我加上问题，私聊直接问',
  },
};

type GapWords = { kind: 'wording'; text: string } | { kind: 'matters'; words: readonly string[] } | { kind: 'hidden' };

function gapWords(words: GapWords): string {
  if (words.kind === 'wording') return `“${words.text}”`;
  return words.kind === 'matters' ? `关于${words.words.join('、')}（原话带个人情况）` : '（原话带个人情况，不显示）';
}

function gapsForgotten(questions: number): string {
  return `另有${questions}个没答上的，提问的人没有同意保存原话，已经删了。`;
}

function provenanceLines(p: Provenance): string[] {
  const id = `${p.entryId} v${p.version}`;
  if (!p.reviewer) return [`示例内容·未经医生审核 · ${id}`, `来源：${p.source}`];
  const mark = p.reviewer.simulated ? '(模拟)' : '';
  return [
    `小杏自动发送 · ${id}${p.expiring ? ' · 复核中' : ''}`,
    `审核：${p.reviewer.name}${mark}，${p.reviewer.institution}${p.reviewer.speciality}，${p.reviewer.date}`,
    `来源：${p.source}`,
  ];
}

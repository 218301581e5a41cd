/** What stands under an answer: who answers for it, and that it is no visit to a doctor (SAFETY.md 6.5, 6.6). */
export interface Provenance {
  entryId: string;
  version: number;
  /** Missing for a sample. */
  reviewer?: { name: string; institution: string; speciality: string; date: string; simulated: boolean };
  source: string;
  drugs: boolean;
}

export const answering = {
  answer: (a: {
    answer: string;
    seeDoctorWhen: readonly string[];
    emergencyLine: string | undefined;
    provenance: Provenance;
  }) =>
    [
      a.answer,
      ...(a.seeDoctorWhen.length > 0 ? [`这些情况请看医生：${a.seeDoctorWhen.join('；')}`] : []),
      ...(a.emergencyLine ? [a.emergencyLine] : []),
      '',
      ...provenanceLines(a.provenance),
      a.provenance.drugs
        ? '请勿自行加减或停用药物，用药问题请问您的医生或药师。'
        : '以上是健康科普，不能代替面诊，您的情况以就诊医生的意见为准。',
      '觉得有帮助回“有用”，没帮助回“没用”。',
    ].join('\n'),
  general: (answer: string) => `通用知识（不针对个人）\n${answer}`,
  offer: () =>
    '这个问题我还没有医生审核过的答案，不敢随便说。\n想请医生看看，回“转医生”就行。问题我也记下了，会请编辑补上。\n现在就很难受的话，请直接打120。',
  clarify: (questions: string[]) =>
    `您想问的是哪一个？请回数字：\n${questions.map((q, i) => `${i + 1} ${q}`).join('\n')}`,
  thanksUseful: () => '谢谢，记下了。',
  thanksUseless: () => '谢谢您告诉我，记下了，会请编辑改进。想请医生看看，回“转医生”就行。',
  noVoice: () =>
    '不好意思，我还听不懂语音。您可以长按语音点“转文字”，复制发给我；或者点键盘上的话筒，说话就能变成字。\n要是很急，请直接打120。',
  noPicture: () => '图片我看不懂，也不会保存。要请医生看，请发“找医生”加上您的问题；急症请直接打120。',
  listening: () => '在呢，您说',
};

function provenanceLines(p: Provenance): string[] {
  const id = `${p.entryId} v${p.version}`;
  if (!p.reviewer) return [`示例内容·未经医生审核 · ${id}`, `来源：${p.source}`];
  const mark = p.reviewer.simulated ? '(模拟)' : '';
  return [
    `小杏自动发送 · ${id}`,
    `审核：${p.reviewer.name}${mark}，${p.reviewer.institution}${p.reviewer.speciality}，${p.reviewer.date}`,
    `来源：${p.source}`,
  ];
}

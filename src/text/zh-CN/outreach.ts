export const outreach = {
  preview: (a: { rooms: number; people: number; text: string }) =>
    `将发到${a.rooms}个群、约${a.people}人：\n${a.text}\n确定请回 是，不发请回 不`,
  sending: (a: { rooms: number; quiet: number }) =>
    a.quiet === 0
      ? `好的，正在按节奏发到${a.rooms}个群。`
      : `好的，按节奏发到${a.rooms}个群；其中${a.quiet}个群在安静时段，过了时段再发。`,
  notSent: () => '好的，公告没有发。',
  empty: () => '请写上内容，例如：公告 明天上午9点义诊。要发到所有群：公告 全部 明天上午9点义诊',
  noRoom: () => '没有能发的患者群（还没设好，或都停用了），公告没有发出。',
  announcement: (text: string) => `📢 公告\n${text}`,
  help: () => '公告 内容（先给您看，确认后发）',
};

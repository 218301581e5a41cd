/** A reason code of the ledger in words. */
function reasonText(reason: string): string {
  if (reason === 'first') return '当天打卡';
  if (reason === 'further') return '多记一项';
  if (reason.startsWith('milestone')) return '连续打卡';
  if (reason === 'check-in-changed') return '记录有改动';
  if (reason === 'expired') return '到期';
  if (reason === 'erased') return '数据已删除';
  return '调整';
}

export const points = {
  balance: (total: number) => `您现在有${total}分。最近的明细，私聊我发“我的积分”看。`,
  statement: (total: number, lines: { day: string; amount: number; reason: string }[]) =>
    lines.length === 0
      ? `您现在有${total}分，还没有明细。打卡就有积分。`
      : [
          `您现在有${total}分。最近的：`,
          ...lines.map(({ day, amount, reason }) => `${day} ${amount > 0 ? '+' : ''}${amount} ${reasonText(reason)}`),
        ].join('\n'),
  onBoard: () => '好，排行榜上会有您。不想用群里的名字，发“昵称 阳光”；想退出，发“下榜”。',
  offBoard: () => '好，排行榜上不显示您了。想再上，发“上榜”。',
  nickname: (name: string, onBoard: boolean) =>
    `好，排行榜上您叫“${name}”。${onBoard ? '' : '您还没上榜，想上榜发“上榜”。'}`,
  badNickname: () => '这个昵称用不了：最多12个字，不能像医生或管理员，也不能带电话号码。请换一个，例如：昵称 阳光',
  helpLine: () => '我的打卡 / 我的积分 / 排行榜 / 上榜 / 下榜 / 昵称 阳光',
};

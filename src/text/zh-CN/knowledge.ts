type Topic = 't2dm' | 'htn' | 'general';
type EntryType = 'faq' | 'emergency_card' | 'rumor_rebuttal' | 'policy' | 'community_rule';

const topicNames: Record<Topic, string> = { t2dm: '糖尿病', htn: '高血压', general: '通用' };
const typeNames: Record<EntryType, string> = {
  faq: '常见问答',
  emergency_card: '急救卡',
  rumor_rebuttal: '辟谣',
  policy: '政策',
  community_rule: '群规',
};

/** What is signed, in the words that patients will get. */
export interface ToBeSigned {
  id: string;
  version: number;
  hash: string;
  type: EntryType;
  topics: readonly Topic[];
  question: string;
  answerShort: string;
  answer: string;
  seeDoctorWhen: readonly string[];
  emergencyLine: string | null;
  audience: string;
  contraindicatedAudience: readonly string[];
  drugMentions: readonly string[];
  sources: readonly {
    title: string;
    org: string;
    edition: string | null;
    year: number | null;
    section: string | null;
    checked: 'seen' | 'memory';
  }[];
  variants: readonly string[];
  notThis: readonly string[];
  author: string;
  /** Names of those who have approved this version. */
  approvedBy: readonly string[];
  missing: number;
}

function source(s: ToBeSigned['sources'][number]): string {
  const place = [s.org, s.title, s.edition, s.year === null ? null : String(s.year), s.section]
    .filter(Boolean)
    .join('，');
  return `${place}${s.checked === 'memory' ? '(凭记忆写的，请核对)' : ''}`;
}

export const knowledge = {
  review: {
    queue: (count: number, entry: string) => `待审核${count}条，先看这一条：\n\n${entry}`,
    empty: () => '没有等您审核的条目。',
    entry: (e: ToBeSigned) =>
      [
        `${e.id} v${e.version}·${typeNames[e.type]}·${e.topics.map((topic) => topicNames[topic]).join('、')}`,
        `问：${e.question}`,
        `简答：${e.answerShort}`,
        `全文：${e.answer}`,
        '什么时候要看医生：',
        ...e.seeDoctorWhen.map((line) => `· ${line}`),
        `急症提示：${e.emergencyLine ?? '无'}`,
        `适用：${e.audience}；不适用：${e.contraindicatedAudience.join('、')}`,
        `涉及药物：${e.drugMentions.length > 0 ? e.drugMentions.join('、') : '无'}`,
        '来源：',
        ...e.sources.map((s) => `· ${source(s)}`),
        `这些问法都会用它回答：${e.variants.join(' / ')}`,
        `这些不能用它回答：${e.notThis.join(' / ')}`,
        `作者：${e.author}。${e.approvedBy.length > 0 ? `已通过：${e.approvedBy.join('、')}。` : ''}还要${e.missing}位审核。`,
        `${e.id} v${e.version} 签名码 ${e.hash.slice(0, 8)}`,
        `看清楚了再定。同意：${e.id} 通过；不同意：${e.id} 退回 理由`,
      ].join('\n'),
    approved: (id: string, version: number, hash: string, missing: number) =>
      `${id} v${version} 记下您的通过(签名码 ${hash.slice(0, 8)})，还要${missing}位审核才发布。`,
    published: (id: string, version: number, hash: string) =>
      `${id} v${version} 已发布(签名码 ${hash.slice(0, 8)})，群里马上就能用。`,
    returned: (id: string, version: number) => `${id} v${version} 已退回，改好后要重新审核。`,
    returnNeedsReason: (id: string) => `${id} 没有退回。请写上理由：${id} 退回 理由`,
    ownEntry: (id: string) => `${id} 是您写的，要由别的医生审核。`,
    alreadyApproved: (id: string) => `${id} 您已经通过了，还要别的医生审核。`,
    notWaiting: (id: string, state: string) => `${id} 现在${state}，不在等审核。`,
    outdated: (id: string) => `${id} 的内容改过了，请先发“审核 ${id}”看新的再定。`,
    unknown: (id: string) => `没有 ${id} 这个条目。发“审核”看等着审核的。`,
    oneAtATime: () => '一次只能审一条：看完全文，再发“KB-编号 通过”。',
    suspended: (id: string, recipients: number, names: readonly string[]) =>
      [
        `${id} 已停用，马上不再发给任何人。改好后要重新审核。`,
        recipients === 0
          ? '近30天没有人收到过它。'
          : `近30天有${recipients}人收到过：${names.join('、')}${recipients > names.length ? '等' : ''}。内容有错的话，请告诉他们。`,
      ].join('\n'),
    suspendNeedsReason: (id: string) => `${id} 没有停用。请写上理由：停用条目 ${id} 理由`,
    alreadySuspended: (id: string) => `${id} 本来就没有在用。`,
    unverified: () => '您的医生信息还没有核验完，暂时不能审核。请管理员用“添加医生”补齐：姓名、专科、机构、执业证号。',
    someReviewer: '一位医生',
  },
  states: {
    draft: '是草稿',
    in_review: '在审核',
    published: '已发布',
    returned: '已退回',
    suspended: '已停用',
  },
  help: {
    review: '审核：看下一条；KB-031 通过 / 退回 理由',
    suspend: '停用条目 KB-031 理由',
  },
};

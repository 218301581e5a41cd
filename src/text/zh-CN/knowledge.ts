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

type Check = 'accurate' | 'current' | 'safe' | 'plain' | 'no-ads' | 'when-to-see-a-doctor';
type State = 'draft' | 'in_review' | 'returned' | 'published' | 'expiring' | 'suspended' | 'retired';

/** Who is still to sign. */
interface Missing {
  people: number;
  /** One of them must be a pharmacist. */
  pharmacist: boolean;
}

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
    /** An edition that has come out since. */
    newer?: string | undefined;
  }[];
  variants: readonly string[];
  notThis: readonly string[];
  author: string;
  /** Names of those who have approved this version. */
  approvedBy: readonly string[];
  missing: Missing;
  /** It names a drug, and nobody in the community is a pharmacist. */
  noPharmacist: boolean;
  /** The version in which only letters are mended here. */
  fixes: number | undefined;
  /** It is served, and reviewed again: the day until when. */
  renewUntil: string | undefined;
}

function source(s: ToBeSigned['sources'][number]): string {
  const place = [s.org, s.title, s.edition, s.year === null ? null : String(s.year), s.section]
    .filter(Boolean)
    .join('，');
  const notes = [
    ...(s.checked === 'memory' ? ['凭记忆写的，请核对'] : []),
    ...(s.newer === undefined ? [] : [`已经有${s.newer}，请核对`]),
  ];
  return `${place}${notes.length > 0 ? `(${notes.join('；')})` : ''}`;
}

const checks: Record<Check, { name: string; means: string }> = {
  accurate: { name: '准确', means: '和来源对得上' },
  current: { name: '最新', means: '用的是现行的版本' },
  safe: { name: '安全', means: '照着做不会出事，不适用的人写清楚了' },
  plain: { name: '通俗', means: '普通人看得懂' },
  'no-ads': { name: '无广告', means: '没有推销、品牌和联系方式' },
  'when-to-see-a-doctor': { name: '有就医时机', means: '写清了什么时候要看医生' },
};
const checkList = Object.values(checks).map(({ name, means }, i) => `${i + 1} ${name}：${means}`);

const stillMissing = ({ people, pharmacist }: Missing) =>
  `${people}位审核${pharmacist ? (people > 1 ? '(其中要有药师)' : '(要药师)') : ''}`;

/** `KB-031 糖友能吃西瓜吗？`; of many the rest by number. */
const LISTED_AT_MOST = 60;
const listed = (lines: readonly string[]) =>
  lines.length > LISTED_AT_MOST ? [...lines.slice(0, LISTED_AT_MOST), `还有${lines.length - LISTED_AT_MOST}条`] : lines;

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
        ...(e.fixes === undefined ? [] : [`和 v${e.fixes} 比只改了错字，一位审核就够。`]),
        ...(e.renewUntil === undefined ? [] : [`这一条在用，${e.renewUntil} 到期，现在复核：内容没变，还成立就通过。`]),
        `作者：${e.author}。${e.approvedBy.length > 0 ? `已通过：${e.approvedBy.join('、')}。` : ''}还要${stillMissing(e.missing)}。`,
        ...(e.noPharmacist ? ['提到了药物，本社群还没有药学专科的医生，由两位医生审核。'] : []),
        `${e.id} v${e.version} 签名码 ${e.hash.slice(0, 8)}`,
        `看清楚了再定。同意：${e.id} 通过；不同意：${e.id} 退回 理由`,
      ].join('\n'),
    /** Asked before every signature: the six points of SAFETY.md 6.2. */
    confirm: (id: string, version: number, hash: string) =>
      [
        `${id} v${version} 签名前，请确认这六点(签名码 ${hash.slice(0, 8)})：`,
        ...checkList,
        '都做到了请回“都确认”；没做到的请回数字，如“3 5”，就退回修改；先不签回“算了”。',
      ].join('\n'),
    notSigned: (id: string) => `好的，${id} 没有签。`,
    unfulfilled: (failed: readonly Check[]) => failed.map((check) => checks[check].name).join('、'),
    approved: (id: string, version: number, hash: string, missing: Missing) =>
      `${id} v${version} 记下您的通过(签名码 ${hash.slice(0, 8)})，还要${stillMissing(missing)}才发布。`,
    published: (id: string, version: number, hash: string) =>
      `${id} v${version} 已发布(签名码 ${hash.slice(0, 8)})，群里马上就能用。`,
    renewalSigned: (id: string, version: number, hash: string, missing: Missing) =>
      `${id} v${version} 记下您的复核(签名码 ${hash.slice(0, 8)})，还要${stillMissing(missing)}。`,
    renewed: (id: string, version: number, hash: string, until: string) =>
      `${id} v${version} 复核完了(签名码 ${hash.slice(0, 8)})，照常用，下次复核在 ${until} 前。`,
    returned: (id: string, version: number, reason: string) =>
      `${id} v${version} 已退回(${reason})，改好后要重新审核。`,
    withdrawn: (id: string, version: number, reason: string) =>
      `${id} v${version} 已退回(${reason})，马上不再发给任何人，改好后要重新审核。`,
    returnNeedsReason: (id: string) => `${id} 没有退回。请写上理由：${id} 退回 理由`,
    ownEntry: (id: string) => `${id} 是您写的，要由别的医生审核。`,
    alreadyApproved: (id: string) => `${id} 您已经通过了，还要别的医生审核。`,
    notWaiting: (id: string, state: string) => `${id} 现在${state}，不在等审核。`,
    stopped: (id: string, state: string) => `${id} 现在${state}，不在等审核。要重新审核，发“恢复条目 ${id}”。`,
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
    reinstated: (id: string, version: number) =>
      `${id} v${version} 回到审核，从头签起，没签完不会发给任何人。发“审核 ${id}”看全文。`,
    notStopped: (id: string, state: string) => `${id} 现在${state}，用不着恢复。`,
    retired: (id: string) => `${id} 已作废，马上不再发给任何人，编号以后也不再用。`,
    retireNeedsReason: (id: string) => `${id} 没有作废。请写上理由：${id} 作废 理由`,
    alreadyRetired: (id: string) => `${id} 已经作废了，改不回来。要用请另写一条，换个编号。`,
    unverified: () => '您的医生信息还没有核验完，暂时不能审核。请管理员用“添加医生”补齐：姓名、专科、机构、执业证号。',
    someReviewer: '一位医生',
  },
  guideline: {
    marked: (g: { name: string; edition: string; until: string; ids: readonly string[] }) =>
      g.ids.length === 0
        ? `记下了：${g.name} 有了${g.edition}。已发布的条目里没有引用旧版的。`
        : [
            `记下了：${g.name} 有了${g.edition}。引用旧版的${g.ids.length}条都转为复核中，照常用；${g.until} 还没有复核完的，到时停用：`,
            g.ids.join('、'),
            '发“审核”一条一条看。',
          ].join('\n'),
    knownAlready: (name: string, edition: string) => `${name} 的${edition}已经登记过了，没有再改。`,
    unknown: (words: string) =>
      `没有条目引用“${words}”，也不在指南目录里。请写代码或全名，再写版本：指南更新 CDS24 2026版`,
    needsEdition: () => '请写代码或全名，再写新版本：指南更新 CDS24 2026版',
  },
  expiry: {
    notice: (n: {
      due: readonly { id: string; question: string; date: string; days: number }[];
      suspended: readonly { id: string; question: string }[];
    }) =>
      [
        ...(n.due.length === 0
          ? []
          : [
              `有${n.due.length}条条目快到期了，请医生复核：`,
              ...listed(n.due.map((e) => `· ${e.id} ${e.question} ${e.date} 到期，还有${e.days}天`)),
              `看全文发“审核 ${n.due[0]?.id ?? ''}”，还成立就通过。到期没有复核的会停用。`,
            ]),
        ...(n.due.length > 0 && n.suspended.length > 0 ? [''] : []),
        ...(n.suspended.length === 0
          ? []
          : [
              `有${n.suspended.length}条条目到期没有复核，已经停用：`,
              ...listed(n.suspended.map((e) => `· ${e.id} ${e.question}`)),
              `要重新审核，发“恢复条目 ${n.suspended[0]?.id ?? ''}”。`,
            ]),
      ].join('\n'),
  },
  states: {
    draft: '是草稿',
    in_review: '在审核',
    returned: '已退回',
    published: '已发布',
    expiring: '在复核',
    suspended: '已停用',
    retired: '已作废',
  } satisfies Record<State, string>,
  help: {
    review: '审核：看下一条；KB-031 通过 / 退回 理由',
    suspend: '停用条目 KB-031 理由；恢复条目；KB-031 作废 理由；指南更新 CDS24 2026版',
  },
};

type Level = 'emergency' | 'urgent' | 'clinical' | 'information';
type State = 'open' | 'claimed' | 'waiting' | 'answered' | 'closed' | 'withdrawn';

/** A time as people say it: 今天18:00, 明天8:30, 周一8:30. */
export interface Moment {
  day: 'today' | 'tomorrow' | { weekday: number } | { month: number; day: number };
  minutes: number;
}

const WEEKDAYS = '一二三四五六日';

function moment({ day, minutes }: Moment): string {
  return `${dayWord(day)}${clock(minutes)}`;
}

function dayWord(day: Moment['day']): string {
  if (day === 'today') return '今天';
  if (day === 'tomorrow') return '明天';
  return 'weekday' in day ? `周${WEEKDAYS[day.weekday - 1] ?? ''}` : `${day.month}月${day.day}日`;
}

function clock(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

const levelNames: Record<Level, string> = { emergency: '急症', urgent: '紧急', clinical: '一般', information: '一般' };
const stateNames: Record<State, string> = {
  open: '等医生看',
  claimed: '医生正在看',
  waiting: '等您补充',
  answered: '已答复',
  closed: '已结束',
  withdrawn: '已撤回',
};
const NO_DIAGNOSIS = '群内医生只做健康教育，不诊断、不开药。急症请打120。';
const HOW_TO_ANSWER = (n: number) => `回复：引用本条直接写，或发“#${n} 您的答复”。认领：#${n} 接`;

/** What was noted about a value, without the value: by the rows of SAFETY.md 3. */
const rowNames: Readonly<Record<string, string>> = {
  G1: '血糖过低',
  G2: '血糖过低',
  G10: '血糖过高',
  G11: '血糖过高',
  P4: '血糖或酮体偏高（孕期）',
  P5: '血糖过高（孕期）',
  K1: '酮体偏高',
  B1: '血压过高，有不适',
  B2: '血压过高',
  B7: '血压过高（孕产期）',
  B8: '血压偏高（孕产期）',
  H1: '心率过快',
  T1: '高烧',
  T2: '小婴儿发烧或体温过低',
  T3: '婴儿高烧',
  O1: '血氧偏低',
  G3: '血糖偏低',
  P1: '血糖偏低（孕期）',
  P3: '血糖偏高（孕期）',
  C1: '孩子的血糖',
  G8: '血糖偏高',
  G9: '血糖偏高',
  G12: '血糖偏高，还没说确诊过',
  B6: '血压偏低',
  H2: '心率偏慢',
  A1: '糖化偏高',
};

function valueNames(rows: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const name = rowNames[row] ?? '数值超出范围';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => (count > 1 ? `${name}${count}次` : name)).join('、');
}

/** A doctor's words for a patient, and whether the patient had asked something. */
interface Reply {
  number: number;
  doctor: string;
  words: string;
  signature: string;
  asked: boolean;
  /** Mostly a model's draft that the doctor looked through (SAFETY.md 6.6, class D). */
  drafted: boolean;
}

interface Asked {
  number: number;
  /** The asker, as a placeholder. */
  who: string;
  /** 糖尿病群, 私聊, …: `places`. */
  place: string;
  relation: string | undefined;
  question: string;
  test: boolean;
}

const signed = (r: Reply) => (r.drafted ? `AI辅助起草，${r.signature}，审核后发送` : `${r.signature}，本人回复`);
const forWhom = (relation: string | undefined) => (relation ? `，替家人问(${relation})` : '');
const testMark = (test: boolean) => (test ? '【测试群】' : '');

export const escalation = {
  /** Words that close an emergency, each with the outcome it stands for. */
  outcomeWords: [
    ['hospital', /^(?:已?送医|已?就医|去医院|住院|hospital)/u],
    ['false-alarm', /^(?:误报|不是急症|false alarm)/u],
    ['lost-contact', /^(?:失联|联系不上|lost contact)/u],
    ['safe', /^(?:已?脱险|平安|没事了|safe)/u],
  ] as const,
  place: (kind: 'private' | 'group', topics: readonly string[]) => {
    if (kind === 'private') return '私聊';
    const names = topics.map((topic) => ({ t2dm: '糖尿病', htn: '高血压', general: '通用' })[topic] ?? '');
    return names.length === 0 ? '群里' : `${names.join('、')}群`;
  },
  /** 李医生 of 李明; a name of four characters, or one that is not Chinese, stays whole. */
  doctorShort: (realName: string) => {
    const doubleSurname = /^(欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|夏侯|令狐|宇文|长孙)/u.exec(
      realName,
    )?.[1];
    if (!/^\p{Script=Han}{2,4}$/u.test(realName)) return `${realName}医生`;
    return `${doubleSurname ?? realName.slice(0, 1)}医生`;
  },
  /** Why the rules raised an alarm, by the names of the groups of SAFETY.md 2.2 and the rows of 3. */
  reasons: (flags: readonly string[], rows: readonly string[]) => [
    ...new Set([...flags, ...(rows.length > 0 ? [valueNames([...new Set(rows)])] : [])]),
  ],
  /** Titles that may follow a surname when colleagues name each other. */
  titles: /(?:医生|大夫|主任|医师|老师)$/u,

  toAsker: {
    opened: (n: number, by: Moment) =>
      `您的问题登记好了，编号 #${n}，预计${moment(by)}前有医生回复，到时我@您。\n想补充，引用这条接着说；化验单请私聊发我。\n等的时候先别自己加药、停药。要是加重，或者胸痛、气喘、说话不清，马上打120。`,
    openedInPrivate: (n: number, by: Moment) =>
      `您的问题登记好了，编号 #${n}，预计${moment(by)}前有医生回复，到时我在这里告诉您。\n想补充，引用这条接着说。\n等的时候先别自己加药、停药。要是加重，或者胸痛、气喘、说话不清，马上打120。`,
    openedOffDuty: (n: number, from: Moment, night: boolean) =>
      `您的问题登记好了，编号 #${n}。现在没有医生值班，最早${moment(from)}以后才能看到。\n要是${night ? '今晚' : '这期间'}加重或心里不踏实，请去急诊，别等群里；紧急时打120。`,
    openedNoDoctors: (n: number) =>
      `您的问题登记好了，编号 #${n}。现在没有医生值班，什么时候能看到说不准，管理员会去联系医生。\n要是加重或心里不踏实，请直接去医院，别等群里；紧急时打120。`,
    openedService: (n: number) => `登记好了，编号 #${n}，已经转给管理员，处理好了我告诉您。想补充，引用这条接着说。`,
    openedUrgent: (n: number) =>
      `您的情况已经通知医生，编号 #${n}。等的时候要是加重，或者胸痛、气喘、说话不清，马上打120。`,
    alreadyOpen: (n: number) =>
      `这个问题已经登记了，编号 #${n}，在等医生。想补充，引用这条接着说，或发“#${n} 要补充的话”。`,
    checkEnded: () => '好的，没有就好。以后真有这种感觉，别等回复，马上打120。',
    appended: (n: number, service: boolean) => `已经补充到 #${n}，${service ? '管理员' : '医生'}会看到。`,
    askQuestion: () => '好的，请直接说您的问题，下一句我就转给医生。很急的话请直接打120。',
    askServiceQuestion: () => '好的，请直接说是什么事，下一句我就转给管理员。',
    doctorOrAdmin: () =>
      '想找谁？请回数字：\n1 身体、用药的问题→医生\n2 挂号、报销、活动→管理员\n很急的话请直接打120。',
    overdue: (n: number, hospital: string) =>
      `对不起，#${n} 让您久等了，已经再次提醒医生。您要是着急，请直接到${hospital}就诊。`,
    overdueService: (n: number) => `对不起，#${n} 让您久等了，已经再次提醒管理员。`,
    reply: (r: Reply) =>
      `${r.asked ? `您问的 #${r.number}，${r.doctor}回复` : `#${r.number} ${r.doctor}有话对您说`}：\n“${r.words}”\n——${signed(r)}\n${NO_DIAGNOSIS}`,
    correction: (r: Reply) =>
      `#${r.number} 有更正，请以这条为准。${r.doctor}：\n“${r.words}”\n——${signed(r)}\n${NO_DIAGNOSIS}`,
    askBack: (r: Reply) =>
      `${r.asked ? '关于您问的 ' : ''}#${r.number}${r.asked ? '，' : ' '}${r.doctor}想问您：\n“${r.words}”\n——${r.signature}\n引用这条回答就行。化验单请私聊发我。`,
    adminReply: (n: number, words: string) => `您问的 #${n}，管理员回复：\n“${words}”`,
    repliedInPrivate: (n: number) => `#${n} 医生已经回复您了，请看和我的私聊。`,
    askedInPrivate: (n: number) => `关于 #${n}，医生有话问您，请看和我的私聊。`,
    closed: (n: number) => `#${n} 先到这里。还有问题随时发“找医生 您的问题”。很不舒服请直接打120。`,
    closedPressing: (n: number) => `#${n} 先记到这里，愿您平安。再有不舒服，别等群里，马上打120。`,
    solved: (n: number) => `好的，#${n} 结束了。您多保重。`,
    tooOld: (n: number) => `#${n} 已经结束了。新的问题请发“找医生 您的问题”。`,
    notYours: (n: number) => `没有找到您的 #${n}。发“我的求助”看您的工单。`,
    myTickets: (lines: string[]) => ['您的求助：', ...lines].join('\n'),
    myTicketLine: (t: { number: number; state: State; service: boolean; question: string | undefined }) => {
      const state = t.service ? stateNames[t.state].replace('医生', '管理员') : stateNames[t.state];
      return `#${t.number} ${state}${t.question ? `：${t.question}` : ''}`;
    },
    noTickets: () => '您还没有求助过。想问医生，发“找医生 您的问题”。',
    offerVoice: (n: number) => `您的 #${n} 在等医生。要我告诉医生您发了语音吗？要就回 是`,
    complaintForm: () => '请把事情写在后面，例如：投诉 群里有人发广告',
  },

  followUp: {
    said: { called: '120已打', 'not-called': '120还没打', safe: '已脱险' },
    toStaff: (n: number, who: string, said: string) => `#${n} ${who}说：${said}。`,
    toAsker: {
      called: '好的，打了就好。把门打开，手机放身边，等120的人来。我已告诉医生和管理员。',
      'not-called': '请现在就打120，或让身边的人帮您打，别等回复。我已告诉医生和管理员。',
      safe: '平安就好。再有不舒服，马上打120。我已告诉医生和管理员。',
    },
  },

  toGroup: {
    /** All that may be said in a group about suicidal words, where a private chat does not reach the person. */
    wordInPrivateNotAFriend: () => '想和您说句话，请点我头像→添加到通讯录',
    unreachable: (admins: string) => `我没法私聊您。${admins ? `${admins} ` : ''}请管理员马上打电话联系。`,
  },

  toDoctors: {
    /** In the place of a reason that a rule would have. */
    heardByModel: '大模型判断，规则没有报',
    card: (a: Asked & { level: Level; by: Moment | undefined; canDraft: boolean }) =>
      [
        `#${a.number} ${testMark(a.test)}新问题·${levelNames[a.level]}${a.by ? `·请在${moment(a.by)}前回复` : ''}`,
        `${a.who}(${a.place}${forWhom(a.relation)})问：`,
        `“${a.question}”`,
        HOW_TO_ANSWER(a.number),
        ...(a.canDraft ? [`要看AI草稿：#${a.number} 草稿`] : []),
      ].join('\n'),
    pressing: (
      a: Asked & {
        level: Level;
        reasons: readonly string[];
        ackMinutes: number;
        late: boolean;
        carded: boolean;
        friend: boolean;
        privateOnly: boolean;
        /** A message that belongs to a running emergency. */
        again: boolean;
      },
    ) =>
      [
        `#${a.number} ${testMark(a.test)}⚠️${levelNames[a.level]}${a.again ? '·有新情况' : ''}${a.late ? '·消息迟到' : ''}·请${a.ackMinutes}分钟内回“收到 #${a.number}”`,
        `${a.who}(${a.place}${forWhom(a.relation)})说：`,
        `“${a.question}”`,
        ...(a.reasons.length > 0 ? [`依据：${a.reasons.join('、')}`] : []),
        reach(a),
        `联系上后回“收到 #${a.number}”；要对本人说的话发“#${a.number} …”；结束发“#${a.number} 关闭 送医/误报/失联/已脱险”。`,
      ].join('\n'),
    again: (n: number, level: Level, minutes: number) =>
      `#${n} ⚠️${levelNames[level]}·${minutes}分钟了还没有人确认。请马上联系本人，并回“收到 #${n}”。`,
    overdue: (n: number) => `#${n} 超过24小时没有答复了，麻烦尽快看一下。发“#${n} …”直接答复。`,
    appended: (n: number, who: string, words: string) => `#${n} ${who} 补充：\n“${words}”\n${HOW_TO_ANSWER(n)}`,
    /** A red flag that may be over or supposed, and nobody answered the question whether it is there now. */
    toVerify: (words: string) => `${words}\n（待核实：我私下问了现在有没有，5分钟没有答复，请联系本人。）`,
    toVerifyKnown: (n: number, who: string, words: string) =>
      `#${n} 转为紧急·待核实：${who}说“${words}”，我问了现在有没有，5分钟没有答复。请联系本人，联系上后回“收到 #${n}”。`,
    valueNoted: (rows: readonly string[]) => `（没有提问）发来的数值要留意：${valueNames(rows)}`,
    digestLine: (a: {
      number: number;
      who: string;
      place: string;
      relation: string | undefined;
      rows: readonly string[];
    }) => `#${a.number} ${a.who}（${a.place}${forWhom(a.relation)}）：${valueNames(a.rows)}`,
    digest: (lines: string[], count: number) =>
      [
        `要留意的数值（${count}人，都不急，本人没有提问）：`,
        ...lines,
        ...(count > lines.length ? [`还有${count - lines.length}人，发“待办”看。`] : []),
        '看数值发“#号 接”（患者同意才看得到）；有话说发“#号 您的话”；不用处理发“#号 关闭 理由”。',
      ].join('\n'),
    voice: () => '（发来一条语音，机器人听不了。请联系本人，或请本人转成文字。）',
    withdrawn: (n: number) => `#${n} 提问的人撤回了，不用答复。`,
    corrected: (n: number, closed: boolean) =>
      `#${n} 本人更正了数值${closed ? '，这次提醒结束' : '，但还有别的情况，请照样跟进'}。`,
  },

  toAdmins: {
    pressing: (
      a: Pick<Asked, 'number' | 'who' | 'place' | 'relation' | 'test'> & {
        level: Level;
        late: boolean;
        carded: boolean;
        friend: boolean;
        privateOnly: boolean;
        again: boolean;
        doctorsTold: boolean;
      },
    ) =>
      [
        `#${a.number} ${testMark(a.test)}⚠️${levelNames[a.level]}${a.again ? '·有新情况' : ''}${a.late ? '·消息迟到' : ''}`,
        `${a.who}(${a.place}${forWhom(a.relation)})可能有危险，${a.doctorsTold ? '同时在通知医生群' : '还没有医生群，没法通知医生'}。`,
        reach(a),
        `请马上打电话联系本人或家人，联系上后回“收到 #${a.number}”。`,
      ].join('\n'),
    unacknowledged: (n: number, level: Level, minutes: number) =>
      `#${n} ⚠️${levelNames[level]}·${minutes}分钟了没有医生确认。请马上打电话联系本人、家人或医生，联系上后回“收到 #${n}”。`,
    overdue: (n: number, who: string) => `#${n}(${who})超过24小时没有答复，已再次提醒。请帮忙联系医生。`,
    service: (a: Asked) =>
      [
        `#${a.number} ${testMark(a.test)}新事务`,
        `${a.who}(${a.place})说：`,
        `“${a.question}”`,
        `回复：引用本条直接写，或发“#${a.number} 您的答复”。结束：#${a.number} 关闭 理由`,
      ].join('\n'),
    serviceAppended: (n: number, who: string, words: string) => `#${n} ${who} 补充：\n“${words}”`,
    clinicalWithoutDoctors: (a: Asked) =>
      [
        `#${a.number} ${testMark(a.test)}新问题，要请医生看（还没有医生群）`,
        `${a.who}(${a.place}${forWhom(a.relation)})问：`,
        `“${a.question}”`,
        '先发“设为医生群”设好医生群，或请医生私聊我答复。',
      ].join('\n'),
  },

  /** What the doctor or admin who acts on a ticket is told. */
  desk: {
    draftsOff: () => '还没有设置大模型，没有草稿。',
    draftNotForThis: (n: number) => `#${n} 不提供草稿：急的、管理上的问题请直接答。`,
    draftNoConsent: (n: number) => `#${n} 提问的人没有同意用大模型，没有草稿。`,
    noDraft: (n: number) => `#${n} 这次没有写出可用的草稿，请直接答。`,
    draft: (n: number, d: { text: string | null; ask: string | null; basis: readonly string[] }) =>
      [
        `#${n} AI草稿，未经审核，没有发给患者：`,
        ...(d.text === null ? ['（资料不够，没有草稿）'] : [d.text, `依据：${d.basis.join('、')}`]),
        ...(d.ask === null ? [] : [`可以先问：${d.ask}`]),
        `请逐句核对：准确吗？漏了就医时机吗？这个人能照做吗？改好后发：#${n} 您的答复`,
      ].join('\n'),
    sent: {
      group: (n: number, who: string) => `#${n} 已发给${who}（群里）。`,
      private: (n: number, who: string) => `#${n} 已发给${who}（私聊）。`,
      personal: (n: number, who: string) => `#${n} 里面有个人情况，已私聊发给${who}，群里只说有回复。`,
      'out-of-group': (n: number, who: string) => `#${n} 群里发不了（退群或群已停用），已私聊发给${who}。`,
    },
    notYetSent: (n: number, who: string) => `#${n} 还没有发到${who}那里，我会一直试，发出去了告诉您。`,
    undeliverable: (n: number, who: string) =>
      `#${n} 没有发出去：微信没有收下给${who}的消息。请换个办法联系，或请管理员打电话。`,
    held: (n: number, who: string) => `#${n} 20秒后发给${who}。不想发，回“撤”或撤回那条消息。`,
    heldPersonal: (n: number, who: string) =>
      `#${n} 20秒后私聊发给${who}（里面有个人情况）。不想发，回“撤”或撤回那条消息。`,
    takenBack: (n: number) => `#${n} 那条没有发给患者。`,
    tooLateToTakeBack: (n: number) => `#${n} 那条已经发出去了。要改请发“#${n} 更正 …”。`,
    notAFriend: (n: number, who: string) =>
      `#${n} 没有发：里面有数值、剂量、结果或诊断，只能私聊，可${who}还不是我的好友。请换成不带这些的说法再发，或请管理员打电话。`,
    notAFriendPrivate: (n: number, who: string) =>
      `#${n} 没有发：${who}还不是我的好友，私聊发不到。请换成能在群里说的话，用“#${n} …”发。`,
    notInGroup: (n: number, who: string) =>
      `#${n} 没有发：${who}不在群里了（或群已停用），也不是我的好友，发不到。请管理员打电话联系。`,
    recalledBefore: (n: number) => `#${n} 那条已经撤回，没有发给患者。`,
    sendToPatient: (n: number) => `#${n} 发给患者吗？1 发 2 不发`,
    collision: (n: number, who: string, at: Moment) => `#${n} ${who}${moment(at)}已经答复过了，还要发吗？1 发 2 不发`,
    notSent: () => '好的，没有发。',
    claimed: (n: number) => `#${n} 归您了。`,
    alreadyClaimed: (n: number, who: string) => `#${n} ${who}已经接了。要换人请对方发“#${n} 转 名字”。`,
    acknowledged: (n: number) => `收到，#${n} 记下是您在跟进。`,
    alreadyAcknowledged: (n: number, who: string, at: Moment) => `#${n} ${who}${moment(at)}已经确认了。`,
    nothingToAcknowledge: (n: number) => `#${n} 不是急症，不用确认。要接手发“#${n} 接”。`,
    handedOver: (n: number, to: string) => `#${n} 已转给${to}。`,
    handOverWhom: (n: number, names: string[]) =>
      names.length === 0
        ? `#${n} 没有转：没找到这位医生。写法：#${n} 转 王医生`
        : [`#${n} 转给哪一位？请回数字：`, ...names.map((name, index) => `${index + 1} ${name}`)].join('\n'),
    noted: (n: number) => `#${n} 备注记下了，只有医生看得到。`,
    closed: (n: number) => `#${n} 已关闭。`,
    needsReason: (n: number) => `#${n} 没有关。请写上理由：#${n} 关闭 理由`,
    needsOutcome: (n: number) => `#${n} 没有关。急症要写结果，四选一：#${n} 关闭 送医/误报/失联/已脱险`,
    nothingToCorrect: (n: number) => `#${n} 还没有答复过，不用更正。直接发“#${n} …”。`,
    unknownTicket: (n: number) => `没有 #${n} 这个工单。发“待办”看现有的。`,
    ended: (n: number, state: State) => `#${n} ${stateNames[state]}，不能再这样操作。`,
    nothingToSend: (n: number) => `#${n} 后面请写要发的话，例如：#${n} 请到门诊当面看看`,
    noSuggestion: (n: number) => `#${n} 没有可直接发的建议条目。请发“#${n} …”写您的答复。`,
    unverified: () =>
      '您的医生信息还没有核验完，暂时不能答复和审核。请管理员用“添加医生”补齐：姓名、专科、机构、执业证号。',
    onlyDoctors: (n: number) => `#${n} 是医疗问题，只有医生能答复。您可以发“收到 #${n}”或“#${n} 备注 …”。`,
    onlyAdmins: (n: number) => `#${n} 是事务问题，由管理员答复。`,
    values: (n: number, who: string, values: string) => `#${n} ${who}最近的打卡数值（患者已同意您看）：\n${values}`,
    list: (lines: string[], mine: boolean, count: number) =>
      [`${mine ? '您接的' : '待办'}(${count})：`, ...lines].join('\n'),
    listLine: (t: {
      number: number;
      level: Level;
      service: boolean;
      who: string;
      by: Moment | undefined;
      late: boolean;
      claimer: string | undefined;
      question: string | undefined;
    }) =>
      `#${t.number} ${t.service ? '事务' : levelNames[t.level]}${t.late ? '·已超时' : t.by ? `·${moment(t.by)}前` : ''}·${t.who}${t.claimer ? `·${t.claimer}接` : ''}${t.question ? `：${t.question}` : ''}`,
    listMore: (count: number) => `还有${count}条：上面的处理了，再发“待办”看后面的。`,
    solvedReason: '已解决',
    listEmpty: (mine: boolean) => (mine ? '您手上没有待办。' : '没有待办，都处理完了。'),
  },

  anonymousAdmin: '管理员',
  signature: (name: string, simulated: boolean, speciality: string) =>
    `${name}${simulated ? '(模拟)' : ''}，${speciality}`,

  help: {
    askDoctor: '转医生 / 找医生 我的问题',
    myTickets: '我的求助：看自己的工单',
    complain: '投诉 … / 建议 …：转给管理员',
    reply: '#12 您的答复：原话转给患者；#12 接/转/追问/私聊/备注/更正/关闭',
    todo: '待办 / 待办 我的',
    acknowledge: '收到 #12：确认急症',
    adminTodo: '待办：事务、投诉和建议',
    adminReply: '#12 您的答复：转给提问的人；收到 #12：确认急症；#12 关闭 理由',
  },
};

/** What is being done for the person while this is read; it is on its way, not yet known to have arrived. */
function reach(a: { level: Level; carded: boolean; friend: boolean; privateOnly: boolean; late: boolean }): string {
  if (!a.friend)
    return `不是机器人的好友，私聊发不到，请管理员打电话联系本人或家人${a.carded ? '（群里同时在提示）' : ''}。`;
  if (!a.carded) return '消息太久了，没有再发卡片，请直接联系本人。';
  if (a.privateOnly) return '卡片只私聊发，群里不提内容。';
  return a.level === 'emergency' ? '120卡片同时在发给本人。' : '就医提示同时在发给本人。';
}

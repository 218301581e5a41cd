import { createHash } from 'node:crypto';

/** Who runs this bot: from the settings. */
export interface Operator {
  botName: string;
  operator: string;
  department: string;
  contact: string;
}

type Consent = 'values' | 'doctor' | 'model';

export const CONSENT_VERSION = '2026-11-01';

const consentWords: Record<Consent, (name: string, o: Operator) => string> = {
  values: (name, o) =>
    `${name}，您第一次打卡，要我帮您把数值记下来吗？\n由${o.operator}保管，只用来记录和安全提醒，不在群里显示，随时能删。\n愿意请回 同意，不愿意请回 不同意。不记也照样能提问。`,
  doctor: () =>
    '答复您的医生，可以看您最近的打卡数值吗？\n可以请回 同意，不用请回 不同意。不管选哪个，问题都会转给医生。',
  model: () =>
    '要用大模型帮我更准确地理解您的提问吗？发出前会去掉姓名、电话这类信息。\n愿意请回 同意模型。不用也没关系，照常提问。',
};

const granted: Record<Consent, string> = {
  values: '好的，以后您的打卡数值由我记下来。随时发“撤回同意”就停。',
  doctor: '好的，答复您的医生能看到您最近的打卡数值。',
  model: '好的，记下了：同意模型。',
};

const refused: Record<Consent, string> = {
  values: '好的，数值不记。您照样可以提问，遇到急症我也照样提醒。以后想记，发“同意记录”就行。',
  doctor: '好的，医生看不到您的数值。问题照样转给医生。以后想改，发“同意医生看”就行。',
  model: '好的，不用大模型。您照常提问。',
};

export const community = {
  anonymous: '群友',
  consent: {
    ask: (purpose: Consent, name: string, operator: Operator) => consentWords[purpose](name, operator),
    granted: (purpose: Consent) => granted[purpose],
    refused: (purpose: Consent) => refused[purpose],
    purposes: { values: '记录数值', doctor: '医生可见', model: '使用大模型' },
    remind: () => '刚才问您的，愿意请回 同意，不愿意请回 不同意。不回也没关系，我不再提醒。',
    withdrawn: () => '已经撤回，马上生效：以后的数值不再记，医生也看不到以前的。要把以前的也删掉，发“删除我的数据”。',
    withdrawnModel: () => '已经撤回，马上生效：以后您的话不再交给大模型。',
    nothingToWithdraw: () => '您还没有同意过什么，不用撤回。',
    /** What was agreed to, for the record: hash of the wording without a name. */
    wordingHash: (purpose: Consent, operator: Operator) =>
      createHash('sha256').update(consentWords[purpose]('', operator)).digest('hex'),
  },
  privacy: (o: Operator, { model }: { model: boolean }) =>
    [
      `【${o.botName}怎样保护您的隐私】`,
      `谁在管：${o.operator}${o.department}；联系：${o.contact}。`,
      '记什么、做什么用：您同意后的打卡数值，只用来记录和安全提醒；您问的问题，用来回答和转给医生；急症消息，用来通知医生和管理员。为了及时发现急症，我会自动查看群消息。',
      ...(model
        ? ['大模型：您回过“同意模型”，我才用它帮着理解您的提问；发出前去掉姓名、电话等，它不直接回答您。']
        : []),
      '存多久：打卡数值存到您删除为止；您同意后，提问和打卡原话180天；没同意的原话最多24小时；求助工单3年；备份30天。',
      '您的权利：发“我的数据”查看和导出，“更正资料”修改，“删除我的数据”删除，“撤回同意”停止记录。',
    ].join('\n'),
  notAFriend: () => '这个要私聊说。请点我的头像→添加到通讯录，加上以后我马上私聊您。',
  friendWelcome: (o: Operator) =>
    `您好，我是${o.botName}，${o.operator}${o.department}的自动助手，不是医生。发“帮助”看我能做什么。突然很不舒服，请直接打120。`,
  welcome: (names: string[], o: Operator, samples: boolean) =>
    [`欢迎 ${names.join(' ')} 👋`, ...introduction(o, samples)].join('\n'),
  introduction: (o: Operator, samples: boolean) => ['大家好！', ...introduction(o, samples)].join('\n'),
  setup: {
    bound: () => '绑定好了，您是管理员（所有者）。接下来把我拉进群，在群里发：@我 设为患者群 糖尿病。发“帮助”看全部。',
    wrongCode: () => '这个设置码不对。请看启动窗口或状态页上的设置码，再发：绑定管理员 6位数字',
    howToBind: () => '请把设置码写在后面，这样发：绑定管理员 6位数字。设置码在启动窗口或状态页上。',
    locked: () => '试错太多次，绑定先关闭一小时。请过一小时再试。',
    alreadyOwned: () => '已经有所有者了。需要权限请让管理员发：添加管理员 @您',
    roomSet: (kind: string, topics: string, communityName: string) =>
      `设好了：本群是${kind}${topics ? `(${topics})` : ''}，属于“${communityName}”。发“群设置”可以看和改。`,
    endCampaignFirst: (campaign: string) => `“${campaign}”还在进行，积分记在原来的社群：请先发“结束打卡”，再换社群。`,
    notYourCommunity: (name: string) => `您不是“${name}”的管理员。请写上您管的社群，例如：@我 设为患者群 糖尿病 社群名`,
    whichTopics: () => '请说明患者群的主题：糖尿病、高血压 或 通用，例如：@我 设为患者群 糖尿病',
    howTo: () =>
      '谢谢您把我拉进群。请所有者或管理员在群里发：@我 设为患者群 糖尿病（或 高血压、通用），我才开始工作。没设好之前，我只提醒急症。',
    notAllowed: () => '这个只有管理员能做。请让管理员来发。',
    notHere: (where: string) => `这个请在${where}里发。`,
    doctorAdded: (name: string) => `添加好了：${name}医生，资格由您核验并记录在案。`,
    doctorSimulated: (name: string) => `添加好了：${name}（模拟医生），已按模拟身份核验。`,
    doctorIncomplete: (name: string, missing: string) =>
      `${name}先记为“待核验”，还缺：${missing}。补全后再发：添加医生 @谁 姓名 专科 医院 执业证号。补全前不能答复和签字。`,
    whichPerson: (choices: string[]) =>
      `您说的是哪一位？请回数字：\n${choices.map((c, i) => `${i + 1} ${c}`).join('\n')}`,
    nobody: (name: string) => `没找到“${name}”。请@这个人，或写群里显示的名字。`,
    needPerson: () => '请@一个人，或写名字，例如：添加管理员 @张三',
    adminAdded: () => '添加好了，这位现在是管理员。',
    removed: (role: 'doctor' | 'admin') => `已移除${roleNames[role]}。`,
    notInRole: (role: 'doctor' | 'admin') => `这位现在不是${roleNames[role]}，没有改动。`,
    particulars: (missing: ('realName' | 'speciality' | 'institution' | 'licence')[]) =>
      missing.map((part) => particularNames[part]).join('、'),
    simulatedSpeciality: '内分泌科',
    simulatedInstitution: '模拟医院',
    lastOwner: () => '这是唯一的所有者，不能移除。',
    stopped: () => '好的，本群停用。急症我照样提醒。要恢复，发“启用本群”。',
    started: () => '好的，本群启用了。',
    mutedAll: () => '好的，所有群都静音了。急症我照样提醒。要恢复，发“取消静音”。',
    unmutedAll: () => '好的，取消静音了。',
    settings: (s: { kind: string; topics: string; style: string; values: string; quiet: string; muted: boolean }) =>
      [
        `本群：${s.kind}${s.topics ? `(${s.topics})` : ''}${s.muted ? '，已停用' : ''}`,
        `回答风格：${s.style}。改：回答风格 严格（只答最有把握的）/ 标准 / 活跃（多答、多问一句）`,
        `数值：${s.values}。改：数值 群里 / 私聊`,
        `安静时段：${s.quiet}（答复和急症除外）。改：安静时段 22:00-7:00`,
        '节奏：按微信安全节奏发送。停用：停用本群',
      ].join('\n'),
    changed: () => '改好了。发“群设置”可以再看一遍。',
    badStyle: () => '请这样发：回答风格 严格，或 标准、活跃。',
    badTimes: () => '时间没看懂，请这样发：安静时段 22:00-7:00',
  },
  helpLines: {
    rooms: () => '@我 设为患者群 糖尿病 / 设为医生群 / 设为管理群',
    staff: () => '添加医生 @谁 姓名 专科 医院 执业证号 / 添加管理员 @谁 / 移除医生 / 移除管理员',
    settings: () => '群设置：看和改本群的设置',
    silence: () => '停用本群 / 启用本群 / 全部静音 / 取消静音',
    privacy: () => '隐私 / 我的数据 / 撤回同意 / 删除我的数据',
    ask: () => '@我 加上您的问题，我只发审核过的答案',
  },
  data: {
    summary: (s: {
      name: string;
      rooms: string;
      consents: string;
      observations: number;
      tickets: number;
      points: number;
    }) =>
      [
        '【我的数据】',
        `名字：${s.name}`,
        `群：${s.rooms || '无'}`,
        `同意：${s.consents || '还没有'}`,
        `打卡数值：${s.observations}条；求助：${s.tickets}条；积分：${s.points}`,
        '完整内容在下面的文件里(JSON)。改：更正资料；删：删除我的数据。',
      ].join('\n'),
    confirmErase: () => '要把您的数值、原话和名字都删掉吗？积分账只留没有名字的总数，删了找不回来。确定请回 是',
    erased: () => '已经删好了。您照样可以提问。以后想再打卡，发“打卡”重新开始。',
    correct: () => '打卡数值改今天的：发“更正 空腹6.8”。名字按您微信里的显示。其他资料请私聊联系管理员。',
  },
  absence: (from: string, to: string, o: Operator) =>
    `${o.botName}刚才掉线了(${from}–${to})，现在好了，给大家添麻烦了。\n这段时间的消息我可能没收到：打卡请再发一遍（隔天的发“补卡”，不扣次数），提问也请再发一次。\n以后遇到急症也别等我，直接打120。`,
  unclearValue: () => '打卡的数没看准，问了10分钟没有答复，其中一种读法在危险范围。请联系本人核实。',
  apology: () => '不好意思，刚才我这边出了点问题，您的话我记下了。要是着急，请发“转医生”或直接打120。',
  /** For everybody in a group; whether a check-in was kept hangs on the consent of its sender. */
  lateInGroup: () =>
    '刚才补收到一些早先的消息。同意过记录的，打卡都按发的时间记上了，发“我的打卡”能看到；提问过了时间没有答，还需要的话请再问一次。',
  lateInPrivate: () =>
    '刚才补收到您早先的消息，过了时间，没有答。还需要的话，请再发一次。打过卡的，发“我的打卡”看记上没有。',
  stale: () => '刚才您问的我没来得及答，已经过了时间。还需要的话，请再问一次。',
  help: (lines: string[]) => lines.join('\n'),
  helpTitle: (place: string) => `您在${place}可以：`,
  notUnderstoodCommand: (form: string) => `没看懂。请这样发：${form}`,
};

const roleNames = { doctor: '医生', admin: '管理员' } as const;
const particularNames = {
  realName: '姓名',
  speciality: '专科',
  institution: '医院',
  licence: '执业证号（15位）',
} as const;
export const roomKindNames = {
  unset: '还没设置的群',
  patients: '患者群',
  doctors: '医生群',
  admins: '管理群',
  test: '测试群',
  private: '私聊',
} as const;
export const roomTopicsByName = { 糖尿病: 't2dm', 高血压: 'htn', 通用: 'general' } as const;
export const topicNames = { t2dm: '糖尿病', htn: '高血压', general: '通用' } as const;
export const styleNames = { strict: '严格', standard: '标准', lively: '活跃' } as const;

function introduction(o: Operator, samples: boolean): string[] {
  return [
    `我是${o.botName}，${o.operator}${o.department}的自动助手，不是医生。`,
    `· 问知识：@${o.botName} 加上您的问题，${samples ? '现在是示例内容，还没有经过医生审核' : '我只发医生审核过的答案'}`,
    '· 打卡：直接发“打卡 空腹6.5”',
    '· 找医生：发“转医生”',
    '突然很不舒服，请直接打120，别等群里回复。',
    '为了及时发现急症，我会自动查看群消息，普通聊天不长期保存。详情发“隐私”。',
  ];
}

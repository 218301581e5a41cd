type ItemName =
  | 'glucose'
  | 'blood-pressure'
  | 'heart-rate'
  | 'exercise'
  | 'steps'
  | 'distance'
  | 'weight'
  | 'medication'
  | 'diet'
  | 'ketone'
  | 'urine-ketone'
  | 'hba1c'
  | 'temperature'
  | 'spo2';

const itemNames: Record<ItemName, string> = {
  glucose: '血糖',
  'blood-pressure': '血压',
  'heart-rate': '心率',
  exercise: '运动',
  steps: '步数',
  distance: '距离',
  weight: '体重',
  medication: '用药',
  diet: '饮食',
  ketone: '血酮',
  'urine-ketone': '尿酮',
  hba1c: '糖化血红蛋白',
  temperature: '体温',
  spo2: '血氧',
};

const contextNames: Record<string, string> = {
  fasting: '空腹',
  'before-breakfast': '早餐前',
  'after-breakfast': '早餐后',
  'before-lunch': '午餐前',
  'after-lunch': '午餐后',
  'before-dinner': '晚餐前',
  'after-dinner': '晚餐后',
  'before-meal': '餐前',
  'after-meal': '餐后',
  bedtime: '睡前',
  night: '夜里',
  random: '随机',
  'after-exercise': '运动后',
  walk: '走路',
  run: '跑步',
  cycle: '骑车',
  swim: '游泳',
  'square-dance': '广场舞',
  taichi: '太极',
  baduanjin: '八段锦',
  yoga: '瑜伽',
  stairs: '爬楼',
  strength: '力量',
};

const units: Partial<Record<ItemName, string>> = {
  'heart-rate': '次/分',
  exercise: '分钟',
  steps: '步',
  distance: '公里',
  weight: '公斤',
  ketone: 'mmol/L',
  hba1c: '%',
  temperature: '℃',
  spo2: '%',
};

const questions: Partial<Record<ItemName, string>> = {
  glucose: '血糖几点几？空腹还是饭后？',
  'blood-pressure': '血压是多少？像“135/85”这样发就行。',
  exercise: '今天做了什么运动，多少分钟？',
  medication: '今天的药按时吃了吗？吃了就发“吃药了”。',
};

const plainExamples: Partial<Record<ItemName, string>> = { glucose: '空腹6.5', 'blood-pressure': '血压130/80' };

export interface ShownItem {
  kind: ItemName;
  /** The number in words, where there is one: `6.5`, `130/80`. */
  value: string | undefined;
  context: string | null;
  what: string | undefined;
}

/** `空腹6.5`, `走路30分钟`, `血压130/80`, `用药 二甲双胍`. */
function itemText({ kind, value, context, what }: ShownItem): string {
  const when = (context !== null && contextNames[context]) || undefined;
  if (kind === 'glucose') return `${when ?? '血糖'}${value ?? '已测'}`;
  if (kind === 'medication') return what ? `用药 ${what}` : '已用药';
  if (kind === 'exercise') return `${when ?? what ?? '运动'}${value ? `${value}分钟` : ''}`;
  return `${itemNames[kind]}${value ? `${value}${units[kind] ?? ''}` : ''}`;
}

interface ShownDay {
  day: string;
  items: string[];
}

export interface LineData {
  /** Days in a row, the day of this message included. */
  streakDays: number;
  missing: ItemName[];
  openedDay: boolean;
  comeback: boolean;
  milestone: { days: number; points: number } | undefined;
}

const names = (items: readonly ItemName[]) => items.map((item) => itemNames[item]).join('、');
const numbered = (choices: readonly string[]) => choices.map((choice, i) => `${i + 1} ${choice}`).join('\n');
const remaining = (missing: readonly ItemName[]) => (missing.length > 0 ? `还差${names(missing)}` : '今天的都齐了');

export const checkIn = {
  /** What stands behind the points in an acknowledgement. */
  progress: ({ streakDays, missing, openedDay, comeback, milestone }: LineData) => {
    if (openedDay && comeback) return '欢迎回来，从今天接着来';
    if (openedDay && streakDays <= 1) return '第1天，开了个好头';
    const bonus = milestone ? `(满${milestone.days}天，另奖${milestone.points}分)` : '';
    return `${streakDays <= 1 ? '第1天' : `连续${streakDays}天`}${bonus}，${remaining(missing)}`;
  },
  progressPaused: () => '活动暂停中，这几天不计分，也不断连续',
  notAsked: () => '这项不计分',
  earlierDay: () => '是昨天那条',
  acknowledgement: ({ points, corrected, progress }: { points: number; corrected: boolean; progress: string }) =>
    `${points > 0 ? `+${points}分` : corrected ? '改好了' : '记下了'}，${progress}`,
  gathered: (lines: readonly string[], firstOfDay: boolean) =>
    ['打卡收到 ✅', ...lines, ...(firstOfDay ? ['想看自己的记录，私聊我发“我的打卡”。'] : [])].join('\n'),

  ask: (item: ItemName) => questions[item] ?? `${itemNames[item]}是多少？`,
  allDone: (streakDays: number) => `今天的都齐了，${streakDays <= 1 ? '第1天' : `连续${streakDays}天`}。`,
  /** Several campaigns: which one is meant is known from the value. */
  withValue: (items: readonly ItemName[]) =>
    `请带上数发给我，例如：${items.map((item) => `打卡 ${plainExamples[item] ?? itemNames[item]}`).join('；')}`,
  whatNumber: () => '这个数是什么，我看不出来。要打卡，请发：打卡 空腹6.5，或 打卡 血压130/80',
  notForOthers: () => '替家人打卡还没有开通，这次没有记。替家人问医生，发“找医生 您的问题”。',
  noCampaign: () => '这里现在没有打卡活动，所以没有记。有活动时管理员会在群里说。',
  recordIn: (room: string) => `这个群没有打卡活动。记到${room}吗？要记请回 是`,
  recordWhere: (rooms: readonly string[]) => `记到哪个群？请回数字：\n${numbered(rooms)}`,
  notConsented: () => '您现在没有同意记数值，所以这次没有记。想记的话，发“同意记录”，再打一次卡。',
  nothingKept: () => '您现在没有同意记数值，没有可以改的。想记的话，发“同意记录”，再打一次卡。',
  testGroup: () => '这是测试群，看懂了，但不记也不计分。在患者群里这样发就行。',
  notToday: () => '补卡还没有开通，今天只能记今天的。今天的直接发“打卡 空腹6.5”这样就行。',
  valuesInPrivate: () => '记下了。这个群不在群里发数值，下次请私聊我发，一样算打卡。',
  retracted: () => '好的，刚才那条不算了。',
  nothingToRetract: () => '今天还没有您的打卡，没有可以撤的。',

  /** TEXTS 9: no number is repeated in a group. */
  unclear: (item: ItemName) =>
    item === 'glucose'
      ? '刚才的数我没看准，怕记错，麻烦再发一次，带上小数点和“空腹”或“饭后”。\n要是现在心慌、手抖、出冷汗，人清醒能咽：先吃糖（半杯含糖饮料或1勺蜂蜜），15分钟后再测；变糊涂就打120。'
      : `刚才的${itemNames[item]}我没看准，怕记错，麻烦再发一次完整的。\n要是现在很不舒服，请直接打120，别等群里回复。`,
  pick: (item: ItemName, candidates: readonly { item: ShownItem; original: string | undefined }[]) =>
    [
      candidates.length === 1
        ? `您的${itemNames[item]}我没看准，是这个吗？是就回 1：`
        : `您的${itemNames[item]}我没看准，是哪一个？请回数字：`,
      numbered(candidates.map((c) => (c.original ? `${c.original}≈${itemText(c.item)}` : itemText(c.item)))),
      candidates.length === 1 ? '不是，就再发一次。' : '都不是，就再发一次。',
      ...(item === 'glucose' ? ['现在有心慌、出汗、手抖吗？有的话，人清醒能咽先吃糖，变糊涂就打120。'] : []),
    ].join('\n'),
  sendAgain: (item: ItemName) => `这个${itemNames[item]}不像能测出来的，没有记。请看一眼仪器，再发一次。`,

  askCorrection: (item: ItemName) => `好的，正确的${itemNames[item]}是多少？`,
  nothingToCorrect: () => '没有找到要改的那条。今天和昨天的可以自己改，例如：更正 空腹6.8；更早的请找管理员。',
  tooOld: () => '只能改今天和昨天的；更早的请找管理员。',
  whichOne: (choices: readonly string[]) => `改哪一条？请回数字：\n${numbered(choices)}`,
  item: itemText,
  /** What a correction is about, without its number. */
  slot: (item: ShownItem) => itemText({ ...item, value: undefined }).replace('已测', ''),

  myRecord: (record: { days: ShownDay[]; campaigns: { name: string; progress: string }[] }) =>
    [
      record.days.length > 0 ? '您最近7天的记录：' : '最近7天还没有您的打卡记录。',
      ...record.days.map(dayText),
      ...record.campaigns.map(({ name, progress }) => `${name}：${progress}`),
    ].join('\n'),
  days: (days: readonly ShownDay[]) => days.map(dayText).join('\n'),
  myProgress: ({ current, done }: { current: number; done: number }) =>
    done === 0 ? '还没有打过卡' : `${current > 0 ? `连续${current}天，` : ''}一共打了${done}天`,
  myRecordInRoom: (progress: string) => `${progress}。数值请私聊我发“我的打卡”看。`,
  noRecord: () => '这里现在没有打卡活动。您的数值请私聊我发“我的打卡”看。',

  board: (name: string, lines: readonly { rank: number; name: string; days: number }[]) =>
    [
      `排行榜 · ${name}`,
      ...lines.map((line) => `${line.rank} ${line.name} ${line.days}天`),
      '想上榜发“上榜”，不想显示发“下榜”。',
    ].join('\n'),
  emptyBoard: () => '排行榜上还没有人。想上榜，发“上榜”。',
  seeAbove: () => '请看上面，刚发过。',
  ownPlace: (name: string, place: { rank: number; days: number; people: number }) =>
    `${name}：您排第${place.rank}，打了${place.days}天，榜上共${place.people}人。`,
  notOnBoard: (name: string) => `${name}：您不在榜上。想上榜，发“上榜”；打过卡就会显示。`,
  noBoard: () => '现在没有进行中的打卡活动，没有排行榜。',

  templates: (names: readonly string[]) => `可以开始的活动：${names.join('、')}。发“开始打卡 ${names[0] ?? ''}”。`,
  unknownTemplate: (name: string, known: readonly string[]) =>
    `没有“${name}”这个活动。可以开始的：${known.join('、')}。例如：开始打卡 ${known[0] ?? ''}`,
  noRoom: () => '还没有患者群。请先在群里发：@我 设为患者群 糖尿病',
  whichRoom: (rooms: readonly string[]) => `在哪个群开始？请回数字：\n${numbered(rooms)}`,
  whichCampaign: (campaigns: readonly string[]) => `哪一个活动？请回数字：\n${numbered(campaigns)}`,
  alreadyRunning: (name: string) => `${name}已经在这个群里了。要重新开始，先发“结束打卡”。`,
  announcement: (c: { name: string; days: number; items: ItemName[]; example: string; last: string }) =>
    [
      `${c.name}今天开始，到${shortDay(c.last)}为止，一共${c.days}天。`,
      `每天记：${names(c.items)}。有一样就算打卡，都记齐分更多。`,
      `直接发“打卡 ${c.example}”就行，不用@我。数值不会在群里显示。`,
    ].join('\n'),
  example: (first: ItemName) => (first === 'blood-pressure' ? '血压135/85 走路30分钟' : '空腹6.5 走路30分钟'),
  started: (name: string, room: string) => `好，${name}在${room || '群里'}开始了，群里已经通知。`,
  noCampaignToChange: () => '现在没有可以改的打卡活动。发“开始打卡 糖友21天”可以开始一个。',
  alreadyPaused: (names: readonly string[]) => `${names.join('、')}已经暂停了。要接着打卡，发“继续打卡”。`,
  unknownRoom: (wanted: string, known: readonly string[]) =>
    `没有“${wanted}”这个患者群。现有：${known.join('、') || '无'}。例如：今日打卡 ${known[0] ?? '糖友群'}`,
  askElsewhere: () => '别的群的情况，请在管理群或私聊里问我。',
  notPaused: () => '现在没有暂停中的打卡活动。',
  paused: (name: string) => `${name}暂停了：这几天不计分，大家的连续天数不断。继续请发“继续打卡”。`,
  resumed: (name: string) => `${name}继续了，大家接着打卡。`,
  confirmClose: (name: string) => `真的要结束${name}吗？结束后不能再继续，大家的积分都保留。确定请回 是`,
  closed: (name: string) => `${name}结束了，谢谢大家。积分都保留。`,
  today: (lines: readonly string[]) => (lines.length > 0 ? lines.join('\n') : '现在没有进行中的打卡活动。'),
  todayLine: (c: {
    room: string;
    name: string;
    done: number;
    open: number;
    abnormal: number | undefined;
    points: number;
    paused: boolean;
  }) =>
    `${c.room}${c.room ? ' · ' : ''}${c.name}${c.paused ? '(暂停中)' : ''}：今天打了${c.done}人，还没打${c.open}人${c.abnormal === undefined ? '' : `，数值要留意${c.abnormal}人`}，共发${c.points}分`,
  campaigns: (lines: readonly string[], templates: readonly string[]) =>
    [
      ...(lines.length > 0 ? lines : ['现在没有进行中的打卡活动。']),
      `可以开始：${templates.join('、')}（发“开始打卡 ${templates[0] ?? ''}”）`,
      '还可以发：暂停打卡、继续打卡、结束打卡、今日打卡',
    ].join('\n'),
  campaignLine: (c: { room: string; name: string; dayNumber: number; days: number; paused: boolean }) =>
    `${c.room}${c.room ? ' · ' : ''}${c.name}：第${c.dayNumber}天，共${c.days}天${c.paused ? '，暂停中' : ''}`,

  help: {
    checkIn: '打卡 空腹6.5 走路30分钟，或 打卡 血压130/80（不用@我）；打错了发“更正 空腹6.8”',
    admin: '开始打卡 糖友21天 / 暂停打卡 / 继续打卡 / 结束打卡 / 今日打卡',
  },
};

function dayText({ day, items }: ShownDay): string {
  return `${shortDay(day)} ${items.join(' ')}`;
}

function shortDay(day: string): string {
  return `${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`;
}

/**
 * The words the parser knows, each with what it does in a check-in. Longest
 * match wins. Plain vocabulary: no sentence here is ever sent to a person.
 */
import type { ItemKind } from './types.js';

/** What a value belongs to; the two pressures are parts of one item, `foreign` is measured but not by us (身高). */
export type LabelKind = ItemKind | 'systolic' | 'diastolic' | 'foreign';

export type Word =
  | { type: 'label'; kind: LabelKind }
  | { type: 'moment'; context: string }
  | { type: 'pressure-context'; context: string }
  /** `weak`: needs an amount (走了…). */
  | { type: 'activity'; activity: string | null; weak?: true }
  | { type: 'drug'; insulin: boolean; generic: boolean }
  | { type: 'meal'; context: string | null }
  | { type: 'meter'; reading: 'HI' | 'LO' }
  | { type: 'day'; offset: number }
  | { type: 'level'; high: boolean }
  | { type: 'person' }
  | { type: 'self' }
  /** 你, 他: a person only right before what they measured. */
  | { type: 'you' }
  | { type: 'behalf' }
  | { type: 'with' }
  | { type: Plain };

type Plain =
  | 'check-in'
  /** 打开, 大卡: what dictation makes of 打卡. */
  | 'maybe-check-in'
  | 'make-up'
  | 'make-up-day'
  | 'correct'
  | 'wrong'
  | 'is-not'
  | 'instead'
  | 'negation'
  | 'none'
  | 'done'
  | 'take'
  | 'ask'
  | 'plan'
  | 'reference'
  | 'if'
  | 'past'
  | 'now'
  | 'bound'
  | 'delta'
  | 'compare'
  | 'each'
  | 'total'
  | 'floor'
  | 'range'
  | 'measure'
  | 'link'
  | 'time-of-day'
  | 'weekday'
  | 'greeting'
  | 'filler'
  | 'noise'
  | 'pair';

const words = new Map<string, Word>();

function add(word: Word, list: string): void {
  for (const text of list.split(/[\s|]+/u)) if (text !== '') words.set(text.replaceAll('_', ' '), word);
}

const label = (kind: LabelKind, list: string) => add({ type: 'label', kind }, list);
const moment = (context: string, list: string) => add({ type: 'moment', context }, list);
const activity = (name: string | null, list: string) => add({ type: 'activity', activity: name }, list);
const plain = (type: Plain, list: string) => add({ type }, list);

label(
  'glucose',
  `血糖 血糖值 指尖血糖 指尖血 指血 末梢血糖 手指血糖 静脉血糖 雪糖 学糖 血堂 血唐 血塘 血搪 薛糖 穴糖 糖值 血糖仪 血糖仪显示 血糖仪测 血糖仪上 血糖情况 血糖数值 血糖是 bg glu glucose blood_glucose
   blood_sugar sugar xt`,
);
label(
  'blood-pressure',
  '血压 血压值 血压情况 血压计 血压计显示 血压仪 雪压 学压 血亚 血雅 血牙 薛压 bp blood_pressure xy',
);
label('systolic', '高压 收缩压 收缩 上压 高亚 sbp systolic sys');
label('diastolic', '低压 舒张压 舒张 下压 低亚 dbp diastolic dia');
label('heart-rate', '心率 心律 心跳 脉搏 脉博 脉膊 脉率 静息心率 静息脉搏 hr pulse heart_rate p');
label('weight', '体重 净重 体中 空腹体重 晨重 早起体重 weight wt');
label('steps', '步数 微信步数 微信运动 微信运动步数 计步 steps step_count');
label('distance', '距离 里程');
label('temperature', '体温 腋温 耳温 额温 发烧 发热 烧到 temp temperature');
label('spo2', '血氧 血氧饱和度 氧饱和度 氧饱和 指氧 spo2');
label('hba1c', '糖化 糖化血红蛋白 糖化血红 糖化值 hba1c a1c');
label('ketone', '血酮 血酮体 血酮值 酮体 ketone ketones');
label('urine-ketone', '尿酮 尿酮体');
label(
  'foreign',
  `身高 腰围 臀围 尿酸 肌酐 胆固醇 总胆固醇 甘油三酯 血脂 低密度 高密度 低密度脂蛋白 高密度脂蛋白 ldl hdl tc tg 转氨酶 血红蛋白 白细胞
   年龄 bmi 体脂 体脂率 内脏脂肪 尿蛋白 尿糖 尿微量白蛋白 糖龄 病程 视力 c肽 热量 卡路里 积分 排名 编号 喝水 饮水 睡眠 气温 室温 水温 温度 骨密度 同型半胱氨酸 血钾 价格 眼压 颅压`,
);

moment(
  'fasting',
  '空腹 空复 空服 空府 空付 空福 空肤 控腹 空肚子 空肚 空腹糖 早空腹 早空 晨空 晨空腹 晨间空腹 清晨空腹 fpg fbg fbs fasting',
);
moment('before-meal', 'before_meal before_meals pre_meal');
moment('after-meal', 'after_meal after_meals post_meal postprandial after_eating ppg pbg 2hpbg 2hpg 2hpp');
moment('before-breakfast', 'before_breakfast');
moment('after-breakfast', 'after_breakfast');
moment('before-lunch', 'before_lunch');
moment('after-lunch', 'after_lunch');
moment('before-dinner', 'before_dinner before_supper');
moment('after-dinner', 'after_dinner after_supper');
moment('bedtime', '睡前 睡觉前 临睡 临睡前 入睡前 before_bed bedtime at_bedtime before_sleep');
moment('night', '夜间 夜里 半夜 凌晨 深夜 后半夜 下半夜 at_night');
moment('random', '随机 随便测 random');
moment('after-exercise', '运动后 锻炼后 走路后 散步后 跑步后 跳舞后 after_exercise after_walking');

add({ type: 'pressure-context', context: 'left-arm' }, '左 左臂 左手 左胳膊 左上臂 左边 左侧 左手臂 left_arm');
add({ type: 'pressure-context', context: 'right-arm' }, '右 右臂 右手 右胳膊 右上臂 右边 右侧 右手臂 right_arm');
add(
  { type: 'pressure-context', context: 'before-med' },
  '服药前 吃药前 药前 用药前 没吃药前 before_meds before_medication',
);
add(
  { type: 'pressure-context', context: 'after-med' },
  '服药后 吃药后 药后 用药后 吃完药 吃了药后 吃完药后 after_meds after_medication',
);

activity(
  'walk',
  `走路 散步 快走 步行 健走 遛弯 溜弯 遛弯儿 溜达 遛狗 徒步 散散步 暴走 慢走 走走 走一走 走步 竞走 走路锻炼 散个步 散了步 散了会步 快步走 健步走 出去走走
   walk walking walked`,
);
activity('run', '跑步 慢跑 快跑 晨跑 夜跑 跑步机 跑了步 小跑 超慢跑 run running ran jogging jog');
activity('cycle', '骑车 骑行 骑自行车 自行车 单车 动感单车 骑单车 骑了车 蹬自行车 cycling cycled bike');
activity('swim', '游泳 游了泳 swim swimming swam');
activity('square-dance', '广场舞 跳广场舞 跳舞 跳了舞 跳健身舞 健身舞 跳操 dancing');
activity('taichi', '太极 太极拳 打太极 打太极拳 练太极 太极剑 taichi tai_chi');
activity('baduanjin', '八段锦 练八段锦 打八段锦 做八段锦 八段景 八段紧 baduanjin');
activity('yoga', '瑜伽 瑜珈 做瑜伽 练瑜伽 yoga');
activity('stairs', '爬楼 爬楼梯 上楼梯 走楼梯 登楼梯 stairs');
activity(
  'strength',
  '力量训练 哑铃 举哑铃 深蹲 俯卧撑 举铁 弹力带 平板支撑 仰卧起坐 抗阻 抗阻训练 抗阻运动 撸铁 靠墙静蹲',
);
activity(
  null,
  `运动 锻炼 锻炼身体 健身 晨练 晚练 做操 体操 健身操 广播操 五禽戏 打球 羽毛球 乒乓球 打羽毛球 打乒乓球 篮球 打篮球 跳绳 爬山 登山 抬腿 拉伸
   运动情况 有氧 有氧运动 餐后运动 饭后运动 运动量 运动时间 运动时长 踢毽子 椭圆机 exercise workout exercised`,
);
add({ type: 'activity', activity: 'walk', weak: true }, '走 走了 走完 走 暴走了 走够');
add({ type: 'activity', activity: 'run', weak: true }, '跑 跑了 跑完');
add({ type: 'activity', activity: 'cycle', weak: true }, '骑 骑了');
add({ type: 'activity', activity: 'swim', weak: true }, '游 游了');
add({ type: 'activity', activity: 'square-dance', weak: true }, '跳了');
add({ type: 'activity', activity: null, weak: true }, '动了');

const drug = (list: string) => add({ type: 'drug', insulin: false, generic: false }, list);
drug(
  `二甲双胍 二甲双瓜 二甲双呱 二甲 盐酸二甲双胍 二甲双胍缓释片 二甲双胍片 盐酸二甲双胍片 盐酸二甲双胍缓释片 双胍 格华止 格列美脲 格列美脲片 格列齐特 格列齐特缓释片 格列吡嗪
   格列喹酮 格列本脲 瑞格列奈 那格列奈 吡格列酮 罗格列酮 阿卡波糖 阿卡波糖片 伏格列波糖 米格列醇 达格列净 达格列净片 恩格列净 恩格列净片 卡格列净 艾托格列净 恒格列净 西格列汀
   西格列汀片 沙格列汀 利格列汀 维格列汀 阿格列汀 西格列他钠 多格列艾汀 利拉鲁肽 司美格鲁肽 度拉糖肽 艾塞那肽 贝那鲁肽 洛塞那肽 替尔泊肽 玛仕度肽
   亚莫利 达美康 拜唐苹 拜糖平 拜糖苹 卡博平 倍欣 诺和龙 捷诺维 欧唐静 欧唐宁 安达唐 安立泽 佳维乐 尼欣那 诺和泰 诺和力 度易达 华堂宁 消渴丸 metformin acarbose glimepiride`,
);
drug(
  `硝苯地平 硝苯地平控释片 硝苯地平缓释片 氨氯地平 氨氯地平片 苯磺酸氨氯地平 苯磺酸氨氯地平片 左氨氯地平 左旋氨氯地平 苯磺酸左氨氯地平 苯磺酸左旋氨氯地平 非洛地平 非洛地平缓释片 拉西地平 尼群地平 尼莫地平 贝尼地平 乐卡地平 西尼地平
   缬沙坦 缬沙坦胶囊 缬沙坦氨氯地平 氯沙坦 氯沙坦钾 氯沙坦钾片 厄贝沙坦 厄贝沙坦片 厄贝沙坦氢氯噻嗪 替米沙坦 替米沙坦片 坎地沙坦 奥美沙坦 奥美沙坦酯 阿利沙坦 阿利沙坦酯 沙库巴曲缬沙坦 诺欣妥
   卡托普利 依那普利 贝那普利 培哚普利 福辛普利 赖诺普利 雷米普利 咪达普利 美托洛尔 酒石酸美托洛尔 琥珀酸美托洛尔 比索洛尔 阿替洛尔 普萘洛尔 卡维地洛 阿罗洛尔 倍他乐克 康忻 博苏
   氢氯噻嗪 吲达帕胺 螺内酯 呋塞米 托拉塞米 特拉唑嗪 利血平 可乐定 拜新同 络活喜 施慧达 波依定 代文 倍博特 安博维 安博诺 科素亚 美卡素 必洛斯 洛汀新 雅施达 蒙诺 寿比山 北京降压0号 降压0号 珍菊降压片
   阿托伐他汀 阿托伐他汀钙 阿托伐他汀钙片 瑞舒伐他汀 瑞舒伐他汀钙 辛伐他汀 普伐他汀 氟伐他汀 匹伐他汀 他汀 立普妥 可定 阿乐 依折麦布 非诺贝特
   阿司匹林 阿司匹林肠溶片 拜阿司匹灵 拜阿司匹林 氯吡格雷 波立维 替格瑞洛 利伐沙班 华法林 甲钴胺 依帕司他 硫辛酸 维生素 维生素d 钙片 叶酸 左甲状腺素 优甲乐 非布司他 别嘌醇 六味地黄丸 复方丹参滴丸 麝香保心丸 amlodipine aspirin`,
);
add(
  { type: 'drug', insulin: true, generic: false },
  `胰岛素 门冬 门冬胰岛素 门冬30 门冬胰岛素30 赖脯 赖脯胰岛素 地特 地特胰岛素 德谷 德谷胰岛素 德谷门冬 甘精 甘精胰岛素 谷赖 谷赖胰岛素 德谷门冬双胰岛素 诺和锐 诺和锐30 诺和灵 诺和灵30r 诺和灵r 诺和灵n
   诺和平 诺和达 诺和佳 来得时 来优时 优泌乐 优泌乐25 优泌林 长秀霖 速秀霖 甘舒霖 重和林 优思灵 长效 短效 速效 中效 预混 基础胰岛素 餐时胰岛素 长效胰岛素 短效胰岛素 速效胰岛素 预混胰岛素 insulin`,
);
add(
  { type: 'drug', insulin: false, generic: true },
  '药 降压药 降糖药 药物 西药 中药 药片 降脂药 口服药 血压药 血糖药 降血压药 降血糖药 常规药 早上的药 晚上的药 中成药 汤药 药丸 吃药 服药 用药 吃过药 吃了药 服过药 服了药 用过药 吃完药了 服药情况 用药情况 吃药情况 打针 打了针 扎针 打过针 针 meds medicine medication pills pill',
);
plain(
  'take',
  '吃 吃了 吃过 吃过了 吃完 吃完了 吃好 吃上 服 服了 服过 服用 服用了 口服 用 用了 打 打了 打过 打完 打好 注射 注射了 喝 喝了 服下 已服 已吃 已打 已用 吃的 打的 took taken had',
);
plain(
  'noise',
  `买药 开药 停药 停了药 换药 没药 药店 药房 药费 药量 加药 减药 药效 药方 药物过敏 什么药 拿药 取药 配药 药品 药盒 吃什么药 农药 火药 药膳 药名 中药店 药没了 药吃完了 药停了 不吃药 断药 医药 药师 送药 试药 胰岛素泵 胰岛素抵抗 胰岛素瓶
   走势 走了神 走神 走廊 走丢 走私 走心 走吧 走起 走开 走亲戚 跑题 跑腿 跑出 跑到 走到 走出 走进 走不动 走近 游客 游戏 骑手 跑来 跑去 走亲访友 一路走来 走势图
   高血压 低血糖 高血糖 低血压 糖尿病 高血压病 高血脂 高血糖症 血糖试纸 高压锅 高压电 心跳加速 心率不齐 心律不齐 心律失常 心跳快 打电话 打针疼 体重秤 打车 打工 打扰 打算盘 空腹感
   糖水 糖果 白糖 红糖 无糖 含糖 糖友会 一日游 步骤 步伐 逐步 进步 同步 初步 地步 散步道 步行街 血糖仪坏了 早餐店 早餐奶 走地鸡 散步路线`,
);

add({ type: 'meal', context: 'breakfast' }, '早餐 早饭 早点 早茶 breakfast');
add({ type: 'meal', context: 'lunch' }, '午餐 午饭 中饭 中餐 中午饭 lunch');
add({ type: 'meal', context: 'dinner' }, '晚餐 晚饭 夜饭 dinner supper');
add({ type: 'meal', context: 'snack' }, '加餐 零食 宵夜 夜宵 下午茶 snack');
add({ type: 'meal', context: null }, '饮食 三餐 一日三餐 饮食控制 控制饮食 控糖饮食 饮食情况 diet');
add({ type: 'meter', reading: 'HI' }, 'hi 爆表');
add({ type: 'meter', reading: 'LO' }, 'lo');

const day = (offset: number, list: string) => add({ type: 'day', offset }, list);
day(0, '今天 今日 今早 今晨 今晚 今儿 今天早上 今天早晨 今儿早上 今天中午 今天晚上 本日 today this_morning');
day(-1, '昨天 昨日 昨晚 昨早 昨夜 昨儿 昨天早上 昨天晚上 昨天中午 昨天下午 昨晨 昨天早晨 隔夜 yesterday last_night');
day(-2, '前天 前日 前晚 前天早上 前天晚上 前天中午');
day(-3, '大前天');
plain(
  'plan',
  `明天 明早 明日 后天 下周 下次 打算 准备 计划 争取 希望 目标 控制在 控制到 控制目标 保持在 维持在 降到多少 将要 想要 我要 要去 待会 待会儿 等会 等会儿 等下 一会儿 一会去 等一下 回头
  医生让 医生让我 医生要求 医生建议 大夫让 大夫让我 要求 建议 应该控制 要控制 必须 需要 tomorrow target goal plan`,
);
plain(
  'reference',
  `正常值 正常范围 正常是 正常人 正常血糖 正常血压 正常空腹 标准 标准值 标准是 参考值 参考范围 参考 指南 范围 比如 例如 举例 举个例子 示例 样例 格式 模板 假设 据说 听说 网上说 文章说 医生说 大夫说 老师说 专家说 护士说
   诊断标准 达标值 警戒线 临界值 说明书 转发 转载 危险值 normal_range`,
);
plain('if', '如果 要是 假如 万一 假使 若是 倘若 if');
plain(
  'past',
  `上次 上回 上周 上星期 上个月 上月 以前 之前 从前 去年 前年 当时 那时 那时候 那天 前几天 前两天 前段时间 前阵子 原来 曾经 最初 刚开始 一开始 住院时 住院的时候 入院时 确诊时 查出来时 查出时 体检时 体检的时候 年轻时 小时候 早先 过去
   平时 平常 一般 通常 往常 每天 天天 经常 一直 总是 最近 近来 近期 这几天 这两天 这阵子 这段时间 这周 本周 平均 往年 历史 last_week last_time usually`,
);
plain('now', '现在 目前 如今 此刻 此时 当前 这会儿 刚才 刚刚 刚 方才 实测 这次 本次 now just_now');
plain(
  'bound',
  '低于 小于 少于 不足 不到 不超过 别超过 超过 高于 大于 大过 以下 以内 之内 以上 之间 < > ≤ ≥ <= >= 不高于 不低于 不大于 不小于 below above under over less_than more_than',
);
plain(
  'delta',
  '降了 升了 涨了 减了 增了 增加了 减少了 下降了 上升了 下降 上升 升高了 降低了 高了 低了 瘦了 胖了 重了 轻了 掉了 跌了 差了 少了 多了 长了 瘦 减 减掉 减重 减肥 增重 涨 掉 跌 波动 波动了 相差 差',
);
plain('compare', '比 比较昨天 相比 对比 较昨天 比昨天 比上次 比前天 比早上 比以前');
plain('each', '各 各自 分别 均 都是');
plain('total', '共 一共 总共 共计 合计 总计 加起来');
plain('floor', '多 来 几 余 出头 好几 多了 多点');
plain('range', '至 到');
plain('pair', '比');
plain(
  'check-in',
  `打卡 签到 打卡啦 打卡了 打卡喽 来打卡 来打卡了 来打卡啦 报到打卡 每日打卡 今日打卡 健康打卡 晨间打卡 早打卡 晚打卡 早起打卡 打卡报到 打咖 打咔 达卡 打卡签到 dk daka 打ka 打k check-in check_in checkin checking_in`,
);
plain('maybe-check-in', '打开 大卡 搭卡 打看 大咖 打开一下');
plain('make-up', '补卡 补打卡 补签 补签到 补录 补打 补记 补报 补交 补上 补一下 补一个 补个卡 补发 make_up makeup');
plain('make-up-day', '补');
plain(
  'correct',
  '更正 改正 纠正 修正 订正 勘误 更正一下 修改 修改一下 改一下 改为 改成 更改为 更正为 应为 应该是 应该为 正确的是 正确是 重新发 重发 重打 correction correct',
);
plain(
  'wrong',
  `打错了 打错 写错了 写错 发错了 发错 输错了 输错 记错了 记错 说错了 说错 报错了 报错 填错了 填错 按错了 按错 念错了 看错了 看错 弄错了 弄错 搞错了 搞错 错了 不对 有误 手误 打错字 打错字了 手抖打错了 wrong typo`,
);
plain('is-not', '不是');
plain('instead', '而是');
plain(
  'negation',
  `没 没有 未 忘 忘了 忘记 忘记了 漏 漏了 漏掉 漏服 漏打 漏测 漏吃 不 不想 没能 没来得及 没时间 没空 尚未 暂未 没去 不能 还没 还没有 还未 未能 没做 没法 没有做 不要 别 懒得 不用 no not didn't did_not forgot skipped skip 没顾上 没去成`,
);
plain('none', '无 暂无 ❌ ✗ ✘ ✖ 没去 未进行');
plain(
  'done',
  '已 已经 完成 完成了 已完成 做了 做完 做完了 了 过 过了 ✅ ✔ ☑ √ 按时 准时 按量 按时按量 正常服用 照常 如常 按医嘱 遵医嘱 达标 搞定 完毕 done ok 规律 结束 达成 有 都吃了 都',
);
plain(
  'measure',
  '称 称了 称重 称了称 称了一下 测 量 测了 量了 测量 测得 量得 测出 测出来 测出来是 测完 量完 测的 量的 测试 检测 监测 自测 测是 测一下 测了下 测了一下 测量了 量了一下 量了下 测了个 验 查 查了 查的 扎 扎了 扎手指 测下来 刚测 刚测的 刚测了 刚量 刚量的 刚量了 一测 一量 复测 重测 实测 再测',
);
plain(
  'link',
  `是 为 在 的 得 结果 结果是 显示 显示是 显示为 数值 数值是 数值为 值 值是 读数 读数是 指数 水平 大概 大约 约 约为 差不多 左右 大致 只有 才 又 还是 还 就 就是 也 也是 达 达到 升到 降到 高到 高达 飙到 飙升到 飙升 升至 降至 低到 低至 到了 涨到 掉到 跌到 跌至 竟然 居然
   有点 有些 有 稍 稍微 略 略微 偏 偏高 偏低 稍高 略高 有点高 有点低 有些高 有些低 稍低 略低 较高 较低 过高 过低 太高 太低 很高 很低 挺高 升高 降低 竟 都有 都到 出来 了 数据 情况 如下 记录 等于 仪 体重秤显示 仪器 机器 个 = 控制 一次 两次 第一次 第二次 第三次 再次 时 时候 平均值 is was at reading result of about around my the level 差不多是 大概是 大概有 时间 时长 for 的话
   值为 测值 结果为 显示的 显示了 报 报告 上报 汇报 汇报一下 报数 报一下`,
);
plain(
  'time-of-day',
  '早上 上午 中午 下午 晚上 早晨 清晨 清早 一早 大早上 傍晚 午间 晨起 早起 起床 起床后 醒来 午后 晚间 早 中 晚 晨 起来 起床时 刚起床 睡醒 午睡后 起床测 am pm morning evening noon afternoon',
);
plain(
  'weekday',
  '周一 周二 周三 周四 周五 周六 周日 周天 星期一 星期二 星期三 星期四 星期五 星期六 星期日 星期天 礼拜一 礼拜二 礼拜三 礼拜四 礼拜五 礼拜六 礼拜天 周末 元旦 春节 中秋 国庆',
);

add({ type: 'level', high: true }, '高');
add({ type: 'level', high: false }, '低');

add(
  { type: 'person' },
  `妈 妈妈 老妈 老妈妈 妈咪 母亲 娘 老娘 爸 爸爸 老爸 父亲 爹 老爹 爷爷 奶奶 外公 外婆 姥姥 姥爷 公公 婆婆 岳父 岳母 丈母娘 老丈人 公婆 老公 老婆 老伴 老伴儿 爱人 丈夫 妻子 媳妇 媳妇儿 老头 老头子 老太太 老太婆 老两口
   家属 家人 家里人 家里老人 家里 家父 家母 孩子 小孩 孩儿 儿子 女儿 闺女 宝宝 娃 孙子 孙女 外孙 外孙女 哥 哥哥 姐 姐姐 弟 弟弟 妹 妹妹 大哥 大姐 大爷 大妈 大叔 大婶 叔 叔叔 婶 婶婶 阿姨 姑 姑姑 姑妈 舅舅 舅妈 姨 姨妈 大姨 小姨 大伯 伯伯 伯父 伯母 嫂子 姐夫
   邻居 同事 朋友 同学 老人 老人家 长辈 亲戚 对象 室友 病友 我妈 我爸 我妈妈 我爸爸 我老公 我老婆 我家 我们家 我爱人 我老伴 我母亲 我父亲 我家人 我先生 我太太 我对象 患者 病人
   mom mum mother dad father wife husband son daughter grandma grandpa`,
);
add({ type: 'self' }, '我 俺 本人 自己 我自己 我本人 咱 我的 俺的 自家 i me myself');
add({ type: 'you' }, '你 您 他 她 他们 她们 你们 你的 您的 他的 她的 人家 别人 某人 有人 his her your');
add({ type: 'behalf' }, '替 帮 代 代替 帮忙 帮着 代打卡 替打卡 给');
add({ type: 'with' }, '和 跟 陪 陪着 陪同 同 与 带 带着 随 跟着 领着 及 with');

plain(
  'ask',
  `? 吗 吗? 么 怎么 怎么样 怎样 咋 咋样 咋办 怎么办 怎么回事 为什么 为啥 为何 多少 多少算 是多少 是不是 能不能 可不可以 要不要 会不会 有没有 行不行 好不好 对不对 高不高 低不低 正常不 正常不正常 正不正常 要紧 要不要紧 严重吗 严重不 如何 哪 哪个 哪里 哪些 哪种 啥 什么 什么意思
   请问 求问 求助 请教 想问 问一下 问问 咨询 咨询一下 算高 算不算 算低 算正常 高吗 低吗 正常吗 可以吗 谁 几点 多久 需不需要 用不用 该不该 有事没 有事吗 有问题吗 有关系吗 咋回事 能否 是否 可否 what why how should can is_it is_this normal?`,
);
plain(
  'greeting',
  `早上好 早安 大家好 大家早 大家早上好 大家早安 各位早 各位早上好 各位好 各位 你好 您好 你们好 大家晚上好 大家下午好 大家中午好 hello 嗨 哈喽 哈罗 群友们 群友 家人们 亲们 姐妹们 兄弟们 兄弟姐妹们 糖友 糖友们 朋友们 阿姨们 叔叔阿姨们 叔叔阿姨 大姐们 哥哥姐姐们 老师们 医生们 医生 大夫
   医生好 医生您好 医生你好 老师 老师好 老师您好 主任 主任好 护士 护士长 群主 管理员 下午好 晚上好 中午好 上午好 晚安 谢谢 多谢 谢谢您 谢谢你 谢谢大家 谢谢医生 谢谢老师 感谢 辛苦 辛苦了 大家辛苦了 打扰了 打扰一下 小杏 大家 good_morning good_evening good_afternoon morning_all thanks thank_you hey 早早早 早呀 早啊 大伙 大伙儿 大家伙 同志们 各位糖友 各位朋友 李医生 王医生 张医生`,
);
plain(
  'filler',
  `啊 呀 哦 噢 嗯 哈 嘿 呵 唉 哎 哎呀 哎哟 吧 啦 呗 喽 嘛 哟 哇 诶 额 呃 嘞 咯 呐 滴 哒 呢 么么哒 哈哈 哈哈哈 嘿嘿 呵呵 嘻嘻 妈呀 天哪 天呐 我的天 我的妈呀 老天
   不错 还不错 还行 还可以 还好 可以 挺好 很好 蛮好 良好 好 好的 好了 真好 稳定 平稳 较稳 比较稳定 理想 比较理想 满意 开心 高兴 加油 坚持 继续 继续努力 努力 继续加油 继续保持 保持 棒 棒棒 真棒 赞 正常 都正常 基本正常 一切正常 均正常 全部正常 有进步 进步了 好多了 好转 比较 有所 又高 高啊 高呀 高哦 高啦
   加号 先 没变 没变化 没有变化 不变 没问题 没事 没什么 没啥 没啥事 不舒服没有 没有不舒服 无不适 没有不适 无不适感 不错哦 不好意思 不客气 没毛病 不高 不低 不算高 不算低 没低血糖 没有低血糖 没有感觉 感觉良好 感觉还行 感觉还好 身体还好 心情不错 心情好 心情愉快 心情 感觉 状态 状态不错 精神不错 精神好 精神很好
   一下 一点 一起 一样 一些 一切 一定 一天 一会 统一 第一 十分 千万 万一 半天 三多一少 一直以来 一如既往 一样的 请 麻烦 请查收 查收 收到 报到 来了 来啦 来咯 我来了 我来啦 登记 登记一下 记一下 记录一下 请记录 帮记 记 发 发一下 发个 交作业 作业 交作业了 交个作业 提交 完 加 加上 另外 然后 接着 最后 还有 以及 同时 外加 并 且 但 但是 不过 而且 所以 因为 其中 其他 其它
   祝 祝大家 祝福 健康 快乐 平安 幸福 顺利 周末愉快 新的一天 新的一天开始了 美好的一天 开始 开始了 节日快乐 新年快乐 天气 天气好 天气不错 天气真好 下雨 下雨了 阴天 晴天 好冷 好热 冷 热 降温 降温了 今天天气不错 今天天气 姓名 日期 备注 群 每日 日常 例行 常规 早晚 全天 当天 全部 所有 这个 那个 这 那 它 药物情况 的时候 每次 人 数 号 没吃饭 没吃东西 没吃早饭 没吃早餐 没吃任何东西 未进食 没进食 没吃早点 还没吃早饭 还没吃饭 没喝水 吃饭 吃饭了 吃早饭 吃完饭 进餐 用餐 喝粥 吃得少 吃的少 吃多了 吃的清淡 忌口 管住嘴 迈开腿 控糖 抗糖 控制得不错 控制得好 控制的好 控制的不错 控制不错 控制良好
   没睡好 睡得好 睡得不错 睡眠不错 睡眠好 睡眠一般 睡得不好 感冒了 有点累 累 有点困 天 下 上 里 外 前 后 里面 左右吧 吧啊 and & + today's this my_day mg% please with_ a an to in on after so very 回 次 点 顺便 连续 每 最 太 很 挺 真 蛮 好像 可能 应该 也许 估计 确实 果然 终于 只 仅 刚好 正好 自从 其实 总算 还算 算 比较好 较好 基本 基本上 大部分 少量 适量 适当 清淡 七分饱 八分饱 少油少盐 低盐 低脂 低糖 粗粮 杂粮 蔬菜 青菜 水果 牛奶 鸡蛋 豆浆 包子 馒头 粥 稀饭 面条 米饭 燕麦 面包 玉米 红薯 豆腐 鱼 肉 鸡肉 牛肉 黄瓜 西红柿 苹果 沙拉 酸奶 喝 杯 碗 点儿`,
);
plain(
  'filler',
  '已打卡 打卡成功 动态 没达标 偏高了 偏低了 好高 好低 高点 低点 高一点 低一点 高一些 低一些 有点高了 又高了 高哎 有点偏高 有点偏低 稍微高 稍微高了点 高了点 低了点 高了一点 低了一点 降了一点 降下来了 下来了 上去了 上来了 升上去了 降下来 下降了一点 不稳 不稳定 不理想 不太理想 不太好 不好 不太稳定 有波动 略有波动 忽高忽低 吓死 吓一跳 怕 担心 郁闷 难受死了 正常了 都在正常范围 在正常范围 在正常范围内 正常范围内 在正常 目标达成 完成目标 达成目标 达到目标',
);
plain(
  'noise',
  '最高 最低 头晕 头疼 头痛 头昏 头胀 头难受 头有点 头很 口渴 口干 口苦 口有 人晕 人难受 人很 人不 人有 人没 人昏 人也 人都 下不来 家里有 条件 位置 场面 支持 血糖仪没电 血糖仪坏 血糖仪不准 记得打卡 别忘打卡 别忘了打卡 该打卡 该打卡了 开始打卡 暂停打卡 继续打卡 结束打卡 新建打卡 我的打卡 未打卡 没打卡的 不打卡 打卡活动 打卡积分 打卡格式 打卡规则 打卡记录 打卡时间 打卡任务 打卡失败 打卡成功 打卡内容 打卡方式 打卡提醒 打卡率 打卡人数 打卡点 打卡情况 打卡群 打卡机 打卡机 打卡表',
);

/** The lengths of the words that begin with a character, longest first. */
const lengthsByStart = new Map<string, number[]>();
for (const text of words.keys()) {
  const start = text[0] as string;
  const lengths = lengthsByStart.get(start) ?? [];
  if (!lengths.includes(text.length))
    lengthsByStart.set(
      start,
      [...lengths, text.length].sort((a, b) => b - a),
    );
}

interface WordMatch {
  word: Word;
  length: number;
}

/** The longest known word at `from`. Latin words end where the letters end. */
export function matchWord(text: string, from: number): WordMatch | null {
  for (const length of lengthsByStart.get(text[from] ?? '') ?? []) {
    const candidate = text.slice(from, from + length);
    const word = words.get(candidate);
    if (word && endsCleanly(text, from, length)) return { word, length };
  }
  return null;
}

const LATIN = /[a-z]/;

function endsCleanly(text: string, from: number, length: number): boolean {
  const startsLatin = LATIN.test(text[from] ?? '');
  const endsLatin = LATIN.test(text[from + length - 1] ?? '');
  const before = text[from - 1] ?? '';
  if (startsLatin && (LATIN.test(before) || (length === 1 && /\d/.test(before)))) return false;
  return !(endsLatin && LATIN.test(text[from + length] ?? ''));
}
